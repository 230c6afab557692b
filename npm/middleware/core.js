// What every middleware decides with: a request goes on, with a session or without, or gets this answer. Knows requests and headers as the
// web has them, and no framework.

import { ambiguous, denied, refused } from './answers.js';
import { keepPrivate } from './caching.js';
import { belongsTo, deleteParts, nameIn } from './cookies.js';
import { isLocal, readInbound } from './inbound.js';
import { checkDemand, readOptions } from './options.js';
import { DENIED, MISSING } from './refusal.js';

export { safeReturnTo } from './return_to.js';

/**
 * A middleware's core; core.d.ts says what its calls do.
 * @throws {TypeError} for options that cannot work
 */
export function createCore(options) {
  const settings = readOptions(options);
  return {
    admit: (request, environment, native = request) => admit(settings, request, environment, native),
    require(demand) {
      checkDemand(demand, 'require', settings.kind);
      return (passage) => meet(settings, passage, demand);
    },
    finish: (passage, headers) => finish(settings, passage, headers),
    setCookies(request, session, environment) {
      const inbound = readInbound(request);
      return settings.provider.storage(gateOf(settings, inbound, environment), inbound, session);
    },
    deleteCookies(request, environment) {
      const inbound = readInbound(request);
      return settings.provider.deletion(gateOf(settings, inbound, environment), inbound);
    },
  };
}

/** @returns {Promise<import('./core.d.ts').Passage>} */
async function admit(settings, request, environment, native) {
  const inbound = readInbound(request);
  const passage = {
    inbound,
    native,
    gate: undefined,
    session: null,
    cookies: [],
    answer: undefined,
    refusal: undefined,
    isPreflight: inbound.isPreflight,
    isPublic: true,
    isRenewed: false,
  };
  if (passage.isPreflight) return passage;
  const demands = settings.demandsOn(inbound.method, inbound.path);
  if (!demands) return Object.assign(passage, { answer: ambiguous(inbound) });
  passage.gate = gateOf(settings, inbound, environment);
  await identify(settings, passage, demands.length === 0 ? inbound.mayRenewUnasked : inbound.mayRenew);
  for (const demand of demands) {
    passage.answer = await meet(settings, passage, demand);
    if (passage.answer) break;
  }
  return passage;
}

const gateOf = (settings, inbound, environment) => settings.gateOf(environment, !isLocal(inbound));

/** Finds out who is signed in. What a refresh brings, or a definite refusal takes away, goes out with whatever answer. */
async function identify(settings, passage, mayRenew) {
  const { refusal: refused, ...admitted } = await settings.provider.admit(passage.gate, passage.inbound, mayRenew);
  const cookies = refused ? refused.cookies : admitted.cookies;
  Object.assign(passage, { isRenewed: mayRenew, refusal: refused, session: null }, admitted, { cookies });
}

/** The answer to a request that does not meet a demand; undefined where it does. */
async function meet(settings, passage, demand) {
  const { inbound, native } = passage;
  if (passage.isPreflight) return undefined;
  passage.isPublic = false;
  if (!passage.session && passage.gate && !passage.isRenewed && inbound.mayRenew) await identify(settings, passage, true);
  if (!passage.session) return refused(settings, inbound, passage.refusal ?? MISSING, native);
  if (demand === 'session') return undefined;
  const { role, permission, authorizationCheck } = demand;
  const { session } = passage;
  const isAllowed =
    (role === undefined || session.role === role || session.roles?.includes(role)) &&
    (permission === undefined || session.permissions?.includes(permission));
  if (!isAllowed) return denied(inbound, DENIED, passage.cookies);
  if (!authorizationCheck) return undefined;
  const verdict = await settings.provider.authorize(passage.gate, passage, authorizationCheck);
  if (!verdict.refusal) {
    if (verdict.cookies.length > 0) passage.cookies = verdict.cookies;
    return undefined;
  }
  const { reason, detail } = verdict.refusal;
  if (['permission_denied', 'tenancy_mismatch'].includes(detail)) return denied(inbound, { reason, detail }, passage.cookies);
  return refused(settings, inbound, { ...verdict.refusal, cookies: [...passage.cookies, ...verdict.refusal.cookies] }, native);
}

/** Puts the cookies into an answer's headers, and keeps it from those whom it does not concern. */
function finish({ names }, { cookies, gate, inbound, isPublic, session }, headers) {
  const own = headers.getSetCookie();
  const set = new Set(own.map(nameIn));
  const isOwn = [...set].some((name) => names.some((ours) => belongsTo(name, ours)));
  // A handler that sets the session's cookie itself has signed somebody out, or in, or into another organization.
  const lines = isOwn ? leftovers(gate, set, inbound) : cookies;
  for (const line of lines) headers.append('set-cookie', line);
  keepPrivate(headers, { setsCookie: own.length + lines.length > 0, isPublic, hasSession: session !== null || !isPublic });
}

/** Parts of a split cookie would outlive the one that the handler has set in their place, or deleted. */
function leftovers(gate, set, { cookie: present }) {
  const lines = set.has(gate?.cookie?.name) ? deleteParts(gate.cookie, 0, present) : [];
  return lines.filter((line) => !set.has(nameIn(line)));
}
