// The local provider: WorkOS-shaped sign-in for development and tests, on this machine only.
// Assembles the parts and is the programmatic API. Must never be reachable from another machine or used in production.

import { once } from 'node:events';
import { createServer } from 'node:http';

import { accessTokenClaims } from './access_token.mjs';
import { Codes } from './codes.mjs';
import { SigningKeys } from './keys.mjs';
import { Knobs } from './knobs.mjs';
import { DEFAULT_API_KEY, DEFAULT_CLIENT_ID, LOOPBACK, REQUEST_TIMEOUT_MILLISECONDS } from './limits.mjs';
import { RequestLog } from './requests.mjs';
import { choices, findOrganization, findPerson, membershipOf, organizations, people } from './seeds.mjs';
import { requestHandler } from './server.mjs';
import { Sessions } from './sessions.mjs';

/**
 * @typedef {{
 *   port?: number, clientId?: string, apiKey?: string, redirectUris?: string[], logoutUris?: string[], now?: () => number, requestsKept?: number,
 * }} Options `port` 0 takes a free one; without lists of URIs every loopback one is accepted; `now` is in milliseconds;
 *   `requestsKept` is for whoever counts more requests than the log holds otherwise
 *
 * @typedef {{
 *   settings: { url: string, issuer: string, clientId: string, apiKey: string, redirectUris: string[] | null, logoutUris: string[] | null },
 *   now: () => number, keys: SigningKeys, knobs: Knobs, codes: Codes, sessions: Sessions, log: RequestLog, reset: () => void,
 * }} Parts what the endpoints work with
 *
 * @typedef {{ person?: string, organization?: string | null, lifetimeSeconds?: number, impersonator?: import('./seeds.mjs').Impersonator | null }} MintOptions
 * @typedef {Awaited<ReturnType<typeof startProvider>>} Provider
 */

const OPTIONS = ['port', 'clientId', 'apiKey', 'redirectUris', 'logoutUris', 'now', 'requestsKept'];

/**
 * Starts a provider and resolves once it accepts connections. Rejects with the error of `listen` (`EADDRINUSE`, …).
 * @param {Options} options
 */
export async function startProvider(options = {}) {
  checkOptions(options);
  const keys = await SigningKeys.create();
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MILLISECONDS });
  server.listen(options.port ?? 0, LOOPBACK);
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());

  const parts = assemble(options, `http://${LOOPBACK}:${port}`, keys);
  const closing = new AbortController();
  server.on('request', requestHandler(parts, closing.signal));

  return {
    url: parts.settings.url,
    port,
    issuer: parts.settings.issuer,
    clientId: parts.settings.clientId,
    apiKey: parts.settings.apiKey,
    people,
    organizations,
    choices,
    /** The knobs: `get()`, `set(patch)`, `reset()`. */
    knobs: parts.knobs,
    /** The provider's clock, in milliseconds, with the clock knob. */
    now: parts.now,
    /** A new signing key. Without `keepPrevious` the tokens of the old ones no longer verify. */
    rotateKeys: ({ keepPrevious = true } = {}) => keys.rotate({ keepPrevious }),
    /** Requests to the provider's endpoints, oldest first. */
    requests: () => parts.log.list(),
    clearRequests: () => parts.log.clear(),
    /** Every session, newest first, as the provider's API shows it. */
    sessions: () => parts.sessions.list().map((session) => parts.sessions.resource(session)),
    /** A session without the sign-in page. @param {MintOptions} [wanted] */
    mintSession: (wanted) => mintSession(parts.sessions, wanted),
    /** As after the start, but for the signing key. */
    reset: parts.reset,
    /** Stops at once, open requests included. */
    close: () => close(server, closing),
  };
}

/** @returns {Parts} */
function assemble(options, url, keys) {
  const clock = options.now ?? Date.now;
  const knobs = new Knobs();
  const now = () => clock() + knobs.get().clockOffsetSeconds * 1000;
  const clientId = options.clientId ?? DEFAULT_CLIENT_ID;
  const issuer = `${url}/user_management/${clientId}`;
  const mintAccessToken = (session, lifetimeSeconds) =>
    keys.sign(accessTokenClaims(session, { issuer, now: now(), lifetimeSeconds }));
  const codes = new Codes(now);
  const sessions = new Sessions({ now, knobs, mintAccessToken });
  const log = new RequestLog(options.requestsKept);
  const settings = {
    url,
    issuer,
    clientId,
    apiKey: options.apiKey ?? DEFAULT_API_KEY,
    redirectUris: options.redirectUris ?? null,
    logoutUris: options.logoutUris ?? null,
  };
  const reset = () => {
    knobs.reset();
    // Not a new key: making one takes long, and a key of its own tells nothing about what was signed before.
    keys.forgetPrevious();
    for (const store of [codes, sessions, log]) store.clear();
  };
  return { settings, now, keys, knobs, codes, sessions, log, reset };
}

/**
 * @param {Sessions} sessions @param {MintOptions} [options]
 * @returns {{ sessionId: string, response: Record<string, any> }} `response` is the body that `authenticate` would have answered
 */
function mintSession(sessions, { person: wanted = 'ada', organization, lifetimeSeconds, impersonator = null } = {}) {
  const person = findPerson(wanted);
  if (!person) throw new TypeError(`mintSession: no such person; known are ${people.map(({ key }) => key).join(', ')}`);
  if (lifetimeSeconds !== undefined && !Number.isInteger(lifetimeSeconds)) {
    throw new TypeError('mintSession: lifetimeSeconds must be a whole number');
  }
  const organizationId = organizationFor(person, organization);
  const { session, reply } = sessions.begin({ person, organizationId, impersonator, lifetimeSeconds });
  return { sessionId: session.id, response: reply };
}

/** The named organization, the person's first one when none is named, none for `null`. @returns {string | null} */
function organizationFor(person, wanted) {
  if (wanted === null) return null;
  if (wanted === undefined) return person.memberships[0]?.organization.id ?? null;
  const organization = findOrganization(wanted);
  if (!organization || !membershipOf(person, organization.id)) {
    throw new TypeError('mintSession: the person is not a member of such an organization');
  }
  return organization.id;
}

function checkOptions(options) {
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (unknown === 'host') throw new TypeError(`startProvider: the local provider listens on ${LOOPBACK} only`);
  if (unknown !== undefined) throw new TypeError(`startProvider: unknown option ${unknown}; known are ${OPTIONS.join(', ')}`);
  for (const name of ['clientId', 'apiKey']) {
    // Both travel in URLs and headers; the client id is also a path segment.
    if (options[name] !== undefined && !/^[\w.~-]+$/.test(options[name])) {
      throw new TypeError(`startProvider: ${name} must consist of letters, digits and _ . ~ -`);
    }
  }
  if (options.requestsKept !== undefined && !(Number.isInteger(options.requestsKept) && options.requestsKept > 0)) {
    throw new TypeError('startProvider: requestsKept must be a whole number from 1 on');
  }
  for (const name of ['redirectUris', 'logoutUris']) {
    if (options[name] !== undefined && !options[name]?.every?.((uri) => URL.canParse(uri))) {
      throw new TypeError(`startProvider: ${name} must be a list of absolute URIs`);
    }
  }
}

async function close(server, closing) {
  closing.abort();
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
