// What a request says about itself, as plain data: all that the decisions look at. As src/gateway/inbound.rs.

import * as limits from './limits.js';

/** What a page loads by itself (Fetch, `Sec-Fetch-Dest`): better cached than with a cookie. */
const EMBEDDED = ['image', 'font', 'style', 'audio', 'video', 'track', 'script', 'manifest'];

/**
 * Reads a request.
 * @param {{ method: string, url: string, headers: { get(name: string): string | null | undefined } }} request a Web `Request` will do; `url`
 *   is absolute, its path as it was sent
 */
export function readInbound({ method, url, headers }) {
  const header = (name) => headers.get(name) ?? undefined;
  const { origin, path, query } = splitUrl(url);
  const destination = header('sec-fetch-dest');
  const isRead = method === 'GET' || method === 'HEAD';
  const isDocument = destination === undefined ? (header('accept') ?? '').includes('text/html') : destination === 'document';
  const isPrefetch = ['sec-purpose', 'purpose', 'x-moz', 'x-purpose'].some((name) => /prefetch|prerender|preview/i.test(header(name) ?? ''));
  const isUpgrade = header('upgrade') !== undefined;
  const isConditional = header('if-none-match') !== undefined || header('if-modified-since') !== undefined;
  const cookie = header('cookie') ?? '';
  return {
    method,
    origin,
    path,
    query,
    /** Hostile ones are not looked at. */
    cookie: cookie.length > limits.COOKIE_HEADER_CHARACTERS ? '' : cookie,
    bearer: /^bearer +(.*)$/i.exec(header('authorization') ?? '')?.[1].trim(),
    /**
     * Whether a browser asks for a page to show, so that a redirect to sign-in makes sense. Browsers without fetch metadata ask for HTML
     * by name; scripts say anything.
     */
    wantsDocument: isRead && !isPrefetch && isDocument,
    /** A browser asks on behalf of a script whether another request may be sent. It never carries a cookie. */
    isPreflight: method === 'OPTIONS' && header('origin') !== undefined && header('access-control-request-method') !== undefined,
    /** Nobody has asked yet, or the answer is a connection of another kind, which brings no cookie: no refresh token is used up for it. */
    mayRenew: !isPrefetch && !isUpgrade,
    /** Whether somebody looks at the answer who would like to see who is signed in, on a page that anybody may see. */
    mayRenewUnasked: !isPrefetch && !isUpgrade && !isConditional && !EMBEDDED.includes(destination),
  };
}

/** Path and query, to come back to. */
export const pathAndQuery = ({ path, query }) => (query === '' ? path : `${path}?${query}`);

/** Whether it is this machine, on which browsers take cookies for secure that are not. */
export const isLocal = ({ origin }) => /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(origin);

/** The runtime has parsed it already, or it is a server's own target: a second parser would read it in another way. */
function splitUrl(url) {
  const [, origin, rest] = /^([^/]*\/\/[^/?#]*)(.*)$/s.exec(url.split('#', 1)[0]) ?? [url, '', url];
  const at = rest.indexOf('?');
  const path = at === -1 ? rest : rest.slice(0, at);
  // Servers hand on bytes that are no ASCII one by one.
  const encoded = path.replace(/[\u0080-\u00ff]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`);
  return { origin, path: encoded === '' ? '/' : encoded, query: at === -1 ? '' : rest.slice(at + 1) };
}
