// The upstream gets the request as it was sent, and the visitor its answer as it was given: bodies, methods, redirects,
// cookies, WebSockets. And what happens when it does not answer.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { after, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { startProvider } from '../../dev/src/provider.mjs';
import { PUBLIC_URL, SESSION_COOKIE, startGateway } from './support/gateway.mjs';
import { SCRIPT, parseSetCookie } from './support/http.mjs';
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

test('method, path, query and headers arrive as they were sent', async () => {
  const visitor = signedIn(gateway, provider);
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']) {
    const target = '/a%20b/c+d/%C5%82?x=1&x=2&y=%2F&z&=&q=a+b%20c';
    const answer = await visitor.request(target, { method, headers: { 'x-own': 'a, b', 'accept-language': 'is', 'if-none-match': '"x"' } });
    assert.equal(answer.status, 200, method);
    const received = upstream.last();
    assert.deepEqual([received.method, received.target], [method, target]);
    assert.deepEqual([received.headers['x-own'], received.headers['accept-language'], received.headers['if-none-match']], ['a, b', 'is', '"x"']);
  }
});

test('a body of 1 MB that is sent piece by piece arrives whole', async () => {
  const visitor = signedIn(gateway, provider);
  const body = randomBytes(1024 * 1024);
  const pieces = Array.from({ length: 64 }, (_, index) => body.subarray(index * 16 * 1024, (index + 1) * 16 * 1024));
  const answer = await visitor.request('/upload', { method: 'POST', headers: { 'content-type': 'application/octet-stream' }, body: Readable.from(pieces) });
  assert.equal(answer.status, 200);
  assert.equal(sha256(upstream.last().body), sha256(body));
  assert.equal(upstream.last().headers['content-type'], 'application/octet-stream');
});

test('a body survives the refresh of an expired session on its way', async () => {
  const visitor = expired(gateway, provider);
  const answer = await visitor.request('/form', { method: 'POST', headers: { ...SCRIPT, 'content-type': 'text/plain' }, body: 'what was typed: łódź' });
  assert.equal(answer.status, 200);
  assert.equal(upstream.last().body.toString(), 'what was typed: łódź');
  assert.equal(answer.setCookies.length, 1);
  assert.equal(upstream.requests().length, 1, 'sent once');
});

test('a large answer, a compressed one and an empty one arrive as they were given', async () => {
  const visitor = signedIn(gateway, provider);
  const bytes = randomBytes(2 * 1024 * 1024);
  upstream.answerWith((_, response) => response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(bytes));
  assert.equal(sha256((await visitor.request('/large')).bytes), sha256(bytes));

  const zipped = gzipSync('text '.repeat(1000));
  upstream.answerWith((_, response) => response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'text/plain' }).end(zipped));
  const compressed = await visitor.request('/zipped', { headers: { 'accept-encoding': 'gzip' } });
  assert.equal(compressed.headers['content-encoding'], 'gzip');
  assert.equal(sha256(compressed.bytes), sha256(zipped));

  for (const status of [204, 304]) {
    upstream.answerWith((_, response) => response.writeHead(status, { etag: '"e"' }).end());
    const empty = await visitor.request('/empty');
    assert.deepEqual([empty.status, empty.body, empty.headers.etag], [status, '', '"e"']);
  }
});

test('status and several Set-Cookie of the upstream survive, beside our own', async () => {
  const lines = ['a=1; Path=/; HttpOnly', 'b=2; Expires=Wed, 21 Oct 2037 07:28:00 GMT', 'c=3'];
  for (const status of [200, 201, 400, 404, 418, 500, 503]) {
    upstream.answerWith((_, response) => response.writeHead(status, { 'set-cookie': lines, 'x-own': 'yes' }).end('body'));
    const answer = await signedIn(gateway, provider).request('/x');
    assert.deepEqual([answer.status, answer.setCookies, answer.headers['x-own'], answer.body], [status, lines, 'yes', 'body']);
    const refreshed = await expired(gateway, provider).request('/x');
    assert.deepEqual([refreshed.status, refreshed.setCookies.slice(0, 3), refreshed.setCookies.length], [status, lines, 4]);
    assert.equal(parseSetCookie(refreshed.setCookies[3]).name, SESSION_COOKIE);
    const open = await gateway.request('/public/x');
    assert.deepEqual([open.status, open.setCookies], [status, lines]);
  }
});

test('redirects of the upstream are the browser\'s to follow, and its own address is the site\'s', async () => {
  const visitor = signedIn(gateway, provider);
  for (const [status, location, expected] of [
    [301, '/elsewhere', '/elsewhere'],
    [302, 'https://other.example/?a', 'https://other.example/?a'],
    [303, `${upstream.url}/own?x`, `${PUBLIC_URL}/own?x`],
    [307, `${upstream.url}`, PUBLIC_URL],
    [308, `${upstream.url}.evil.example/`, `${upstream.url}.evil.example/`],
  ]) {
    upstream.clear();
    upstream.answerWith((_, response) => response.writeHead(status, { location }).end());
    const answer = await visitor.request('/start', { method: 'POST', body: 'x' });
    assert.deepEqual([answer.status, answer.headers.location], [status, expected]);
    assert.equal(upstream.requests().length, 1);
  }
});

/**
 * A gateway before a service binding, where a failure is one: in the harness, a connection that fails is an answer 500,
 * and so is an exception of a Worker that wrangler has bundled.
 */
async function gatewayBeforeService(t) {
  const bound = await startGateway(provider, {
    settings: { UPSTREAM_URL: upstream.url },
    editConfig: (toml) => `${toml}\n[[services]]\nbinding = "UPSTREAM"\nservice = "service"\n`,
    workers: [{ config: { name: 'service', main: fileURLToPath(new URL('support/service.mjs', import.meta.url)), compatibility_date: '2026-10-20', no_bundle: true } }],
  });
  t.after(() => bound.close());
  return bound;
}

test('a service binding comes before everything else, and gets the same', async (t) => {
  const bound = await gatewayBeforeService(t);
  const visitor = expired(bound, provider, { person: 'thordis' });
  const answer = await visitor.request('/app/?x=1', { method: 'POST', headers: { ...SCRIPT, 'x-edgeseal-role': 'admin' }, body: 'text' });
  assert.equal(answer.status, 202, answer.body);
  const { method, url, body, headers } = answer.json();
  assert.deepEqual([method, new URL(url).search, body], ['POST', '?x=1', 'text']);
  assert.deepEqual([headers['x-edgeseal-email'], headers['x-edgeseal-role']], ['thordis@example.com', 'editor']);
  assert.deepEqual(answer.setCookies.slice(0, 2), ['a=1', 'b=2']);
  assert.equal(answer.setCookies.length, 3);
  const left = await visitor.request('/leave');
  assert.deepEqual([left.status, left.headers.location], [302, 'https://other.example/']);
  assert.deepEqual(upstream.requests(), []);

  await t.test('a WebSocket is passed through, with its subprotocol and with the cookie of a refresh', async () => {
    const headers = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': randomBytes(16).toString('base64'), 'sec-websocket-protocol': 'chat' };
    const plain = await signedIn(bound, provider).request('/socket', { headers });
    assert.deepEqual([plain.status, plain.headers['sec-websocket-protocol']], [101, 'chat']);
    const refreshed = await expired(bound, provider).request('/socket', { headers });
    assert.equal(refreshed.status, 101);
    assert.equal(refreshed.setCookies.length, 1, 'without it the session would be lost');
    assert.equal((await bound.request('/socket', { headers })).status, 401);
  });

  await t.test('an upstream that fails is said to be at fault, and a session that was refreshed is not lost over it', async () => {
    const visitor = expired(bound, provider);
    const before = visitor.session;
    const answer = await visitor.fetch('/throw');
    assert.deepEqual([answer.status, answer.json().detail], [502, 'upstream_failed']);
    assert.notEqual(visitor.session, before, 'the new pair has reached the browser');
    assert.equal(answer.headers['cache-control'], 'private, no-store');
    const page = await visitor.open('/throw');
    assert.equal(page.status, 502);
    assert.match(page.headers['content-type'], /text\/html/);
    assert.ok(!page.body.includes('the site behind is broken'));
    assert.equal((await visitor.fetch('/auth/session')).status, 200);
  });
});

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
