// The gateway's HTTP contract, as calls that always resolve to an outcome.
// Knows paths, status codes and timeouts; must not touch the document or keep session data.

/** Where the gateway listens on this origin. */
const PREFIX = '/auth';

/** A refresh may wait for the provider; beyond this the gateway itself has given up. */
const TIMEOUT_MS = 15_000;

/** The longest pause that a Retry-After header may ask for. */
const MAX_RETRY_AFTER_SECONDS = 300;

/**
 * What a call came to. Nothing here rejects: a refusal is a value.
 *
 * @typedef {{ kind: 'session', body: Record<string, unknown>, skewMs: number }} SessionOutcome
 * @typedef {{ kind: 'signed-out', reason: string, detail: string, loginUrl: string }} SignedOutOutcome
 * @typedef {{ kind: 'unavailable', reason: string, detail: string, retryAfter: number | null }} UnavailableOutcome
 * @typedef {{ kind: 'refused', reason: string, detail: string, status: number }} RefusedOutcome
 * @typedef {{ kind: 'offline' }} OfflineOutcome
 * @typedef {{ kind: 'leave', url: string }} LeaveOutcome
 * @typedef {SessionOutcome | SignedOutOutcome | UnavailableOutcome | RefusedOutcome | OfflineOutcome | LeaveOutcome} Outcome
 */

/** @type {Map<string, Promise<Outcome>>} Calls on their way, by kind: a second one of a kind joins the first. */
const pending = new Map();

/** Reads the session; the gateway refreshes an expired one on the way. */
export const getSession = () => once('session', () => call('GET', '/session'));

/** Asks for a new access token now. */
export const refreshSession = () => once('refresh', () => call('POST', '/refresh'));

/**
 * Moves the session to another organization.
 * A 401 here may be about that organization only, so it is a refusal: `getSession` tells the rest.
 *
 * @param {string} organizationId
 */
export const switchOrganization = (organizationId) =>
  once('switch', async () => {
    const outcome = await call('POST', '/switch', { organizationId });
    return outcome.kind === 'signed-out' ? { ...outcome, kind: 'refused', status: 401 } : outcome;
  });

/** Ends the session; the outcome says where to go next. */
export const signOut = () => once('logout', () => call('POST', '/logout'));

/**
 * The address that starts sign-in and comes back to a page of this site.
 *
 * @param {string} returnTo
 * @param {string} [organizationId]
 */
export function loginUrl(returnTo, organizationId) {
  const url = new URL(`${PREFIX}/login`, location.origin);
  url.searchParams.set('return_to', returnTo);
  if (organizationId) url.searchParams.set('organization_id', organizationId);
  return url.pathname + url.search;
}

/**
 * An address that is safe to navigate to: http or https, else the fallback.
 *
 * @param {unknown} value
 * @param {string} fallback
 */
export function safeUrl(value, fallback) {
  if (typeof value !== 'string' || value === '') return fallback;
  try {
    const url = new URL(value, location.origin);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : fallback;
  } catch {
    return fallback;
  }
}

/**
 * @param {string} kind
 * @param {() => Promise<Outcome>} run
 * @returns {Promise<Outcome>}
 */
function once(kind, run) {
  const running = pending.get(kind);
  if (running) return running;
  const started = run().finally(() => pending.delete(kind));
  pending.set(kind, started);
  return started;
}

/**
 * @param {'GET' | 'POST'} method
 * @param {string} path
 * @param {object} [json]
 * @returns {Promise<Outcome>}
 */
async function call(method, path, json) {
  /** @type {Record<string, string>} */
  const headers = { accept: 'application/json' };
  if (json) headers['content-type'] = 'application/json';
  try {
    const response = await fetch(PREFIX + path, {
      method,
      headers,
      body: json ? JSON.stringify(json) : undefined,
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return read(response, await body(response));
  } catch (error) {
    if (error instanceof DOMException && error.name === 'TimeoutError') {
      return { kind: 'unavailable', reason: 'timeout', detail: 'no_answer', retryAfter: null };
    }
    return { kind: 'offline' };
  }
}

/**
 * The one place where an answer becomes an outcome.
 *
 * @param {Response} response
 * @param {Record<string, any>} answer
 * @returns {Outcome}
 */
function read(response, answer) {
  const reason = text(answer.reason);
  const detail = text(answer.detail) || reason;
  if (response.ok && answer.authenticated === true) {
    return { kind: 'session', body: answer, skewMs: skew(response) };
  }
  if (response.ok && typeof answer.url === 'string') {
    return { kind: 'leave', url: safeUrl(answer.url, '/') };
  }
  if (answer.retryable === true || response.status === 429 || response.status >= 500) {
    return { kind: 'unavailable', reason, detail: detail || 'unreadable_answer', retryAfter: retryAfter(response) };
  }
  if (response.status === 401) {
    return { kind: 'signed-out', reason, detail, loginUrl: text(answer.loginUrl) };
  }
  if (response.status >= 400) {
    return { kind: 'refused', reason, detail, status: response.status };
  }
  return { kind: 'unavailable', reason: '', detail: 'unreadable_answer', retryAfter: null };
}

/** @param {Response} response @returns {Promise<Record<string, any>>} */
async function body(response) {
  try {
    const value = JSON.parse(await response.text());
    return value !== null && typeof value === 'object' ? value : {};
  } catch (error) {
    // Not JSON is an empty answer; a connection that broke is not an answer.
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/**
 * How far this machine's clock is behind the server's. The Date header counts whole seconds,
 * so small differences are noise.
 *
 * @param {Response} response
 */
function skew(response) {
  const server = Date.parse(response.headers.get('date') ?? '');
  const difference = server - Date.now();
  return Number.isFinite(difference) && Math.abs(difference) > 3_000 ? difference : 0;
}

/** @param {Response} response @returns {number | null} seconds */
function retryAfter(response) {
  const seconds = Number(response.headers.get('retry-after') ?? NaN);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, MAX_RETRY_AFTER_SECONDS) : null;
}

/** @param {unknown} value */
const text = (value) => (typeof value === 'string' ? value : '');
