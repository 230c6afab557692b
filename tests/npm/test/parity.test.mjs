// The session calls of @workos-inc/node 11, run by one script against both packages: results and errors are equal, member by
// member, but for what docs/conformance.md lists. Those cases say both what the SDK does and what edgeseal does.

import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { WorkOS as Sdk } from 'workos-11';

import { WorkOS as Ours, sealData } from './support/edgeseal.mjs';
import { PASSWORD, sign } from './support/provider.mjs';
import { startScripted } from './support/scripted.mjs';
import { generateKeyPair } from 'jose';

let workos;
let foreignKey;
before(async () => {
  workos = await startScripted();
  foreignKey = (await generateKeyPair('RS256')).privateKey;
});
after(() => workos.close());

const NOW = Math.floor(Date.now() / 1000);
const OTHER_PASSWORD = 'another cookie password of 32 characters or more';
const USER = {
  object: 'user', id: 'user_1', email: 'ada@example.com', email_verified: true, first_name: 'Ada', last_name: null, name: 'Ada',
  profile_picture_url: null, last_sign_in_at: '2026-01-01T00:00:00.000Z', locale: 'en', created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z', external_id: null, metadata: { plan_name: 'pro' },
};
const SEALED_USER = { object: 'user', id: 'user_1', email: 'ada@example.com', firstName: 'Ada', metadata: {} };
const CLAIMS = {
  iss: 'https://api.workos.com', sub: 'user_1', sid: 'session_1', jti: 'jti_1', org_id: 'org_1', role: 'admin', roles: ['admin'],
  permissions: ['a:read'], entitlements: ['x'], feature_flags: ['beta'],
};

const token = (claims = {}, header = {}) => workos.mint({ ...CLAIMS, ...claims }, header);
const sealed = (members, password = PASSWORD) => sealData(members, { password, ttl: 0 });
const session = async (members = {}, claims = {}, header = {}) =>
  sealed({ user: SEALED_USER, accessToken: await token(claims, header), refreshToken: 'rt_1', authenticationMethod: 'Password', ...members });
const grant = async (members = {}, claims = {}) => ({
  body: { user: USER, organization_id: 'org_1', access_token: await token(claims), refresh_token: 'rt_2', authentication_method: 'SSO', ...members },
});
const failure = (status, body, headers) => ({ status, body, headers });

const load = (sessionData, cookiePassword = PASSWORD) => ({ userManagement }) => userManagement.loadSealedSession({ sessionData, cookiePassword });
const authenticate = (sessionData, password) => async (client) => load(await sessionData, password)(client).authenticate();
const refresh = (sessionData, options) => async (client) => load(await sessionData)(client).refresh(options);

/** What came of a call, comparable. */
async function outcome(run, client) {
  try {
    return { resolved: await run(client) };
  } catch (error) {
    const { name, status, code, error: oauth, errorDescription, message, requestID, rawData, retryAfter, errors, pendingAuthenticationToken } = error;
    return { rejected: { name, status, code, error: oauth, errorDescription, message, requestID, rawData, retryAfter, errors, pendingAuthenticationToken } };
  }
}

/** Without what is undefined, and without what changes with each call. */
function comparable(value) {
  return JSON.parse(JSON.stringify(value ?? null, (name, member) => (['sealedSession', 'coordination'].includes(name) ? undefined : member)));
}

/** Every member that the SDK gives has to be the same; there may be more. */
function covers(ours, theirs, path = '') {
  for (const [name, value] of Object.entries(theirs)) {
    if (name === 'error' && ours.retryable) continue; // The SDK hands the caught error on.
    assert.deepEqual(ours[name], value, `${path}${name}`);
  }
}

let count = 0;
async function both(run, script, options) {
  const outcomes = [];
  for (const Client of [Sdk, Ours]) {
    count += 1;
    const clientId = `client_${count}`;
    const calls = [];
    workos.script(clientId, { ...(await script), calls });
    const client = new Client(clientId, { clientId, ...workos.place, ...(Client === Sdk ? { maxRetries: 0 } : {}), ...options });
    outcomes.push({ ...(await outcome(run, client)), calls: calls.filter(({ path }) => !path.startsWith('/sso/jwks/')) });
  }
  return outcomes;
}

function same(name, run, script, options) {
  test(name, async () => {
    const [sdk, ours] = await both(await run(), script?.(), options);
    if (sdk.rejected) {
      assert.ok(ours.rejected, `the SDK rejects with ${JSON.stringify(sdk.rejected)}, edgeseal gives ${JSON.stringify(ours.resolved)}`);
      covers(comparable(ours.rejected), comparable(sdk.rejected));
      return;
    }
    assert.ok(!ours.rejected, JSON.stringify(ours.rejected));
    const [theirs, mine] = [comparable(sdk.resolved), comparable(ours.resolved)];
    if (theirs === null || typeof theirs !== 'object') assert.deepEqual(mine, theirs);
    else covers(mine, theirs);
    assert.equal(ours.calls.length, sdk.calls.length, 'calls of the API');
    sdk.calls.forEach((call, index) => {
      const ids = ({ body, ...rest }) => ({ ...rest, body: body && { ...body, client_id: 0, client_secret: 0 } });
      assert.deepEqual(ids(ours.calls[index]), ids(call));
    });
  });
}

/** A deviation: what the SDK does, what edgeseal does. Each has its row in docs/conformance.md. */
function differs(name, run, { sdk, ours }, script, options) {
  test(`${name} (differs)`, async () => {
    const [theirs, mine] = await both(await run(), script?.(), options);
    if (sdk.throws) assert.match(`${theirs.rejected?.name} ${theirs.rejected?.message}`, sdk.throws);
    else covers(comparable(theirs.resolved), sdk);
    if (ours.throws) assert.match(`${mine.rejected?.name} ${mine.rejected?.message}`, ours.throws);
    else covers(comparable(mine.resolved ?? {}), ours);
  });
}

const refusal = (reason, detail, retryable = false) => ({ authenticated: false, reason, detail, retryable });

describe('authenticate', () => {
  same('a valid session', async () => authenticate(session()));
  same('a session without an organization', async () => authenticate(session({}, { org_id: undefined, role: undefined, roles: undefined, permissions: undefined })));
  same('an impersonated session', async () => authenticate(session({ impersonator: { email: 'root@example.com', reason: null } })));
  same('a session with custom claims', async () => authenticate(session({}, { colour: 'green' })));
  same('a session in several scripts', async () => authenticate(session({ user: { ...SEALED_USER, firstName: 'Ада Λαβ 愛 😀' } })));
  same('an expired token', async () => authenticate(session({}, { exp: NOW - 1 })));
  same('a token of the future', async () => authenticate(session({}, { nbf: NOW + 100 })));
  same('a token of another key', async () => authenticate(session({ accessToken: await sign(foreignKey, CLAIMS) })));
  same('a token without key id, one key', async () => authenticate(session({}, {}, { kid: undefined })));
  same('a token whose payload was changed', async () => {
    const [header, , signature] = (await token()).split('.');
    const payload = Buffer.from(JSON.stringify({ ...CLAIMS, role: 'owner', exp: NOW + 60 })).toString('base64url');
    return authenticate(session({ accessToken: [header, payload, signature].join('.') }));
  });
  same('no cookie', async () => authenticate(undefined));
  same('an empty cookie', async () => authenticate(''));
  same('garbage', async () => authenticate('garbage'));
  same('a seal of another password', async () => authenticate(sealed({ user: SEALED_USER, accessToken: await token() }, OTHER_PASSWORD)));
  same('a seal that was tampered with', async () => authenticate((await session()).replace(/.~2$/, (end) => (end === 'A~2' ? 'Q~2' : 'A~2'))));
  same('a seal without an access token', async () => authenticate(sealed({ user: SEALED_USER })));
  same('a seal without suffix', async () => authenticate((await session()).replace(/~2$/, '')));
  same('the right issuer', async () => authenticate(session()), undefined, { issuer: CLAIMS.iss });
  same('one of several issuers', async () => authenticate(session()), undefined, { issuer: ['https://x.example', CLAIMS.iss] });
  same('another issuer', async () => authenticate(session()), undefined, { issuer: 'https://x.example' });
  same('authenticateWithSessionCookie', async () => {
    const sessionData = await session();
    return ({ userManagement }) => userManagement.authenticateWithSessionCookie({ sessionData, cookiePassword: PASSWORD });
  });
  same('authenticateWithSessionCookie, expired', async () => {
    const sessionData = await session({}, { exp: NOW - 1 });
    return ({ userManagement }) => userManagement.authenticateWithSessionCookie({ sessionData, cookiePassword: PASSWORD });
  });

  differs('an unknown key', async () => authenticate(session({}, {}, { kid: 'key_2' })), {
    sdk: { throws: /JWKSNoMatchingKey/ }, ours: refusal('invalid_jwt', 'unknown_key'),
  });
  differs('another algorithm', async () => authenticate(session({ accessToken: `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.` })), {
    sdk: { throws: /JOSENotSupported/ }, ours: refusal('invalid_jwt', 'algorithm_not_allowed'),
  });
  differs('a token without an end', async () => authenticate(session({}, { exp: undefined })), {
    sdk: { authenticated: true }, ours: refusal('invalid_jwt', 'expiration_missing'),
  });
  differs('keys that cannot be had: 500', async () => authenticate(session()), {
    sdk: { throws: /JOSEError/ }, ours: refusal('invalid_jwt', 'keys_unavailable', true),
  }, () => ({ keys: failure(500, 'oops') }));
  differs('keys that cannot be had: no JSON', async () => authenticate(session()), {
    sdk: { throws: /JOSEError/ }, ours: refusal('invalid_jwt', 'keys_unavailable', true),
  }, () => ({ keys: { body: '<html>' } }));
  differs('keys that cannot be had: the line is cut', async () => authenticate(session()), {
    sdk: { throws: /TypeError fetch failed/ }, ours: refusal('invalid_jwt', 'keys_unavailable', true),
  }, () => ({ keys: { drop: true } }));
  differs('a short password', async () => authenticate(session(), 'short'), {
    sdk: { throws: /password/i }, ours: { throws: /TypeError `cookiePassword`/ },
  });
  differs('no password', async () => authenticate(session(), ''), {
    sdk: { throws: /cookiePassword is required/ }, ours: { throws: /TypeError `cookiePassword`/ },
  });
  differs('a seal of another password id', async () => authenticate((await session()).replace('Fe26.2*1*', 'Fe26.2*2*')), {
    sdk: { authenticated: false }, ours: refusal('invalid_session_cookie', 'seal_bad_mac'),
  });
});

describe('refresh', () => {
  same('the next generation', async () => refresh(session()), async () => ({ answer: await grant() }));
  same('another organization', async () => refresh(session(), { organizationId: 'org_2' }), async () => ({ answer: await grant({ organization_id: 'org_2' }, { org_id: 'org_2' }) }));
  same('of an expired session', async () => refresh(session({}, { exp: NOW - 100 })), async () => ({ answer: await grant() }));
  same('an impersonated one', async () => refresh(session()), async () => ({ answer: await grant({ impersonator: { email: 'root@example.com', reason: 'support' } }) }));
  same('with another password, and then authenticate', async () => {
    const sessionData = await session();
    return async (client) => {
      const loaded = load(sessionData)(client);
      const first = await loaded.refresh({ cookiePassword: OTHER_PASSWORD });
      const second = await loaded.authenticate();
      return first.authenticated ? second : first;
    };
  }, async () => ({ answer: await grant() }));
  same('garbage', async () => refresh('garbage'));
  same('no refresh token', async () => refresh(session({ refreshToken: undefined })));
  for (const [name, answer] of Object.entries({
    'invalid_grant': failure(400, { error: 'invalid_grant', error_description: 'Refresh token already exchanged.' }),
    'mfa_enrollment': failure(403, { code: 'mfa_enrollment', message: 'enrol' }),
    'sso_required': failure(403, { code: 'sso_required', message: 'sso' }),
    'sso_required as an error': failure(403, { error: 'sso_required', error_description: 'sso' }),
    '429': failure(429, { message: 'slow down' }, { 'retry-after': '7' }),
    '429 without Retry-After': failure(429, { message: 'slow down' }),
    '500': failure(500, { message: 'oops' }),
    '503': failure(503, { message: 'oops' }),
    '408': failure(408, { message: 'late' }),
  })) {
    test(`refused: ${name}`, async () => {
      // How often a provider that fails is asked again is our own affair: docs/conformance.md.
      const [sdk, ours] = await both(refresh(session()), { answer });
      covers(comparable(ours.resolved), comparable(sdk.resolved));
    });
  }
  differs('refused: 401', async () => refresh(session()), {
    sdk: { throws: /UnauthorizedException/ }, ours: refusal('server_error', 'provider_refused_client', true),
  }, () => ({ answer: failure(401, {}) }));
  differs('refused: 422', async () => refresh(session()), {
    sdk: { throws: /UnprocessableEntityException/ }, ours: refusal('server_error', 'provider_refused_client', true),
  }, () => ({ answer: failure(422, {}) }));
  differs('refused: 502 with HTML', async () => refresh(session()), {
    sdk: { throws: /ParseError/ }, ours: refusal('server_error', 'provider_unavailable', true),
  }, () => ({ answer: failure(502, '<html>') }));
  differs('refused: another step is asked for', async () => refresh(session()), {
    sdk: { throws: /AuthenticationException/ }, ours: refusal('sso_required', 'interaction_required'),
  }, () => ({ answer: failure(403, { code: 'organization_selection_required', message: 'choose' }) }));
  differs('no cookie', async () => refresh(undefined), {
    sdk: { throws: /TypeError/ }, ours: refusal('no_session_cookie_provided', 'cookie_missing'),
  });
});

describe('signing out', () => {
  same('getLogoutUrl of a session', async () => {
    const sessionData = await session();
    return (client) => load(sessionData)(client).getLogoutUrl();
  });
  same('getLogoutUrl with returnTo', async () => {
    const sessionData = await session();
    return (client) => load(sessionData)(client).getLogoutUrl({ returnTo: 'https://app.example/bye bye?x=ä' });
  });
  same('getLogoutUrl of garbage', async () => (client) => load('garbage')(client).getLogoutUrl());
  same('getLogoutUrl of no cookie', async () => (client) => load(undefined)(client).getLogoutUrl());
  differs('getLogoutUrl of an expired session', async () => {
    const sessionData = await session({}, { exp: NOW - 100 });
    return (client) => load(sessionData)(client).getLogoutUrl();
  }, { sdk: { throws: /Failed to extract session ID for logout URL: invalid_jwt/ }, ours: {} });
  same('userManagement.getLogoutUrl', async () => ({ userManagement }) => userManagement.getLogoutUrl({ sessionId: 'session_1', returnTo: 'https://x.example/' }));
  same('revokeSession', async () => ({ userManagement }) => userManagement.revokeSession({ sessionId: 'session_1' }), () => ({ answer: { body: {} } }));
  same('revokeSession of an unknown one', async () => ({ userManagement }) => userManagement.revokeSession({ sessionId: 'session_9' }), () => ({ answer: failure(404, { message: 'Session not found', code: 'entity_not_found' }) }));
  same('revokeSession without a right to', async () => ({ userManagement }) => userManagement.revokeSession({ sessionId: 'session_9' }), () => ({ answer: failure(401, {}) }));
});

const wire = (id) => ({
  object: 'session', id, user_id: 'user_1', organization_id: 'org_1', status: 'active', auth_method: 'password', ip_address: '192.0.2.1',
  user_agent: 'curl', impersonator: { email: 'root@example.com', reason: null }, expires_at: '2026-01-01T00:00:00Z', ended_at: null,
  created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z',
});

describe('a person’s sessions', () => {
  const answer = ({ query }) =>
    query.after === 'session_2'
      ? { body: { object: 'list', data: [wire('session_3')], list_metadata: { before: 'session_2', after: null } } }
      : { body: { object: 'list', data: [wire('session_1'), wire('session_2')], list_metadata: { before: null, after: 'session_2' } } };
  const read = (options) => async ({ userManagement }) => {
    const { data, listMetadata } = await userManagement.listSessions('user_1', options);
    return { data, listMetadata };
  };
  test('the Session object has its 13 members', async () => {
    const [sdk, ours] = await both(read(), { answer });
    assert.deepEqual(ours.resolved.data, sdk.resolved.data);
    assert.equal(Object.keys(ours.resolved.data[0]).length, 13);
    assert.deepEqual(ours.resolved.listMetadata, sdk.resolved.listMetadata);
  });
  test('all pages', async () => {
    const all = async ({ userManagement }) => (await userManagement.listSessions('user_1')).autoPagination();
    const [sdk, ours] = await both(all, { answer });
    assert.deepEqual(ours.resolved, sdk.resolved);
    assert.equal(ours.resolved.length, 3);
  });
  same('of an unknown person', async () => read(), () => ({ answer: failure(404, { message: 'User not found', code: 'entity_not_found' }) }));
  same('too often', async () => read(), () => ({ answer: failure(429, { message: 'slow down' }, { 'retry-after': '3' }) }));
});

describe('signing in', () => {
  const code = (options) => ({ userManagement }) => userManagement.authenticateWithCode({ code: 'code_1', ...options });
  same('with a code', async () => code(), async () => ({ answer: await grant() }));
  same('with a code and its verifier', async () => code({ codeVerifier: 'v'.repeat(43), ipAddress: '192.0.2.1', userAgent: 'curl', invitationToken: 'inv' }), async () => ({ answer: await grant() }));
  same('with tokens of the identity provider', async () => code(), async () => ({
    answer: await grant({ oauth_tokens: { provider: 'GoogleOAuth', access_token: 'a', refresh_token: 'r', expires_at: 1, scopes: ['x'] }, new_member: { of_workos: 1 } }),
  }));
  same('with a refresh token', async () => ({ userManagement }) => userManagement.authenticateWithRefreshToken({ refreshToken: 'rt_1', organizationId: 'org_1' }), async () => ({ answer: await grant() }));
  same('and sealed: it opens and is the same', async () => async (client) => {
    const { sealedSession } = await code({ session: { sealSession: true, cookiePassword: PASSWORD } })(client);
    return load(sealedSession)(client).authenticate();
  }, async () => ({ answer: await grant() }));
  for (const [name, answer] of Object.entries({
    'a used code': failure(400, { error: 'invalid_grant', error_description: 'The code has expired.' }),
    'an OAuth error without description': failure(400, { error: 'invalid_request' }),
    'an unverified address': failure(403, { code: 'email_verification_required', message: 'verify', pending_authentication_token: 'pat_1', email: 'ada@example.com' }),
    'a wrong key': failure(401, { message: 'Unauthorized' }),
    'a conflict': failure(409, { message: 'conflict', code: 'x' }),
    'demands': failure(422, { message: 'no', code: 'x', errors: [{ code: 'a' }, { code: 'b' }] }),
    'a bad request': failure(400, { message: 'no', code: 'x', errors: ['a'] }),
    'not found': failure(404, {}),
    'an odd status': failure(418, { message: 'teapot' }),
    'a failure': failure(500, { message: 'oops' }),
    'too many': failure(429, { message: 'slow down' }, { 'retry-after': '9' }),
  })) {
    same(`refused: ${name}`, async () => code(), () => ({ answer }));
  }
  test('half an emoji in a name costs nobody the tokens', async () => {
    const { body } = await grant();
    const text = JSON.stringify(body).replace('"first_name":"Ada"', String.raw`"first_name":"cut \ud83d"`);
    const [sdk, ours] = await both(code({ session: { sealSession: true, cookiePassword: PASSWORD } }), { answer: { body: text } });
    assert.equal(ours.resolved.accessToken, sdk.resolved.accessToken);
    assert.equal(ours.resolved.refreshToken, 'rt_2');
    assert.equal(ours.resolved.user.firstName, 'cut \ufffd');
    assert.ok(ours.resolved.sealedSession);
  });
  same('an empty verifier', async () => async (client) => {
    const error = await code({ codeVerifier: ' ' })(client).catch((error) => error);
    return { isTypeError: error instanceof TypeError };
  });
});

describe('URLs', () => {
  const url = (options) => async ({ userManagement }) => {
    const text = userManagement.getAuthorizationUrl({ redirectUri: 'https://app.example/callback', clientId: 'client_fixed', ...options });
    return text;
  };
  const everything = {
    provider: 'authkit', state: 'a b', screenHint: 'sign-up', loginHint: 'ada@example.com', domainHint: 'example.com', organizationId: 'org_1',
    connectionId: 'conn_1', prompt: 'login', maxAge: 60, invitationToken: 'inv_1', claimNonce: 'n', codeChallenge: 'c', codeChallengeMethod: 'S256',
  };
  same('getAuthorizationUrl, plain', async () => url({ provider: 'authkit' }));
  same('getAuthorizationUrl, everything', async () => url(everything));
  same('getAuthorizationUrl of a provider with scopes', async () => url({ provider: 'GoogleOAuth', providerScopes: ['a', 'b'], providerQueryParams: { hd: 'example.com', bar: 'ä' } }));
  same('getAuthorizationUrl without a place to go is a TypeError', async () => async (client) => {
    const error = await url({})(client).catch((error) => error);
    return { isTypeError: error instanceof TypeError };
  });
  same('getJwksUrl', async () => ({ userManagement }) => userManagement.getJwksUrl('client_1'));
  test('getAuthorizationUrlWithPKCE makes a verifier and a state', async () => {
    const make = ({ userManagement }) => userManagement.getAuthorizationUrlWithPKCE({ provider: 'authkit', redirectUri: 'https://app.example/callback' });
    for (const { resolved } of await both(make, {})) {
      const { searchParams } = new URL(resolved.url);
      assert.equal(resolved.codeVerifier.length, 43);
      assert.equal(searchParams.get('state'), resolved.state);
      assert.equal(searchParams.get('code_challenge_method'), 'S256');
      const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(resolved.codeVerifier));
      assert.equal(searchParams.get('code_challenge'), Buffer.from(digest).toString('base64url'));
    }
  });
});

describe('webhooks', () => {
  const secret = 'whsec_1';
  const header = (body, at = Date.now(), key = secret) => `t=${at}, v1=${createHmac('sha256', key).update(`${at}.${body}`).digest('hex')}`;
  const event = (name, data) => JSON.stringify({ object: 'event', id: 'event_1', event: name, created_at: '2026-01-01T00:00:00Z', data });
  const revoked = event('session.revoked', wire('session_1'));
  const construct = (options) => ({ webhooks }) => webhooks.constructEvent({ secret, ...options });
  same('a session that was revoked', async () => construct({ payload: revoked, sigHeader: header(revoked) }));
  same('a user that was updated', async () => {
    const payload = event('user.updated', USER);
    return construct({ payload, sigHeader: header(payload) });
  });
  same('a body in bytes', async () => construct({ payload: new TextEncoder().encode(revoked), sigHeader: header(revoked) }));
  same('another secret', async () => construct({ payload: revoked, sigHeader: header(revoked, Date.now(), 'other') }));
  same('another body', async () => construct({ payload: revoked.replace('session_1', 'session_2'), sigHeader: header(revoked) }));
  same('too old', async () => construct({ payload: revoked, sigHeader: header(revoked, Date.now() - 200_000) }));
  same('as old as it is told to accept', async () => construct({ payload: revoked, sigHeader: header(revoked, Date.now() - 200_000), tolerance: 300_000 }));
  same('a header of another form', async () => construct({ payload: revoked, sigHeader: 'nonsense' }));
  differs('from the future', async () => construct({ payload: revoked, sigHeader: header(revoked, Date.now() + 1e9) }), {
    sdk: { id: 'event_1' }, ours: { throws: /SignatureVerificationException/ },
  });
  test('random headers are refused by both', async () => {
    for (let index = 0; index < 50; index += 1) {
      const sigHeader = randomBytes(index).toString('latin1');
      const [sdk, ours] = await both(construct({ payload: revoked, sigHeader }), {});
      assert.equal(sdk.rejected?.name === undefined, false);
      assert.match(ours.rejected.name, /SignatureVerificationException|TypeError/);
    }
  });
});
