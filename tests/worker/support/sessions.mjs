// Session cookies made outside the gateway: by an iron of our own for any content, and by WorkOS's SDK. Holds no test.

import assert from 'node:assert/strict';
import { createCipheriv, createDecipheriv, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { WorkOS } from '@workos-inc/node';

import { Visitor } from './browser.mjs';
import { PASSWORD, SESSION_COOKIE } from './gateway.mjs';

const derive = (password, salt) => pbkdf2Sync(password, salt, 1, 32, 'sha1');

/** Seals any text as `Fe26.2` does; `expiresAt` in milliseconds. */
export function seal(plaintext, { password = PASSWORD, expiresAt = '' } = {}) {
  const key = (salt) => derive(password, salt);
  const [encryptionSalt, integritySalt] = [hex(32), hex(32)];
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-256-cbc', key(encryptionSalt), iv);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]).toString('base64url');
  const authenticated = ['Fe26.2', '1', encryptionSalt, iv.toString('base64url'), ciphertext, expiresAt].join('*');
  const mac = createHmac('sha256', key(integritySalt)).update(authenticated).digest('base64url');
  return `${authenticated}*${integritySalt}*${mac}~2`;
}

/** The text in a seal of the gateway's, without checking anything. */
export function unseal(sealed, password = PASSWORD) {
  const [, , salt, iv, ciphertext] = sealed.split('*');
  const decipher = createDecipheriv('aes-256-cbc', derive(password, salt), Buffer.from(iv, 'base64url'));
  return Buffer.concat([decipher.update(Buffer.from(ciphertext, 'base64url')), decipher.final()]).toString();
}

const hex = (bytes) => randomBytes(bytes).toString('hex');

/** What the SDK seals of an answer of `authenticate`. */
export function sealSession(response, options) {
  const { access_token: accessToken, refresh_token: refreshToken, user, impersonator, authentication_method: authenticationMethod } = response;
  return seal(JSON.stringify({ accessToken, refreshToken, user, impersonator, authenticationMethod }), options);
}

/** Seals any access token, beside a refresh token that no provider knows. */
export const sealToken = (accessToken) => seal(JSON.stringify({ accessToken, refreshToken: 'rt_unknown', user: { id: 'user_1' } }));

/** A visitor who is signed in without the sign-in page. Options as for `mintSession`: -60 seconds is an expired token. */
export function signedIn(gateway, provider, options) {
  const { sessionId, response } = provider.mintSession(options);
  const visitor = new Visitor(gateway, { [SESSION_COOKIE]: sealSession(response) });
  return Object.assign(visitor, { sessionId, response });
}

/** A visitor whose token has expired. */
export const expired = (gateway, provider, options = {}) => signedIn(gateway, provider, { lifetimeSeconds: -60, ...options });

/** Asks again until the answer is no 503: after an outage the gateway spares the provider for seconds. */
export async function untilServed(ask) {
  for (const deadline = Date.now() + 20_000; ; await sleep(100)) {
    const answer = await ask();
    if (answer.status !== 503) return answer;
    assert.ok(Date.now() < deadline, `still 503 after twenty seconds: ${answer.body}`);
  }
}

/** As it was before an outage: a session is refreshed at once. */
export async function calm(gateway, provider) {
  provider.reset();
  await untilServed(() => expired(gateway, provider).fetch('/auth/session'));
  provider.reset();
}

/** WorkOS's own SDK, pointed at the local provider. */
export function sdk(provider) {
  const { hostname, port } = new URL(provider.url);
  return new WorkOS(provider.apiKey, { clientId: provider.clientId, apiHostname: hostname, port: Number(port), https: false });
}

/** What the SDK makes of a session cookie. */
export function openWithSdk(provider, sessionData, cookiePassword = PASSWORD) {
  return sdk(provider).userManagement.loadSealedSession({ sessionData, cookiePassword }).authenticate();
}

/** Requests to one endpoint of the provider since its log was cleared. */
export const requestsTo = (provider, endpoint) => provider.requests().filter((entry) => entry.endpoint === endpoint);
