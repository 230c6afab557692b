// Just enough of WorkOS for its SDKs: a key set, and a token endpoint that hands out what a test put there.
// The real behaviour of a provider is played by `dev/`; this one is for data that no provider would make up.

import { once } from 'node:events';
import { createServer } from 'node:http';

import { SignJWT, exportJWK, generateKeyPair } from 'jose';

export const CLIENT_ID = 'client_01TEST';
export const PASSWORD = 'a cookie password of at least 32 characters';

export async function startProvider() {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'key_1', alg: 'RS256', use: 'sig' }] };
  const answers = new Map();

  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = answerTo(request, Buffer.concat(chunks).toString());
    response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body ?? {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  function answerTo({ method, url }, text) {
    if (method === 'GET' && url === `/sso/jwks/${CLIENT_ID}`) return jwks;
    if (method !== 'POST' || url !== '/user_management/authenticate') return undefined;
    const { refresh_token: refreshToken, code } = JSON.parse(text);
    return answers.get(refreshToken ?? code);
  }

  return {
    jwks,
    /** Options for `new WorkOS(key, options)`. */
    options: { clientId: CLIENT_ID, apiHostname: '127.0.0.1', port: server.address().port, https: false },
    /** What the token endpoint answers to this code or refresh token. */
    answer: (grant, body) => answers.set(grant, body),
    mint: (claims, header = {}) => sign(privateKey, claims, header),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Signs a token; `exp` and `iat` are set unless the claims do. */
export function sign(privateKey, claims, header = {}) {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ iat: now, exp: now + 300, ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: 'key_1', ...header })
    .sign(privateKey);
}

/** The claims that WorkOS writes. */
export function claimsOf(random) {
  return {
    iss: 'https://api.workos.com',
    sub: `user_${random.below(1e9)}`,
    sid: `session_${random.below(1e9)}`,
    jti: `jti_${random.below(1e9)}`,
    org_id: `org_${random.below(1e9)}`,
    role: 'admin',
    roles: ['admin', 'member'],
    permissions: Array.from({ length: random.below(20) }, () => random.text(10)),
    entitlements: [],
    feature_flags: ['beta'],
  };
}
