// PROVIDER=stytch: who is signed in by the cookies of Stytch's browser SDK, at what cost, and what becomes of the cookies.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';

import { startProvider } from '../../dev/src/provider.mjs';
import { PUBLIC_URL, startGateway } from './support/gateway.mjs';
import { DOCUMENT, IMAGE, SCRIPT } from './support/http.mjs';
import { JWT, StytchVisitor, TOKEN, asked, claimsOf, linesOf, stytchExpired, stytchSignedIn, tampered } from './support/stytch.mjs';
import { startUpstream } from './support/upstream.mjs';

const provider = await startProvider({ provider: 'stytch' });
const upstream = await startUpstream();
const gateway = await startGateway(provider, { settings: { UPSTREAM_URL: upstream.url } });
after(async () => {
  await gateway.close();
  await upstream.close();
  await provider.close();
});
beforeEach(() => {
  provider.reset();
  upstream.clear();
});

const cookieOf = (pairs) => pairs.map(([name, value]) => `${name}=${value}`).join('; ');
const session = (headers) => gateway.request('/auth/session', { headers: { ...SCRIPT, ...headers } });
const POST = { method: 'POST' };

test('a protected page leads to the sign-in page and back, and the site learns who it is', async () => {
  const visitor = new StytchVisitor(gateway);
  const refused = await visitor.open('/app/?tab=2');
  assert.equal(refused.status, 302);
  assert.equal(refused.headers.location, '/auth/login?return_to=%2Fapp%2F%3Ftab%3D2');
  assert.equal(await visitor.signIn({ returnTo: '/app/?tab=2' }), `${PUBLIC_URL}/app/?tab=2`);

  assert.equal((await visitor.open('/app/?tab=2')).status, 200);
  const { headers } = upstream.last();
  const claims = claimsOf(visitor.jwt);
  assert.equal(headers['x-edgeseal-provider'], 'stytch');
  assert.equal(headers['x-edgeseal-user-id'], claims.sub);
  assert.equal(headers['x-edgeseal-email'], 'ada@example.com');
  assert.equal(headers['x-edgeseal-session-id'], claims['https://stytch.com/session'].id);
  assert.equal(headers['x-edgeseal-roles'], 'stytch_user,admin');
  for (const name of ['x-edgeseal-role', 'x-edgeseal-permissions', 'x-edgeseal-organization-id', 'cookie']) assert.equal(headers[name], undefined, name);
});

test('/auth/session has the members of the contract, null or empty where Stytch knows nothing', async () => {
  const visitor = stytchSignedIn(gateway, provider, { person: 'ada' });
  const { issuedAt, expiresAt, ...rest } = (await visitor.fetch('/auth/session')).json();
  assert.deepEqual(rest, {
    authenticated: true,
    provider: 'stytch',
    user: { id: claimsOf(visitor.jwt).sub, email: 'ada@example.com' },
    sessionId: visitor.sessionId,
    organizationId: null,
    role: null,
    roles: ['stytch_user', 'admin'],
    permissions: [],
    entitlements: [],
    featureFlags: [],
    impersonator: null,
    authenticationMethod: 'magic_link',
  });
  assert.equal(expiresAt - issuedAt, 300);
});

test('who acts in whose name is said, to scripts and to the site', async () => {
  const visitor = new StytchVisitor(gateway);
  await visitor.signIn({ choice: 'support-as-ada' });
  const { impersonator, authenticationMethod } = (await visitor.fetch('/auth/session')).json();
  assert.deepEqual([impersonator, authenticationMethod], [{ email: 'support@example.com', reason: null }, 'impersonated']);
  await visitor.open('/app/');
  assert.equal(upstream.last().headers['x-edgeseal-impersonator'], 'support@example.com');
});

test('100 requests with a good JWT, together and one after another, cause no call but one for keys', async () => {
  const visitor = stytchSignedIn(gateway, provider);
  const statuses = await Promise.all(Array.from({ length: 50 }, async () => (await visitor.open('/app/')).status));
  for (let index = 0; index < 50; index += 1) statuses.push((await visitor.fetch('/auth/session')).status);
  assert.deepEqual(statuses, Array(100).fill(200));
  assert.deepEqual(asked(provider), []);
  assert.ok(provider.requests().length <= 1);
});

test('an expired JWT is renewed: both cookies as the browser SDK sets them, until the session ends', async () => {
  const visitor = stytchExpired(gateway, provider, { durationMinutes: 90 });
  const old = visitor.jwt;
  const answer = await visitor.open('/app/');
  assert.equal(answer.status, 200);
  assert.deepEqual(asked(provider), ['authenticate authenticated']);
  const lines = linesOf(answer);
  assert.deepEqual(Object.keys(lines).sort(), [TOKEN, JWT]);
  for (const { name, attributes } of Object.values(lines)) {
    const { 'max-age': seconds, ...rest } = attributes;
    assert.ok(Math.abs(seconds - 90 * 60) < 30, `${name}: ${seconds}`);
    assert.deepEqual(rest, { path: '/', samesite: 'Lax' }, 'no HttpOnly: its script reads them');
  }
  assert.notEqual(visitor.jwt, old);
  assert.match(answer.headers['cache-control'], /no-store/);
  const { user, expiresAt } = (await visitor.fetch('/auth/session')).json();
  assert.equal(user.email, 'ada@example.com');
  assert.equal(expiresAt, claimsOf(visitor.jwt).exp, 'the token\'s end, not the session\'s');
  assert.deepEqual(asked(provider), ['authenticate authenticated'], 'the renewed one is good');
});

test('what is said of a person is the same before and after a renewal', async () => {
  const before = (await stytchSignedIn(gateway, provider).fetch('/auth/session')).json();
  const after = (await stytchExpired(gateway, provider).fetch('/auth/session')).json();
  for (const changing of ['sessionId', 'issuedAt', 'expiresAt']) delete before[changing], delete after[changing];
  assert.deepEqual(after, before);
});

test('a tab that wakes up with twenty requests gets twenty answers, whatever comes first', async () => {
  const visitor = stytchExpired(gateway, provider);
  const answers = await Promise.all(Array.from({ length: 20 }, () => visitor.fetch('/api')));
  assert.deepEqual(answers.map(({ status }) => status), Array(20).fill(200));
  assert.ok(asked(provider).every((question) => question === 'authenticate authenticated'));
  assert.equal((await visitor.fetch('/auth/session')).status, 200);
});

test('of several cookies of one name the good one wins, wherever it stands; the newest of the good', async () => {
  const { sessionJwt: stale } = provider.mintSession({ lifetimeSeconds: -60 });
  const { sessionJwt: good, sessionId } = provider.mintSession();
  for (const jwts of [[stale, good], [good, stale], ['garbage', good], [good, 'x.y.z'], [tampered(good, { sub: 'user-evil' }), stale, good, good]]) {
    const answer = await session({ cookie: cookieOf(jwts.map((jwt) => [JWT, jwt])) });
    assert.deepEqual([answer.status, answer.json().sessionId], [200, sessionId]);
    assert.deepEqual(answer.setCookies, []);
  }
  assert.deepEqual(asked(provider), []);
});

test('two expired JWTs, one of a session that has ended: the other one is renewed and nothing is deleted', async () => {
  const ended = provider.mintSession({ lifetimeSeconds: -60 });
  const living = provider.mintSession({ lifetimeSeconds: -60 });
  await revoke(ended.sessionId);
  const answer = await session({ cookie: cookieOf([[JWT, ended.sessionJwt], [JWT, living.sessionJwt]]) });
  assert.deepEqual([answer.status, answer.json().sessionId], [200, living.sessionId]);
  assert.ok(Object.values(linesOf(answer)).every(({ value }) => value !== ''));
});

test('two people at once are refused, good or expired, and both are forgotten everywhere', async () => {
  for (const lifetimeSeconds of [300, -60]) {
    provider.clearRequests();
    const [ada, grace] = ['ada', 'grace'].map((person) => provider.mintSession({ person, lifetimeSeconds }).sessionJwt);
    const answer = await session({ cookie: cookieOf([[JWT, ada], [JWT, grace]]) });
    assert.deepEqual([answer.status, answer.json().detail], [401, 'cookie_conflict']);
    assert.ok(answer.setCookies.length >= 4 && answer.setCookies.every((line) => line.includes('=; Max-Age=0')));
    assert.deepEqual(asked(provider), []);
  }
});

test('garbage and what was tampered with costs no call and no cookie', async () => {
  const { sessionJwt } = provider.mintSession();
  await session({ cookie: cookieOf([[JWT, sessionJwt]]) });
  provider.clearRequests();
  const [header, payload, signature] = sessionJwt.split('.');
  const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
  for (const [jwt, detail] of [
    ['garbage', 'token_malformed'],
    ['a.b.c', 'token_malformed'],
    ['deleted', 'token_malformed'],
    ['x'.repeat(20_000), 'token_too_large'],
    [tampered(sessionJwt, { exp: 1 }), 'bad_signature'],
    [tampered(sessionJwt, { sub: 'user-evil' }), 'bad_signature'],
    [`${header}.${payload}.${'A'.repeat(signature.length)}`, 'bad_signature'],
    [`${none}.${payload}.`, undefined],
    [provider.mintM2mToken(), 'token_not_of_session'],
  ]) {
    const answer = await session({ cookie: cookieOf([[JWT, jwt]]) });
    assert.equal(answer.status, 401, jwt.slice(0, 20));
    if (detail) assert.equal(answer.json().detail, detail);
    assert.deepEqual(answer.setCookies, []);
  }
  for (const token of ['garbage', 'undefined', 'a'.repeat(39), 'a'.repeat(129), `${'a'.repeat(43)}!`]) {
    assert.equal((await session({ cookie: cookieOf([[TOKEN, token]]) })).json().detail, 'token_malformed', token);
  }
  assert.deepEqual(asked(provider), []);
});

test('made-up key ids cause one look at the keys and one question, not one each', async () => {
  const { sessionJwt } = provider.mintSession();
  const [, payload, signature] = sessionJwt.split('.');
  await session({ cookie: cookieOf([[JWT, sessionJwt]]) });
  provider.clearRequests();
  for (let index = 0; index < 20; index += 1) {
    const header = Buffer.from(JSON.stringify({ alg: 'RS256', typ: 'JWT', kid: `jwk-${index}` })).toString('base64url');
    assert.equal((await session({ cookie: cookieOf([[JWT, `${header}.${payload}.${signature}`]]) })).status, 401);
  }
  assert.ok(provider.requests().length <= 2, JSON.stringify(provider.requests()));
});

test('the opaque token alone will do, and brings its JWT back', async () => {
  const { sessionToken, sessionId } = provider.mintSession();
  const visitor = new StytchVisitor(gateway, { [TOKEN]: sessionToken });
  assert.equal((await visitor.fetch('/auth/session')).json().sessionId, sessionId);
  assert.ok(visitor.jwt);
  await visitor.fetch('/auth/session');
  assert.deepEqual(asked(provider), ['authenticate authenticated']);
  const behindGarbage = new StytchVisitor(gateway, { [JWT]: 'garbage', [TOKEN]: sessionToken });
  assert.equal((await behindGarbage.fetch('/auth/session')).status, 200);
});

test('no request asks more than four times, and what was not asked about is not deleted', async () => {
  const tokens = Array.from({ length: 8 }, (_, index) => [TOKEN, `${index}`.repeat(44)]);
  const answer = await session({ cookie: cookieOf(tokens) });
  assert.equal(answer.status, 401);
  assert.deepEqual([asked(provider).length, answer.setCookies], [4, []]);
});

test('what is fetched ahead of time asks nobody', async () => {
  const visitor = stytchExpired(gateway, provider);
  const answer = await visitor.request('/app/', { headers: { ...DOCUMENT, 'sec-purpose': 'prefetch' } });
  assert.deepEqual([answer.status, answer.json().detail, answer.setCookies], [401, 'token_expired', []]);
  const good = await stytchSignedIn(gateway, provider).request('/app/', { headers: { ...DOCUMENT, 'sec-purpose': 'prefetch' } });
  assert.equal(good.status, 200);
  assert.deepEqual(asked(provider), []);
});

test('a session that was ended elsewhere is good until its JWT ends, then 401, and its cookies go', async () => {
  const good = stytchSignedIn(gateway, provider);
  await revoke(good.sessionId);
  assert.equal((await good.fetch('/auth/session')).status, 200);
  const expired = stytchExpired(gateway, provider);
  await revoke(expired.sessionId);
  const answer = await expired.fetch('/auth/session');
  assert.deepEqual([answer.status, answer.json().detail, answer.json().retryable], [401, 'session_not_found', false]);
  assert.deepEqual([expired.jwt, expired.token], [undefined, undefined]);
  assert.deepEqual(asked(provider).filter((question) => !question.startsWith('revoke')), ['authenticate session_not_found', 'authenticate session_not_found']);
});

test('signing out ends the session at Stytch, deletes both cookies in every domain, and leads to the start page', async () => {
  for (const lifetimeSeconds of [300, -60]) {
    const visitor = stytchSignedIn(gateway, provider, { lifetimeSeconds });
    const answer = await visitor.fetch('/auth/logout', POST);
    assert.deepEqual([answer.status, answer.json()], [200, { url: `${PUBLIC_URL}/` }]);
    assert.deepEqual([visitor.jwt, visitor.token], [undefined, undefined]);
    assert.ok(asked(provider).includes('revoke revoked'));
    const again = await session({ cookie: cookieOf([[TOKEN, visitor.sessionToken]]) });
    assert.equal(again.json().detail, 'session_not_found');
  }
  const nobody = await new StytchVisitor(gateway).open('/auth/logout', { ...POST, headers: { 'sec-fetch-site': 'same-origin' } });
  assert.deepEqual([nobody.status, nobody.headers.location], [303, `${PUBLIC_URL}/`]);
});

test('no other site can sign out or renew, and a link asks first', async () => {
  const visitor = stytchSignedIn(gateway, provider);
  for (const endpoint of ['logout', 'refresh', 'switch']) {
    const answer = await visitor.request(`/auth/${endpoint}`, { ...POST, headers: { 'sec-fetch-site': 'cross-site' } });
    assert.deepEqual([answer.status, answer.json().detail, answer.setCookies], [403, 'cross_site', []], endpoint);
  }
  const asks = await visitor.open('/auth/logout', { headers: { 'sec-fetch-site': 'cross-site' } });
  assert.equal(asks.status, 200);
  assert.match(asks.body, /Sign out\?/);
  assert.deepEqual(asked(provider), []);
});

test('/auth/refresh asks Stytch however good the JWT is, and sets both cookies', async () => {
  const visitor = stytchSignedIn(gateway, provider);
  const answer = await visitor.fetch('/auth/refresh', POST);
  assert.deepEqual([answer.status, answer.json().sessionId], [200, visitor.sessionId]);
  assert.deepEqual(Object.keys(linesOf(answer)).sort(), [TOKEN, JWT]);
  assert.deepEqual(asked(provider), ['authenticate authenticated']);
  assert.equal((await new StytchVisitor(gateway).fetch('/auth/refresh', POST)).json().detail, 'cookie_missing');
});

test('there is no callback, and nothing to switch', async () => {
  const visitor = stytchSignedIn(gateway, provider);
  assert.equal((await visitor.open('/auth/callback?code=x&state=y')).status, 404);
  const answer = await visitor.fetch('/auth/switch', { ...POST, body: '{"organizationId":"organization-test-1"}' });
  assert.deepEqual([answer.status, answer.json().detail], [404, 'endpoint_not_found']);
  assert.deepEqual(asked(provider), []);
});

test('sign-in comes back to this site alone, with the hints and nothing else', async () => {
  const login = async (query) => new URL((await gateway.request(`/auth/login?${query}`, { headers: DOCUMENT })).headers.location);
  for (const [returnTo, path] of [['/app/?a=1&b=2', '/app/?a=1&b=2'], ['https://evil.example/', '/'], ['//evil.example', '/'], ['/\\evil.example', '/'], ['/auth/logout', '/'], ['javascript:alert(1)', '/']]) {
    const url = await login(`return_to=${encodeURIComponent(returnTo)}&return_to=https://evil.example`);
    assert.deepEqual(url.searchParams.getAll('return_to'), [PUBLIC_URL + path], returnTo);
    assert.equal(url.origin + url.pathname, provider.loginUrl);
  }
  const { searchParams } = await login('organization_id=o&login_hint=ada%40example.com&screen_hint=sign-up&token=x&redirect=y');
  assert.deepEqual([...searchParams.keys()], ['return_to', 'organization_id', 'screen_hint', 'login_hint']);
  const script = await gateway.request('/auth/login', { headers: SCRIPT });
  assert.ok(script.json().url.startsWith(`${provider.loginUrl}?return_to=`));
  const ahead = await gateway.request('/auth/login', { headers: { ...DOCUMENT, 'sec-purpose': 'prefetch' } });
  assert.equal(ahead.status, 403);
});

test('a session JWT as bearer opens the site; an expired one is asked about, and no cookie is set', async () => {
  const bearer = (jwt, target = '/api') => gateway.request(target, { headers: { accept: 'application/json', authorization: `Bearer ${jwt}` } });
  const good = provider.mintSession({ person: 'grace' });
  assert.equal((await bearer(good.sessionJwt)).status, 200);
  assert.equal(upstream.last().headers['x-edgeseal-session-id'], good.sessionId);
  assert.equal(upstream.last().headers.cookie, undefined);
  assert.deepEqual(asked(provider), []);

  const expired = provider.mintSession({ person: 'grace', lifetimeSeconds: -60 });
  const renewed = await bearer(expired.sessionJwt);
  assert.deepEqual([renewed.status, renewed.setCookies], [200, []]);
  assert.deepEqual(asked(provider), ['authenticate authenticated']);
  provider.clearRequests();
  for (const jwt of ['garbage', good.sessionToken, tampered(good.sessionJwt, { sub: 'x' }), provider.mintM2mToken()]) {
    const answer = await bearer(jwt, '/auth/session');
    assert.equal(answer.status, 401);
    assert.match(answer.headers['www-authenticate'], /invalid_token/);
  }
  assert.deepEqual(asked(provider), []);
  const ada = provider.mintSession({ person: 'ada' });
  const both = await gateway.request('/auth/session', { headers: { ...SCRIPT, cookie: `${JWT}=${ada.sessionJwt}`, authorization: `Bearer ${good.sessionJwt}` } });
  assert.equal(both.json().sessionId, ada.sessionId, 'a cookie comes first');
});

test('no answer shows a token but in its two cookies', async () => {
  const visitor = stytchSignedIn(gateway, provider);
  const answers = [await visitor.fetch('/auth/session'), await visitor.fetch('/auth/refresh', POST), await visitor.open('/app/'), await visitor.request('/x.png', { headers: IMAGE }), await visitor.open('/auth/logout'), await visitor.fetch('/auth/logout', POST)];
  for (const { body, headers } of answers) {
    const text = body + JSON.stringify({ ...headers, 'set-cookie': undefined });
    assert.ok(!/eyJ[\w-]{10,}/.test(text) && !text.includes(visitor.sessionToken) && !text.includes(provider.secret));
  }
  assert.ok(!gateway.logs().includes(visitor.sessionToken) && !gateway.logs().includes('eyJ'));
});

test('keys that were rotated are found without a question, and both sign for a while', async (t) => {
  // One of its own: the made-up key ids of another test would keep it from looking for half a minute.
  const fresh = await startGateway(provider);
  t.after(() => fresh.close());
  const before = stytchSignedIn(fresh, provider);
  assert.equal((await before.fetch('/auth/session')).status, 200);
  await provider.rotateKeys();
  const statuses = [];
  for (let index = 0; index < 4; index += 1) statuses.push((await stytchSignedIn(fresh, provider).fetch('/auth/session')).status);
  assert.deepEqual(statuses, [200, 200, 200, 200]);
  assert.equal((await before.fetch('/auth/session')).status, 200, 'the old key is still published');
  assert.deepEqual(provider.requests().map(({ endpoint }) => endpoint), ['jwks', 'jwks']);
});

test('/auth/ready is about keys and clocks, not about seals and objects', async () => {
  const answer = await gateway.request('/auth/ready');
  assert.deepEqual([answer.status, answer.json()], [200, { ready: true }]);
});

/** Ends a session as another application would. */
async function revoke(sessionId) {
  const authorization = `Basic ${Buffer.from(`${provider.projectId}:${provider.secret}`).toString('base64')}`;
  const answer = await fetch(`${provider.url}/v1/sessions/revoke`, { method: 'POST', headers: { authorization, 'content-type': 'application/json' }, body: JSON.stringify({ session_id: sessionId }) });
  assert.equal(answer.status, 200);
}
