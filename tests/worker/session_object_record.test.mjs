// What an object keeps on disk: one sealed record, which neighbouring versions can share, which nobody else can read, and of which
// nothing is left when its time is over.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startProvider } from '../../dev/src/provider.mjs';
import { startClocked } from './support/clocked.mjs';
import { SESSION_COOKIE } from './support/gateway.mjs';
import { SCRIPT, parseSetCookie } from './support/http.mjs';
import { openRecord, sealRecord } from './support/record.mjs';
import { expired, requestsTo, unseal } from './support/sessions.mjs';

const DAY = 24 * 3600;
/** What a loaded machine may take between two looks at the clock, in milliseconds. */
const MARGIN_MS = 60_000;
/** The gateway's own memory answers for half a minute; after that the object is asked. */
const FORGOTTEN_SECONDS = 31;

const provider = await startProvider();
const gateway = await startClocked(provider);
after(async () => {
  await gateway.close();
  await provider.close();
});
beforeEach(async () => {
  provider.reset();
  await gateway.moveClock(0);
});

const outcomes = () => requestsTo(provider, 'authenticate').map(({ outcome }) => outcome);
const pairIn = ({ setCookies }) => JSON.parse(unseal(parseSetCookie(setCookies[0]).value));
const come = ({ session }, target = '/auth/session', method = 'GET') =>
  gateway.request(target, { method, headers: { ...SCRIPT, cookie: `${SESSION_COOKIE}=${session}` } });
const near = (actual, expected, what) => assert.ok(Math.abs(actual - expected) < MARGIN_MS, `${what}: ${actual - expected} ms off`);

/** What is stored of a session, once it is as it should be: what the gateway tells an object, it tells it beside its answer. */
async function stored(visitor, isRight = () => true) {
  for (const deadline = Date.now() + 15_000; ; await sleep(20)) {
    const found = await gateway.look(visitor.sessionId);
    if (isRight(found) || Date.now() > deadline) return found;
  }
}

test('one record, sealed: no token, no person and no session can be read in it', async () => {
  const visitor = expired(gateway, provider);
  const next = pairIn(await come(visitor));
  const { stored: entries, alarm } = await gateway.look(visitor.sessionId);
  assert.deepEqual(Object.keys(entries), ['record']);
  const { response, sessionId } = visitor;
  for (const secret of [response.access_token, response.refresh_token, next.accessToken, next.refreshToken, response.user.email, response.user.id, sessionId]) {
    for (const spelled of [secret, Buffer.from(secret).toString('base64url'), secret.slice(0, 20)]) assert.ok(!entries.record.includes(spelled));
  }
  // Opened with the password it holds the newest generation, and of the one before a hash.
  const record = openRecord(entries.record);
  assert.equal(record.newest.session.refresh_token, next.refreshToken);
  const { newest, ...others } = record;
  assert.ok(!JSON.stringify(others).includes(response.refresh_token) && !JSON.stringify(record).includes(response.access_token));
  assert.deepEqual([record.since.length, record.before, record.attempt, record.has_ended], [1, [], null, false]);
  near(newest.made_at, Date.now(), 'made now');
  near(alarm, Date.now() + 30 * DAY * 1000, 'kept for 30 days');
});

test('a record that a newer version wrote is read, and what this one does not know stays in it', async () => {
  provider.knobs.set({ refreshGraceSeconds: 0 });
  const visitor = expired(gateway, provider);
  const next = pairIn(await come(visitor));
  const record = openRecord((await gateway.look(visitor.sessionId)).stored.record);
  const theirs = { from_the_future: { a: [1, null] } };
  await gateway.store(visitor.sessionId, sealRecord(JSON.stringify({ ...record, ...theirs, newest: { ...record.newest, session: { ...record.newest.session, ...theirs } } })));
  await gateway.evict(visitor.sessionId);
  await gateway.moveClock(FORGOTTEN_SECONDS);
  assert.equal(pairIn(await come(visitor)).refreshToken, next.refreshToken, 'read');
  await gateway.moveClock(600);
  assert.equal((await come(visitor)).status, 200);
  assert.deepEqual(outcomes(), ['rotated', 'rotated']);
  const written = openRecord((await gateway.look(visitor.sessionId)).stored.record);
  assert.deepEqual(written.from_the_future, theirs.from_the_future);
  assert.notEqual(written.newest.session.refresh_token, next.refreshToken);
  assert.deepEqual(written.newest.session.from_the_future, theirs.from_the_future);
});

const GOOD = sealRecord('{"used_at":1,"since":[],"before":[]}');
const BROKEN = {
  'empty': '',
  'no seal': 'garbage',
  'cut off': GOOD.slice(0, -20),
  'changed in one place': GOOD.slice(0, 60) + (GOOD[60] === 'A' ? 'B' : 'A') + GOOD.slice(61),
  'of another password': sealRecord('{}', 'another password of 32 characters or more'),
  'no JSON': sealRecord('{'),
  'JSON of another shape': sealRecord('{"newest":7,"since":"x"}'),
  'a list': sealRecord('[]'),
  'a session without tokens': sealRecord('{"newest":{"session":{},"made_at":0}}'),
  'times without sense': sealRecord('{"used_at":-9223372036854775808,"newest":null,"since":[],"attempt":{"token":"x","organization_id":null,"at":9223372036854775807}}'),
};
test('a record that is broken or foreign is as none: the cookie is exchanged, and a good one takes its place', async (t) => {
  for (const [name, broken] of Object.entries(BROKEN)) {
    await t.test(name, async () => {
      provider.clearRequests();
      const visitor = expired(gateway, provider);
      await gateway.store(visitor.sessionId, broken);
      await gateway.evict(visitor.sessionId);
      const next = pairIn(await come(visitor));
      assert.deepEqual(outcomes(), ['rotated']);
      assert.equal(openRecord((await gateway.look(visitor.sessionId)).stored.record).newest.session.refresh_token, next.refreshToken);
    });
  }
});

test('after sign-out nothing is left but that it was one, and ten minutes later not even that', async () => {
  const visitor = expired(gateway, provider);
  await come(visitor);
  assert.equal((await come(visitor, '/auth/logout', 'POST')).status, 200);
  const { stored: entries, alarm } = await stored(visitor, (found) => openRecord(found.stored.record).has_ended);
  assert.deepEqual(Object.keys(entries), ['record']);
  const { used_at: usedAt, ...rest } = openRecord(entries.record);
  assert.deepEqual(rest, { has_ended: true, newest: null, since: [], before: [], attempt: null });
  near(alarm, usedAt + 600_000, 'kept for ten minutes');

  await gateway.evict(visitor.sessionId);
  await gateway.moveClock(FORGOTTEN_SECONDS);
  assert.equal((await come(visitor)).status, 401, 'an object that was evicted knows it too');
  await gateway.alarm(visitor.sessionId);
  assert.deepEqual(Object.keys((await gateway.look(visitor.sessionId)).stored), ['record'], 'an alarm that comes early');
  await gateway.moveClock(601);
  await gateway.alarm(visitor.sessionId);
  const gone = await gateway.look(visitor.sessionId);
  assert.deepEqual([gone.stored, gone.alarm], [{}, null]);
});

test('a record that nobody uses is deleted after 30 days, one that is used 30 days after that', async () => {
  const [idle, busy] = [expired(gateway, provider), expired(gateway, provider)];
  for (const visitor of [idle, busy]) await come(visitor);
  await gateway.moveClock(20 * DAY);
  assert.equal((await come(busy)).status, 200);
  await gateway.moveClock(30 * DAY + 60);
  for (const visitor of [idle, busy]) await gateway.alarm(visitor.sessionId);
  const gone = await gateway.look(idle.sessionId);
  assert.deepEqual([gone.stored, gone.alarm], [{}, null]);
  const kept = await gateway.look(busy.sessionId);
  assert.deepEqual(Object.keys(kept.stored), ['record']);
  near(kept.alarm, Date.now() + 50 * DAY * 1000, 'looked at again when it may go');
  await gateway.moveClock(50 * DAY + 60);
  await gateway.alarm(busy.sessionId);
  assert.deepEqual((await gateway.look(busy.sessionId)).stored, {});
});

test('after its record was deleted a session can be refreshed like any other', async () => {
  const visitor = expired(gateway, provider);
  await visitor.fetch('/auth/session');
  await gateway.moveClock(29 * DAY);
  await gateway.store(visitor.sessionId, 'garbage');
  await gateway.evict(visitor.sessionId);
  assert.equal((await visitor.fetch('/auth/session')).status, 200);
  assert.deepEqual(outcomes(), ['rotated', 'rotated']);
});
