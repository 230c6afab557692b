// The local provider against Stytch's own SDK: what the SDK accepts of it is what it accepts of Stytch.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, test } from 'node:test';

import { startProvider } from '../../../dev/src/provider.mjs';

const stytch = createRequire(import.meta.url)('stytch');

const CONSUMER = { name: 'stytch', Client: stytch.Client, member: 'session', id: 'session_id', denied: 'consumer_session_authorization_error' };
const MEMBER = { name: 'stytch-b2b', Client: stytch.B2BClient, member: 'member_session', id: 'member_session_id', denied: 'session_authorization_error' };

/** A provider and the SDK's client of it; `client(changes)` makes another one, whose caches are empty. */
async function open(context, { name, Client }, options) {
  const provider = await startProvider({ provider: name, ...options });
  context.after(() => provider.close());
  const client = (changes) => quietly(() => new Client({ project_id: provider.projectId, secret: provider.secret, env: provider.url, ...changes }));
  const asked = () => provider.requests().map(({ endpoint }) => endpoint);
  return { provider, client, sdk: client(), asked };
}

/** The SDK warns that the base URL is not Stytch's. */
function quietly(work) {
  const { warn } = console;
  console.warn = () => {};
  try {
    return work();
  } finally {
    console.warn = warn;
  }
}

const rejection = async (promise) => promise.then(() => assert.fail('it did not reject'), (error) => error);

for (const vertical of [CONSUMER, MEMBER]) {
  const { member, id } = vertical;
  const check = (response, resource, action) => {
    const { organization_id: organizationId } = response[member];
    return { resource_id: resource, action, ...(organizationId && { organization_id: organizationId }) };
  };

  describe(vertical.name, () => {
    test('authenticateJwt is local while the JWT is good, and remote afterwards', async (context) => {
      const { provider, sdk, asked } = await open(context, vertical);
      const { sessionId, sessionJwt, response } = provider.mintSession({ customClaims: { plan: 'gold' } });
      const local = await sdk.sessions.authenticateJwt({ session_jwt: sessionJwt });
      assert.deepEqual(asked(), ['jwks']);
      assert.equal(local.session_jwt, sessionJwt);
      assert.equal(local[member][id], sessionId);
      assert.deepEqual(local[member].custom_claims, { plan: 'gold' });
      assert.deepEqual(local[member].roles, response[member].roles);
      assert.match(response[member].expires_at, /\.\d{6}Z$/);
      assert.equal(local[member].expires_at, `${response[member].expires_at.slice(0, 23)}Z`);

      const expired = provider.mintSession({ lifetimeSeconds: -1 });
      const remote = await sdk.sessions.authenticateJwt({ session_jwt: expired.sessionJwt });
      assert.deepEqual(asked(), ['jwks', 'authenticate']);
      assert.notEqual(remote.session_jwt, expired.sessionJwt);
      assert.equal((await sdk.sessions.authenticateJwtLocal({ session_jwt: remote.session_jwt }))[id], expired.sessionId);
      assert.ok('session_token' in remote && remote.status_code === 200);
    });

    test('local and remote tell the same of a session', async (context) => {
      const { provider, sdk } = await open(context, vertical);
      const { sessionToken } = provider.mintSession({ person: 'thordis', customClaims: { plan: 'gold' } });
      const remote = await sdk.sessions.authenticate({ session_token: sessionToken, session_duration_minutes: 5 });
      const local = await sdk.sessions.authenticateJwtLocal({ session_jwt: remote.session_jwt });
      assert.deepEqual({ ...local, expires_at: Date.parse(local.expires_at) }, { ...remote[member], expires_at: Date.parse(remote[member].expires_at) });
    });

    test('a revoked session stays good locally and is none remotely', async (context) => {
      const { provider, sdk } = await open(context, vertical);
      const { sessionId, sessionJwt } = provider.mintSession();
      await sdk.sessions.revoke({ [id]: sessionId });
      assert.equal((await sdk.sessions.authenticateJwtLocal({ session_jwt: sessionJwt }))[id], sessionId);
      const error = await rejection(sdk.sessions.authenticateJwt({ session_jwt: sessionJwt, max_token_age_seconds: 0 }));
      assert.equal(error.constructor.name, 'StytchError');
      assert.deepEqual([error.status_code, error.error_type], [404, 'session_not_found']);
      assert.match(error.request_id, /^request-id-test-/);
      assert.match(error.error_url, /^https:\/\/stytch\.com\/docs\//);
    });

    test('RBAC allows locally, and asks about a denial', async (context) => {
      const { provider, sdk, asked } = await open(context, vertical);
      const { sessionJwt, response } = provider.mintSession({ person: 'grace' });
      const authenticate = (resource, action) => sdk.sessions.authenticateJwt({ session_jwt: sessionJwt, authorization_check: check(response, resource, action) });
      assert.equal((await authenticate('posts', 'read')).verdict, undefined);
      assert.ok(!asked().includes('authenticate'));
      const denied = await rejection(authenticate('posts', 'write'));
      assert.deepEqual([denied.status_code, denied.error_type], [403, vertical.denied]);
      assert.ok(asked().includes('authenticate'));
      // Granted after the JWT was made: only Stytch can know.
      provider.setRoles({ person: 'grace', roles: ['editor'] });
      assert.deepEqual((await authenticate('posts', 'write')).verdict, { authorized: true, granting_roles: ['editor'] });
    });

    test('RBAC agrees with the SDK on every role, resource and action of the policy', async (context) => {
      const { provider, sdk } = await open(context, vertical);
      const pairs = provider.policy().resources.flatMap(({ resource_id: resource, actions }) => [...actions, 'unknown'].map((action) => [resource, action]));
      for (const { key, memberships } of provider.people) {
        if (vertical === MEMBER && memberships.length === 0) continue;
        const { sessionToken, sessionJwt, response } = provider.mintSession({ person: key });
        for (const [resource, action] of pairs) {
          const wanted = { authorization_check: check(response, resource, action) };
          const local = await sdk.sessions.authenticateJwtLocal({ session_jwt: sessionJwt, ...wanted }).then(() => 'allowed', ({ code }) => code);
          const remote = await sdk.sessions.authenticate({ session_token: sessionToken, ...wanted }).then(() => 'allowed', ({ error_type: type }) => type);
          assert.equal(remote, local === 'invalid_permissions' ? vertical.denied : local, `${key} ${resource} ${action}`);
        }
      }
    });

    test('a rotation is met by loading the keys anew', async (context) => {
      const { provider, client } = await open(context, vertical);
      const old = provider.mintSession().sessionJwt;
      const { keyId } = await provider.rotateKeys();
      const fresh = [provider.mintSession().sessionJwt, provider.mintSession().sessionJwt];
      const kids = fresh.map((jwt) => JSON.parse(Buffer.from(jwt.split('.')[0], 'base64url').toString()).kid);
      assert.deepEqual(kids.map((kid) => kid === keyId), [true, false], 'both keys sign in turns');
      const later = client();
      for (const jwt of [old, ...fresh]) await later.sessions.authenticateJwtLocal({ session_jwt: jwt });
      await provider.rotateKeys({ keepPrevious: false });
      const error = await rejection(client().sessions.authenticateJwtLocal({ session_jwt: old }));
      assert.deepEqual([error.code, error.cause.code], ['jwt_invalid', 'ERR_JWKS_NO_MATCHING_KEY']);
    });

    test('both issuers are good', async (context) => {
      const { provider, sdk } = await open(context, vertical);
      for (const issuerIsUrl of [false, true]) {
        provider.knobs.set({ issuerIsUrl });
        await sdk.sessions.authenticateJwtLocal({ session_jwt: provider.mintSession().sessionJwt });
      }
    });

    test('machines get tokens, and tokens of people are introspected', async (context) => {
      const { provider, sdk } = await open(context, vertical);
      const { clientId, clientSecret } = provider.m2mClient;
      const machine = await sdk.m2m.token({ client_id: clientId, client_secret: clientSecret, scopes: ['read:posts'] });
      assert.deepEqual([machine.token_type, machine.expires_in], ['bearer', 3600]);
      const authenticated = await sdk.m2m.authenticateToken({ access_token: machine.access_token, required_scopes: ['read:posts'] });
      assert.deepEqual(authenticated, { client_id: clientId, scopes: ['read:posts'], custom_claims: {} });
      assert.equal((await rejection(sdk.m2m.authenticateToken({ access_token: machine.access_token, required_scopes: ['write:posts'] }))).code, 'missing_scopes');
      const refused = await rejection(sdk.m2m.token({ client_id: clientId, client_secret: 'wrong' }));
      assert.deepEqual([refused.status_code, refused.error_type], [401, 'invalid_client']);

      const token = provider.mintAccessToken({ person: 'grace', customClaims: { plan: 'gold' } });
      const app = { client_id: provider.connectedApp.clientId, client_secret: provider.connectedApp.clientSecret };
      const { custom_claims: claims, ...network } = await sdk.idp.introspectTokenNetwork({ token, ...app });
      const { custom_claims: localClaims, ...local } = await sdk.idp.introspectTokenLocal(token);
      assert.deepEqual(network, local);
      assert.equal(local.scope, 'openid profile read:posts');
      // The SDK leaves client_id among the claims when it reads a token itself.
      assert.deepEqual({ ...claims, client_id: app.client_id }, localClaims);
      assert.equal(claims.plan, 'gold');
      const session = provider.mintSession().sessionJwt;
      assert.equal((await rejection(sdk.idp.introspectTokenNetwork({ token: session, ...app }))).code, 'token_invalid');
    });

    test('errors arrive as the SDK\'s own', async (context) => {
      const { provider, client, sdk } = await open(context, vertical);
      const { sessionToken, sessionJwt } = provider.mintSession();
      const authenticate = (fields, changed = sdk) => rejection(changed.sessions.authenticate(fields));
      const cases = [
        [{ session_token: sessionToken, session_jwt: sessionJwt }, 400, 'too_many_session_arguments'],
        [{}, 400, 'no_session_arguments'],
        [{ session_token: sessionToken, session_duration_minutes: 1 }, 400, 'invalid_session_duration_minutes'],
        [{ session_token: sessionToken, session_custom_claims: { big: 'x'.repeat(5000) } }, 400, 'custom_claims_too_large'],
        [{ session_token: 'unknown' }, 404, 'session_not_found'],
        [{ session_jwt: 'garbage' }, 400, 'unable_to_parse_session_jwt'],
      ];
      for (const [fields, status, type] of cases) {
        const error = await authenticate(fields);
        assert.deepEqual([error.constructor.name, error.status_code, error.error_type], ['StytchError', status, type]);
      }
      const unauthorized = await authenticate({ session_token: sessionToken }, client({ secret: 'wrong' }));
      assert.deepEqual([unauthorized.status_code, unauthorized.error_type], [401, 'unauthorized_credentials']);
      provider.knobs.set({ fail: { status: 502 } });
      assert.equal((await authenticate({ session_token: sessionToken })).constructor.name, 'RequestError');
      provider.knobs.set({ fail: null, down: {} });
      assert.equal((await authenticate({ session_token: sessionToken })).constructor.name, 'RequestError');
    });
  });
}

test('a user\'s sessions are listed, and revoked by token and by JWT', async (context) => {
  const { provider, sdk } = await open(context, CONSUMER);
  const [first, second] = [provider.mintSession(), provider.mintSession()];
  const { user_id: userId } = first.response.user;
  const ids = async () => (await sdk.sessions.get({ user_id: userId })).sessions.map(({ session_id: id }) => id);
  assert.deepEqual(await ids(), [second.sessionId, first.sessionId]);
  await sdk.sessions.revoke({ session_token: first.sessionToken });
  await sdk.sessions.revoke({ session_jwt: second.sessionJwt });
  assert.deepEqual(await ids(), []);
});

test('a member\'s sessions are listed, and exchanged', async (context) => {
  const { provider, sdk } = await open(context, MEMBER);
  const { sessionToken, response } = provider.mintSession();
  const { organization_id: organizationId, member_id: memberId } = response.member;
  const { member_sessions: sessions } = await sdk.sessions.get({ organization_id: organizationId, member_id: memberId });
  assert.deepEqual(sessions, [response.member_session]);
  const globex = provider.mintSession({ person: 'alan' }).response.organization.organization_id;
  const exchanged = await sdk.sessions.exchange({ session_token: sessionToken, organization_id: globex });
  const local = await sdk.sessions.authenticateJwtLocal({ session_jwt: exchanged.session_jwt });
  assert.deepEqual([local.organization_id, local.organization_slug, exchanged.member_authenticated], [globex, 'globex', true]);
});

test('a role of an organization counts in it, and the SDK goes remote where the beta is off', async (context) => {
  const { provider, client, asked } = await open(context, MEMBER);
  const { sessionJwt, response } = provider.mintSession({ person: 'katherine' });
  const { organization_id: organizationId } = response.organization;
  const authorization = { organization_id: organizationId, resource_id: 'ledger', action: 'read' };
  await client().sessions.authenticateJwtLocal({ session_jwt: sessionJwt, authorization_check: authorization });
  const foreign = { ...authorization, organization_id: 'organization-test-other' };
  assert.equal((await rejection(client().sessions.authenticateJwtLocal({ session_jwt: sessionJwt, authorization_check: foreign }))).code, 'tenancy_mismatch');
  const remote = await rejection(client().sessions.authenticate({ session_jwt: sessionJwt, authorization_check: foreign }));
  assert.deepEqual([remote.status_code, remote.error_type], [403, 'session_authorization_tenancy_error']);
  provider.knobs.set({ organizationPoliciesOff: true });
  provider.clearRequests();
  const answer = await client().sessions.authenticateJwt({ session_jwt: sessionJwt, authorization_check: authorization });
  assert.deepEqual(answer.verdict, { authorized: true, granting_roles: ['auditor'] });
  assert.deepEqual(asked().sort(), ['authenticate', 'jwks', 'organization_policy', 'policy']);
});
