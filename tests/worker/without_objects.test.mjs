// Without the objects that keep sessions: one isolate coordinates its own refreshes, and says that it can promise no more.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startProvider } from '../../dev/src/provider.mjs';
import { SESSION_COOKIE, startGateway, withoutObjects } from './support/gateway.mjs';
import { SCRIPT, parseSetCookie } from './support/http.mjs';
import { expired, requestsTo, unseal } from './support/sessions.mjs';

const TOKEN = 'the admin token of the tests, 32 or more';
const ACME = 'org_01ACME0000000000000000000';
const GLOBEX = 'org_01GLOBEX00000000000000000';
const endpoints = ['authenticate'];

const provider = await startProvider();
const gateway = await startGateway(provider, { settings: { ADMIN_TOKEN: TOKEN }, editConfig: withoutObjects });
after(async () => {
  await gateway.close();
  await provider.close();
});
beforeEach(() => {
  provider.reset();
  provider.knobs.set({ refreshGraceSeconds: 0 });
});

const outcomes = () => requestsTo(provider, 'authenticate').map(({ outcome }) => outcome);
const brought = ({ setCookies }) => JSON.parse(unseal(parseSetCookie(setCookies[0]).value)).refreshToken;
const come = ({ session }, target = '/auth/session', options = {}) =>
  gateway.request(target, { ...options, headers: { ...SCRIPT, cookie: `${SESSION_COOKIE}=${session}` } });

test('it is a gateway without objects, is ready, and says who coordinates', async () => {
  assert.ok(!('EDGESEAL_SESSIONS' in (await gateway.environment())));
  const answer = await gateway.request('/auth/ready', { headers: { authorization: `Bearer ${TOKEN}` } });
  assert.deepEqual([answer.status, answer.json().coordination, answer.json().bindings.sessions], [200, 'isolate', 'missing']);
});

test('thirty requests at once, with a provider that takes its time: one exchange, and all get its result', async () => {
  for (const milliseconds of [0, 1_000]) {
    provider.clearRequests();
    provider.knobs.set({ slow: milliseconds ? { milliseconds, endpoints, times: 1 } : null });
    const visitor = expired(gateway, provider);
    const answers = await Promise.all(Array.from({ length: 30 }, (_, index) => come(visitor, index % 2 ? '/app/' : '/auth/session')));
    assert.deepEqual(answers.map(({ status }) => status), Array(30).fill(200));
    assert.equal(new Set(answers.map(brought)).size, 1);
    assert.deepEqual(outcomes(), ['rotated']);
    assert.equal(brought(await come(visitor)), brought(answers[0]), 'and whoever comes afterwards');
    assert.deepEqual(outcomes(), ['rotated']);
  }
});

test('POST /auth/refresh thirty times at once is one exchange', async () => {
  const visitor = expired(gateway, provider);
  const answers = await Promise.all(Array.from({ length: 30 }, () => come(visitor, '/auth/refresh', { method: 'POST' })));
  assert.deepEqual(answers.map(({ status }) => status), Array(30).fill(200));
  assert.deepEqual(outcomes(), ['rotated']);
});

test('a switch among refreshes comes after or before them, and is the last word', async () => {
  for (let round = 0; round < 8; round += 1) {
    provider.clearRequests();
    provider.knobs.set({ slow: { milliseconds: round * 7, endpoints } });
    const visitor = expired(gateway, provider, { person: 'ada', organization: 'acme' });
    const change = async () => {
      await sleep(round * 5);
      return come(visitor, '/auth/switch', { method: 'POST', body: JSON.stringify({ organizationId: GLOBEX }) });
    };
    const [switched, ...others] = await Promise.all([change(), ...Array.from({ length: 6 }, () => come(visitor))]);
    assert.deepEqual([switched.status, switched.json().organizationId], [200, GLOBEX]);
    for (const answer of others) assert.ok(answer.status === 200 && [ACME, GLOBEX].includes(answer.json().organizationId), answer.body);
    assert.equal((await come(visitor)).json().organizationId, GLOBEX, 'whoever comes with the old cookie');
    assert.ok(outcomes().every((outcome) => ['rotated', 'switched'].includes(outcome)), outcomes().join());
  }
});

test('sign-out while the provider is slow: nobody gets what comes of it', async () => {
  const visitor = expired(gateway, provider);
  provider.knobs.set({ slow: { milliseconds: 2_000, endpoints, times: 1 } });
  const waiting = Array.from({ length: 3 }, () => come(visitor));
  for (const deadline = Date.now() + 15_000; outcomes().length === 0; await sleep(20)) assert.ok(Date.now() < deadline);
  assert.equal((await come(visitor, '/auth/logout', { method: 'POST' })).status, 200);
  for (const answer of await Promise.all(waiting)) assert.deepEqual([answer.status, answer.json().detail], [401, 'invalid_grant']);
  assert.equal((await come(visitor)).status, 401);
  assert.deepEqual(outcomes(), ['rotated']);
});
