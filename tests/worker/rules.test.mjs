// ROUTES: which requests need a session, by path and by method, and paths that can be read in two ways.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';

import { startProvider } from '../../dev/src/provider.mjs';
import { SESSION_COOKIE, startGateway } from './support/gateway.mjs';
import { DOCUMENT, IMAGE, SCRIPT } from './support/http.mjs';
import { signedIn } from './support/sessions.mjs';
import { startUpstream } from './support/upstream.mjs';

const provider = await startProvider();
const upstream = await startUpstream();
const gateway = await startGateway(provider, {
  settings: {
    UPSTREAM_URL: upstream.url,
    ROUTES: [
      { path: '/', require: 'public' },
      { path: '/docs/private/*', require: 'session' },
      { path: '/docs/*', methods: ['GET'], require: 'public' },
      { path: '/hooks/*', methods: ['POST', 'PUT'], require: 'public' },
      { path: '/docs/never', require: 'session' },
      { path: '/café/*', require: 'public' },
    ],
  },
});
after(async () => {
  await gateway.close();
  await upstream.close();
  await provider.close();
});
beforeEach(() => upstream.clear());

async function isPublic(target, method = 'GET') {
  upstream.clear();
  const answer = await gateway.request(target, { method, ...(method === 'POST' && { body: 'x' }) });
  const reached = upstream.requests().length === 1;
  assert.equal(reached, answer.status === 200, `${method} ${target}: ${answer.status}`);
  if (!reached) assert.equal(answer.status, 401, `${method} ${target}`);
  return reached;
}

test('the first rule that fits decides, and what none fits needs a session', async () => {
  for (const [target, expected] of [
    ['/', true], ['/?next=/app', true], ['/docs/a', true], ['/docs/a/b.html', true], ['/docs/', true], ['/docs/never', true],
    ['/docs/private/', false], ['/docs/private/a', false], ['/docs', false], ['/docsx', false], ['/x/docs/a', false],
    ['/index.html', false], ['/hooks/x', false], ['/app/', false], ['/other', false],
  ]) {
    assert.equal(await isPublic(target), expected, target);
  }
});

test('a path is matched decoded', async () => {
  for (const target of ['/%64ocs/a', '/docs/%61', '/caf%C3%A9/menu', '/docs/a%20b']) assert.equal(await isPublic(target), true, target);
  for (const target of ['/docs/%70rivate/a', '/%61pp/']) assert.equal(await isPublic(target), false, target);
});

test('a rule with methods is for those alone', async () => {
  for (const [method, target, expected] of [
    ['GET', '/docs/a', true], ['HEAD', '/docs/a', true], ['POST', '/docs/a', false], ['PUT', '/docs/a', false], ['DELETE', '/docs/a', false],
    ['POST', '/hooks/a', true], ['PUT', '/hooks/a', true], ['GET', '/hooks/a', false], ['PATCH', '/hooks/a', false],
  ]) {
    assert.equal(await isPublic(target, method), expected, `${method} ${target}`);
  }
});

test('a method that is not known is not taken for GET', async () => {
  for (const method of ['PROPFIND', 'PROPPATCH', 'MKCOL', 'COPY', 'MOVE', 'LOCK', 'UNLOCK', 'PURGE', 'SEARCH', 'REPORT', 'QUERY', 'TRACE']) {
    assert.equal(await isPublic('/docs/a', method), false, method);
  }
  for (const method of ['MKCOL', 'PURGE', 'QUERY', 'DELETE', 'PUT', 'OPTIONS']) {
    for (const name of ['login', 'session', 'logout', 'health']) {
      const answer = await gateway.request(`/auth/${name}`, { method });
      assert.deepEqual([answer.status, answer.json().detail, answer.setCookies], [405, 'method_not_allowed', []], `${method} ${name}`);
      assert.match(answer.headers.allow, /GET/);
    }
  }
});

test('an endpoint that is not there is 404, with any method, and never the upstream', async () => {
  const visitor = signedIn(gateway, provider);
  for (const target of ['/auth/', '/auth/nothing', '/auth/login/', '/auth/Login', '/auth/session/x', '/auth/..%2fapp', '/auth//login', '/auth/.']) {
    const answer = await visitor.fetch(target, { method: 'GET' });
    assert.ok([404, 400].includes(answer.status), `${target}: ${answer.status}`);
  }
  assert.deepEqual(upstream.requests(), []);
});

const AMBIGUOUS = [
  '//', '//docs/a', '/docs//private/a', '/docs/%2fprivate/a', '/docs%2fa', '/docs/..%2fapp', '/docs/%2e%2e%2fapp', '/docs/..%5capp', '/docs%5c..%5capp',
  '/docs/a;x=1', '/docs/..;/app', '/docs;/a', '/docs/a%00', '/docs/a%0d%0aX', '/docs/%252e%252e/app', '/docs/a%3Fb', '/docs/a%23b', '/docs/%ff', '/docs/a%25',
  '/docs/%c0%ae%c0%ae/app', '/docs/PRIVATE/a', '/docs/pr%C4%B1vate/a', '/docs/．．/app'.replaceAll('．', '%EF%BC%8E'),
];

test('a path that can be read in two ways, of which a rule is for one, is 400 for everybody and never reaches the upstream', async () => {
  const visitor = signedIn(gateway, provider);
  for (const target of AMBIGUOUS) {
    for (const answer of [await gateway.request(target), await visitor.fetch(target), await gateway.request(target, { method: 'HEAD' })]) {
      assert.equal(answer.status, 400, target);
    }
    assert.equal((await gateway.request(target)).json().detail, 'path_ambiguous');
    const page = await gateway.request(target, { headers: DOCUMENT });
    assert.match(page.headers['content-type'], /text\/html/);
    assert.ok(page.body.includes('path_ambiguous') && !page.body.includes('docs'), 'nothing of the request stands in the page');
  }
  assert.deepEqual(upstream.requests(), []);
});

test('a path that can be read in two ways, for neither of which there is a rule, needs a session', async () => {
  const visitor = signedIn(gateway, provider);
  for (const target of ['/app//x', '/app/a%2fb', '/app/a;v=1', '/app/%2561']) {
    assert.equal((await gateway.request(target)).status, 401, target);
    assert.equal((await visitor.fetch(target)).status, 200, target);
    assert.equal(upstream.last().target, target, 'and goes on as it was sent');
    upstream.clear();
  }
});

test('a page leads to sign-in, all else is told in JSON', async () => {
  for (const [headers, status] of [
    [DOCUMENT, 302],
    [{ accept: 'text/html' }, 302],
    [{ ...DOCUMENT, 'sec-fetch-dest': 'iframe' }, 401],
    [SCRIPT, 401],
    [IMAGE, 401],
    [{ accept: 'application/json' }, 401],
    [{ accept: '*/*' }, 401],
    [{}, 401],
  ]) {
    const answer = await gateway.request('/app/?a=b', { headers });
    assert.equal(answer.status, status, JSON.stringify(headers));
    if (status === 302) assert.equal(answer.headers.location, '/auth/login?return_to=%2Fapp%2F%3Fa%3Db');
    else assert.equal(answer.json().reason, 'no_session_cookie_provided');
  }
  const form = await gateway.request('/app/', { method: 'POST', headers: { ...DOCUMENT, 'content-length': '0' } });
  assert.equal(form.status, 401, 'a form that is redirected would lose what was typed');
});

test('public paths are served to a session that is broken or over as well, and leave it alone', async () => {
  for (const cookie of ['garbage', 'Fe26.2*1*x*y*z', signedIn(gateway, provider).session]) {
    const answer = await gateway.request('/docs/a', { headers: { cookie: `${SESSION_COOKIE}=${cookie}` } });
    assert.deepEqual([answer.status, answer.setCookies], [200, []]);
  }
});

test('another prefix moves every endpoint, and frees the old one', async (t) => {
  const moved = await startGateway(provider, { settings: { AUTH_PREFIX: '/api/sign-in' } });
  t.after(() => moved.close());
  const started = await moved.request('/api/sign-in/login', { headers: DOCUMENT });
  assert.match(new URL(started.headers.location).searchParams.get('redirect_uri'), /\/api\/sign-in\/callback$/);
  assert.equal((await moved.request('/app/', { headers: DOCUMENT })).headers.location, '/api/sign-in/login?return_to=%2Fapp%2F');
  assert.equal((await moved.request('/auth/login')).status, 401, 'a path of the site like any other');
});
