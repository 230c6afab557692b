// What the tests share: a browserless client of the provider and a verifier of its tokens. Holds no test.

import { createHash, createPublicKey, createVerify, randomBytes } from 'node:crypto';
import { connect } from 'node:net';

import { startProvider } from '../src/provider.mjs';

export const REDIRECT_URI = 'http://localhost:8787/auth/callback';
export const ACME = 'org_01ACME0000000000000000000';
export const GLOBEX = 'org_01GLOBEX00000000000000000';
export const ADA = 'user_01ADA00000000000000000000';

/** A provider that is closed when the test ends. */
export async function provider(context, options) {
  const started = await startProvider(options);
  context.after(() => started.close());
  return started;
}

export function pkce() {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/** The URL that an application sends the browser to; `changes` overrides parameters, undefined removes one. */
export function authorizeUrl({ url, clientId }, challenge, changes = {}) {
  const parameters = {
    client_id: clientId,
    redirect_uri: REDIRECT_URI,
    response_type: 'code',
    state: 'the state',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    provider: 'authkit',
    ...changes,
  };
  const present = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return `${url}/user_management/authorize?${new URLSearchParams(present)}`;
}

/** Follows the choice on the sign-in page to the redirect back, as a URL. */
export async function choose(started, challenge, choice, changes = {}) {
  const response = await fetch(authorizeUrl(started, challenge, { choice, ...changes }), { redirect: 'manual' });
  return { status: response.status, back: new URL(response.headers.get('location')) };
}

export function post(url, body, headers = {}) {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** One call of `authenticate`: status and body. */
export async function authenticate({ url, clientId, apiKey }, fields, headers) {
  const response = await post(
    `${url}/user_management/authenticate`,
    { client_id: clientId, client_secret: apiKey, ...fields },
    headers,
  );
  return { status: response.status, headers: response.headers, body: await response.json() };
}

export function refresh(started, refreshToken, more = {}) {
  return authenticate(started, { grant_type: 'refresh_token', refresh_token: refreshToken, ...more });
}

export async function signIn(started, choice) {
  const { verifier, challenge } = pkce();
  const { back } = await choose(started, challenge, choice);
  return authenticate(started, {
    grant_type: 'authorization_code',
    code: back.searchParams.get('code'),
    code_verifier: verifier,
  });
}

/** The claims of a token whose signature verifies with the published key set; throws otherwise. */
export async function verify({ url, clientId }, token) {
  const { keys } = await (await fetch(`${url}/sso/jwks/${clientId}`)).json();
  const [header, claims, signature] = token.split('.');
  const { alg, kid } = decode(header);
  const jwk = keys.find((key) => key.kid === kid);
  if (alg !== 'RS256' || !jwk) throw new Error('no key for the token');
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const genuine = createVerify('RSA-SHA256').update(`${header}.${claims}`).verify(key, signature, 'base64url');
  if (!genuine) throw new Error('the signature does not verify');
  return decode(claims);
}

export function decode(part) {
  return JSON.parse(Buffer.from(part, 'base64url').toString());
}

/** Raw bytes over a socket; resolves with everything that came back until the connection ended. */
export function raw({ port }, bytes) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setTimeout(3000, () => socket.destroy(new Error('the provider did not end the connection')));
    socket.on('data', (chunk) => chunks.push(chunk));
    // A reset after the answer is fine: the provider has refused to read on.
    socket.on('error', (error) => (error.code === 'ECONNRESET' || error.code === 'EPIPE' ? undefined : reject(error)));
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()));
  });
}
