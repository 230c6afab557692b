// The local provider: sign-in for development and tests, in the shape of WorkOS or of Stytch, on this machine only.
// Assembles the parts and is the programmatic API. Must never be reachable from another machine or used in production.

import { once } from 'node:events';
import { createServer } from 'node:http';

import { SigningKeys } from './keys.mjs';
import { Knobs } from './knobs.mjs';
import { LOOPBACK, REQUEST_TIMEOUT_MILLISECONDS } from './limits.mjs';
import { RequestLog } from './requests.mjs';
import { organizations, people } from './seeds.mjs';
import { requestHandler } from './server.mjs';
import { stytch } from './stytch.mjs';
import { consumer } from './stytch/consumer.mjs';
import { member } from './stytch/member.mjs';
import { workos } from './workos.mjs';

/** The shapes, by the name that `--provider` and `startProvider({ provider })` take. @type {Record<string, Shape>} */
export const SHAPES = { workos, stytch: stytch(consumer), 'stytch-b2b': stytch(member) };

/**
 * @typedef {{ provider?: string, port?: number, now?: () => number, requestsKept?: number } & (
 *   { clientId?: string, apiKey?: string, redirectUris?: string[], logoutUris?: string[] } | { projectId?: string, secret?: string }
 * )} Options `provider` is `workos` (default), `stytch` or `stytch-b2b`; `port` 0 takes a free one; without lists of URIs every
 *   loopback one is accepted; `now` is in milliseconds; `requestsKept` is for whoever counts more requests than the log holds otherwise
 *
 * @typedef {{ url: string, now: () => number, keys: SigningKeys, knobs: Knobs, log: RequestLog }} Shared what every shape is given
 *
 * @typedef {Shared & { shape: Shape, settings: Record<string, any>, sessions: any, facts: Fact[], reset: () => void, [own: string]: any }} Parts
 *   what the endpoints work with: what is shared, and what the shape has assembled for itself
 *
 * @typedef {{ label: string, value: string, href?: string }} Fact a line at the top of the control page
 *
 * @typedef {{ endpoint: string, method: string, path: RegExp, handle: (parts: any, request: any) => any }} Route
 *
 * @typedef {{
 *   options: string[], checkOptions: (options: Record<string, any>) => void,
 *   routes: Route[], controlRoutes: { method: string, path: string, handle: (parts: any, request: any) => any }[],
 *   error: (status: number, code: string, message: string) => import('./http.mjs').Answer,
 *   playedFailure: (failure: any) => import('./http.mjs').Answer,
 *   knobs: import('./knobs.mjs').KnobDefinition, keys: import('./keys.mjs').KeyForm,
 *   sessionDetail: string, sections: (parts: any) => string,
 *   assemble: (shared: Shared, options: Record<string, any>) => {
 *     settings: Record<string, any>, sessions: any, stores: { clear: () => void }[], facts: Fact[], api: Record<string, any>,
 *   },
 * }} Shape everything that a client can tell the providers apart by; `error` is for refusals that no endpoint words
 *   itself; `sessionDetail` heads the column of the control page that is this shape's, `sections` are its own parts of that page, as HTML
 *
 * @typedef {Awaited<ReturnType<typeof startProvider>>} Provider
 */

const OPTIONS = ['provider', 'port', 'now', 'requestsKept'];

/**
 * Starts a provider and resolves once it accepts connections. Rejects with the error of `listen` (`EADDRINUSE`, …).
 * @param {Options} options
 */
export async function startProvider(options = {}) {
  const shape = checkOptions(options);
  const clock = options.now ?? Date.now;
  const knobs = new Knobs(shape.knobs);
  const now = () => clock() + knobs.get().clockOffsetSeconds * 1000;
  const keys = await SigningKeys.create({ form: shape.keys, now, knobs });
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MILLISECONDS });
  server.listen(options.port ?? 0, LOOPBACK);
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());

  const shared = { url: `http://${LOOPBACK}:${port}`, now, keys, knobs, log: new RequestLog(options.requestsKept) };
  const { api, stores, ...own } = shape.assemble(shared, options);
  const reset = () => {
    knobs.reset();
    // Not a new key: making one takes long, and a key of its own tells nothing about what was signed before.
    keys.forgetPrevious();
    for (const store of [...stores, shared.log]) store.clear();
  };
  const parts = { ...shared, ...own, shape, reset };
  const closing = new AbortController();
  server.on('request', requestHandler(parts, closing.signal));

  return {
    url: shared.url,
    port,
    people,
    organizations,
    /** The knobs: `get()`, `set(patch)`, `reset()`. */
    knobs,
    /** The provider's clock, in milliseconds, with the clock knob. */
    now,
    /** A new signing key. Without `keepPrevious` the tokens of the old ones no longer verify. */
    rotateKeys: ({ keepPrevious = true } = {}) => keys.rotate({ keepPrevious }),
    /** Requests to the provider's endpoints, oldest first. */
    requests: () => shared.log.list(),
    clearRequests: () => shared.log.clear(),
    /** Every session, newest first, as the provider's API shows it. */
    sessions: () => parts.sessions.list().map((session) => parts.sessions.resource(session)),
    /** As after the start, but for the signing key. */
    reset,
    /** Stops at once, open requests included. */
    close: () => close(server, closing),
    ...api,
  };
}

/** @returns {Shape} the one that was asked for */
function checkOptions(options) {
  const { provider = 'workos', requestsKept } = options;
  if (!Object.hasOwn(SHAPES, provider)) {
    throw new TypeError(`startProvider: provider must be one of ${Object.keys(SHAPES).join(', ')}`);
  }
  const shape = SHAPES[provider];
  const known = [...OPTIONS, ...shape.options];
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === 'host') throw new TypeError(`startProvider: the local provider listens on ${LOOPBACK} only`);
  if (unknown !== undefined) throw new TypeError(`startProvider: unknown option ${unknown}; known are ${known.join(', ')}`);
  if (requestsKept !== undefined && !(Number.isInteger(requestsKept) && requestsKept > 0)) {
    throw new TypeError('startProvider: requestsKept must be a whole number from 1 on');
  }
  shape.checkOptions(options);
  return shape;
}

async function close(server, closing) {
  closing.abort();
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
