// The options `revocations` and `strict`: what was revoked in a gateway is refused here too. The object of the tests speaks as docs/kv-schema.md
// says that the gateway's does.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';

import { WorkOS, sealData, unsealData } from './support/edgeseal.mjs';
import { PASSWORD, claimsOf, startProvider } from './support/provider.mjs';
import { Random } from './support/random.mjs';

const START = Date.now();
const random = new Random('revocation');
const user = { id: 'user_1', email: 'ada@example.com' };

let provider;
before(async () => (provider = await startProvider()));
after(() => provider.close());

const subjectOf = (scope, what, id) => {
  const hash = createHash('sha256');
  for (const part of [what, scope, id]) {
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(Buffer.byteLength(part)));
    hash.update(length).update(part);
  }
  return hash.digest().subarray(0, 8);
};

/** A provider, an object and a clock of their own: what modules remember is told apart by client id. */
let worlds = 0;
function world({ strict, sharesSnapshot = false } = {}) {
  const clientId = `client_revocation_${(worlds += 1)}`;
  const scope = `workos:${clientId}`;
  const state = { now: START, asked: [], grants: [], entries: { ended: [], stale: [] }, changes: 0, fails: false };
  const snapshot = () => {
    const packed = (kind) => Buffer.concat(state.entries[kind].toSorted(Buffer.compare)).toString('base64');
    const changed_at_milliseconds = START + state.changes;
    return JSON.stringify({ version: 1, scope, changed_at_milliseconds, ended_before: 0, stale_before: 0, ended: packed('ended'), stale: packed('stale') });
  };
  const kindOf = (subjects) => Object.keys(state.entries).find((kind) => state.entries[kind].some((entry) => subjects.includes(entry.readBigUInt64BE().toString(16).padStart(16, '0'))));
  const answers = {
    read: snapshot,
    check: ({ subjects }) => JSON.stringify({ kind: kindOf(subjects) ?? null }),
    add: () => JSON.stringify({ refused: null }),
  };
  const revocations = {
    idFromName: (name) => name,
    get: (name) => ({
      fetch: async (_url, { body }) => {
        const message = JSON.parse(body);
        state.asked.push(message);
        assert.equal(name, scope);
        return state.fails ? new Response('', { status: 500 }) : new Response(answers[message.action](message));
      },
    }),
  };
  const fetch = async (url, init) => {
    if (url.includes('/sso/jwks/')) return Response.json(provider.jwks);
    if (url.endsWith('/user_management/sessions/revoke')) return new Response(null, { status: 200 });
    state.grants.push(JSON.parse(new TextDecoder().decode(init.body)));
    return Response.json(await state.grant());
  };
  const keyCache = { get: async (key) => (sharesSnapshot && key === `edgeseal:revocations:1:${scope}` ? snapshot() : null), put: async () => {} };
  const options = { ...provider.options, clientId, fetch, keyCache, cookiePassword: PASSWORD, now: () => state.now };
  const workos = new WorkOS('sk_test', { ...options, revocations, ...(strict !== undefined && { strict }) });
  return {
    ...{ state, workos, scope },
    without: new WorkOS('sk_test', options),
    actions: () => state.asked.map(({ action }) => action),
    revoke(kind, what, id) {
      const until = Buffer.alloc(4, 0xff);
      state.entries[kind].push(Buffer.concat([subjectOf(scope, what, id), until]));
      state.changes += 1;
    },
    async cookie(claims = {}) {
      const all = { ...claimsOf(random), sub: 'user_1', iat: START / 1000 - 5, exp: START / 1000 + 7200, ...claims };
      const whole = Object.fromEntries(Object.entries(all).map(([name, value]) => [name, typeof value === 'number' ? Math.floor(value) : value]));
      const session = { user: { ...user, id: whole.sub }, accessToken: await provider.mint(whole), refreshToken: 'rt' };
      return { claims: whole, sessionData: await sealData(session, { password: PASSWORD, ttl: 0 }) };
    },
  };
}

const authenticate = (workos, sessionData) => workos.userManagement.loadSealedSession({ sessionData }).authenticate();
const verdict = ({ authenticated, detail }) => (authenticated ? 'ok' : detail);
const REVOKED = { authenticated: false, reason: 'invalid_jwt', detail: 'session_revoked', retryable: false };

test('whose session, person or organization was revoked is refused, and nobody else', async () => {
  for (const [what, claim] of [['session', 'sid'], ['user', 'sub'], ['organization', 'org_id']]) {
    const { revoke, cookie, workos, without } = world();
    const [one, other] = [await cookie({ sub: 'user_1', org_id: 'org_1' }), await cookie({ sub: 'user_2', org_id: 'org_2' })];
    revoke('ended', what, one.claims[claim]);
    assert.deepEqual(await authenticate(workos, one.sessionData), REVOKED, what);
    assert.equal(verdict(await authenticate(workos, other.sessionData)), 'ok', what);
    assert.equal(verdict(await authenticate(without, one.sessionData)), 'ok', 'nothing is asked unless that is wanted');
  }
});

test('the list comes from the key cache, and from the object where it is not there', async () => {
  for (const sharesSnapshot of [true, false]) {
    const { cookie, workos, revoke, actions } = world({ sharesSnapshot });
    const { sessionData, claims } = await cookie();
    revoke('ended', 'session', claims.sid);
    assert.equal(verdict(await authenticate(workos, sessionData)), 'session_revoked');
    assert.equal(verdict(await authenticate(workos, sessionData)), 'session_revoked', 'one that is remembered');
    assert.deepEqual(actions(), sharesSnapshot ? [] : ['read']);
  }
});

test('a session that is remembered is refused with the next list: beside a request after 20 seconds, before one after 30', async () => {
  for (const [seconds, expected] of [[19, ['ok', 'ok']], [21, ['ok', 'session_revoked']], [31, ['session_revoked', 'session_revoked']]]) {
    const { cookie, workos, revoke, state } = world({ sharesSnapshot: true });
    const { sessionData, claims } = await cookie();
    assert.equal(verdict(await authenticate(workos, sessionData)), 'ok');
    revoke('ended', 'session', claims.sid);
    state.now += seconds * 1000;
    const first = verdict(await authenticate(workos, sessionData));
    await turn();
    assert.deepEqual([first, verdict(await authenticate(workos, sessionData))], expected, `${seconds} s`);
  }
});

test('strict: in force at once; where the object does not answer, the list decides', async () => {
  const { cookie, workos, revoke, state, actions } = world({ strict: true, sharesSnapshot: true });
  const { sessionData, claims } = await cookie();
  assert.equal(verdict(await authenticate(workos, sessionData)), 'ok');
  revoke('ended', 'session', claims.sid);
  assert.equal(verdict(await authenticate(workos, sessionData)), 'session_revoked');
  assert.deepEqual(actions(), ['check', 'check']);
  state.fails = true;
  assert.equal(verdict(await authenticate(workos, sessionData)), 'session_revoked');
  assert.equal(verdict(await authenticate(workos, (await cookie()).sessionData)), 'ok');
});

test('without a list nobody is let in, and nobody is signed out; with one it is believed for an hour', async () => {
  const { cookie, workos, state } = world();
  const { sessionData } = await cookie();
  state.fails = true;
  const { retryAfter, ...refused } = await authenticate(workos, sessionData);
  assert.deepEqual(refused, { authenticated: false, reason: 'invalid_jwt', detail: 'revocations_unavailable', retryable: true });
  state.fails = false;
  state.now += 60_000;
  assert.equal(verdict(await authenticate(workos, sessionData)), 'ok');
  state.fails = true;
  for (const [seconds, expected] of [[60, 'ok'], [3500, 'ok'], [100, 'revocations_unavailable']]) {
    state.now += seconds * 1000;
    assert.equal(verdict(await authenticate(workos, sessionData)), expected, `${seconds} s on`);
  }
});

test('a stale session is refreshed; one that ended is not, and the provider is not asked', async () => {
  const stale = world();
  const { sessionData, claims } = await stale.cookie();
  stale.revoke('stale', 'session', claims.sid);
  stale.state.grant = async () => ({ user, access_token: await provider.mint({ ...claims, iat: claims.iat + 60 }), refresh_token: 'rt_2' });
  assert.equal(verdict(await authenticate(stale.workos, sessionData)), 'session_stale');
  const result = await stale.workos.userManagement.loadSealedSession({ sessionData }).refresh();
  assert.equal(verdict(result), 'ok');
  assert.equal((await unsealData(result.sealedSession, { password: PASSWORD })).refreshToken, 'rt_2');

  const ended = world();
  const over = await ended.cookie();
  ended.revoke('ended', 'session', over.claims.sid);
  const { reason, detail, retryable } = await ended.workos.userManagement.loadSealedSession(over).refresh();
  assert.deepEqual([reason, detail, retryable], ['invalid_grant', 'session_revoked', false]);
  assert.deepEqual(ended.state.grants, []);
});

test('what is revoked while its refresh is under way is not handed out', async () => {
  const { cookie, workos, revoke, state, actions } = world();
  const { sessionData, claims } = await cookie();
  state.grant = async () => {
    revoke('ended', 'session', claims.sid);
    return { user, access_token: await provider.mint(claims), refresh_token: 'rt_2' };
  };
  const result = await workos.userManagement.loadSealedSession({ sessionData }).refresh();
  assert.deepEqual([verdict(result), result.sealedSession], ['session_revoked', undefined]);
  assert.deepEqual(actions().slice(0, 2), ['read', 'check']);
});

test('revokeSession tells the object, so that other isolates refuse it', async () => {
  const { workos, state, scope } = world();
  await workos.userManagement.revokeSession({ sessionId: 'session_9' });
  const [{ action, revocation, delivery }] = state.asked;
  assert.deepEqual([action, revocation.kind, revocation.is_final, delivery], ['add', 'ended', true, null]);
  assert.equal(revocation.subject, subjectOf(scope, 'session', 'session_9').toString('hex'));
});
