// `loadSealedSession` and what it gives: who is signed in, remembered for as long as a full check would find the same.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { WorkOS, isolate, sealData, unsealData } from './support/edgeseal.mjs';
import { PASSWORD, claimsOf, startProvider } from './support/provider.mjs';
import { Random } from './support/random.mjs';

let provider;
before(async () => (provider = await startProvider()));
after(() => provider.close());

const random = new Random('sessions');
const user = { id: 'user_1', email: 'ada@example.com', firstName: 'Ada', metadata: { plan: { seats: 3 } } };

/** A client with a provider of its own: what modules remember is told apart by URL. */
let clients = 0;
function client(options = {}) {
  clients += 1;
  return new WorkOS('sk_test', { ...provider.options, clientId: `client_${clients}`, fetch: keys(), ...options });
}

/** A `fetch` that answers with the keys, and counts. */
function keys(answer = () => provider.jwks) {
  const fetch = async () => {
    fetch.calls += 1;
    return Response.json(answer());
  };
  fetch.calls = 0;
  return fetch;
}

async function cookie(claims = {}, header = {}) {
  const all = { ...claimsOf(random), sub: 'user_1', ...claims };
  const session = { user, accessToken: await provider.mint(all, header), refreshToken: 'rt', authenticationMethod: 'Password' };
  return { claims: all, sessionData: await sealData(session, { password: PASSWORD, ttl: 0 }) };
}

const authenticate = (workos, sessionData, cookiePassword = PASSWORD) =>
  workos.userManagement.loadSealedSession({ sessionData, cookiePassword }).authenticate();

const refused = (reason, detail, retryable = false) => ({ authenticated: false, reason, detail, retryable });

test('a session says who is signed in', async () => {
  const { claims, sessionData } = await cookie({ org_id: 'org_1', favourite_colour: 'green' });
  const result = await authenticate(client(), sessionData);
  assert.equal(result.authenticated, true, JSON.stringify(result));
  assert.equal(result.sessionId, claims.sid);
  assert.equal(result.organizationId, 'org_1');
  assert.deepEqual(result.user, user);
  assert.equal(result.authenticationMethod, 'Password');
  assert.equal(result.claims.favourite_colour, 'green');
  assert.equal(result.expiresAt - result.issuedAt, 300);
  assert.equal(result.impersonator, undefined);
});

test('authenticateWithSessionCookie is the same in one call, and refuses wrong arguments by rejecting', async () => {
  const workos = client({ cookiePassword: PASSWORD });
  const { sessionData } = await cookie();
  const result = await workos.userManagement.authenticateWithSessionCookie({ sessionData });
  assert.deepEqual(result, await authenticate(workos, sessionData));
  await assert.rejects(workos.userManagement.authenticateWithSessionCookie({ sessionData, cookiePassword: 'short' }), TypeError);
});

test('the same cookie costs no second check, a changed one does', async () => {
  const fetch = keys();
  const workos = client({ fetch });
  const { sessionData } = await cookie();
  // The first has to wait for the keys, the second is checked, the third is remembered.
  const [, second, third] = [
    await authenticate(workos, sessionData),
    await authenticate(workos, sessionData),
    await authenticate(workos, `${sessionData} `.trim()),
  ];
  assert.equal(second.authenticated, true);
  assert.equal(third, second, 'the very same value');
  assert.equal(fetch.calls, 1);
  const tampered = sessionData.replace(/.(?=~2$)/, (last) => (last === 'A' ? 'Q' : 'A'));
  assert.deepEqual(await authenticate(workos, tampered), refused('invalid_session_cookie', 'seal_bad_mac'));
});

test('memoSize 0 remembers nothing', async () => {
  const workos = client({ memoSize: 0 });
  const { sessionData } = await cookie();
  await authenticate(workos, sessionData);
  const [first, second] = [await authenticate(workos, sessionData), await authenticate(workos, sessionData)];
  assert.deepEqual(first, second);
  assert.notEqual(first, second);
});

test('nobody can change what the next one gets', async () => {
  const workos = client();
  const { sessionData } = await cookie();
  await authenticate(workos, sessionData);
  const session = await authenticate(workos, sessionData);
  assert.throws(() => (session.role = 'owner'), TypeError);
  assert.throws(() => session.permissions.push('everything'), TypeError);
  assert.throws(() => (session.user.metadata.plan.seats = 1000), TypeError);
  assert.throws(() => (session.claims.sub = 'user_2'), TypeError);
  assert.deepEqual(await authenticate(workos, sessionData), session);
});

test('what is remembered ends with the token', async () => {
  let now = Date.now();
  const workos = client({ now: () => now });
  const { sessionData } = await cookie();
  await authenticate(workos, sessionData);
  assert.equal((await authenticate(workos, sessionData)).authenticated, true);
  now += 299_000 - (now % 1000);
  assert.equal((await authenticate(workos, sessionData)).authenticated, true);
  now += 2_000;
  assert.deepEqual(await authenticate(workos, sessionData), refused('invalid_jwt', 'token_expired'));
  now -= 60_000;
  assert.equal((await authenticate(workos, sessionData)).authenticated, true, 'a clock that was set back');
});

test('what is remembered ends with the seal, where it says so itself', async () => {
  for (const format of ['iron', 'edgeseal']) {
    let now = Date.now();
    const workos = client({ now: () => now });
    const accessToken = await provider.mint({ ...claimsOf(random), sub: 'user_1', exp: Math.floor(now / 1000) + 3600 });
    const sessionData = await sealData({ user, accessToken }, { password: PASSWORD, ttl: 60, format });
    await authenticate(workos, sessionData);
    assert.equal((await authenticate(workos, sessionData)).authenticated, true);
    // A minute is the tolerance of iron.
    now += 118_000;
    assert.equal((await authenticate(workos, sessionData)).authenticated, true);
    now += 5_000;
    assert.deepEqual(await authenticate(workos, sessionData), refused('invalid_session_cookie', 'seal_expired'), format);
  }
});

test('what is remembered ends with the keys', async () => {
  let [now, set] = [Date.now(), provider.jwks];
  const workos = client({ now: () => now, fetch: keys(() => set) });
  const { sessionData } = await cookie({ exp: Math.floor(now / 1000) + 3600 });
  await authenticate(workos, sessionData);
  assert.equal((await authenticate(workos, sessionData)).authenticated, true);
  const { keys: [key] } = provider.jwks;
  set = { keys: [{ ...key, kid: 'another' }] };
  // Ten minutes later the keys are reloaded beside a call that does not wait for it; the one that signed the token is not among them any more.
  now += 600_000;
  assert.equal((await authenticate(workos, sessionData)).authenticated, true);
  await sleep(50);
  assert.deepEqual(await authenticate(workos, sessionData), refused('invalid_jwt', 'unknown_key'));
});

test('passwords, formats and policies do not share what they remember', async () => {
  const { sessionData } = await cookie();
  const options = { ...provider.options, clientId: 'client_shared', fetch: keys() };
  const workos = new WorkOS('sk_test', options);
  await authenticate(workos, sessionData);
  assert.equal((await authenticate(workos, sessionData)).authenticated, true);
  assert.deepEqual(
    await authenticate(workos, sessionData, 'another password of at least 32 characters'),
    refused('invalid_session_cookie', 'seal_bad_mac'),
  );
  assert.deepEqual(
    await authenticate(new WorkOS('sk_test', { ...options, acceptFormats: ['edgeseal'] }), sessionData),
    refused('invalid_session_cookie', 'seal_not_accepted'),
  );
  assert.deepEqual(
    await authenticate(new WorkOS('sk_test', { ...options, issuer: 'https://other.example' }), sessionData),
    refused('invalid_jwt', 'issuer_mismatch'),
  );
  assert.equal((await authenticate(new WorkOS('sk_test', options), sessionData)).authenticated, true, 'another client, same options');
});

test('any password of a ring opens, however it is given', async () => {
  const old = 'the password of before, which is long enough';
  const workos = client();
  const { sessionData } = await cookie();
  for (const password of [[old, PASSWORD], [PASSWORD], { 1: PASSWORD }, { 1: PASSWORD, 2: old }]) {
    assert.equal((await authenticate(workos, sessionData, password)).authenticated, true, JSON.stringify(password));
  }
  assert.equal((await authenticate(workos, sessionData, { 2: PASSWORD })).detail, 'seal_unknown_password');
});

test('a hundred requests at once load the keys once', async () => {
  const fetch = keys();
  const workos = client({ fetch });
  const { sessionData } = await cookie();
  const results = await Promise.all(Array.from({ length: 100 }, () => authenticate(workos, sessionData)));
  assert.ok(results.every((result) => result.authenticated));
  assert.equal(fetch.calls, 1);
});

test('refusals are values, and garbage asks nobody', async () => {
  const fetch = keys();
  const workos = client({ fetch });
  const { sessionData: expired } = await cookie({ exp: Math.floor(Date.now() / 1000) - 1 });
  for (const [sessionData, expected] of [
    [undefined, refused('no_session_cookie_provided', 'cookie_missing')],
    [null, refused('no_session_cookie_provided', 'cookie_missing')],
    ['', refused('no_session_cookie_provided', 'cookie_missing')],
    ['garbage', refused('invalid_session_cookie', 'seal_unknown_format')],
    ['Fe26.2*ä', refused('invalid_session_cookie', 'seal_malformed')],
    ['x'.repeat(100_000), refused('invalid_session_cookie', 'cookie_too_large')],
    [await sealData({ user }, { password: PASSWORD, ttl: 0 }), refused('invalid_session_cookie', 'session_malformed')],
  ]) {
    assert.deepEqual(await authenticate(workos, sessionData), expected);
  }
  assert.equal(fetch.calls, 0);
  assert.deepEqual(await authenticate(workos, expired), refused('invalid_jwt', 'token_expired'));
});

test('keys that cannot be had are nobody’s logout', async () => {
  const failing = [
    async () => Promise.reject(new TypeError('fetch failed')),
    () => {
      throw new Error('odd');
    },
    async () => new Response('oops', { status: 500 }),
    async () => new Response('<html>'),
    async () => undefined,
    () => 7,
    async () => ({}),
    async () => ({ status: 200, headers: {}, body: {} }),
    async () => {
      const used = Response.json(provider.jwks);
      await used.text();
      return used;
    },
  ];
  const { sessionData } = await cookie();
  for (const fetch of failing) {
    assert.deepEqual(await authenticate(client({ fetch }), sessionData), refused('invalid_jwt', 'keys_unavailable', true), `${fetch}`);
  }
});

test('keys come from the cache that the caller gives, and go there', async () => {
  const entries = new Map();
  const keyCache = {
    get: async (key) => entries.get(key)?.value ?? null,
    put: async (key, value, options) => void entries.set(key, { value, options }),
  };
  const fetch = keys();
  const { sessionData } = await cookie();
  assert.equal((await authenticate(client({ fetch, keyCache }), sessionData)).authenticated, true);
  assert.equal(entries.size, 1);
  const [{ options }] = entries.values();
  assert.ok(options.expirationTtl >= 60, 'no less than KV allows');
  const broken = { get: () => Promise.reject(new Error('down')), put: () => Promise.reject(new Error('down')) };
  assert.equal((await authenticate(client({ fetch, keyCache: broken }), sessionData)).authenticated, true);
});

test('a cold start costs one read of the cache, however many requests it begins with, and no call to the provider', async () => {
  const entries = new Map();
  let reads = 0;
  const keyCache = {
    get: async (key) => {
      reads += 1;
      return entries.get(key) ?? null;
    },
    put: async (key, value) => void entries.set(key, value),
  };
  const options = { ...provider.options, clientId: 'client_cold_start', keyCache };
  const { sessionData } = await cookie();
  assert.equal((await authenticate(new WorkOS('sk_test', { ...options, fetch: keys() }), sessionData)).authenticated, true);
  reads = 0;
  const fetch = keys();
  const cold = await isolate('cold start');
  const results = await Promise.all(Array.from({ length: 50 }, () => authenticate(new cold.WorkOS('sk_test', { ...options, fetch }), sessionData)));
  assert.deepEqual([results.every(({ authenticated }) => authenticated), reads, fetch.calls], [true, 1, 0]);
});

test('wrong arguments are named', () => {
  const named = (name) => (error) => error instanceof TypeError && error.message.includes(`\`${name}\``);
  const options = { clientId: 'client_1' };
  for (const [name, key, wrong] of [
    ['key', 7, options],
    ['key', 'sk\n', options],
    ['options', 'sk', undefined],
    ['clientId', 'sk', {}],
    ['clientId', 'sk', { clientId: '../x' }],
    ['clientId', 'sk', { clientId: 7 }],
    ['apiHostname', 'sk', { ...options, apiHostname: 'api.example/v1' }],
    ['apiHostname', 'sk', { ...options, apiHostname: 'api.example', https: false }],
    ['https', 'sk', { ...options, https: 'yes' }],
    ['port', 'sk', { ...options, port: 1e6 }],
    ['issuer', 'sk', { ...options, issuer: [] }],
    ['leewaySeconds', 'sk', { ...options, leewaySeconds: -1 }],
    ['memoSize', 'sk', { ...options, memoSize: 1.5 }],
    ['memoSize', 'sk', { ...options, memoSize: 1e9 }],
    ['keyCache', 'sk', { ...options, keyCache: 7 }],
    ['keyCache', 'sk', { ...options, keyCache: null }],
    ['keyCache', 'sk', { ...options, keyCache: { get() {} } }],
    ['sessions', 'sk', { ...options, sessions: {} }],
    ['sessions', 'sk', { ...options, sessions: 'EDGESEAL_SESSIONS' }],
    ['revocations', 'sk', { ...options, revocations: {} }],
    ['strict', 'sk', { ...options, strict: true }],
    ['strict', 'sk', { ...options, revocations: { idFromName() {}, get() {} }, strict: 'yes' }],
    ['acceptFormats', 'sk', { ...options, acceptFormats: ['rot13'] }],
    ['now', 'sk', { ...options, now: 7 }],
    ['fetch', 'sk', { ...options, fetch: {} }],
  ]) {
    assert.throws(() => new WorkOS(key, wrong), named(name), JSON.stringify([key, wrong]));
  }
  const { userManagement } = new WorkOS(undefined, options);
  assert.throws(() => userManagement.loadSealedSession(), named('options'));
  for (const cookiePassword of [undefined, null, 7, '', 'short', [], {}, [7]]) {
    assert.throws(() => userManagement.loadSealedSession({ sessionData: 'x', cookiePassword }), named('cookiePassword'));
  }
  assert.throws(
    () => new WorkOS(undefined, { ...options, acceptFormats: ['fernet'] }).userManagement.loadSealedSession({ cookiePassword: PASSWORD }),
    named('cookiePassword'),
  );
});

test('session data that is no string is a mistake of the caller', async () => {
  await assert.rejects(authenticate(client(), 7), TypeError);
});

/** A provider's answers to refreshes, and what it was asked. */
function refreshes(answer) {
  const fetch = async (url, init) => {
    if (!url.endsWith('/user_management/authenticate')) return Response.json(provider.jwks);
    fetch.asked.push(JSON.parse(new TextDecoder().decode(init.body)));
    return answer(fetch.asked.length);
  };
  fetch.asked = [];
  return fetch;
}

const grant = async (claims) => {
  const next = { ...claims, iat: claims.iat, sid: claims.sid };
  return { user: { id: 'user_1', first_name: 'Ada' }, access_token: await provider.mint(next), refresh_token: 'rt_next', authentication_method: 'SSO' };
};

test('a refresh gives the next generation, sealed, and the session goes on with it', async () => {
  const { claims, sessionData } = await cookie({ org_id: 'org_1' });
  const fetch = refreshes(async () => Response.json(await grant(claims)));
  const session = client({ fetch }).userManagement.loadSealedSession({ sessionData, cookiePassword: PASSWORD });
  const result = await session.refresh();
  assert.equal(result.authenticated, true, JSON.stringify(result));
  assert.equal(fetch.asked[0].refresh_token, 'rt');
  assert.equal(fetch.asked[0].organization_id, 'org_1');
  assert.equal(fetch.asked[0].client_secret, 'sk_test');
  assert.equal(result.coordination, 'isolate');
  assert.equal(result.sessionId, claims.sid);
  assert.equal(result.session.refreshToken, 'rt_next');
  assert.equal(result.session.sealedSession, result.sealedSession);
  assert.deepEqual(result.user, { id: 'user_1', firstName: 'Ada' });
  const opened = await unsealData(result.sealedSession, { password: PASSWORD });
  assert.equal(opened.refreshToken, 'rt_next');
  const after = await session.authenticate();
  assert.equal(after.accessToken, result.session.accessToken);
});

test('a refresh can bring another password and another organization', async () => {
  const { claims, sessionData } = await cookie({ org_id: 'org_1' });
  const fetch = refreshes(async () => Response.json(await grant({ ...claims, org_id: 'org_2' })));
  const session = client({ fetch }).userManagement.loadSealedSession({ sessionData, cookiePassword: PASSWORD });
  const next = 'the next password of at least 32 characters';
  const result = await session.refresh({ cookiePassword: next, organizationId: 'org_2' });
  assert.equal(result.organizationId, 'org_2');
  assert.equal(fetch.asked[0].organization_id, 'org_2');
  assert.deepEqual(await unsealData(result.sealedSession, { password: PASSWORD }), {});
  assert.equal((await session.authenticate()).organizationId, 'org_2');
});

test('ten refreshes at once are one exchange', async () => {
  const { claims, sessionData } = await cookie();
  const answer = await grant(claims);
  const fetch = refreshes(() => new Promise((resolve) => setTimeout(() => resolve(Response.json(answer)), 50)));
  const workos = client({ fetch });
  const refresh = () => workos.userManagement.loadSealedSession({ sessionData, cookiePassword: PASSWORD }).refresh();
  const results = await Promise.all(Array.from({ length: 10 }, refresh));
  assert.ok(results.every((result) => result.authenticated && result.session.refreshToken === 'rt_next'));
  assert.equal(fetch.asked.length, 1);
});

test('only a definite answer ends a session, and everything else can be tried again', async () => {
  for (const [expected, answer] of [
    [{ reason: 'invalid_grant', detail: 'invalid_grant', retryable: false }, () => Response.json({ error: 'invalid_grant' }, { status: 400 })],
    [{ reason: 'sso_required', detail: 'sso_required', retryable: false }, () => Response.json({ code: 'sso_required' }, { status: 403 })],
    [{ reason: 'server_error', detail: 'provider_refused_client', retryable: true }, () => Response.json({}, { status: 401 })],
    [
      { reason: 'rate_limit_exceeded', detail: 'provider_rate_limited', retryable: true, retryAfter: 7 },
      () => new Response('', { status: 429, headers: { 'retry-after': '7' } }),
    ],
    [{ reason: 'server_error', detail: 'provider_unavailable', retryable: true }, () => new Response('<html>', { status: 502 })],
    [{ reason: 'network_error', detail: 'provider_unreachable', retryable: true }, () => Promise.reject(new TypeError('fetch failed'))],
  ]) {
    const { sessionData } = await cookie();
    const session = client({ fetch: refreshes(answer) }).userManagement.loadSealedSession({ sessionData, cookiePassword: PASSWORD });
    assert.deepEqual(await session.refresh(), { authenticated: false, ...expected });
  }
});

test('an expired session can sign out, garbage cannot', async () => {
  const workos = client();
  const { claims, sessionData } = await cookie({ exp: 1 });
  const session = workos.userManagement.loadSealedSession({ sessionData, cookiePassword: PASSWORD });
  const url = new URL(await session.getLogoutUrl({ returnTo: 'https://app.example/a b' }));
  assert.equal(url.pathname, '/user_management/sessions/logout');
  assert.equal(url.searchParams.get('session_id'), claims.sid);
  assert.equal(url.searchParams.get('return_to'), 'https://app.example/a b');
  assert.equal(await session.getLogOutUrl(), await session.getLogoutUrl());
  const garbage = workos.userManagement.loadSealedSession({ sessionData: 'garbage', cookiePassword: PASSWORD });
  await assert.rejects(garbage.getLogoutUrl(), { reason: 'invalid_session_cookie', detail: 'seal_unknown_format', retryable: false });
  await assert.rejects(session.getLogoutUrl({ returnTo: 7 }), TypeError);
});
