// Visitors with Stytch's cookies: signed in on the local provider's page, or with sessions that it mints. Holds no test.

import assert from 'node:assert/strict';

import { Visitor } from './browser.mjs';
import { parseSetCookie } from './http.mjs';

export const JWT = 'stytch_session_jwt';
export const TOKEN = 'stytch_session';

export class StytchVisitor extends Visitor {
  /** Signs in on the page at LOGIN_URL, as a click on a person would; returns where it leads back to. */
  async signIn({ choice = 'ada', returnTo = '/app/', query = '' } = {}) {
    const started = await this.open(`/auth/login?return_to=${encodeURIComponent(returnTo)}${query}`);
    assert.equal(started.status, 302, started.body);
    const signedIn = await fetch(`${started.headers.location}&choice=${choice}`, { redirect: 'manual' });
    assert.equal(signedIn.status, 302, await signedIn.text());
    // Cookies know no ports: those of the page are the gateway's as well.
    for (const line of signedIn.headers.getSetCookie()) this.keep(parseSetCookie(line));
    return signedIn.headers.get('location');
  }

  get jwt() {
    return this.cookies.get(JWT);
  }

  get token() {
    return this.cookies.get(TOKEN);
  }
}

/** A visitor with both cookies of a new session. Options as for `mintSession`: -60 seconds is an expired JWT. */
export function stytchSignedIn(gateway, provider, options) {
  const minted = provider.mintSession(options);
  const visitor = new StytchVisitor(gateway, { [JWT]: minted.sessionJwt, [TOKEN]: minted.sessionToken });
  return Object.assign(visitor, minted);
}

/** A visitor whose JWT has expired, and whose session has not. */
export const stytchExpired = (gateway, provider, options = {}) => stytchSignedIn(gateway, provider, { lifetimeSeconds: -60, ...options });

/** What the provider was asked for but keys, in order: endpoint and outcome. */
export const asked = (provider) => provider.requests().filter(({ endpoint }) => endpoint !== 'jwks').map(({ endpoint, outcome }) => `${endpoint} ${outcome}`);

/** The lines of an answer by the cookie's name. */
export const linesOf = (answer) => Object.fromEntries(answer.setCookies.map(parseSetCookie).map((cookie) => [cookie.name, cookie]));

/** What a JWT says, without checking anything. */
export const claimsOf = (jwt) => JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url'));

/** The same JWT with other claims, and the signature that no longer fits. */
export function tampered(jwt, claims) {
  const [header, payload, signature] = jwt.split('.');
  const changed = { ...JSON.parse(Buffer.from(payload, 'base64url')), ...claims };
  return [header, Buffer.from(JSON.stringify(changed)).toString('base64url'), signature].join('.');
}
