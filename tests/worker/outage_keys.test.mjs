// The provider is down and a session is to be checked: from memory, from KV, or a retryable answer that ends nothing.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startProvider } from '../../dev/src/provider.mjs';
import { startGateway } from './support/gateway.mjs';
import { DOCUMENT, IMAGE, SCRIPT } from './support/http.mjs';
import { requestsTo, signedIn } from './support/sessions.mjs';

const provider = await startProvider();
after(() => provider.close());
beforeEach(() => provider.reset());

async function freshGateway(t) {
  const gateway = await startGateway(provider);
  t.after(() => gateway.close());
  return gateway;
}

/** What a gateway has left in its KV for others; written after the answer, so it is waited for. */
async function sharedKeys(gateway) {
  const { EDGESEAL_KV: kv } = await gateway.environment();
  for (const deadline = Date.now() + 5_000; Date.now() < deadline; await sleep(20)) {
    const { keys } = await kv.list({ prefix: 'edgeseal:keys:' });
    if (keys.length > 0) return Promise.all(keys.map(async ({ name, expiration }) => ({ name, expiration, value: await kv.get(name) })));
  }
  throw new Error('nothing was written to KV in five seconds');
}

/** A fresh gateway that finds in its KV what the first test found there, changed. */
async function gatewayWithSharedKeys(t, change = {}) {
  assert.ok(record, 'the first test has taken a record');
  const gateway = await freshGateway(t);
  const value = JSON.parse(record.value);
  const changed = Object.fromEntries(Object.entries(change).map(([name, edit]) => [name, edit(value[name])]));
  await (await gateway.environment()).EDGESEAL_KV.put(record.name, JSON.stringify({ ...value, ...changed }));
  return gateway;
}

const aged = (seconds) => ({ fetched_at_milliseconds: (at) => at - seconds * 1000 });

let record;

test('an isolate that knows the keys authenticates while the provider is down, and has left them in KV for a day', async (t) => {
  const gateway = await freshGateway(t);
  const visitor = signedIn(gateway, provider);
  await visitor.fetch('/auth/session');
  provider.knobs.set({ down: {} });
  for (const target of ['/auth/session', '/app/']) assert.equal((await visitor.open(target)).status, 200, target);
  assert.equal((await signedIn(gateway, provider, { person: 'grace' }).open('/app/')).status, 200, 'a session that it has never seen');

  const records = await sharedKeys(gateway);
  assert.equal(records.length, 1);
  [record] = records;
  assert.equal(record.name, `edgeseal:keys:1:${provider.url}/sso/jwks/${provider.clientId}`);
  assert.ok(Math.abs(record.expiration - Date.now() / 1000 - 24 * 3600) < 60);
  assert.ok(!record.value.includes(provider.apiKey) && !record.value.includes('"d"'), 'public parts alone');
});

test('a fresh isolate authenticates from KV while the provider is down, without asking it', async (t) => {
  const gateway = await gatewayWithSharedKeys(t);
  provider.clearRequests();
  provider.knobs.set({ down: {} });
  const visitor = signedIn(gateway, provider);
  assert.equal((await visitor.open('/app/')).status, 200);
  assert.deepEqual(provider.requests(), []);
});

test('a fresh isolate uses stale keys from KV when the provider does not answer, and asks it once', async (t) => {
  const gateway = await gatewayWithSharedKeys(t, aged(3 * 3600));
  provider.clearRequests();
  provider.knobs.set({ fail: { status: 502 } });
  const visitor = signedIn(gateway, provider);
  const answers = await Promise.all(Array.from({ length: 10 }, () => visitor.open('/app/')));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
  assert.equal(requestsTo(provider, 'jwks').length, 1);
});

test('keys that are older than a day are not believed', async (t) => {
  const gateway = await gatewayWithSharedKeys(t, aged(25 * 3600));
  provider.knobs.set({ down: {} });
  assert.equal((await signedIn(gateway, provider).fetch('/auth/session')).json().detail, 'keys_unavailable');
});

test('keys of another place are not believed, wherever they lie', async (t) => {
  const gateway = await gatewayWithSharedKeys(t, { url: () => 'https://evil.example/sso/jwks/client_local' });
  provider.knobs.set({ down: {} });
  assert.equal((await signedIn(gateway, provider).fetch('/auth/session')).json().detail, 'keys_unavailable');
});

const OUTAGES = {
  'is down': { down: {} },
  'answers 502 in HTML': { fail: { status: 502 } },
};

for (const [name, knob] of Object.entries(OUTAGES)) {
  test(`without any keys, while the provider ${name}: 503, retryable, and the cookie stays`, async (t) => {
    const gateway = await freshGateway(t);
    const visitor = signedIn(gateway, provider);
    provider.knobs.set(knob);
    for (const headers of [SCRIPT, IMAGE]) {
      const answer = await visitor.request('/app/', { headers });
      assert.equal(answer.status, 503);
      const { authenticated, reason, detail, retryable } = answer.json();
      assert.deepEqual([authenticated, reason, detail, retryable], [false, 'invalid_jwt', 'keys_unavailable', true]);
      assert.match(answer.headers['retry-after'], /^[1-9]\d*$/);
      assert.deepEqual(answer.setCookies, []);
    }
    const page = await visitor.request('/app/', { headers: DOCUMENT });
    assert.deepEqual([page.status, page.setCookies], [503, []], 'a page is not sent to sign-in either');
    assert.match(page.body, /You have not been signed out/);
    assert.match(page.headers['retry-after'], /^[1-9]\d*$/);
    assert.equal(page.headers['cache-control'], 'private, no-store');
    assert.equal(requestsTo(provider, 'jwks').length, 1, 'every request asking would make the outage worse');
    assert.equal((await visitor.open('/')).status, 200, 'public pages need no keys');
  });
}
