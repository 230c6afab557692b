// A session after sign-in: rotation and its grace, switch, revocation, log out, listing, minting.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Knobs } from '../src/knobs.mjs';
import { SESSIONS_KEPT } from '../src/limits.mjs';
import { people } from '../src/seeds.mjs';
import { workos } from '../src/workos.mjs';
import { Sessions } from '../src/workos/sessions.mjs';
import { ACME, ADA, GLOBEX, authenticate, post, provider, refresh, signIn, verify } from './support.mjs';

const bearer = ({ apiKey }) => ({ authorization: `Bearer ${apiKey}` });

test('a refresh rotates the pair and keeps session and organization', async (context) => {
  const started = await provider(context);
  const first = (await signIn(started, 'ada-acme')).body;
  const second = await refresh(started, first.refresh_token);
  assert.equal(second.status, 200);
  assert.notEqual(second.body.refresh_token, first.refresh_token);
  assert.notEqual(second.body.access_token, first.access_token);
  const [before, after] = [await verify(started, first.access_token), await verify(started, second.body.access_token)];
  assert.equal(after.sid, before.sid);
  assert.notEqual(after.jti, before.jti);
  assert.equal(after.org_id, ACME);
  assert.equal((await refresh(started, second.body.refresh_token)).status, 200);
});

test('within the grace an exchanged token answers with the same pair, after it with invalid_grant', async (context) => {
  let clock = Date.parse('2026-01-01T00:00:00Z');
  const started = await provider(context, { now: () => clock });
  const { response } = started.mintSession();
  const rotated = (await refresh(started, response.refresh_token)).body;
  clock += 29_999;
  assert.deepEqual((await refresh(started, response.refresh_token)).body, rotated);
  clock += 1;
  const late = await refresh(started, response.refresh_token);
  assert.equal(late.status, 400);
  assert.deepEqual(late.body, { error: 'invalid_grant', error_description: 'Refresh token already exchanged.' });
  // The session itself is unharmed.
  assert.equal((await refresh(started, rotated.refresh_token)).status, 200);
});

test('simultaneous refreshes of one token rotate once', async (context) => {
  const started = await provider(context);
  const { response } = started.mintSession();
  const replies = await Promise.all(Array.from({ length: 12 }, () => refresh(started, response.refresh_token)));
  assert.equal(new Set(replies.map(({ body }) => body.refresh_token)).size, 1);
  assert.equal(started.requests().filter(({ outcome }) => outcome === 'rotated').length, 1);
});

test('the clock knob passes the grace, the grace knob abolishes it', async (context) => {
  const started = await provider(context);
  const first = started.mintSession().response;
  await refresh(started, first.refresh_token);
  started.knobs.set({ clockOffsetSeconds: 31 });
  assert.equal((await refresh(started, first.refresh_token)).body.error_description, 'Refresh token already exchanged.');
  started.knobs.set({ refreshGraceSeconds: 0 });
  const second = started.mintSession().response;
  await refresh(started, second.refresh_token);
  assert.equal((await refresh(started, second.refresh_token)).body.error_description, 'Refresh token already exchanged.');
});

test('organization_id switches for a member and refuses others without spending the token', async (context) => {
  const started = await provider(context);
  const first = (await signIn(started, 'ada-acme')).body;
  const refused = await refresh(started, first.refresh_token, { organization_id: 'org_01LODZ0000000000000000000' });
  assert.equal(refused.status, 403);
  assert.equal(refused.body.code, 'organization_not_member');
  assert.equal(typeof refused.body.message, 'string');

  const switched = (await refresh(started, first.refresh_token, { organization_id: GLOBEX })).body;
  const claims = await verify(started, switched.access_token);
  assert.deepEqual([claims.org_id, claims.role, switched.organization_id], [GLOBEX, 'member', GLOBEX]);
  // The session stays where it is until it is switched again.
  const next = (await refresh(started, switched.refresh_token, { organization_id: null })).body;
  assert.equal(next.organization_id, GLOBEX);
});

test('unknown tokens and wrong clients are refused by kind', async (context) => {
  const started = await provider(context);
  const unknown = await refresh(started, 'never-issued');
  assert.deepEqual([unknown.status, unknown.body.error], [400, 'invalid_grant']);
  const token = started.mintSession().response.refresh_token;
  assert.equal((await refresh(started, token, { client_secret: 'sk_wrong' })).status, 401);
  assert.equal((await refresh(started, token, { client_secret: undefined })).status, 401);
  assert.equal((await refresh(started, token, { client_id: 'client_other' })).body.error, 'invalid_client');
  const mixed = await authenticate(started, { grant_type: 'refresh_token', refresh_token: token }, { authorization: 'Bearer sk_wrong' });
  assert.equal(mixed.status, 401);
  const withHeader = await authenticate(
    started,
    { grant_type: 'refresh_token', refresh_token: token, client_secret: undefined },
    bearer(started),
  );
  assert.equal(withHeader.status, 200);
});

test('a revoked session refreshes no more, not even within the grace', async (context) => {
  const started = await provider(context);
  const { sessionId, response } = started.mintSession();
  const rotated = (await refresh(started, response.refresh_token)).body;
  const url = `${started.url}/user_management/sessions/revoke`;
  assert.equal((await post(url, { session_id: sessionId })).status, 401);
  assert.equal((await post(url, { session_id: sessionId }, bearer(started))).status, 200);
  for (const token of [response.refresh_token, rotated.refresh_token]) {
    const { status, body } = await refresh(started, token);
    assert.deepEqual([status, body.error, body.error_description], [400, 'invalid_grant', 'Session has already ended.']);
  }
  assert.equal(started.sessions()[0].status, 'revoked');
  assert.equal((await post(url, { session_id: 'session_unknown' }, bearer(started))).status, 404);
  assert.equal((await post(url, { session_id: 7 }, bearer(started))).status, 400);
});

test('log out ends the session and returns to this machine only', async (context) => {
  const started = await provider(context);
  const logout = (sessionId, returnTo) => {
    const parameters = new URLSearchParams({ session_id: sessionId, ...(returnTo && { return_to: returnTo }) });
    return fetch(`${started.url}/user_management/sessions/logout?${parameters}`, { redirect: 'manual' });
  };
  const { sessionId, response } = started.mintSession();
  const home = await logout(sessionId, 'http://localhost:8787/bye?x=1');
  assert.deepEqual([home.status, home.headers.get('location')], [302, 'http://localhost:8787/bye?x=1']);
  assert.equal((await refresh(started, response.refresh_token)).body.error, 'invalid_grant');

  const foreign = await logout(started.mintSession().sessionId, 'https://evil.example/');
  assert.deepEqual([foreign.status, foreign.headers.get('location')], [200, null]);
  assert.match(await foreign.text(), /signed out/);
  assert.ok(started.sessions().every(({ status }) => status !== 'active'));
  assert.equal((await fetch(`${started.url}/user_management/sessions/logout`)).status, 400);
});

test('a list of log-out URIs is exact', async (context) => {
  const started = await provider(context, { logoutUris: ['https://app.example/'] });
  const at = (uri) => fetch(
    `${started.url}/user_management/sessions/logout?session_id=x&return_to=${encodeURIComponent(uri)}`,
    { redirect: 'manual' },
  );
  assert.equal((await at('https://app.example/')).status, 302);
  assert.equal((await at('http://localhost:8787/')).status, 200);
});

test('sessions are listed with paging for the holder of the key', async (context) => {
  const started = await provider(context);
  const ids = Array.from({ length: 5 }, () => started.mintSession().sessionId).reverse();
  started.mintSession({ person: 'grace' });
  const list = async (query = '') => {
    const response = await fetch(`${started.url}/user_management/users/${ADA}/sessions${query}`, { headers: bearer(started) });
    return { status: response.status, ...(await response.json()) };
  };
  const all = await list();
  assert.equal(all.object, 'list');
  assert.deepEqual(all.data.map(({ id }) => id), ids);
  assert.deepEqual(all.list_metadata, { before: null, after: null });
  assert.deepEqual([all.data[0].object, all.data[0].user_id, all.data[0].organization_id, all.data[0].status], ['session', ADA, ACME, 'active']);

  const first = await list('?limit=2');
  assert.deepEqual(first.data.map(({ id }) => id), ids.slice(0, 2));
  const second = await list(`?limit=2&after=${first.list_metadata.after}`);
  assert.deepEqual(second.data.map(({ id }) => id), ids.slice(2, 4));
  assert.deepEqual((await list(`?limit=2&before=${second.list_metadata.before}`)).data.map(({ id }) => id), ids.slice(0, 2));
  assert.deepEqual((await list('?order=asc&limit=1')).data.map(({ id }) => id), ids.slice(-1));

  assert.equal((await list('?limit=1000')).status, 400);
  assert.equal((await list('?order=random')).status, 400);
  assert.equal((await fetch(`${started.url}/user_management/users/${ADA}/sessions`)).status, 401);
  const nobody = await fetch(`${started.url}/user_management/users/user_x/sessions`, { headers: bearer(started) });
  assert.equal(nobody.status, 404);
});

test('mintSession makes any session and refuses impossible ones', async (context) => {
  const started = await provider(context);
  const short = started.mintSession({ person: 'ada@example.com', organization: 'Globex', lifetimeSeconds: 1 });
  const claims = await verify(started, short.response.access_token);
  assert.deepEqual([claims.org_id, claims.exp - claims.iat, claims.sid], [GLOBEX, 1, short.sessionId]);
  assert.equal((await verify(started, started.mintSession({ lifetimeSeconds: -60 }).response.access_token)).exp < Date.now() / 1000, true);
  assert.equal((await verify(started, started.mintSession({ organization: null }).response.access_token)).org_id, undefined);
  const support = started.mintSession({ impersonator: { email: 'a@b.example', reason: 'test' } }).response;
  assert.deepEqual((await verify(started, support.access_token)).act, { sub: 'a@b.example' });
  assert.throws(() => started.mintSession({ person: 'nobody' }), TypeError);
  assert.throws(() => started.mintSession({ person: 'grace', organization: 'Globex' }), TypeError);
});

test('a session ends by age', async (context) => {
  const started = await provider(context);
  const { response } = started.mintSession();
  started.knobs.set({ clockOffsetSeconds: 30 * 24 * 3600 });
  assert.equal((await refresh(started, response.refresh_token)).body.error_description, 'Session has expired.');
  assert.equal(started.sessions()[0].status, 'expired');
});

test('the oldest session goes when there are too many, with its tokens', () => {
  const sessions = new Sessions({ now: Date.now, knobs: new Knobs(workos.knobs), mintAccessToken: () => 'token' });
  const begin = () => sessions.begin({ person: people[0], organizationId: null, impersonator: null }).reply.refresh_token;
  const [first, second] = [begin(), begin()];
  for (let count = 2; count <= SESSIONS_KEPT; count += 1) begin();
  assert.equal(sessions.list().length, SESSIONS_KEPT);
  assert.deepEqual(sessions.refresh(first, null), { refusal: 'unknown', sessionId: null, generation: null });
  assert.equal(sessions.refresh(second, null).outcome, 'rotated');
});

test('the log tells refresh tokens apart by session and generation', async (context) => {
  const started = await provider(context);
  const [one, other] = [started.mintSession(), started.mintSession()];
  const next = (await refresh(started, one.response.refresh_token)).body;
  await refresh(started, one.response.refresh_token);
  await refresh(started, other.response.refresh_token);
  started.knobs.set({ loseReply: { times: 1 } });
  await assert.rejects(refresh(started, next.refresh_token), TypeError);
  started.knobs.set({ refreshGraceSeconds: 0, down: { times: 1 } });
  await assert.rejects(refresh(started, next.refresh_token), TypeError);
  await refresh(started, next.refresh_token);
  await refresh(started, 'never-issued');
  assert.deepEqual(started.requests().map(({ sessionId, generation, outcome }) => [sessionId, generation, outcome]), [
    [one.sessionId, 1, 'rotated'],
    [one.sessionId, 1, 'replayed'],
    [other.sessionId, 1, 'rotated'],
    [one.sessionId, 2, 'rotated'],
    // What is cut off before the work is not looked at.
    [null, null, null],
    [one.sessionId, 2, 'exchanged'],
    [null, null, 'unknown'],
  ]);
});

test('the log keeps as many requests as it is told to', async (context) => {
  const started = await provider(context, { requestsKept: 2 });
  for (const token of ['one', 'two', 'three']) await refresh(started, token);
  assert.equal(started.requests().length, 2);
});
