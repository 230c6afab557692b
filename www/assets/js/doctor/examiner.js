// Asks the core: does this password open this seal, and what is wrong with the session? Every answer about a seal, a key, a signature or a claim
// comes from here; nothing here decides one.

import { WorkOS, generateCookiePassword, sealData, unsealData, verifyJwt } from './core.js';

/**
 * @typedef {{ keys: { keys: object[] } | undefined, issuer: string[], audience: string[], leewaySeconds: number, now: number }} Terms what is
 *   known and expected; `now` in milliseconds
 * @typedef {{ authenticated: true, claims: Record<string, any>, user?: any } | { authenticated: false, reason: string, detail: string }} Answer
 */

/** Keys are remembered by client, and what one examination knows is none of the next one's business. */
let examinations = 0;

/**
 * Asks about a sealed session as a server would.
 *
 * @param {string} sessionData @param {string | string[]} password @param {string[] | undefined} acceptFormats @param {Terms} terms
 * @returns {Promise<Answer>}
 */
export function authenticate(sessionData, password, acceptFormats, { keys, issuer, leewaySeconds, now }) {
  examinations += 1;
  const client = new WorkOS(undefined, {
    clientId: `doctor_${examinations}`,
    ...(issuer.length > 0 && { issuer }),
    ...(acceptFormats && { acceptFormats }),
    leewaySeconds,
    now: () => now,
    memoSize: 0,
    // No network: the keys are those that were pasted, or none.
    fetch: async () => (keys ? new Response(JSON.stringify(keys), { headers: { 'content-type': 'application/json' } }) : Promise.reject(new Error('no keys'))),
  });
  return client.userManagement.loadSealedSession({ sessionData, cookiePassword: password }).authenticate();
}

/**
 * Asks about a token alone: as about a session that holds nothing else.
 *
 * @param {string} token @param {Terms} terms @returns {Promise<Answer>}
 */
export async function authenticateToken(token, terms) {
  const password = generateCookiePassword();
  const sealed = await sealData({ accessToken: token }, { password }).catch(() => undefined);
  if (sealed === undefined) return { authenticated: false, reason: 'invalid_jwt', detail: 'token_too_large' };
  return authenticate(sealed, password, undefined, terms);
}

/**
 * What is wrong with a token whatever the keys, undefined for nothing.
 *
 * @param {string} token @returns {string | undefined}
 */
export function faultOfShape(token) {
  const result = verifyJwt(token, { keys: { keys: [] } });
  return !result.valid && SHAPE.has(result.detail) ? result.detail : undefined;
}

const SHAPE = new Set(['token_too_large', 'token_malformed', 'critical_header', 'algorithm_not_allowed']);

/**
 * Whether the token is for one of the audiences: a session's token names none, so that the client does not ask.
 *
 * @param {string} token @param {Terms} terms @returns {boolean}
 */
export function isForAudience(token, { keys, audience, now, leewaySeconds }) {
  if (audience.length === 0 || !keys) return true;
  const result = verifyJwt(token, { keys, audience, now, leewaySeconds, requireExp: false });
  return result.valid || result.detail !== 'audience_mismatch';
}

/**
 * Tries one password.
 *
 * @param {string} sealed @param {string} password @param {string[] | undefined} acceptFormats @param {Terms} terms
 * @returns {Promise<{ fits: 'opens' } | { fits: 'closed', reason: string, detail: string } | { fits: 'unsuitable', why: string }>}
 */
export async function tryPassword(sealed, password, acceptFormats, terms) {
  try {
    const answer = await authenticate(sealed, password, acceptFormats, terms);
    const isClosed = !answer.authenticated && /^(?:seal|cookie)_/u.test(answer.detail);
    return isClosed ? { fits: 'closed', reason: answer.reason, detail: answer.detail } : { fits: 'opens' };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // The core's own words, without the name of the argument.
    return { fits: 'unsuitable', why: error.message.replace(/^`\w+`: /u, '') };
  }
}

/** What a seal that opens holds. @param {string} sealed @param {string} password @param {string[] | undefined} acceptFormats */
export async function contentOf(sealed, password, acceptFormats) {
  if (acceptFormats?.includes('json')) return JSON.parse(sealed);
  return unsealData(sealed, { password, acceptFormats });
}
