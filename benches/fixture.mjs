// The session that everything is measured with, and the provider's key set on a port of its own. All of it is made by others' code:
// jose signs, iron-session seals. It is plain JSON, so that it can be handed to workerd as it is.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

import { sealData } from 'iron-session';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';

import { ALGORITHMS } from './participants.mjs';

const CLIENT_ID = 'client_01JH0000000000000000000000';
const PROJECT_ID = 'project-test-01jh0000-0000-4000-8000-000000000000';
const LIFETIME_SECONDS = 24 * 3600;
const MODULUS_BITS = 2048;

/** Keys, tokens and the sealed session; `provider` says where their key set is served. */
export async function createFixture() {
  const signers = {};
  for (const algorithm of ALGORITHMS) signers[algorithm] = await createSigner(algorithm);
  const tokens = {};
  for (const algorithm of ALGORITHMS) tokens[algorithm] = await sign(signers[algorithm], claims());

  const password = randomBytes(32).toString('base64');
  const session = {
    organizationId: claims().org_id,
    user: user(),
    accessToken: tokens.RS256,
    refreshToken: randomBytes(19).toString('base64url').slice(0, 25),
    authenticationMethod: 'Password',
  };
  // As the SDK seals it: no end of its own.
  const sessionData = await sealData(session, { password, ttl: 0 });
  const jwks = Object.fromEntries(ALGORITHMS.map((algorithm) => [algorithm, { keys: [signers[algorithm].jwk] }]));
  const stytch = { projectId: PROJECT_ID, ...(await stytchSession(signers.RS256)) };
  return { password, session, sessionData, tokens, jwks, provider: { clientId: CLIENT_ID }, stytch };
}

/** What of it a reader has to know to judge the numbers. */
export function describeFixture({ session, sessionData, tokens, stytch }) {
  return {
    cookieBytes: sessionData.length,
    sessionBytes: JSON.stringify(session).length,
    userMembers: Object.keys(session.user).length,
    claims: Object.keys(claims()).length + 2,
    stytchTokenBytes: stytch.token.length,
    tokenBytes: Object.fromEntries(ALGORITHMS.map((algorithm) => [algorithm, tokens[algorithm].length])),
  };
}

/** Serves the RS256 key set, as the SDKs ask for it. */
export async function serveKeys({ jwks, provider, stytch }) {
  const body = JSON.stringify(jwks.RS256);
  const paths = [`/sso/jwks/${provider.clientId}`, `/v1/sessions/jwks/${stytch.projectId}`];
  const server = createServer(({ url }, response) => {
    const found = paths.includes(url);
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' }).end(found ? body : '{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    /** Options for `new WorkOS(key, options)`, the SDK's and ours. */
    options: { clientId: provider.clientId, apiHostname: '127.0.0.1', port: server.address().port, https: false },
    /** For `new Client(config)` of Stytch's, and ours. */
    stytch: { project_id: stytch.projectId, secret: 'secret-test-bench', env: `http://127.0.0.1:${server.address().port}` },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function createSigner(algorithm) {
  const kid = `sso_oidc_key_pair_01JH_${algorithm}`;
  if (algorithm === 'HS256') {
    const key = randomBytes(32);
    return { algorithm, kid, key, jwk: { kty: 'oct', k: key.toString('base64url'), kid, alg: algorithm } };
  }
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { modulusLength: MODULUS_BITS });
  return { algorithm, kid, key: privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: 'sig' } };
}

function sign({ algorithm, kid, key }, payload, header = {}) {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ ...payload, iat: now, exp: now + LIFETIME_SECONDS }).setProtectedHeader({ alg: algorithm, kid, ...header }).sign(key);
}

/** A session of Stytch's: somebody who came by a magic link, with two claims of the site's own. */
async function stytchSession(signer) {
  const sessionId = 'session-test-9f6a2c1e-5b3d-4e8f-a7c0-1d2e3f405162';
  const at = '2026-01-05T08:12:44.123456Z';
  const claims = {
    aud: [PROJECT_ID],
    iss: `stytch.com/${PROJECT_ID}`,
    sub: 'user-test-4c1d7e2a-8f90-4b3c-9d5e-6a7b8c9d0e1f',
    nbf: Math.floor(Date.now() / 1000),
    plan: 'enterprise',
    features: ['audit-logs', 'sso'],
    'https://stytch.com/session': {
      id: sessionId,
      started_at: at,
      last_accessed_at: at,
      expires_at: '2036-01-05T08:12:44.123456Z',
      attributes: { ip_address: '203.0.113.7', user_agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' },
      authentication_factors: [
        {
          type: 'magic_link',
          delivery_method: 'email',
          last_authenticated_at: at,
          email_factor: { email_id: 'email-test-0b1c2d3e-4f50-4617-8293-a4b5c6d7e8f9', email_address: 'ada.lovelace@acme.example' },
        },
      ],
      roles: ['stytch_user', 'admin'],
    },
  };
  return { sessionId, token: await sign(signer, claims, { typ: 'JWT' }) };
}

/** The claims of an AuthKit access token, of a member with a handful of permissions. */
const claims = () => ({
  iss: 'https://api.workos.com/user_management/client_01JH0000000000000000000000',
  sub: 'user_01JH5Z8T2M6Q4X7V9B3N1C0D2F',
  sid: 'session_01JH5Z8T2M6Q4X7V9B3N1C0D2G',
  jti: '01JH5Z8T2M6Q4X7V9B3N1C0D2H',
  org_id: 'org_01JH5Z8T2M6Q4X7V9B3N1C0D2J',
  role: 'admin',
  roles: ['admin', 'member'],
  permissions: ['posts:read', 'posts:write', 'users:manage', 'billing:view'],
  entitlements: ['audit-logs', 'sso'],
  feature_flags: ['new-editor', 'beta-search'],
});

/** A user as the SDK seals it, with all of its 14 members. */
const user = () => ({
  object: 'user',
  id: 'user_01JH5Z8T2M6Q4X7V9B3N1C0D2F',
  email: 'ada.lovelace@acme.example',
  emailVerified: true,
  firstName: 'Ada',
  profilePictureUrl: 'https://workoscdn.com/images/v1/0a1b2c3d4e5f60718293a4b5c6d7e8f9a0b1c2d3e4f50617',
  lastName: 'Lovelace',
  name: 'Ada Lovelace',
  lastSignInAt: '2026-01-05T08:12:44.123Z',
  locale: 'en-GB',
  createdAt: '2025-06-01T10:00:00.000Z',
  updatedAt: '2026-01-05T08:12:44.123Z',
  externalId: 'b6f8c1de-3c1f-4b0c-9a51-0f5a2f8f5b1e',
  // What sites keep with their users: it makes a cookie as long as those that come close to a browser's limit of 4096 bytes.
  metadata: {
    team: 'Analytical Engines, Research and Development',
    plan: 'enterprise-annual-2026',
    source: 'imported from the directory of acme.example on 2025-06-01',
    costCenter: 'acme-research-0042-london',
    preferences: '{"theme":"dark","density":"compact","editor":"vim","sidebar":["inbox","boards","reports"],"timezone":"Europe/London"}',
    onboarding: 'profile:done,workspace:done,invite:done,billing:skipped,tour:done,integration-github:done,integration-slack:skipped',
    salesforceAccount: '0015g00000Xn4qQAAR',
    stripeCustomer: 'cus_QxY7Zt1ABcDeFg',
    lastWorkspace: 'https://app.acme.example/workspaces/difference-engine/boards/punched-cards?view=timeline&zoom=month',
    notes: 'Prefers to be contacted in the morning; member of the early access programme since the first release. Exports weekly reports.',
  },
});
