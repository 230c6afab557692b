// GET /auth/ready: whether the gateway could authenticate somebody now. True or false for everybody, the reasons for whoever
// has ADMIN_TOKEN alone.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { after, beforeEach, test } from 'node:test';

import { startProvider } from '../../dev/src/provider.mjs';
import { PASSWORD, startGateway, withoutObjects } from './support/gateway.mjs';
import { DOCUMENT } from './support/http.mjs';
import { requestsTo, signedIn } from './support/sessions.mjs';

const TOKEN = 'the admin token of the tests, 32 or more';
const ADMIN = { authorization: `Bearer ${TOKEN}` };

const provider = await startProvider();
after(() => provider.close());
beforeEach(() => provider.reset());

async function start(t, options = {}) {
  const gateway = await startGateway(options.provider ?? provider, { ...options, settings: { ADMIN_TOKEN: TOKEN, ...options.settings } });
  t.after(() => gateway.close());
  return gateway;
}

const ready = async (gateway, headers = {}) => {
  const answer = await gateway.request('/auth/ready', { headers });
  return [answer.status, answer.json()];
};

test('ready, and no more than that for the public', async (t) => {
  const gateway = await start(t);
  assert.deepEqual(await ready(gateway), [200, { ready: true }]);
  for (const authorization of [
    'Bearer', 'Bearer ', `Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(0, -1)}`, `Bearer ${TOKEN.toUpperCase()}`, `Basic ${TOKEN}`, TOKEN, `Bearer ${PASSWORD}`, `Bearer ${provider.apiKey}`, `Bearer ${TOKEN}, Bearer ${TOKEN}`,
  ]) {
    assert.deepEqual(await ready(gateway, { authorization }), [200, { ready: true }], authorization);
  }
  assert.deepEqual((await gateway.request(`/auth/ready?token=${encodeURIComponent(TOKEN)}`)).json(), { ready: true });
  assert.equal((await gateway.request('/auth/ready', { headers: { ...DOCUMENT } })).headers['cache-control'], 'private, no-store');
  assert.equal((await gateway.request('/auth/ready', { method: 'POST', headers: ADMIN })).status, 405);
});

test('whoever has the token sees every check, and no secret', async (t) => {
  const gateway = await start(t);
  const [status, body] = await ready(gateway, ADMIN);
  assert.equal(status, 200);
  assert.deepEqual(body.checks, { seal: true, keys: true, kv: true, sessions: true, revocations: true, upstream: true, clock: true });
  assert.deepEqual(body.bindings, { kv: 'ok', sessions: 'ok', revocations: 'ok', upstream: 'assets' });
  assert.equal(body.keys.count, 1);
  assert.ok(body.keys.ageSeconds >= 0 && body.keys.ageSeconds < 60);
  assert.equal(body.keysProblem, null);
  assert.ok(Math.abs(body.clockSkewSeconds) < 30);
  assert.equal(body.coordination, 'object');
  assert.equal(body.revocations.mode, 'eventual');
  assert.equal(body.signatures, 'relaxed-simd');
  const text = JSON.stringify(body);
  for (const secret of [TOKEN, PASSWORD, provider.apiKey]) assert.ok(!text.includes(secret));
  assert.ok(!gateway.logs().includes(TOKEN));
});

test('SIGNATURES=portable does without relaxed SIMD, and verifies all the same', async (t) => {
  const gateway = await start(t, { settings: { SIGNATURES: 'portable' } });
  const [status, body] = await ready(gateway, ADMIN);
  assert.deepEqual([status, body.signatures], [200, 'portable']);
  assert.equal((await signedIn(gateway, provider).fetch('/auth/session')).status, 200);
});

test('without ADMIN_TOKEN nobody sees more, not with an empty one either', async (t) => {
  const gateway = await start(t, { settings: { ADMIN_TOKEN: undefined } });
  for (const authorization of ['Bearer', 'Bearer ', 'Bearer undefined', 'Bearer null', ADMIN.authorization]) {
    assert.deepEqual(await ready(gateway, { authorization }), [200, { ready: true }], authorization);
  }
});

test('not ready while there are no keys, and ready again afterwards; the provider is not asked by every look', async (t) => {
  const gateway = await start(t);
  provider.knobs.set({ fail: { status: 500, endpoints: ['jwks'] } });
  assert.deepEqual(await ready(gateway), [503, { ready: false }]);
  const [status, body] = await ready(gateway, ADMIN);
  assert.deepEqual([status, body.ready, body.checks.keys, body.keysProblem, body.keys], [503, false, false, 'keys_unavailable', null]);
  await Promise.all(Array.from({ length: 30 }, () => ready(gateway)));
  assert.equal(requestsTo(provider, 'jwks').length, 1);
  provider.knobs.reset();
  for (const deadline = Date.now() + 15_000; (await ready(gateway))[0] !== 200; await new Promise((resolve) => setTimeout(resolve, 200))) {
    assert.ok(Date.now() < deadline, 'ready within seconds of the provider\'s return');
  }
  assert.ok(requestsTo(provider, 'jwks').length <= 2);
});

test('ready while the provider is down, as long as the keys are known', async (t) => {
  const gateway = await start(t);
  await signedIn(gateway, provider).fetch('/auth/session');
  provider.knobs.set({ down: {} });
  assert.deepEqual(await ready(gateway), [200, { ready: true }]);
});

test('not ready while the provider\'s clock and ours are apart, by more than tokens can bear', async (t) => {
  // The local provider's Date is the machine's, whatever its clock knob says; so a server of keys with a Date of its own.
  const keys = await (await fetch(`${provider.url}/sso/jwks/${provider.clientId}`)).text();
  let offset = 0;
  const server = http.createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', date: new Date(Date.now() + offset * 1000).toUTCString() }).end(keys);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  for (const [seconds, isReady] of [[0, true], [20, true], [3600, false], [-3600, false]]) {
    offset = seconds;
    const gateway = await start(t, { provider: { ...provider, url: `http://127.0.0.1:${server.address().port}` } });
    assert.deepEqual(await ready(gateway), [isReady ? 200 : 503, { ready: isReady }], `${seconds} s`);
    const [, body] = await ready(gateway, ADMIN);
    assert.ok(Math.abs(body.clockSkewSeconds - seconds) <= 3, `${body.clockSkewSeconds}`);
    assert.deepEqual(body.checks, { seal: true, keys: true, kv: true, sessions: true, revocations: true, upstream: true, clock: isReady });
  }
});

test('what is bound is named: no KV is slower, no objects are weaker, neither is broken; a service and a URL are upstreams', async (t) => {
  const bare = await start(t, { editConfig: (toml) => withoutObjects(toml).replace(/\[\[kv_namespaces\]\]\nbinding = "EDGESEAL_KV"\n/, ''), settings: { UPSTREAM_URL: 'https://site.example' } });
  const [status, body] = await ready(bare, ADMIN);
  assert.deepEqual([status, body.bindings, body.checks.kv, body.checks.sessions], [200, { kv: 'missing', sessions: 'missing', revocations: 'missing', upstream: 'url' }, true, true]);
  assert.equal(body.coordination, 'isolate');
  const nowhere = await start(t, { editConfig: (toml) => toml.replace(/\[assets\]\n(.+\n)+/, '') });
  const [unready, nothing] = await ready(nowhere, ADMIN);
  assert.deepEqual([unready, nothing.bindings.upstream, nothing.checks.upstream], [503, 'missing', false]);
});

test('a gateway whose settings cannot work is not ready either, and names the setting', async (t) => {
  for (const [name, value] of [['WORKOS_COOKIE_PASSWORD', 'hunter2'], ['ADMIN_TOKEN', 'hunter3'], ['PUBLIC_URL', undefined]]) {
    const gateway = await start(t, { settings: { [name]: value } });
    const answer = await gateway.request('/auth/ready', { headers: ADMIN });
    assert.equal(answer.status, 500, name);
    assert.ok(answer.body.includes(name));
    if (value) assert.ok(!answer.body.includes(value), 'not what was written there');
  }
});
