// Caching: what depends on who is signed in, or sets a cookie, is for no shared cache.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';

import { startProvider } from '../../dev/src/provider.mjs';
import { Visitor } from './support/browser.mjs';
import { SESSION_COOKIE, startGateway } from './support/gateway.mjs';
import { DOCUMENT, SCRIPT } from './support/http.mjs';
import { expired, signedIn } from './support/sessions.mjs';
import { startUpstream } from './support/upstream.mjs';

const provider = await startProvider();
const upstream = await startUpstream();
const gateway = await startGateway(provider);
const beforeUpstream = await startGateway(provider, { settings: { UPSTREAM_URL: upstream.url, ROUTES: [{ path: '/public/*', require: 'public' }] } });
after(async () => {
  await Promise.all([gateway.close(), beforeUpstream.close()]);
  await upstream.close();
  await provider.close();
});
beforeEach(() => {
  provider.reset();
  upstream.clear();
});

const variesByCookie = ({ headers }) => (headers.vary ?? '').toLowerCase().split(/\s*,\s*/).includes('cookie');

test('every answer of the gateway\'s own is private, no-store, varies by cookie and is not sniffed', async () => {
  const visitor = signedIn(gateway, provider);
  const answers = {
    login: await new Visitor(gateway).open('/auth/login'),
    'login by script': await new Visitor(gateway).fetch('/auth/login'),
    'a callback that fails': await new Visitor(gateway).open('/auth/callback?code=x&state=y'),
    'a callback that succeeds': await new Visitor(gateway).signIn(),
    session: await visitor.fetch('/auth/session'),
    'no session': await new Visitor(gateway).fetch('/auth/session'),
    'a refused switch': await visitor.fetch('/auth/switch', { method: 'POST', body: '{"organizationId":"x"}' }),
    refresh: await visitor.fetch('/auth/refresh', { method: 'POST' }),
    'a question': await visitor.open('/auth/logout', { headers: { 'sec-fetch-site': 'cross-site' } }),
    'cross-site': await visitor.request('/auth/logout', { method: 'POST' }),
    logout: await visitor.fetch('/auth/logout', { method: 'POST' }),
    health: await gateway.request('/auth/health'),
    'not found': await gateway.request('/auth/nothing'),
    'wrong method': await gateway.request('/auth/login', { method: 'DELETE' }),
    'a refused page': await gateway.request('/app/', { headers: DOCUMENT }),
    'a refused request': await gateway.request('/app/', { headers: SCRIPT }),
    'an ambiguous path': await gateway.request('/docs//x'),
  };
  for (const [name, answer] of Object.entries(answers)) {
    assert.equal(answer.headers['cache-control'], 'private, no-store', name);
    assert.ok(variesByCookie(answer), name);
    assert.equal(answer.headers['x-content-type-options'], 'nosniff', name);
  }
});

test('a protected file is private, whatever the site says of caching', async () => {
  const visitor = signedIn(gateway, provider);
  for (const target of ['/app/', '/nothing-here.png', '/app/index.html']) {
    const answer = await visitor.open(target);
    assert.match(answer.headers['cache-control'], /^private\b/, target);
    assert.ok(!/public|s-maxage/.test(answer.headers['cache-control']), target);
    assert.ok(variesByCookie(answer), target);
  }
});

test('a public file keeps the caching that the site gives it, with or without a session', async () => {
  const plain = await gateway.request('/assets/favicon.svg');
  assert.match(plain.headers['cache-control'], /^public\b/);
  const signed = await signedIn(gateway, provider).request('/assets/favicon.svg');
  assert.equal(signed.headers['cache-control'], plain.headers['cache-control']);
});

test('a page that was seen is checked again after sign-out: its tag opens nothing', async () => {
  const visitor = signedIn(gateway, provider);
  const { etag } = (await visitor.open('/app/')).headers;
  const again = await visitor.open('/app/', { headers: { 'if-none-match': etag } });
  assert.equal(again.status, 304);
  assert.match(again.headers['cache-control'], /^private\b/);
  await visitor.fetch('/auth/logout', { method: 'POST' });
  assert.equal((await visitor.open('/app/', { headers: { 'if-none-match': etag } })).status, 302);
});

const CACHING = ['public, max-age=31536000, immutable', 's-maxage=600', 'public', 'max-age=60, stale-while-revalidate=600', 'no-store', 'no-cache', ''];

function answerWith(headers) {
  upstream.answerWith((_, response) => response.writeHead(200, { 'content-type': 'text/plain', ...headers }).end('body'));
}

test('what an upstream answers to a signed-in person is for no shared cache', async () => {
  for (const value of CACHING) {
    answerWith({ ...(value && { 'cache-control': value }), 'cdn-cache-control': 'public, max-age=600', 'cloudflare-cdn-cache-control': 'max-age=600', 'surrogate-control': 'max-age=600', vary: 'Accept' });
    const answer = await signedIn(beforeUpstream, provider).request('/x');
    const directives = answer.headers['cache-control'].split(/\s*,\s*/);
    assert.equal(directives[0], 'private', value);
    assert.ok(!directives.some((directive) => /^(public|s-maxage|stale-)/.test(directive)), value);
    if (value === 'no-store') assert.ok(directives.includes('no-store'));
    for (const name of ['cdn-cache-control', 'cloudflare-cdn-cache-control', 'surrogate-control']) assert.equal(answer.headers[name], undefined, name);
    assert.ok(variesByCookie(answer) && /accept/i.test(answer.headers.vary));
  }
});

test('an answer that brings a refreshed session is private, no-store, whatever the upstream says', async () => {
  for (const value of CACHING) {
    answerWith(value && { 'cache-control': value });
    const answer = await expired(beforeUpstream, provider).request('/x');
    assert.equal(answer.setCookies.length, 1);
    assert.equal(answer.headers['cache-control'], 'private, no-store', value);
  }
});

test('an answer with which the upstream sets a cookie is private, no-store, on public paths too', async () => {
  answerWith({ 'cache-control': 'public, max-age=600', 'set-cookie': 'theirs=1' });
  for (const answer of [await beforeUpstream.request('/public/x'), await signedIn(beforeUpstream, provider).request('/x')]) {
    assert.deepEqual([answer.headers['cache-control'], answer.setCookies], ['private, no-store', ['theirs=1']]);
  }
  answerWith({ 'cache-control': 'public, max-age=600' });
  assert.equal((await beforeUpstream.request('/public/x')).headers['cache-control'], 'public, max-age=600');
});

test('a deletion of the session is in no cache either', async () => {
  const visitor = expired(gateway, provider);
  await fetch(`${provider.url}/dev/end-session`, { method: 'POST', body: JSON.stringify({ sessionId: visitor.sessionId }) });
  const answer = await visitor.open('/app/');
  assert.match(answer.setCookies[0], new RegExp(`^${SESSION_COOKIE}=;`));
  assert.equal(answer.headers['cache-control'], 'private, no-store');
});
