// The session calls of `stytch` 14, run by one script against both packages over the local provider: requests, results and rejections
// are equal, member by member, but for what docs/conformance.md lists. Those cases say both what the SDK does and what edgeseal does.

import { describe } from 'node:test';

import { differs, same } from './support/stytch.mjs';

const B2B = { provider: 'stytch-b2b' };
const posts = (action) => ({ resource_id: 'posts', action });
const sessionOf = (provider, organization) => provider.mintSession({ organization }).response.member_session;
const acme = (provider, check) => ({ ...check, organization_id: sessionOf(provider, 'acme').organization_id });

/** `authenticateJwt` with a session that the options mint. */
const jwt = (options = {}, minted = {}) => ({ sessions }, provider) =>
  sessions.authenticateJwt({ session_jwt: provider.mintSession(minted).sessionJwt, ...(typeof options === 'function' ? options(provider) : options) });
const local = (options = {}, minted = {}) => ({ sessions }, provider) =>
  sessions.authenticateJwtLocal({ session_jwt: provider.mintSession(minted).sessionJwt, ...(typeof options === 'function' ? options(provider) : options) });

/** Runs with the provider set up first. */
const given = (setUp, run) => async (client, provider) => {
  const prepared = await setUp(provider);
  return run(client, provider, prepared);
};
const knobs = (settings, run) => given((provider) => provider.knobs.set(settings), run);

describe('authenticateJwt', () => {
  same('a token that is good', jwt());
  same('with custom claims', jwt({}, { customClaims: { plan: 'pro', nested: { seats: [1, 2.5, -3] }, 'ä 😀': 'ä 😀' } }));
  same('of an impersonator', jwt({}, { impersonator: { email: 'root@example.com', reason: 'support' } }));
  same('with a duration and claims, which the local step leaves alone', jwt({ session_duration_minutes: 60, session_custom_claims: { a: 1 } }));
  same('expired, the session lives', jwt({}, { lifetimeSeconds: -5 }));
  same('expired, with a longer session', jwt({ session_duration_minutes: 600 }, { lifetimeSeconds: -5 }));
  same('expired, with claims', jwt({ session_custom_claims: { plan: 'pro', gone: null } }, { lifetimeSeconds: -5 }));
  same('expired, with a duration that is too short', jwt({ session_duration_minutes: 1 }, { lifetimeSeconds: -5 }));
  same('expired, and the session was revoked', async ({ sessions }, provider) => {
    const { sessionJwt, sessionToken } = provider.mintSession({ lifetimeSeconds: -5 });
    await sessions.revoke({ session_token: sessionToken });
    return sessions.authenticateJwt({ session_jwt: sessionJwt });
  });
  same('revoked, and the token is good', async ({ sessions }, provider) => {
    const { sessionJwt, sessionToken } = provider.mintSession();
    await sessions.revoke({ session_token: sessionToken });
    return sessions.authenticateJwt({ session_jwt: sessionJwt });
  });
  // The token is looked at even so: what is forged is refused without a call.
  const looked = { sdk: { endpoints: ['authenticate'] }, ours: { endpoints: ['authenticate', 'jwks'] } };
  differs('max age 0', jwt({ max_token_age_seconds: 0 }), {
    sdk: { gives: { status_code: 200 }, ...looked.sdk }, ours: { gives: { status_code: 200, fallback_reason: 'max_age_zero' }, ...looked.ours },
  });
  differs('max age 0 of a revoked session', async ({ sessions }, provider) => {
    const { sessionJwt, sessionToken } = provider.mintSession();
    await sessions.revoke({ session_token: sessionToken });
    return sessions.authenticateJwt({ session_jwt: sessionJwt, max_token_age_seconds: 0 });
  }, {
    sdk: { rejects: 'StytchError: {"status_code":404', endpoints: ['authenticate', 'revoke'] },
    ours: { rejects: 'StytchError: {"status_code":404', detail: 'session_not_found', endpoints: ['authenticate', 'jwks', 'revoke'] },
  });
  same('young enough', jwt({ max_token_age_seconds: 60 }));
  same('too old', jwt({ max_token_age_seconds: 30, current_date: new Date(Date.now() + 31_000) }));
  same('expired within the tolerance', jwt({ clock_tolerance_seconds: 60 }, { lifetimeSeconds: -5 }));
  same('expired beyond the tolerance', jwt({ clock_tolerance_seconds: 2 }, { lifetimeSeconds: -5 }));
  same('at a later time', jwt({ current_date: new Date(Date.now() + 3_600_000) }));
  same('from a provider whose clock is ahead', knobs({ clockOffsetSeconds: 30 }, jwt()));
  same('a token by the base URL as its issuer', knobs({ issuerIsUrl: true }, jwt()));
  same('twice', async (client, provider) => {
    const session_jwt = provider.mintSession().sessionJwt;
    return [await client.sessions.authenticateJwt({ session_jwt }), await client.sessions.authenticateJwt({ session_jwt })].map(({ session }) => session);
  });
  same('twenty at once, the keys unknown', async (client, provider) => {
    const session_jwt = provider.mintSession().sessionJwt;
    return Promise.all(Array.from({ length: 20 }, async () => (await client.sessions.authenticateJwt({ session_jwt })).session));
  });
});

describe('keys', () => {
  const rotated = (keepPrevious, more = {}) => async (client, provider) => {
    provider.knobs.set(more);
    const before = provider.mintSession().sessionJwt;
    await provider.rotateKeys({ keepPrevious });
    const results = [];
    for (const session_jwt of [provider.mintSession().sessionJwt, before, provider.mintSession().sessionJwt]) {
      results.push((await client.sessions.authenticateJwt({ session_jwt })).session.user_id);
    }
    return results;
  };
  same('both keys sign for a while', rotated(true));
  same('the new key signs alone', rotated(true, { bothSignSeconds: 0 }));
  same('down, with a good token: Stytch is asked instead', knobs({ fail: { status: 500, endpoints: ['jwks'] } }, jwt()));
  differs('a rotation that happens after the keys were loaded', async (client, provider) => {
    const authenticate = (session_jwt) => client.sessions.authenticateJwt({ session_jwt });
    await authenticate(provider.mintSession().sessionJwt);
    provider.knobs.set({ bothSignSeconds: 0 });
    await provider.rotateKeys({ keepPrevious: true });
    return authenticate(provider.mintSession().sessionJwt);
  }, {
    sdk: { gives: { status_code: 200 }, endpoints: ['authenticate', 'jwks'] },
    ours: { gives: { source: 'local' }, endpoints: ['jwks', 'jwks'] },
  });
});

describe('what cannot become a session', () => {
  const forged = async ({ sessions }, provider) => {
    const [header, payload, signature] = provider.mintSession().sessionJwt.split('.');
    return sessions.authenticateJwt({ session_jwt: [header, payload, signature.replace(/^..../, 'AAAA')].join('.') });
  };
  const refusal = (detail, more = {}) => ({ rejects: 'ClientError: jwt_invalid: Could not verify JWT', detail, ...more });
  differs('a forged signature', forged, {
    sdk: { rejects: 'StytchError: {"status_code":404', endpoints: ['authenticate', 'jwks'] }, ours: refusal('bad_signature', { endpoints: ['jwks'] }),
  });
  differs('garbage', ({ sessions }) => sessions.authenticateJwt({ session_jwt: 'garbage' }), {
    sdk: { rejects: 'StytchError: {"status_code":400', endpoints: ['authenticate'] }, ours: refusal('token_malformed', { endpoints: [] }),
  });
  differs('no token', ({ sessions }) => sessions.authenticateJwt({}), {
    sdk: { rejects: 'StytchError: {"status_code":400', endpoints: ['authenticate'] }, ours: refusal('cookie_missing', { endpoints: [] }),
  });
  differs('the token of a machine', ({ sessions }, provider) => sessions.authenticateJwt({ session_jwt: provider.mintM2mToken() }), {
    sdk: { rejects: 'StytchError', endpoints: ['authenticate', 'jwks'] }, ours: refusal('token_not_of_session', { endpoints: ['jwks'] }),
  });
  differs('the token of an app', ({ sessions }, provider) => sessions.authenticateJwt({ session_jwt: provider.mintAccessToken() }), {
    sdk: { rejects: 'StytchError', endpoints: ['authenticate', 'jwks'] }, ours: refusal('token_not_of_session', { endpoints: ['jwks'] }),
  });
  differs('a session as a machine', ({ m2m }, provider) => m2m.authenticateToken({ access_token: provider.mintSession().sessionJwt }), {
    sdk: { rejects: 'TypeError: Cannot read properties of undefined' }, ours: refusal('token_of_session'),
  });
  differs('a session as an access token', ({ idp }, provider) => idp.introspectTokenLocal(provider.mintSession().sessionJwt), {
    sdk: { gives: { token_type: 'access_token' } }, ours: refusal('token_of_session'),
  });
});

describe('authenticateJwtLocal', () => {
  same('a token that is good', local());
  same('expired', local({}, { lifetimeSeconds: -5 }));
  same('garbage', ({ sessions }) => sessions.authenticateJwtLocal({ session_jwt: 'a.b.c' }));
  same('an empty one', ({ sessions }) => sessions.authenticateJwtLocal({ session_jwt: '' }));
  same('what its roles allow', local({ authorization_check: posts('write') }));
  same('what its roles do not allow', local({ authorization_check: posts('write') }, { person: 'margaret' }));
  differs('too old', local({ max_token_age_seconds: 0 }), {
    sdk: { rejects: 'ClientError: jwt_too_old: JWT was issued at ' }, ours: { rejects: 'ClientError: jwt_too_old: JWT was issued longer ago than', detail: 'token_too_old' },
  });
});

describe('what roles allow', () => {
  for (const person of ['ada', 'grace', 'thordis', 'margaret']) {
    for (const action of ['read', 'write']) same(`${person}, ${action}, the token alone`, local({ authorization_check: posts(action) }, { person }));
  }
  same('allowed, with the API beside', jwt({ authorization_check: posts('read') }));
  same('an action that no role names', local({ authorization_check: posts('shred') }, { person: 'thordis' }));
  same('every action of a role with *', local({ authorization_check: posts('shred') }));
  same('a resource that nobody knows', local({ authorization_check: { resource_id: 'nothing', action: 'read' } }));
  same('* as an action', local({ authorization_check: posts('*') }, { person: 'grace' }));
  same('expired and allowed', jwt({ authorization_check: posts('read') }, { lifetimeSeconds: -5 }));
  same('expired and denied', jwt({ authorization_check: posts('shred') }, { lifetimeSeconds: -5, person: 'margaret' }));
  differs('max age 0 and denied', jwt({ authorization_check: posts('shred'), max_token_age_seconds: 0 }, { person: 'margaret' }), {
    sdk: { rejects: 'StytchError: {"status_code":403', endpoints: ['authenticate'] },
    ours: { rejects: 'StytchError: {"status_code":403', detail: 'permission_denied', endpoints: ['authenticate', 'jwks'] },
  });
  differs('denied: it may be asked for', jwt({ authorization_check: posts('write') }, { person: 'margaret' }), {
    sdk: { rejects: 'StytchError: {"status_code":403', endpoints: ['authenticate', 'jwks', 'policy'] },
    ours: { rejects: 'ClientError: invalid_permissions: User does not have permission', detail: 'permission_denied', endpoints: ['jwks', 'policy'] },
  });
  same('denied, and asked for', jwt({ authorization_check: posts('write'), ask_when_denied: true }, { person: 'margaret' }));
  same('a role that was given since, asked for', async ({ sessions }, provider) => {
    const session_jwt = provider.mintSession({ person: 'margaret' }).sessionJwt;
    provider.setRoles({ person: 'margaret', roles: ['admin'] });
    return sessions.authenticateJwt({ session_jwt, authorization_check: posts('write'), ask_when_denied: true });
  });
  differs('the policy cannot be had', knobs({ fail: { status: 500, endpoints: ['policy'] } }, jwt({ authorization_check: posts('read') })), {
    sdk: { gives: { status_code: 200 }, endpoints: ['authenticate', 'jwks', 'policy'] },
    ours: { rejects: 'ClientError: policy_unavailable', detail: 'policy_unavailable', endpoints: ['jwks', 'policy'] },
  });
  same('the policy cannot be had, and Stytch may be asked', knobs({ fail: { status: 500, endpoints: ['policy'] } }, jwt({ authorization_check: posts('read'), ask_when_denied: true })));
});

describe('authenticate, revoke, get, getJWKS', () => {
  same('by token', ({ sessions }, provider) => sessions.authenticate({ session_token: provider.mintSession().sessionToken }));
  same('by JWT', ({ sessions }, provider) => sessions.authenticate({ session_jwt: provider.mintSession().sessionJwt }));
  same('longer, with claims', ({ sessions }, provider) =>
    sessions.authenticate({ session_token: provider.mintSession().sessionToken, session_duration_minutes: 90, session_custom_claims: { plan: 'pro' } }));
  same('with a check', ({ sessions }, provider) =>
    sessions.authenticate({ session_token: provider.mintSession().sessionToken, authorization_check: posts('read') }));
  same('with a check that denies', ({ sessions }, provider) =>
    sessions.authenticate({ session_token: provider.mintSession({ person: 'margaret' }).sessionToken, authorization_check: posts('write') }));
  same('both tokens', ({ sessions }, provider) => {
    const { sessionToken: session_token, sessionJwt: session_jwt } = provider.mintSession();
    return sessions.authenticate({ session_token, session_jwt });
  });
  same('neither token', ({ sessions }) => sessions.authenticate({}));
  same('an unknown token', ({ sessions }) => sessions.authenticate({ session_token: 'WJtR5BCy38Szd5AfoDpf0iqFKEt4EE5JhjlWUY7l3FtY' }));
  same('a wrong secret', ({ sessions }, provider) => sessions.authenticate({ session_token: provider.mintSession().sessionToken }), { options: { secret: 'secret-test-wrong' } });
  same('revoke by token', ({ sessions }, provider) => sessions.revoke({ session_token: provider.mintSession().sessionToken }));
  same('revoke by id', ({ sessions }, provider) => sessions.revoke({ session_id: provider.mintSession().sessionId }));
  same('revoke by JWT', ({ sessions }, provider) => sessions.revoke({ session_jwt: provider.mintSession().sessionJwt }));
  same('revoke by nothing', ({ sessions }) => sessions.revoke({}));
  same('revoke what is unknown', ({ sessions }) => sessions.revoke({ session_token: 'WJtR5BCy38Szd5AfoDpf0iqFKEt4EE5JhjlWUY7l3FtY' }));
  same('get', ({ sessions }, provider) => sessions.get({ user_id: provider.mintSession().response.session.user_id }));
  same('get nobody', ({ sessions }) => sessions.get({ user_id: 'user-test-00000000-0000-4000-8000-000000000000' }));
  same('getJWKS', ({ sessions }, { projectId: project_id }) => sessions.getJWKS({ project_id }));
  same('getJWKS of another project', ({ sessions }) => sessions.getJWKS({ project_id: 'project-test-other' }));
});

describe('every error of the API', () => {
  const types = [
    'session_not_found', 'unauthorized_credentials', 'invalid_secret_authentication', 'user_unauthenticated', 'session_authorization_error',
    'consumer_session_authorization_error', 'session_authorization_tenancy_error', 'unable_to_parse_session_jwt', 'invalid_session_token',
    'too_many_requests', 'internal_server_error', 'bad_request', 'custom_claims_too_large', 'incompatible_session_type',
  ];
  for (const errorType of types) {
    same(errorType, knobs({ fail: { errorType, endpoints: ['authenticate'] } }, jwt({}, { lifetimeSeconds: -5 })));
  }
  differs('502, a proxy\'s', knobs({ fail: { status: 502, endpoints: ['authenticate'] } }, jwt({}, { lifetimeSeconds: -5 })), {
    sdk: { rejects: 'RequestError: Unable to parse JSON response' },
    ours: { rejects: "RequestError: Stytch's answer is not one", detail: 'provider_unavailable', endpoints: ['authenticate', 'jwks'] },
  });
  differs('down', knobs({ down: { endpoints: ['authenticate'] } }, jwt({}, { lifetimeSeconds: -5 })), {
    sdk: { rejects: 'RequestError: fetch failed' }, ours: { rejects: 'RequestError: Stytch could not be reached', detail: 'provider_unreachable' },
  });
  differs('a connection that breaks once', knobs({ loseReply: { endpoints: ['authenticate'], times: 1 } }, jwt({}, { lifetimeSeconds: -5 })), {
    sdk: { rejects: 'RequestError: fetch failed' }, ours: { gives: { source: 'remote', fallback_reason: 'token_expired' } },
  });
});

describe('organizations', () => {
  const check = (action) => (provider) => ({ authorization_check: acme(provider, posts(action)) });
  same('a token that is good', jwt(), B2B);
  same('expired', jwt({}, { lifetimeSeconds: -5 }), B2B);
  same('expired, longer', jwt({ session_duration_minutes: 90 }, { lifetimeSeconds: -5 }), B2B);
  same('the token alone', local({}, { customClaims: { plan: 'pro' } }), B2B);
  differs('allowed by the project: the organization\'s policy is not needed', local(check('write')), {
    sdk: { gives: { organization_slug: 'acme' }, endpoints: ['jwks', 'organization_policy', 'policy'] },
    ours: { gives: { organization_slug: 'acme' }, endpoints: ['jwks', 'policy'] },
  }, B2B);
  same('allowed, where organizations have no policies', knobs({ organizationPoliciesOff: true }, jwt({ clock_tolerance_seconds: 0 })), B2B);
  same('denied', local(check('write'), { person: 'katherine' }), B2B);
  same('by a role that only the organization has', local((provider) => ({ authorization_check: acme(provider, { resource_id: 'ledger', action: 'read' }) }), { person: 'katherine' }), B2B);
  differs('of another organization', local((provider) => ({ authorization_check: { ...posts('read'), organization_id: 'organization-test-other' } })), {
    sdk: { rejects: 'ClientError: tenancy_mismatch: Member belongs to different organization', endpoints: ['jwks', 'organization_policy', 'policy'] },
    ours: { rejects: 'ClientError: tenancy_mismatch: Member belongs to different organization', detail: 'tenancy_mismatch', endpoints: ['jwks'] },
  }, B2B);
  differs('of another organization, with the API beside', jwt((provider) => ({ authorization_check: { ...posts('read'), organization_id: 'organization-test-other' } })), {
    sdk: { rejects: 'StytchError: {"status_code":403' }, ours: { rejects: 'ClientError: tenancy_mismatch: Member belongs to different organization', detail: 'tenancy_mismatch', endpoints: ['jwks'] },
  }, B2B);
  differs('organizations without policies', knobs({ organizationPoliciesOff: true }, jwt(check('shred'), { person: 'katherine' })), {
    sdk: { rejects: 'StytchError: {"status_code":403', endpoints: ['authenticate', 'jwks', 'organization_policy', 'policy'] },
    ours: { rejects: 'ClientError: invalid_permissions: Member does not have permission', detail: 'permission_denied', endpoints: ['jwks', 'organization_policy', 'policy'] },
  }, B2B);
  same('authenticate', ({ sessions }, provider) => sessions.authenticate({ session_token: provider.mintSession().sessionToken }), B2B);
  same('revoke by id', ({ sessions }, provider) => sessions.revoke({ member_session_id: provider.mintSession().sessionId }), B2B);
  same('revoke all of a member', ({ sessions }, provider) => sessions.revoke({ member_id: sessionOf(provider).member_id }), B2B);
  same('get', ({ sessions }, provider) => {
    const { organization_id, member_id } = sessionOf(provider);
    return sessions.get({ organization_id, member_id });
  }, B2B);
  same('getJWKS', ({ sessions }, { projectId: project_id }) => sessions.getJWKS({ project_id }), B2B);
  same('exchange', ({ sessions }, provider) =>
    sessions.exchange({ organization_id: sessionOf(provider, 'globex').organization_id, session_token: provider.mintSession().sessionToken, session_duration_minutes: 60 }), B2B);
  same('exchange for an organization that is not hers', ({ sessions }, provider) =>
    sessions.exchange({ organization_id: 'organization-test-00000000-0000-4000-8000-000000000000', session_token: provider.mintSession().sessionToken }), B2B);
});

describe('machines and apps', () => {
  const machine = (minted = {}, options = {}) => ({ m2m }, provider) => m2m.authenticateToken({ access_token: provider.mintM2mToken(minted), ...options });
  same('a machine', machine());
  same('with claims', machine({ customClaims: { plan: 'pro' } }));
  same('with the scope that is asked for', machine({ scopes: ['read:posts', 'write:*'] }, { required_scopes: ['read:posts', 'write:posts'] }));
  same('without it', machine({ scopes: ['read:posts'] }, { required_scopes: ['read:posts', 'write:posts'] }));
  same('a list of no scopes', machine({ scopes: ['read:posts'] }, { required_scopes: [] }));
  same('expired', machine({ lifetimeSeconds: -5 }));
  same('expired within the tolerance', machine({ lifetimeSeconds: -5 }, { clock_tolerance_seconds: 10 }));
  same('a decision of the caller\'s: yes', ({ m2m }, provider) =>
    m2m.authenticateToken({ access_token: provider.mintM2mToken({ scopes: ['a'] }), required_scopes: ['b'] }, ({ hasScopes, requiredScopes }) => hasScopes[0] === 'a' && requiredScopes[0] === 'b'));
  same('a decision of the caller\'s: no', ({ m2m }, provider) =>
    m2m.authenticateToken({ access_token: provider.mintM2mToken({ scopes: ['a'] }), required_scopes: ['a'] }, () => false));
  same('of a B2B project', machine(), B2B);
  same('garbage', ({ m2m }) => m2m.authenticateToken({ access_token: 'garbage' }));
  const app = (options, minted) => ({ idp }, provider) => idp.introspectTokenLocal(provider.mintAccessToken(minted), options);
  same('an app', app());
  same('an app, with claims', app({}, { customClaims: { plan: 'pro' } }));
  same('an app, expired', app({}, { lifetimeSeconds: -5 }));
  same('an app, expired within the tolerance', app({ clock_tolerance_seconds: 10 }, { lifetimeSeconds: -5 }));
  same('an app, later', app({ current_date: new Date(Date.now() + 7_200_000) }));
  same('an app that is allowed', app({ authorization_check: posts('read') }, { scopes: ['read:posts'] }));
  same('an app that is not allowed', app({ authorization_check: posts('write') }, { scopes: ['read:posts'] }));
  same('an app in an organization', app(), B2B);
});
