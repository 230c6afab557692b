// Hostile input: every request gets a clear refusal, nothing crashes, and the next honest request is served.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';

import { startProvider } from '../src/provider.mjs';
import { post, provider, raw, refresh } from './support.mjs';

const serves = async (started) =>
  assert.equal((await refresh(started, started.mintSession().response.refresh_token)).status, 200);

test('bodies that are no JSON object are refused', async (context) => {
  const started = await provider(context);
  const bodies = ['', 'null', '[]', '7', '"x"', '{', '{"grant_type":', '['.repeat(60_000), '\u0000'];
  for (const path of ['/user_management/authenticate', '/user_management/sessions/revoke']) {
    for (const body of bodies) {
      const response = await post(`${started.url}${path}`, body, { authorization: `Bearer ${started.apiKey}` });
      assert.equal(response.status, 400, body.slice(0, 20));
      assert.equal((await response.json()).error, 'invalid_request');
    }
  }
  await serves(started);
});

test('fields of the wrong kind are refused', async (context) => {
  const started = await provider(context);
  const values = [7, true, {}, [], ['refresh_token'], '', 'x'.repeat(9000)];
  for (const name of ['grant_type', 'client_id', 'client_secret', 'code', 'code_verifier', 'refresh_token', 'organization_id']) {
    for (const value of values) {
      const { status, body } = await refresh(started, 'token', { [name]: value });
      assert.deepEqual([status, body.error], [400, 'invalid_request'], `${name} ${JSON.stringify(value).slice(0, 20)}`);
    }
  }
  const other = await refresh(started, 'token', { grant_type: 'password' });
  assert.equal(other.body.error, 'unsupported_grant_type');
  assert.equal((await refresh(started, 'token', { grant_type: '__proto__' })).body.error, 'unsupported_grant_type');
  assert.equal((await refresh(started, '__proto__')).body.error, 'invalid_grant');
});

test('a body over the limit is refused while it is still arriving', async (context) => {
  const started = await provider(context);
  const response = await post(`${started.url}/user_management/authenticate`, ' '.repeat(64 * 1024 + 1));
  assert.equal(response.status, 413);
  assert.equal((await response.json()).code, 'request_too_large');
  // The announced length is a lie: the refusal must not wait for the rest.
  const head = `POST /user_management/authenticate HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n`;
  assert.match(await raw(started, head + ' '.repeat(70_000)), /^HTTP\/1\.1 413 /);
  await serves(started);
});

test('a body that is not UTF-8 is refused', async (context) => {
  const started = await provider(context);
  const url = `${started.url}/user_management/authenticate`;
  assert.equal((await fetch(url, { method: 'POST', body: Buffer.from([0x7b, 0xff, 0x7d]) })).status, 400);
});

test('broken HTTP and odd targets are survived', async (context) => {
  const started = await provider(context);
  const close = 'Host: localhost\r\nConnection: close\r\n\r\n';
  const answers = [
    ['rubbish\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['GET / HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400 /],
    [`GET // HTTP/1.1\r\n${close}`, /^HTTP\/1\.1 400 /],
    [`GET //evil.example/ HTTP/1.1\r\n${close}`, /^HTTP\/1\.1 400 /],
    [`GET http://evil.example/ HTTP/1.1\r\n${close}`, /^HTTP\/1\.1 400 /],
    [`OPTIONS * HTTP/1.1\r\n${close}`, /^HTTP\/1\.1 400 /],
    [`GET /sso/jwks/%zz%00 HTTP/1.1\r\n${close}`, /^HTTP\/1\.1 404 /],
    [`GET /sso/jwks/__proto__ HTTP/1.1\r\n${close}`, /^HTTP\/1\.1 404 /],
    [`GET /user_management/authorize?%=%&=&&state=%ff HTTP/1.1\r\n${close}`, /^HTTP\/1\.1 400 /],
    [`GET /user_management/authenticate HTTP/1.1\r\n${close}`, /^HTTP\/1\.1 405 [^]*allow: POST/],
    [`PUT /dev/knobs HTTP/1.1\r\n${close}`, /^HTTP\/1\.1 405 [^]*allow: GET, POST/],
    [`GET /x HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n${close}`, /^HTTP\/1\.1 431 /],
    [`CONNECT localhost:1 HTTP/1.1\r\n${close}`, /^$/],
  ];
  for (const [bytes, expected] of answers) assert.match(await raw(started, bytes), expected, bytes.slice(0, 40));
  await serves(started);
});

test('a client that leaves in the middle of its body does no harm', async (context) => {
  const started = await provider(context);
  for (const path of ['/user_management/authenticate', '/dev/knobs']) {
    const controller = new AbortController();
    const body = new ReadableStream({ start: (stream) => stream.enqueue(new TextEncoder().encode('{')) });
    const request = fetch(`${started.url}${path}`, { method: 'POST', body, duplex: 'half', signal: controller.signal });
    setTimeout(() => controller.abort(), 40);
    await assert.rejects(request, { name: 'AbortError' });
  }
  await serves(started);
});

test('a name that is not loopback is refused, so that DNS rebinding gains nothing', async (context) => {
  const started = await provider(context);
  for (const host of ['evil.example', `evil.example:${started.port}`, 'localhost.evil.example', '127.0.0.1.evil.example', '']) {
    const answer = await raw(started, `GET /dev/knobs HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 403 /, host);
  }
  const own = await raw(started, `GET /dev/knobs HTTP/1.1\r\nHost: LOCALHOST:${started.port}\r\nConnection: close\r\n\r\n`);
  assert.match(own, /^HTTP\/1\.1 200 /);
});

test('no other address of this machine reaches it', async (context) => {
  const { port } = await provider(context);
  const addresses = Object.values(networkInterfaces()).flat().filter(({ address }) => address !== '127.0.0.1');
  if (addresses.length === 0) context.skip('this machine has no other address');
  for (const { address, scopeid } of addresses) {
    // A link-local address that names no interface cannot be dialled at all.
    if (scopeid) continue;
    await assert.rejects(once(connect(port, address), 'connect'), { code: 'ECONNREFUSED' }, address);
  }
});

test('options that make no sense are refused by name', async () => {
  await assert.rejects(startProvider({ host: '0.0.0.0' }), /127\.0\.0\.1 only/);
  await assert.rejects(startProvider({ prot: 1 }), /unknown option prot/);
  await assert.rejects(startProvider({ clientId: 'a/b' }), /clientId/);
  await assert.rejects(startProvider({ redirectUris: 'http://localhost' }), /redirectUris/);
  for (const requestsKept of [0, 1.5, '5', null]) await assert.rejects(startProvider({ requestsKept }), /requestsKept/);
  await assert.rejects(startProvider({ port: 70_000 }), { code: 'ERR_SOCKET_BAD_PORT' });
});

test('closing does not wait for a slow answer and can be repeated', async () => {
  const started = await startProvider();
  started.knobs.set({ slow: { milliseconds: 60_000 } });
  const pending = assert.rejects(fetch(`${started.url}/sso/jwks/${started.clientId}`), TypeError);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await started.close();
  await started.close();
  await pending;
});
