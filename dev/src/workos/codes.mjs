// Authorization codes (RFC 6749 §4.1.2): single use, short lived, bound to what the authorization request said.

import { createHash, timingSafeEqual } from 'node:crypto';

import { secret } from '../identifiers.mjs';
import { CODES_KEPT, CODE_LIFETIME_SECONDS } from '../limits.mjs';

/** @typedef {{ choice: import('../seeds.mjs').Choice, clientId: string, redirectUri: string, challenge: string }} Grant */

export class Codes {
  /** @type {Map<string, Grant & { expiresAt: number }>} */
  #codes = new Map();
  #now;

  /** @param {() => number} now */
  constructor(now) {
    this.#now = now;
  }

  /** @param {Grant} grant @returns {string} the code */
  issue(grant) {
    const code = secret();
    this.#codes.set(code, { ...grant, expiresAt: this.#now() + CODE_LIFETIME_SECONDS * 1000 });
    if (this.#codes.size > CODES_KEPT) this.#codes.delete(this.#codes.keys().next().value);
    return code;
  }

  /**
   * Spends the code. It is spent by a failed attempt too: whoever has a code without its verifier gets one guess.
   * @param {{ code: string, verifier: string, clientId: string, redirectUri: string | null }} attempt
   * @returns {{ choice: import('../seeds.mjs').Choice } | { refusal: 'unknown' | 'verifier' | 'redirect' }}
   */
  redeem({ code, verifier, clientId, redirectUri }) {
    const grant = this.#codes.get(code);
    this.#codes.delete(code);
    if (!grant || grant.clientId !== clientId || this.#now() >= grant.expiresAt) return { refusal: 'unknown' };
    // The provider's SDKs do not repeat the redirect URI here; a client that does must repeat it exactly.
    if (redirectUri !== null && redirectUri !== grant.redirectUri) return { refusal: 'redirect' };
    if (!matchesChallenge(verifier, grant.challenge)) return { refusal: 'verifier' };
    return { choice: grant.choice };
  }

  clear() {
    this.#codes.clear();
  }
}

/** RFC 7636 §4.6, method S256. */
function matchesChallenge(verifier, challenge) {
  const expected = Buffer.from(challenge);
  const actual = Buffer.from(createHash('sha256').update(verifier).digest('base64url'));
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}
