// The middleware's own answers, as plain data: a redirect to sign-in for a page, JSON for all else, 503 where nothing is decided. Every one is
// `private, no-store`: it carries cookies or depends on one. As src/gateway/answer.rs.

import { pathAndQuery } from './inbound.js';
import * as limits from './limits.js';
import { POLICY, page } from './page.js';
import { isSafeReturnTo } from './return_to.js';

/** @typedef {{ status: number, headers: [string, string][], body: string }} Answer */

/** A path with more than one reading. @returns {Answer} */
export const ambiguous = (inbound) => answer(inbound, 400, { detail: 'path_ambiguous' }, []);

/** Signed in, and not allowed to. @returns {Answer} */
export const denied = (inbound, { reason, detail }, cookies) =>
  answer(inbound, 403, { authenticated: true, reason, detail, retryable: false }, cookies);

/**
 * Not let in.
 * @param {{ loginUrl: undefined | string | ((request: unknown, why: { reason: string, detail: string }) => unknown) }} settings
 * @param {import('./refusal.js').Refusal} refusal
 * @param {unknown} request the adapter's own, for `loginUrl`
 * @returns {Promise<Answer>}
 */
export async function refused({ loginUrl }, inbound, refusal, request) {
  const { reason, detail, retryable, retryAfter, cookies } = refusal;
  const url = typeof loginUrl === 'function' ? await loginUrl(request, { reason, detail }) : loginUrl;
  if (inbound.wantsDocument && url && !retryable) {
    const location = typeof loginUrl === 'function' ? url : withReturnTo(url, inbound);
    refuseLoop(location, inbound);
    return made(302, [['content-type', 'text/plain; charset=utf-8'], ['location', location]], '', cookies);
  }
  const body = { authenticated: false, reason, detail, retryable, loginUrl: url ?? null };
  if (retryable) return answer(inbound, 503, body, cookies, [['retry-after', String(retryAfter ?? limits.RETRY_SECONDS)]]);
  // RFC 6750 §3: what a client without a browser understands.
  const challenge = `Bearer realm="edgeseal"${inbound.bearer === undefined ? '' : ', error="invalid_token"'}`;
  return answer(inbound, 401, body, cookies, [['www-authenticate', challenge]]);
}

function answer(inbound, status, body, cookies, headers = []) {
  if (!inbound.wantsDocument) return made(status, [['content-type', 'application/json'], ...headers], JSON.stringify(body), cookies);
  const own = [['content-type', 'text/html; charset=utf-8'], ['content-security-policy', POLICY], ['referrer-policy', 'no-referrer']];
  return made(status, [...own, ...headers], page(status, body.detail), cookies);
}

const made = (status, headers, body, cookies) => ({
  status,
  headers: [
    ...headers,
    ['cache-control', 'private, no-store'],
    ['vary', 'Cookie, Authorization'],
    ['x-content-type-options', 'nosniff'],
    ...cookies.map((line) => ['set-cookie', line]),
  ],
  body,
});

/** Sign-in, coming back to the page that was asked for. */
function withReturnTo(url, inbound) {
  const target = pathAndQuery(inbound);
  if (!isSafeReturnTo(target)) return url;
  const [address, ...fragment] = url.split('#');
  const query = `${address.includes('?') ? '&' : '?'}return_to=${encodeURIComponent(target)}`;
  return [address + query, ...fragment].join('#');
}

/** A page for signing in that needs a session sends the browser round and round. */
function refuseLoop(location, { origin, path }) {
  const here = origin + path;
  if (!URL.canParse(location, here)) throw new TypeError('`loginUrl` has to be, or to return, an address such as `/login`');
  const url = new URL(location, here);
  if (url.origin + url.pathname !== new URL(here).origin + new URL(here).pathname) return;
  throw new TypeError(`\`loginUrl\` leads to ${url.pathname}, which needs a session itself: make it \`public\` in \`routes\``);
}
