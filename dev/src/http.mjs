// Bodies in, answers out, and the checks of where a request comes from. Knows no endpoint.

import { BODY_BYTES, LOOPBACK_NAMES } from './limits.mjs';

/** An answer that ends the handling of a request; the server sends `answer`. */
export class Refusal extends Error {
  /** @param {Answer} answer */
  constructor(answer) {
    super('refused');
    this.answer = answer;
  }
}

/** @typedef {{ status: number, headers: Record<string, string | string[]>, body: string, outcome?: string }} Answer `outcome` is what the log says of it */

/** @returns {Answer} */
export function json(status, value, headers = {}) {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers },
    body: `${JSON.stringify(value)}\n`,
  };
}

/** @returns {Answer} */
export function redirect(location, status = 302) {
  return { status, headers: { location, 'cache-control': 'no-store' }, body: '' };
}

/** An OAuth error (RFC 6749 §5.2). */
export function oauthError(status, error, description) {
  return json(status, { error, error_description: description });
}

/** An error in the form of the provider's other endpoints. */
export function apiError(status, code, message, extra = {}) {
  return json(status, { message, code, ...extra });
}

/**
 * The body as text, or a refusal. Stops reading at the limit.
 * @param {import('node:http').IncomingMessage} request
 * @param {(status: number, code: string, message: string) => Answer} refusal the form of a refusal
 */
export async function readBody(request, refusal) {
  const chunks = [];
  let length = 0;
  // Leaving the loop must not destroy the socket: the refusal still has to go out over it.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += chunk.length;
    if (length > BODY_BYTES) {
      throw new Refusal(refusal(413, 'request_too_large', `The body must not exceed ${BODY_BYTES} bytes.`));
    }
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new Refusal(refusal(400, 'invalid_request', 'The body must be UTF-8.'));
  }
}

/**
 * Its members are of any kind: every reader checks those that it takes.
 * @param {string} text @param {(status: number, code: string, message: string) => Answer} refusal @returns {Record<string, any>}
 */
export function parseJsonObject(text, refusal = oauthError) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    value = null;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Refusal(refusal(400, 'invalid_request', 'The body must be a JSON object.'));
  }
  return value;
}

/** RFC 6750 §2.1. @param {string | undefined} authorization */
export function bearerOf(authorization) {
  return /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? null;
}

/** Whether an `http:` URI stays on this machine. @param {string} uri @returns {URL | null} */
export function parseLoopbackUri(uri) {
  const url = URL.canParse(uri) ? new URL(uri) : null;
  const local = url?.protocol === 'http:' && LOOPBACK_NAMES.includes(url.hostname) && !url.username && !url.password && !url.hash;
  return local ? url : null;
}

/** Whether the Host header names this machine. Another name means DNS rebinding: a foreign page that looks same-origin. */
export function isLoopbackHost(host) {
  return typeof host === 'string' && LOOPBACK_NAMES.includes(host.replace(/:\d{1,5}$/, '').toLowerCase());
}

/** Whether a request that changes something comes from our own page or from no page at all (a test, a shell). */
export function isOwnPageOrNone({ host, origin, 'sec-fetch-site': site }) {
  if (site !== undefined && site !== 'same-origin') return false;
  return origin === undefined || origin === `http://${host}`;
}
