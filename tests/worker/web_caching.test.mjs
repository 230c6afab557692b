// Attack 17: shared caches. What depends on who is signed in is private, whatever the upstream or the site's own _headers say;
// what sets a cookie is kept by nobody; what is public stays as it was.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, beforeEach, test } from 'node:test';

import { startProvider } from '../../dev/src/provider.mjs';
import { SESSION_COOKIE, startGateway } from './support/gateway.mjs';
import { DOCUMENT, IMAGE, SCRIPT } from './support/http.mjs';
import { expired, signedIn } from './support/sessions.mjs';
import { startUpstream } from './support/upstream.mjs';

const provider = await startProvider();
const upstream = await startUpstream();
const gateway = await startGateway(provider, { settings: { UPSTREAM_URL: upstream.url, ROUTES: [{ path: '/public/*', require: 'public' }] } });
after(async () => {
  await gateway.close();
  await upstream.close();
  await provider.close();
});
beforeEach(() => {
  provider.reset();
  upstream.clear();
});

const answerWith = (headers, status = 200) => upstream.answerWith((_, response) => response.writeHead(status, headers).end('body'));

/** The directives of a Cache-Control, and that no shared cache may keep the answer. */
function directives({ headers }) {
  const list = headers['cache-control'].split(',').map((directive) => directive.trim().toLowerCase());
  assert.ok(list.includes('private'), headers['cache-control']);
  for (const directive of list) assert.ok(!/^(public|s-maxage|proxy-revalidate|must-understand|stale-)/.test(directive), headers['cache-control']);
  assert.match(headers.vary, /(^|, *)cookie($|,)/i);
  return list;
}

/** Headers that speak to one shared cache or another. */
const TARGETED = {
  'CDN-Cache-Control': 'public, max-age=600',
  'Cloudflare-CDN-Cache-Control': 'max-age=600',
  'Vercel-CDN-Cache-Control': 'max-age=600',
  'Netlify-CDN-Cache-Control': 'public, max-age=600',
  'Fastly-CDN-Cache-Control': 'max-age=600',
  'Surrogate-Control': 'max-age=600',
  'Edge-Control': 'public, max-age=600',
  'X-Accel-Expires': '600',
};
const targeted = ({ headers }) => Object.keys(TARGETED).filter((name) => name.toLowerCase() in headers);

const SHARED = [
  'public', 'public, max-age=31536000, immutable', 's-maxage=600', 'Public, S-MaxAge=600', 'max-age=60, s-maxage=600, stale-while-revalidate=60, stale-if-error=60', 'public,s-maxage=600,proxy-revalidate',
  'public , s-maxage = 600', 's-maxage="600"', '"public"', 'must-understand, public, no-store', '', undefined,
];

test('whatever the upstream says, no answer on a protected path may be shared', async () => {
  const visitor = signedIn(gateway, provider);
  for (const status of [200, 204, 206, 301, 304, 404, 410, 500]) {
    for (const says of SHARED) {
      answerWith({ ...TARGETED, ...(says !== undefined && { 'cache-control': says }), ...(status === 301 && { location: '/x' }) }, status);
      const answer = await visitor.request('/app/x');
      assert.equal(answer.status, status);
      const list = directives(answer);
      assert.ok(list.some((directive) => /^(max-age|no-cache|no-store)/.test(directive)), `${says}: no browser guesses how long either`);
      assert.deepEqual(targeted(answer), [], String(says));
    }
  }
});

test('what the upstream says to the browser alone stays', async () => {
  const visitor = signedIn(gateway, provider);
  for (const [says, expected] of [
    ['no-store', ['private', 'no-store']],
    ['private, max-age=60', ['private', 'max-age=60']],
    ['public, max-age=31536000, immutable', ['private', 'max-age=31536000', 'immutable']],
    ['no-cache, no-transform', ['private', 'no-cache', 'no-transform']],
  ]) {
    answerWith({ 'cache-control': says });
    assert.deepEqual(directives(await visitor.request('/app/x')), expected);
  }
});

test('Cookie joins what the upstream varies by', async () => {
  const visitor = signedIn(gateway, provider);
  for (const vary of ['Accept-Encoding', 'accept-language, Origin', 'Cookie', undefined]) {
    answerWith({ ...(vary && { vary }) });
    const { headers } = await visitor.request('/app/x');
    const names = headers.vary.toLowerCase().split(',').map((name) => name.trim());
    for (const name of ['cookie', ...(vary?.toLowerCase().split(', ') ?? [])]) assert.ok(names.includes(name), headers.vary);
  }
});

test('no answer that sets a cookie is kept, whose ever cookie it is, on public paths too', async () => {
  const visitor = signedIn(gateway, provider);
  for (const says of SHARED) {
    for (const request of [() => visitor.request('/app/x'), () => visitor.request('/public/x'), () => gateway.request('/public/x')]) {
      answerWith({ ...TARGETED, 'set-cookie': ['basket=1', 'theme=dark'], ...(says !== undefined && { 'cache-control': says }) });
      const answer = await request();
      assert.deepEqual([answer.status, answer.headers['cache-control'], answer.setCookies.length], [200, 'private, no-store', 2]);
      assert.match(answer.headers.vary, /cookie/i);
      assert.deepEqual(targeted(answer), []);
    }
  }
  answerWith({ 'cache-control': 'public, max-age=600' });
  const refreshed = await expired(gateway, provider).request('/app/logo.png', { headers: IMAGE });
  assert.deepEqual([refreshed.status, refreshed.headers['cache-control'], refreshed.setCookies.length], [200, 'private, no-store', 1]);
});

test('what is public stays as the upstream gave it, for whoever asks', async () => {
  for (const request of [() => gateway.request('/public/x'), () => signedIn(gateway, provider).request('/public/x'), () => expired(gateway, provider).request('/public/x')]) {
    answerWith({ 'cache-control': 'public, max-age=600, s-maxage=6000', vary: 'Accept-Encoding', 'cdn-cache-control': 'max-age=60' });
    const { headers, setCookies } = await request();
    assert.deepEqual([headers['cache-control'], headers.vary, headers['cdn-cache-control'], setCookies], ['public, max-age=600, s-maxage=6000', 'Accept-Encoding', 'max-age=60', []]);
  }
});

test('what one person asks for is not taken from a cache before the upstream', async () => {
  await signedIn(gateway, provider).request('/app/x');
  assert.match(upstream.last().headers['cache-control'], /no-cache|no-store/, 'the request itself says so');
  await gateway.request('/public/x');
  assert.equal(upstream.last().headers['cache-control'], undefined);
});

test('no refusal, redirect or page of the gateway\'s own may be kept', async () => {
  const visitor = signedIn(gateway, provider);
  for (const [target, options] of [
    ['/app/', { headers: DOCUMENT }], ['/app/', { headers: IMAGE }], ['/public//x', {}], ['/auth/login', { headers: DOCUMENT }], ['/auth/login', { headers: SCRIPT }], ['/auth/callback', { headers: DOCUMENT }],
    ['/auth/session', {}], ['/auth/nothing', {}], ['/auth/logout', { headers: DOCUMENT }], ['/auth/refresh', {}], ['/auth/health', {}], ['/auth/ready', {}],
    ['/auth/session', { headers: { cookie: `${SESSION_COOKIE}=${visitor.session}` } }],
    ['/auth/refresh', { method: 'POST', headers: { ...SCRIPT, cookie: `${SESSION_COOKIE}=${visitor.session}` } }],
  ]) {
    const answer = await gateway.request(target, options);
    assert.equal(answer.headers['cache-control'], 'private, no-store', `${target}: ${answer.status}`);
    assert.match(answer.headers.vary, /cookie/i);
  }
});

test('files of the site: protected ones are private against the site\'s own _headers, public ones keep theirs', async (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'edgeseal-files-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  fs.mkdirSync(path.join(folder, 'app'));
  for (const name of ['index.html', 'app/index.html', 'app/photo.svg']) fs.writeFileSync(path.join(folder, name), '<title>x</title>');
  fs.writeFileSync(path.join(folder, '_headers'), '/*\n  Cache-Control: public, max-age=86400, s-maxage=604800\n  CDN-Cache-Control: public, max-age=604800\n');
  const files = await startGateway(provider, { editConfig: (toml) => toml.replace(/directory = .*/, `directory = ${JSON.stringify(folder)}`) });
  t.after(() => files.close());
  const visitor = signedIn(files, provider);
  const open = await visitor.open('/');
  assert.deepEqual([open.status, open.headers['cache-control']], [200, 'public, max-age=86400, s-maxage=604800']);
  for (const target of ['/app/', '/app/photo.svg']) {
    const answer = await visitor.request(target);
    assert.equal(answer.status, 200);
    assert.deepEqual(directives(answer), ['private', 'max-age=86400']);
    assert.deepEqual(targeted(answer), []);
    const again = await visitor.request(target, { headers: { 'if-none-match': answer.headers.etag } });
    assert.equal(again.status, 304);
    directives(again);
  }
});
