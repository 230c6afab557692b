// `edgeseal/cloudflare` in Workers of one's own: a session is refreshed once, however many isolates ask and whatever becomes of the
// object meanwhile. The provider shows no patience with a refresh token that comes twice, unless a test says so.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startProvider } from '../../dev/src/provider.mjs';
import { openRecord } from '../worker/support/record.mjs';
import { requestsTo, sealSession, unseal } from '../worker/support/sessions.mjs';
import { project } from './support/installed.mjs';
import { startOwnWorkers } from './support/own_worker.mjs';

const endpoints = ['authenticate'];
const SLOW_MS = 2_000;
const DAY_MS = 24 * 3600 * 1000;
/** What a loaded machine may take between two looks at the clock. */
const MARGIN_MS = 60_000;

let place;
let provider;
let workers;
before(async () => {
  place = project();
  provider = await startProvider();
  workers = await startOwnWorkers(place, provider);
});
after(async () => {
  await workers?.close();
  await provider?.close();
  place.remove();
});
beforeEach(() => {
  provider.reset();
  provider.knobs.set({ refreshGraceSeconds: 0 });
});

const outcomes = () => requestsTo(provider, 'authenticate').map(({ outcome }) => outcome);
const tokenIn = ({ sealedSession }) => JSON.parse(unseal(sealedSession)).refreshToken;

/** A session whose token has expired, in the cookie that a browser brings. */
function visitor(options) {
  const { sessionId, response } = provider.mintSession({ lifetimeSeconds: -60, ...options });
  return { sessionId, sealed: sealSession(response) };
}

async function until(isTrue) {
  for (const deadline = Date.now() + 15_000; !(await isTrue()); await sleep(20)) if (Date.now() > deadline) assert.fail('not within fifteen seconds');
}

test('forty refreshes at once in two isolates: the provider is asked once, and everybody gets the same pair', async () => {
  const { sealed, sessionId } = visitor();
  const results = await Promise.all(Array.from({ length: 40 }, (_, index) => workers.refresh(sealed, { copy: index % 2 })));
  for (const result of results) assert.deepEqual([result.authenticated, result.coordination, result.sessionId], [true, 'object', sessionId]);
  assert.equal(new Set(results.map(tokenIn)).size, 1);
  assert.deepEqual(outcomes(), ['rotated']);
  assert.equal((await workers.authenticate(results[0].sealedSession, { copy: 1 })).authenticated, true);
});

test('without the objects the same is said to be coordinated in the isolate alone', async () => {
  const result = await workers.refresh(visitor().sealed, { sessions: 'none' });
  assert.deepEqual([result.authenticated, result.coordination], [true, 'isolate']);
});

test('many sessions at once: one exchange each, and nobody gets another\'s', async () => {
  const visitors = ['ada', 'grace', 'alan', 'margaret', 'thordis'].map((person) => visitor({ person }));
  const results = await Promise.all(Array.from({ length: 30 }, (_, index) => workers.refresh(visitors[index % 5].sealed, { copy: index % 2 })));
  assert.deepEqual(results.map((result) => result.sessionId), results.map((_, index) => visitors[index % 5].sessionId));
  assert.deepEqual(outcomes(), Array(5).fill('rotated'));
});

test('another organization, and the refusal of one, come through the object', async () => {
  const { sealed } = visitor({ person: 'ada', organization: 'acme' });
  const [globex] = provider.organizations.filter(({ key }) => key === 'globex');
  const switched = await workers.refresh(sealed, { organizationId: globex.id });
  assert.deepEqual([switched.authenticated, switched.organizationId], [true, globex.id]);
  const refused = await workers.refresh(visitor({ person: 'grace' }).sealed, { organizationId: globex.id });
  assert.deepEqual([refused.detail, refused.retryable], ['organization_refused', false]);
});

test('revoked while a refresh is under way: it brings nobody back', async () => {
  const { sealed, sessionId } = visitor();
  provider.knobs.set({ slow: { milliseconds: SLOW_MS, endpoints, times: 1 } });
  const underWay = workers.refresh(sealed);
  await until(() => requestsTo(provider, 'authenticate').length === 1);
  await workers.revoke(sessionId, { copy: 1 });
  const result = await underWay;
  assert.deepEqual([result.authenticated, result.detail], [false, 'invalid_grant']);
  for (const copy of [0, 1]) assert.equal((await workers.refresh(sealed, { copy })).detail, 'invalid_grant');
  const { stored, alarm } = await workers.look(sessionId);
  assert.equal(openRecord(stored.record).has_ended, true);
  assert.ok(Math.abs(alarm - Date.now() - 600_000) < MARGIN_MS, 'remembered for ten minutes');
});

test('evicted after a refresh: another isolate gets what the record holds, and the provider is not asked', async () => {
  const { sealed, sessionId } = visitor();
  const first = await workers.refresh(sealed);
  const { stored, alarm } = await workers.look(sessionId);
  assert.deepEqual(Object.keys(stored), ['record']);
  assert.ok(!stored.record.includes(tokenIn(first)));
  assert.ok(Math.abs(alarm - Date.now() - 30 * DAY_MS) < MARGIN_MS, 'kept for 30 days');
  await workers.evict(sessionId);
  const second = await workers.refresh(sealed, { copy: 1 });
  assert.equal(tokenIn(second), tokenIn(first));
  assert.deepEqual(outcomes(), ['rotated']);
});

test('evicted while the provider is slow: whoever waits is served all the same, by one replay', async () => {
  provider.knobs.set({ refreshGraceSeconds: 30, slow: { milliseconds: SLOW_MS, endpoints, times: 1 } });
  const { sealed, sessionId } = visitor();
  const waiting = Array.from({ length: 6 }, (_, index) => workers.refresh(sealed, { copy: index % 2 }));
  await until(() => requestsTo(provider, 'authenticate').length === 1);
  await workers.evict(sessionId);
  const results = await Promise.all(waiting);
  assert.deepEqual(results.map(({ authenticated }) => authenticated), Array(6).fill(true), JSON.stringify(results));
  assert.equal(new Set(results.map(tokenIn)).size, 1);
  await until(() => requestsTo(provider, 'authenticate').every(({ status }) => status));
  assert.deepEqual(outcomes().sort(), ['replayed', 'rotated']);
});

for (const [from, to] of [['OWN', 'GATEWAY'], ['GATEWAY', 'OWN']]) {
  test(`a record that an object of ${from} has written, one of ${to} reads, and goes on from there`, async () => {
    const { sealed, sessionId } = visitor();
    const first = await workers.refresh(sealed, { sessions: from });
    assert.deepEqual([first.authenticated, first.coordination], [true, 'object']);
    const { stored } = await workers.look(sessionId, from);
    await workers.store(sessionId, stored.record, to);
    await workers.evict(sessionId, to);
    // Of the other isolate, which remembers nothing of it.
    const second = await workers.refresh(sealed, { sessions: to, copy: 1 });
    assert.equal(tokenIn(second), tokenIn(first));
    assert.deepEqual(outcomes(), ['rotated']);
    await sleep(1_100);
    const third = await workers.refresh(second.sealedSession, { sessions: to, copy: 1 });
    assert.deepEqual([third.authenticated, outcomes()], [true, ['rotated', 'rotated']]);
    const theirs = openRecord((await workers.look(sessionId, to)).stored.record);
    assert.deepEqual(Object.keys(theirs).sort(), Object.keys(openRecord(stored.record)).sort());
    assert.equal(theirs.newest.session.refresh_token, tokenIn(third));
  });
}

test('what is no message is refused, and a GET says that there is an object', async () => {
  assert.equal((await workers.raw({ method: 'GET' })).status, 200);
  for (const body of ['', '{}', 'garbage', '{"action":"sing"}', `{"action":"end","x":"${'x'.repeat(70_000)}"}`]) {
    assert.equal((await workers.raw({ method: 'POST', body })).status, 400, body.slice(0, 30));
  }
});

test('variables that cannot work are named, and the refresh may be tried again', async (t) => {
  for (const [settings, named] of [
    [{ WORKOS_COOKIE_PASSWORD: 'too short' }, /SessionObject: `?WORKOS_COOKIE_PASSWORD/],
    [{ WORKOS_CLIENT_ID: undefined }, /SessionObject: `?WORKOS_CLIENT_ID/],
  ]) {
    const broken = await startOwnWorkers(place, provider, { copies: 1, objectSettings: settings });
    t.after(() => broken.close());
    const { authenticated, reason, detail, retryable } = await broken.refresh(visitor().sealed);
    assert.deepEqual([authenticated, reason, detail, retryable], [false, 'server_error', 'coordination_unavailable', true]);
    assert.match(broken.logs(), named);
  }
});

// Last: after an outage the provider is spared for seconds.
test('a provider that is down: retryable for everybody, and the session lives', async () => {
  const { sealed } = visitor();
  provider.knobs.set({ down: { endpoints } });
  const results = await Promise.all([0, 1, 0, 1].map((copy) => workers.refresh(sealed, { copy })));
  for (const result of results) {
    assert.deepEqual([result.authenticated, result.retryable], [false, true]);
    assert.match(result.detail, /^provider_/, 'the object answers, and says what the provider does');
  }
  provider.knobs.set({ down: null });
  let result;
  await until(async () => (result = await workers.refresh(sealed)).authenticated);
  assert.equal(result.coordination, 'object');
  assert.deepEqual(outcomes().filter((outcome) => outcome === 'rotated'), ['rotated']);
});
