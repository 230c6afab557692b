// The provider is down, or hangs, for hours: who is served and who is not, with keys in memory, with pinned ones, and with none. The
// clock is moved; a session lives for a day, so that only its keys can become too old.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startProvider } from '../../dev/src/provider.mjs';
import { startClocked } from './support/clocked.mjs';
import { startGateway } from './support/gateway.mjs';
import { DOCUMENT, SCRIPT } from './support/http.mjs';
import { requestsTo, signedIn } from './support/sessions.mjs';

const DAY = 24 * 3600;
const ADMIN_TOKEN = 'an admin token of the tests, 32 characters';
const HANGS = { slow: { milliseconds: 4000, endpoints: ['jwks'] } };

const provider = await startProvider();
after(() => provider.close());
beforeEach(() => provider.reset());

async function start(t, startIt, settings = {}) {
  const gateway = await startIt(provider, { settings });
  t.after(() => gateway.close());
  return gateway;
}

const visitorFor = (gateway) => signedIn(gateway, provider, { lifetimeSeconds: 3 * DAY });
const keyLoads = () => requestsTo(provider, 'jwks').length;

/** The provider's key set, as an operator copies it. */
async function published() {
  const answer = await fetch(`${provider.url}/sso/jwks/${provider.clientId}`);
  provider.clearRequests();
  return answer.text();
}

async function loads(count) {
  for (const deadline = Date.now() + 5_000; keyLoads() < count; await sleep(20)) assert.ok(Date.now() < deadline, `${keyLoads()} loads, not ${count}`);
}

test('whoever is known stays in through an outage of hours, until the keys are a day old', async (t) => {
  const gateway = await start(t, startClocked);
  const visitor = visitorFor(gateway);
  assert.equal((await visitor.open('/app/')).status, 200);
  provider.knobs.set({ down: {} });
  for (const hours of [1, 5, 12, 23.9]) {
    await gateway.moveClock(hours * 3600);
    const answers = await Promise.all(Array.from({ length: 5 }, () => visitor.open('/app/')));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]), `hour ${hours}`);
  }
  await gateway.moveClock(DAY);
  const script = await visitor.request('/app/', { headers: SCRIPT });
  assert.deepEqual([script.status, script.json().detail, script.setCookies], [503, 'keys_unavailable', []]);
  const page = await visitor.request('/app/', { headers: DOCUMENT });
  assert.match(page.body, /You have not been signed out/);
});

test('nobody waits for a provider that hangs when keys have become stale, and the newer ones arrive beside', async (t) => {
  const gateway = await start(t, startClocked);
  const visitor = visitorFor(gateway);
  assert.equal((await visitor.open('/app/')).status, 200);
  provider.clearRequests();
  provider.knobs.set(HANGS);
  await gateway.moveClock(11 * 60);
  const began = Date.now();
  const answers = await Promise.all(Array.from({ length: 10 }, () => visitor.open('/app/')));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
  assert.ok(Date.now() - began < 3_000, 'the provider takes four seconds');
  await loads(1);
  await sleep(4_500);
  assert.equal(keyLoads(), 1, 'one of the ten has asked');
  const admin = visitorFor(gateway);
  assert.equal((await admin.open('/app/')).status, 200);
  assert.equal(keyLoads(), 1, 'the keys are fresh again');
});

test('with pinned keys the first request after a deployment needs nobody, for hours', async (t) => {
  const gateway = await start(t, startClocked, { PINNED_KEYS: await published(), ADMIN_TOKEN });
  provider.knobs.set({ down: {} });
  const ready = await gateway.request('/auth/ready', { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
  assert.deepEqual([ready.status, ready.json().keys], [200, { count: 1, ageSeconds: null }]);
  for (const hours of [0, 1, 30]) {
    await gateway.moveClock(hours * 3600);
    assert.equal((await visitorFor(gateway).open('/app/')).status, 200, `hour ${hours}`);
  }
});

test('pinned keys give way to the provider’s own', async (t) => {
  const gateway = await start(t, startGateway, { PINNED_KEYS: JSON.parse(await published()) });
  const visitor = visitorFor(gateway);
  provider.knobs.set(HANGS);
  const began = Date.now();
  assert.equal((await visitor.open('/app/')).status, 200);
  assert.ok(Date.now() - began < 3_000, 'nobody has waited');
  provider.knobs.reset();
  await provider.rotateKeys({ keepPrevious: false });
  assert.equal((await visitorFor(gateway).open('/app/')).status, 200, 'a key that is not pinned is asked for');
  assert.equal((await visitor.fetch('/auth/session')).json().detail, 'unknown_key', 'what was withdrawn is gone');
});

test('a rotation under load refuses nobody', async (t) => {
  const gateway = await start(t, startGateway);
  const statuses = [];
  let rotation;
  const visits = async () => {
    for (let visit = 0; visit < 10; visit += 1) {
      statuses.push((await visitorFor(gateway).fetch('/auth/session')).status);
      if (statuses.length === 30) rotation = provider.rotateKeys();
    }
  };
  await Promise.all(Array.from({ length: 8 }, visits));
  await rotation;
  assert.deepEqual(statuses, Array(80).fill(200));
});

test('keys that cannot be pinned are named, and nothing is served', async (t) => {
  const gateway = await start(t, startGateway, { PINNED_KEYS: 'https://api.workos.com/sso/jwks/client_1' });
  const answer = await gateway.request('/auth/health');
  assert.equal(answer.status, 500);
  assert.match(gateway.logs(), /PINNED_KEYS is no JSON Web Key Set/);
});
