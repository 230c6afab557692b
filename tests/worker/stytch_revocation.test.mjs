// Revocation with Stytch, whose JWTs are good for five minutes and made anew all the time: what has ended is told by when the session began.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startProvider } from '../../dev/src/provider.mjs';
import { startGateway } from './support/gateway.mjs';
import { SCRIPT } from './support/http.mjs';
import { ADMIN_TOKEN, REVOKING, revoke, until, verdict } from './support/revoking.mjs';
import { JWT, TOKEN, asked, claimsOf, linesOf, stytchExpired, stytchSignedIn } from './support/stytch.mjs';

const users = await startProvider({ provider: 'stytch' });
const members = await startProvider({ provider: 'stytch-b2b' });
const strict = { ...REVOKING, REVOCATION: 'strict' };
const gateway = await startGateway(users, { settings: strict });
const b2b = await startGateway(members, { settings: strict });
const eventual = await startGateway(users, { settings: REVOKING });
after(async () => {
  for (const started of [gateway, b2b, eventual, users, members]) await started.close();
});
// What an end hits that was said a moment before counts for the leeway of the clocks as well: each test has a person of its own.
beforeEach(() => {
  for (const provider of [users, members]) provider.reset();
});

const ask = (visitor, options) => visitor.fetch('/auth/session', options);
const isForgotten = (answer) => [JWT, TOKEN].every((name) => linesOf(answer)[name]?.value === '');
/** Whoever has a copy of the JWT alone, outside of any browser. */
const bearer = (site, jwt) => site.request('/auth/session', { headers: { ...SCRIPT, authorization: `Bearer ${jwt}` } });

test('a session that an operator ends: refused with a JWT that is good, ended at Stytch, its cookies deleted', async () => {
  const [visitor, other] = [stytchSignedIn(gateway, users), stytchSignedIn(gateway, users)];
  for (const one of [visitor, other]) assert.equal(verdict(await ask(one)), 'ok');
  const { jwt } = visitor;
  const answer = await revoke(gateway, { session: visitor.sessionId });
  assert.deepEqual([answer.status, answer.json()], [200, { revoked: true, kind: 'ended', atProvider: true, withinSeconds: 0 }]);
  assert.deepEqual(asked(users), ['revoke revoked']);
  const refused = await ask(visitor);
  assert.deepEqual([refused.status, isForgotten(refused)], [401, true], refused.body);
  assert.equal(verdict(await bearer(gateway, jwt)), 'session_revoked', 'a copy of the JWT');
  assert.equal(verdict(await ask(other)), 'ok');
});

test('a user whom an operator ends: each session is ended at Stytch; while that is down, the gateway enforces it alone', async () => {
  const sessions = [stytchSignedIn(gateway, users, { person: 'grace' }), stytchSignedIn(gateway, users, { person: 'grace' })];
  const user = claimsOf(sessions[0].jwt).sub;
  const jwts = sessions.map(({ jwt }) => jwt);
  users.knobs.set({ down: {} });
  const alone = await revoke(gateway, { user });
  assert.deepEqual([alone.status, alone.json().atProvider], [200, false], alone.body);
  for (const jwt of jwts) assert.equal(verdict(await bearer(gateway, jwt)), 'session_revoked');
  users.knobs.reset();
  // Stytch knows nothing of it, and makes a JWT of now: the session is as old as it was.
  const renewed = await ask(sessions[1], { method: 'GET', headers: { cookie: `${TOKEN}=${sessions[1].token}` } });
  assert.deepEqual([renewed.status, verdict(renewed), isForgotten(renewed)], [401, 'session_revoked', true], renewed.body);
  assert.equal((await revoke(gateway, { user })).json().atProvider, true);
  assert.deepEqual(asked(users).slice(-2), ['revoke revoked', 'revoke revoked']);
});

test('an expired JWT of a revoked session is renewed by Stytch, and refused all the same', async () => {
  const visitor = stytchExpired(b2b, members, { person: 'ada', organization: 'acme' });
  const organization = claimsOf(visitor.jwt)['https://stytch.com/organization'].organization_id;
  const answer = await revoke(b2b, { organization });
  assert.deepEqual([answer.status, answer.json().atProvider], [200, false]);
  const refused = await ask(visitor);
  assert.deepEqual([refused.status, verdict(refused), isForgotten(refused)], [401, 'session_revoked', true], refused.body);
});

test('a member whom an operator ends: one word to Stytch ends all of their sessions', async () => {
  const visitor = stytchSignedIn(b2b, members, { person: 'ada', organization: 'globex' });
  assert.equal(verdict(await ask(visitor)), 'ok');
  const answer = await revoke(b2b, { user: claimsOf(visitor.jwt).sub });
  assert.deepEqual([answer.status, answer.json().atProvider], [200, true], answer.body);
  assert.equal(verdict(await bearer(b2b, visitor.jwt)), 'session_revoked');
});

for (const [kind, kept] of [['an expired JWT', JWT], ['the opaque token alone', TOKEN]]) {
  test(`a member who was ended here alone is not exchanged into a session that begins now, with ${kind}`, async () => {
    const visitor = stytchExpired(b2b, members, { person: 'ada', organization: 'acme' });
    const other = stytchSignedIn(b2b, members, { person: 'ada', organization: 'globex' });
    const organizationId = claimsOf(other.jwt)['https://stytch.com/organization'].organization_id;
    members.knobs.set({ down: {} });
    assert.equal((await revoke(b2b, { session: visitor.sessionId })).json().atProvider, false);
    members.knobs.reset();
    members.clearRequests();
    const headers = { 'content-type': 'application/json', cookie: `${kept}=${visitor.cookies.get(kept)}` };
    const answer = await visitor.fetch('/auth/switch', { method: 'POST', headers, body: JSON.stringify({ organizationId }) });
    assert.deepEqual([answer.status, verdict(answer), isForgotten(answer)], [401, 'session_revoked', true], answer.body);
    assert.ok(!asked(members).some((line) => line.startsWith('exchange')), asked(members).join());
  });
}

test('with DEGRADED_SECONDS, what is stale is not served while Stytch is down', async (t) => {
  const degraded = await startGateway(users, { settings: { ...strict, DEGRADED_SECONDS: '3600' } });
  t.after(() => degraded.close());
  assert.equal((await ask(stytchSignedIn(degraded, users))).status, 200, 'the keys are there');
  const [visitor, other] = [stytchExpired(degraded, users, { person: 'ada' }), stytchExpired(degraded, users, { person: 'alan' })];
  assert.equal((await revoke(degraded, { user: claimsOf(visitor.jwt).sub, kind: 'stale' })).status, 200);
  users.knobs.set({ down: {} });
  const refused = await ask(visitor);
  assert.deepEqual([refused.status, refused.setCookies], [503, []], refused.body);
  assert.equal((await ask(other)).status, 200, 'nobody else');
});

test('a stale JWT is renewed on the way, once, and the session goes on', async () => {
  const visitor = stytchSignedIn(gateway, users, { person: 'alan' });
  assert.equal(verdict(await ask(visitor)), 'ok');
  assert.equal((await revoke(gateway, { user: claimsOf(visitor.jwt).sub, kind: 'stale' })).status, 200);
  // A JWT of the very same second is stale too.
  await sleep(1_100);
  const { jwt } = visitor;
  assert.equal(verdict(await ask(visitor)), 'ok');
  assert.notEqual(visitor.jwt, jwt);
  assert.equal(verdict(await ask(visitor)), 'ok');
  assert.deepEqual(asked(users), ['authenticate authenticated']);
});

test('sign-out is felt by whoever holds a copy of the JWT', async () => {
  const visitor = stytchSignedIn(gateway, users);
  const { jwt } = visitor;
  assert.equal(verdict(await bearer(gateway, jwt)), 'ok');
  assert.equal((await visitor.fetch('/auth/logout', { method: 'POST' })).status, 200);
  await until(async () => verdict(await bearer(gateway, jwt)) === 'session_revoked');
});

test('without REVOCATION=strict it is in force within half a minute here, also for a JWT that is remembered', async () => {
  const visitor = stytchSignedIn(eventual, users);
  const { jwt, sessionId } = visitor;
  assert.equal(verdict(await bearer(eventual, jwt)), 'ok');
  assert.equal((await revoke(eventual, { session: sessionId })).json().withinSeconds, 90);
  await until(async () => verdict(await bearer(eventual, jwt)) === 'session_revoked', { patience: 35_000, pause: 1_000 });
});

test('GET /auth/ready says what is bound, and there is no webhook', async () => {
  const answer = await gateway.request('/auth/ready', { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
  const { bindings, revocations } = answer.json();
  assert.deepEqual([bindings.revocations, bindings.sessions, revocations.mode], ['ok', 'unused', 'strict']);
  assert.equal((await gateway.request('/auth/webhooks/workos', { method: 'POST' })).status, 404);
});
