// Revocation: what is revoked is refused before its token ends, by whom ever, and nobody refreshes a way around it.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';

import { startProvider } from '../../dev/src/provider.mjs';
import { startClocked } from './support/clocked.mjs';
import { SESSION_COOKIE } from './support/gateway.mjs';
import { REVOKING, come, deliver, revoke, until, verdict, webhook } from './support/revoking.mjs';
import { expired, requestsTo, signedIn } from './support/sessions.mjs';

const ACME = 'org_01ACME0000000000000000000';
const ADA = 'user_01ADA00000000000000000000';
const GRACE = 'user_01GRACE000000000000000000';
const ALAN = 'user_01ALAN0000000000000000000';
const MARGARET = 'user_01MARGARET00000000000000';

const provider = await startProvider();
const strict = await startClocked(provider, { settings: { ...REVOKING, REVOCATION: 'strict' } });
const eventual = await startClocked(provider, { settings: REVOKING });
after(async () => {
  for (const gateway of [strict, eventual]) await gateway.close();
  await provider.close();
});
// What is revoked of a person hits the tokens of its time: each test goes on from a later one.
let seconds = 0;
async function later(more) {
  seconds += more;
  for (const gateway of [strict, eventual]) await gateway.moveClock(seconds);
}
beforeEach(async () => {
  provider.reset();
  await later(60);
});
/** Clocks differ by so much: who signs in within it is hit by an end that was there before. */
const LEEWAY_SECONDS = 5;
/** So long after a publication the next one is not put off. */
const PAUSE_SECONDS = 2;

const isDeleted = ({ setCookies }) => setCookies.some((line) => line.startsWith(`${SESSION_COOKIE}=;`));
const now = () => Date.now() + seconds * 1000;
const asksProvider = () => requestsTo(provider, 'authenticate').length;

test('a webhook that ends a session: its next request is refused and its cookie deleted, and other sessions stay', async () => {
  const [visitor, other] = [signedIn(strict, provider), signedIn(strict, provider)];
  assert.equal(verdict(await come(strict, visitor)), 'ok');
  const answer = await deliver(strict, webhook('session.revoked', { id: visitor.sessionId, user_id: ADA }, { at: now() }));
  assert.deepEqual([answer.status, answer.json()], [200, { revoked: true }]);
  const refused = await come(strict, visitor);
  assert.deepEqual([refused.status, verdict(refused), refused.json().reason, isDeleted(refused)], [401, 'session_revoked', 'invalid_grant', true]);
  assert.equal(verdict(await come(strict, other)), 'ok');
  assert.equal(asksProvider(), 0, 'no refresh is tried');
});

test('an expired token of a revoked session is not refreshed, and neither is a switch', async () => {
  const visitor = expired(strict, provider);
  await deliver(strict, webhook('session.revoked', { id: visitor.sessionId }, { at: now() }));
  for (const [target, options] of [['/auth/session', {}], ['/auth/refresh', { method: 'POST' }], ['/auth/switch', { method: 'POST', body: `organizationId=${ACME}` }]]) {
    const answer = await come(strict, visitor, target, options);
    assert.deepEqual([answer.status, verdict(answer), isDeleted(answer)], [401, 'session_revoked', true], target);
  }
  assert.equal(asksProvider(), 0);
});

test('a deleted user: every session of theirs ends, and one that begins afterwards is another matter', async () => {
  const sessions = [signedIn(strict, provider, { person: 'grace' }), signedIn(strict, provider, { person: 'grace', organization: null })];
  const other = signedIn(strict, provider);
  await deliver(strict, webhook('user.deleted', { id: GRACE }, { at: now() }));
  for (const visitor of sessions) assert.equal(verdict(await come(strict, visitor)), 'session_revoked');
  assert.equal(verdict(await come(strict, other)), 'ok');
  await later(LEEWAY_SECONDS + 1);
  assert.equal(verdict(await come(strict, signedIn(strict, provider, { person: 'grace' }))), 'ok');
});

test('a membership that changed: the session is refreshed on the way, once, and goes on', async () => {
  const visitor = signedIn(strict, provider, { person: 'alan' });
  assert.equal(verdict(await come(strict, visitor)), 'ok');
  await deliver(strict, webhook('organization_membership.updated', { id: 'om_1', user_id: ALAN, organization_id: 'org_1' }, { at: now() }));
  await later(1);
  const refreshed = await visitor.fetch('/auth/session');
  assert.deepEqual([refreshed.status, refreshed.setCookies.length, asksProvider()], [200, 1, 1]);
  const next = await visitor.fetch('/auth/session');
  assert.deepEqual([next.status, next.setCookies.length, asksProvider()], [200, 0, 1], 'the new token is good');
});

test('a stale token that nobody can refresh is refused: a prefetch gets none, nor does a client without a cookie', async () => {
  const visitor = signedIn(strict, provider, { person: 'alan' });
  await deliver(strict, webhook('organization_membership.deleted', { id: 'om_1', user_id: ALAN, organization_id: 'org_1' }, { at: now() }));
  const ahead = await come(strict, visitor, '/auth/session', { headers: { 'sec-purpose': 'prefetch' } });
  assert.deepEqual([ahead.status, verdict(ahead), ahead.setCookies], [401, 'session_stale', []]);
  const bearer = await strict.request('/auth/session', { headers: { authorization: `Bearer ${visitor.response.access_token}` } });
  assert.deepEqual([bearer.status, verdict(bearer)], [401, 'session_stale']);
  assert.equal(asksProvider(), 0);
});

test('while the provider is down a stale token is not served: 503, and the cookie is kept', async () => {
  const visitor = signedIn(strict, provider, { person: 'alan' });
  await deliver(strict, webhook('organization_membership.updated', { id: 'om_1', user_id: ALAN }, { at: now() }));
  provider.knobs.set({ down: {} });
  const answer = await come(strict, visitor);
  assert.deepEqual([answer.status, verdict(answer), answer.setCookies], [503, 'provider_unavailable', []]);
});

test('with DEGRADED_SECONDS, what is stale is not served either', async (t) => {
  const degraded = await startClocked(provider, { settings: { ...REVOKING, REVOCATION: 'strict', DEGRADED_SECONDS: '3600' } });
  t.after(() => degraded.close());
  await degraded.moveClock(seconds);
  assert.equal((await come(degraded, signedIn(degraded, provider))).status, 200, 'the keys are there');
  const [visitor, other] = [expired(degraded, provider, { person: 'alan' }), expired(degraded, provider, { person: 'margaret' })];
  const told = await deliver(degraded, webhook('organization_membership.updated', { id: 'om_2', user_id: ALAN }, { at: now() }));
  assert.deepEqual(told.json(), { revoked: true }, told.body);
  provider.knobs.set({ down: {} });
  const answer = await come(degraded, visitor);
  assert.deepEqual([answer.status, answer.setCookies], [503, []], answer.body);
  assert.equal((await come(degraded, other)).status, 200, 'nobody else');
});

test('an access token alone is refused too, once its session has ended', async () => {
  const visitor = signedIn(strict, provider);
  const ask = () => strict.request('/auth/session', { headers: { authorization: `Bearer ${visitor.response.access_token}` } });
  assert.equal(verdict(await ask()), 'ok');
  await revoke(strict, { session: visitor.sessionId });
  assert.equal(verdict(await ask()), 'session_revoked');
});

test('sign-out is felt by whoever holds a copy of the cookie', async () => {
  const visitor = signedIn(strict, provider);
  const copy = { session: visitor.session };
  assert.equal(verdict(await come(strict, copy)), 'ok');
  assert.equal((await visitor.fetch('/auth/logout', { method: 'POST' })).status, 200);
  // Nobody waits for the object, so it may take a moment.
  await until(async () => verdict(await come(strict, copy)) === 'session_revoked');
});

test('a sign-out while a refresh is open: what the refresh brings is of no use', async () => {
  provider.knobs.set({ slow: { milliseconds: 1_500, endpoints: ['authenticate'], times: 1 } });
  const visitor = expired(strict, provider);
  const refreshing = come(strict, visitor);
  while (asksProvider() === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal((await come(strict, visitor, '/auth/logout', { method: 'POST' })).status, 200);
  assert.equal((await refreshing).status, 401);
  assert.equal((await come(strict, visitor)).status, 401);
});

test('an organization that an operator ends: its members are out, also one whose refresh is under way', async () => {
  const member = signedIn(strict, provider);
  const refreshing = expired(strict, provider, { organization: 'acme' });
  const outsider = signedIn(strict, provider, { person: 'alan' });
  provider.knobs.set({ slow: { milliseconds: 1_500, endpoints: ['authenticate'], times: 1 } });
  const answer = come(strict, refreshing);
  while (asksProvider() === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  const revoked = await revoke(strict, { organization: ACME });
  assert.deepEqual([revoked.status, revoked.json()], [200, { revoked: true, kind: 'ended', atProvider: false, withinSeconds: 0 }]);
  assert.deepEqual([(await answer).status, verdict(await answer), isDeleted(await answer)], [401, 'session_revoked', true]);
  assert.equal(verdict(await come(strict, member)), 'session_revoked');
  assert.equal(verdict(await come(strict, outsider)), 'ok');
  // The provider knows nothing of it: what we alone enforce is there as long as a cookie may be.
  await later(200 * 24 * 3600);
  assert.equal(verdict(await come(strict, refreshing)), 'session_revoked');
});

test('a user whom an operator ends is signed out at the provider as well, session by session', async () => {
  const sessions = [signedIn(strict, provider, { person: 'margaret' }), signedIn(strict, provider, { person: 'margaret' })];
  const answer = await revoke(strict, { user: MARGARET });
  assert.deepEqual([answer.status, answer.json().atProvider], [200, true], answer.body);
  assert.deepEqual(requestsTo(provider, 'revoke').map(({ outcome }) => outcome), ['revoked', 'revoked']);
  for (const visitor of sessions) assert.equal(verdict(await come(strict, visitor)), 'session_revoked');
  provider.knobs.set({ down: {} });
  const alone = await revoke(strict, { user: MARGARET });
  assert.deepEqual([alone.status, alone.json().atProvider], [200, false], 'and while it is down the gateway enforces it alone');
});

test('everything before a time ends, for ever, and what is signed in later is good', async () => {
  const before = signedIn(strict, provider, { person: 'alan' });
  await later(10);
  assert.equal((await revoke(strict, { before: 'now' })).status, 200);
  await later(10);
  const afterwards = signedIn(strict, provider, { person: 'alan' });
  assert.deepEqual([verdict(await come(strict, before)), verdict(await come(strict, afterwards))], ['session_revoked', 'ok']);
  assert.equal((await revoke(strict, { before: new Date(now() - 1_000_000).toISOString() })).status, 200);
  assert.equal(verdict(await come(strict, before)), 'session_revoked', 'an earlier time takes nothing back');
});

test('without REVOCATION=strict the list that is known is believed for half a minute, and a session that was remembered is no exception', async () => {
  const visitor = signedIn(eventual, provider);
  for (let time = 0; time < 3; time += 1) assert.equal(verdict(await come(eventual, visitor)), 'ok');
  await later(PAUSE_SECONDS);
  assert.equal((await revoke(eventual, { session: visitor.sessionId })).json().withinSeconds, 90);
  assert.equal(verdict(await come(eventual, visitor)), 'ok', 'nothing is asked meanwhile');
  await later(30);
  assert.equal(verdict(await come(eventual, visitor)), 'session_revoked');
});

test('it is read beside a request, so that nobody waits', async () => {
  const visitor = signedIn(eventual, provider);
  assert.equal(verdict(await come(eventual, visitor)), 'ok');
  await later(PAUSE_SECONDS);
  await revoke(eventual, { session: visitor.sessionId });
  await later(20);
  const { kv } = await eventual.asked();
  assert.equal(verdict(await come(eventual, visitor)), 'ok', 'this request has it read');
  await until(async () => verdict(await come(eventual, visitor)) === 'session_revoked');
  const asked = (await eventual.asked()).kv - kv;
  assert.ok(asked >= 1 && asked <= 2, `KV was read ${asked} times`);
});

test('GET /auth/ready says what is bound and how old the list is', async () => {
  assert.equal(verdict(await come(eventual, signedIn(eventual, provider))), 'ok');
  const headers = { authorization: `Bearer ${REVOKING.ADMIN_TOKEN}` };
  const answer = (await eventual.request('/auth/ready', { headers })).json();
  assert.deepEqual([answer.checks.revocations, answer.bindings.revocations, answer.revocations.mode], [true, 'ok', 'eventual']);
  assert.ok(answer.revocations.entries > 0 && answer.revocations.ageSeconds < 30, JSON.stringify(answer.revocations));
  assert.equal((await strict.request('/auth/ready', { headers })).json().revocations.mode, 'strict');
});
