// Each knob does what it says, to the endpoints and for the number of requests that it names; keys rotate.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';

import { decode, post, provider, refresh, verify } from './support.mjs';

const keySet = ({ url, clientId }) => fetch(`${url}/sso/jwks/${clientId}`);

test('the token lifetime applies from the next generation on', async (context) => {
  const started = await provider(context);
  started.knobs.set({ tokenLifetimeSeconds: 7 });
  const { exp, iat } = await verify(started, started.mintSession().response.access_token);
  assert.equal(exp - iat, 7);
});

test('the clock offset moves what tokens say', async (context) => {
  const started = await provider(context, { now: () => 1_700_000_000_500 });
  started.knobs.set({ clockOffsetSeconds: -3600 });
  const { iat } = await verify(started, started.mintSession().response.access_token);
  assert.equal(iat, 1_700_000_000 - 3600);
  assert.equal(started.now(), 1_700_000_000_500 - 3_600_000);
});

test('a refresh gives the session a new id, if it is told to; what it was has gone', async (context) => {
  const started = await provider(context);
  const { sessionId, response } = started.mintSession();
  const idAfter = async (reply) => (await verify(started, reply.access_token)).sid;
  const { body: first } = await refresh(started, response.refresh_token);
  assert.equal(await idAfter(first), sessionId);
  started.knobs.set({ newSessionIdAtRefresh: true });
  const { body: second } = await refresh(started, first.refresh_token);
  const renamed = await idAfter(second);
  assert.notEqual(renamed, sessionId);
  assert.deepEqual(started.sessions().map(({ id }) => id), [renamed]);
  const { body: replayed } = await refresh(started, first.refresh_token);
  assert.equal(replayed.refresh_token, second.refresh_token, 'a replay is the same pair');
});

test('slow delays the named endpoint alone', async (context) => {
  const started = await provider(context);
  started.knobs.set({ slow: { milliseconds: 1500, endpoints: ['jwks'] } });
  const began = performance.now();
  await keySet(started);
  const delayed = performance.now() - began;
  await refresh(started, 'unknown');
  const undelayed = performance.now() - began - delayed;
  assert.ok(delayed >= 1495, `${delayed} ms`);
  assert.ok(undelayed < 1495, `${undelayed} ms`);
});

test('a slow provider does the work even when the client has gone', async (context) => {
  const started = await provider(context);
  started.knobs.set({ slow: { milliseconds: 80 } });
  const { response } = started.mintSession();
  const body = JSON.stringify({
    grant_type: 'refresh_token', client_id: started.clientId, client_secret: started.apiKey, refresh_token: response.refresh_token,
  });
  const { hostname, port, host } = new URL(started.url);
  const head = `POST /user_management/authenticate HTTP/1.1\r\nhost: ${host}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
  // Gone as soon as all of it is on its way: a deadline would be too short on a busy machine, or too long.
  const client = net.connect(Number(port), hostname);
  client.end(head + body, () => client.destroy());
  await once(client, 'close');
  for (const deadline = Date.now() + 10_000; !started.requests()[0]?.outcome && Date.now() < deadline; ) await setTimeout(20);
  assert.equal(started.requests()[0]?.outcome, 'rotated');
});

test('down cuts the connection and does nothing', async (context) => {
  const started = await provider(context);
  const { response } = started.mintSession();
  started.knobs.set({ down: { endpoints: ['authenticate'] } });
  await assert.rejects(refresh(started, response.refresh_token), TypeError);
  assert.equal((await keySet(started)).status, 200);
  started.knobs.set({ down: null });
  assert.equal((await refresh(started, response.refresh_token)).status, 200);
  assert.deepEqual(started.requests().map(({ knob, status, outcome }) => [knob, status, outcome]), [
    ['down', null, null], [null, 200, null], [null, 200, 'rotated'],
  ]);
});

test('a lost reply rotates, and the grace saves the client', async (context) => {
  const started = await provider(context);
  const { response } = started.mintSession();
  started.knobs.set({ loseReply: { endpoints: ['authenticate'], times: 1 } });
  await assert.rejects(refresh(started, response.refresh_token), TypeError);
  assert.equal((await refresh(started, response.refresh_token)).status, 200);
  assert.deepEqual(started.requests().map(({ knob, status, outcome }) => [knob, status, outcome]), [
    ['loseReply', null, 'rotated'], [null, 200, 'replayed'],
  ]);
});

test('fail answers with each status in its form', async (context) => {
  const started = await provider(context);
  const answer = async (fail) => {
    started.knobs.set({ fail });
    return keySet(started);
  };
  for (const status of [401, 403, 422, 500]) {
    const response = await answer({ status });
    assert.equal(response.status, status);
    assert.equal(typeof (await response.json()).message, 'string');
  }
  const limited = await answer({ status: 429, retryAfterSeconds: 9 });
  assert.deepEqual([limited.status, limited.headers.get('retry-after')], [429, '9']);
  const proxy = await answer({ status: 502 });
  assert.equal(proxy.status, 502);
  assert.match(proxy.headers.get('content-type'), /^text\/html/);
  assert.match(await proxy.text(), /<h1>/);
});

test('of simultaneous requests exactly the named number fails', async (context) => {
  const started = await provider(context);
  started.knobs.set({ fail: { status: 500, times: 3 } });
  const statuses = await Promise.all(Array.from({ length: 10 }, async () => (await keySet(started)).status));
  assert.equal(statuses.filter((status) => status === 500).length, 3);
  assert.equal(started.knobs.get().fail, null);
});

test('rotation changes the signing key and keeps or removes the old ones', async (context) => {
  const started = await provider(context);
  const old = started.mintSession().response.access_token;
  const { keyId, published } = await started.rotateKeys();
  assert.equal(published.length, 2);
  const fresh = started.mintSession().response.access_token;
  assert.equal(decode(fresh.split('.')[0]).kid, keyId);
  assert.match(keyId, /^sso_oidc_key_pair_/);
  await verify(started, old);
  await verify(started, fresh);

  await started.rotateKeys({ keepPrevious: false });
  await assert.rejects(verify(started, old), /no key/);
  await assert.rejects(verify(started, fresh), /no key/);
  assert.equal((await (await keySet(started)).json()).keys.length, 1);
});

test('the key set shows public parts only, of 2048 bits', async (context) => {
  const { keys } = await (await keySet(await provider(context))).json();
  assert.deepEqual(Object.keys(keys[0]).sort(), ['alg', 'e', 'kid', 'kty', 'n', 'use']);
  assert.equal(Buffer.from(keys[0].n, 'base64url').length, 256);
});

test('senseless settings are refused as a whole', async (context) => {
  const { knobs } = await provider(context);
  const before = knobs.get();
  const senseless = [
    null, [], { unknown: 1 }, { tokenLifetimeSeconds: 0 }, { tokenLifetimeSeconds: '5' }, { clockOffsetSeconds: Infinity },
    { newSessionIdAtRefresh: 1 }, { newSessionIdAtRefresh: null },
    { slow: {} }, { slow: true }, { down: { times: 0 } }, { down: { endpoints: [] } }, { down: { endpoints: ['/'] } },
    { fail: { status: 418 } }, { fail: { status: 500, extra: 1 } }, { refreshGraceSeconds: 1, down: { times: 1.5 } },
    JSON.parse('{"__proto__":{"down":{}}}'), { constructor: {} },
  ];
  for (const patch of senseless) assert.throws(() => knobs.set(patch), { name: 'KnobError' }, JSON.stringify(patch));
  assert.deepEqual(knobs.get(), before);
});

test('the knobs turn over HTTP, as JSON', async (context) => {
  const started = await provider(context);
  const url = `${started.url}/dev/knobs`;
  const set = await post(url, { fail: { status: 429 }, tokenLifetimeSeconds: 60 });
  assert.equal(set.status, 200);
  const expected = { status: 429, retryAfterSeconds: 2, endpoints: null, times: null };
  assert.deepEqual((await set.json()).fail, expected);
  assert.deepEqual((await (await fetch(url)).json()).fail, expected);
  const refused = await post(url, { fail: { status: 1 } });
  assert.deepEqual([refused.status, (await refused.json()).code], [400, 'invalid_knobs']);

  const rotated = await (await post(`${started.url}/dev/rotate-keys`, { keepPrevious: false })).json();
  assert.deepEqual(rotated.published, [rotated.keyId]);
  assert.equal((await fetch(`${started.url}/dev/rotate-keys`, { method: 'POST' })).status, 200);
  assert.equal((await post(`${started.url}/dev/rotate-keys`, { keepPrevious: 'no' })).status, 400);
});
