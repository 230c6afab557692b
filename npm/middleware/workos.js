// Admission with WorkOS: from a request's cookies to an authenticated session, refreshed on the way if need be, or to a refusal. As
// src/gateway/workos/admission.rs.

import * as cookies from './cookies.js';
import { deletionLines, pathsOf } from './deletion.js';
import { MISSING, MIXED, conflict, endsSession, refusal, worse } from './refusal.js';

/** What the next generation may make good. Of one that was revoked, the refresh says so, and its cookie goes. */
const RENEWABLE = ['token_expired', 'session_stale', 'session_revoked'];

/**
 * Who is signed in.
 * @param {{ client: object, cookie: cookies.Attributes & { maxAge: number }, cookiePassword?: unknown }} gate
 * @returns {Promise<{ session: object, sealed?: string, cookies: string[] } | { refusal: import('./refusal.js').Refusal }>}
 */
export async function admit(gate, inbound, mayRenew) {
  const { good, expired, rejection } = await candidates(gate, inbound);
  if (!good && !expired) return admitBearer(gate, inbound);
  if (!mayRenew || expired.length === 0) {
    return isOnePerson(good) ? admitted(newest(good), expired[0]?.rejection ?? rejection) : forgetPlanted(gate, inbound);
  }
  return admitRenewed(gate, inbound, { good, expired, rejection });
}

/** The session cookies, by what becomes of them; nothing where there is none. A browser sends one per path and domain. */
async function candidates(gate, inbound) {
  const sealed = await cookies.read(inbound.cookie, gate.cookie.name);
  if (sealed.length === 0) return {};
  const [good, expired] = [[], []];
  let rejection;
  for (const value of sealed) {
    const cookie = value === undefined ? undefined : load(gate, value);
    const result = cookie ? await cookie.authenticate() : MIXED;
    if (result.authenticated) good.push({ session: result, sealed: value, sessionId: result.sessionId, cookies: [] });
    else if (RENEWABLE.includes(result.detail)) expired.push({ cookie, rejection: refusal(result) });
    else rejection = worse(rejection, refusal(result));
  }
  return { good, expired, rejection };
}

/**
 * With expired ones among them. All have to be of one person: a second person's was planted, from another host of the domain, and it is not
 * for us to guess who is whose guest. What an expired one says of its person, only its next generation proves; so each session is refreshed
 * that is not there already, which is one in all but odd cases.
 */
async function admitRenewed(gate, inbound, { good, expired, rejection }) {
  const people = [...good];
  let over;
  for (const { cookie } of expired) {
    const sessionId = good.length > 0 || expired.length > 1 ? await sessionIdOf(cookie) : undefined;
    if (sessionId !== undefined && people.some((other) => other.sessionId === sessionId)) continue;
    const renewed = await refresh(gate, inbound, cookie);
    if (renewed.session) people.push({ sessionId, ...renewed });
    // One that is over says nothing about the others: the cookie goes when all of them are.
    else if (endsSession(renewed.refusal)) over ??= renewed.refusal;
    // It may bring a new generation that cannot be checked yet.
    else if (people.length === 0) return renewed;
  }
  if (!isOnePerson(people)) return forgetPlanted(gate, inbound);
  return admitted(newest(people), over ?? rejection);
}

async function refresh(gate, inbound, cookie) {
  const next = await cookie.refresh();
  if (!next.authenticated) return { refusal: refusal(next, endsSession(next) ? deletion(gate, inbound) : []) };
  // From here on the old pair is used up: whatever the check says, the new one has to reach the browser.
  const lines = await storage(gate, inbound, next.sealedSession);
  const session = await cookie.authenticate();
  return session.authenticated ? { session, sealed: next.sealedSession, cookies: lines } : { refusal: refusal(session, lines) };
}

/**
 * An API client, by its access token, where there is no session cookie. The client checks one as the session that holds nothing else, if it
 * accepts the format `json`: of that, only the signed token is believed. Nothing is refreshed.
 */
async function admitBearer(gate, { bearer }) {
  if (bearer === undefined) return { refusal: MISSING };
  const session = await load(gate, JSON.stringify({ accessToken: bearer })).authenticate();
  if (session.authenticated) return { session, cookies: [] };
  return { refusal: session.detail === 'seal_not_accepted' ? MISSING : refusal(session) };
}

const load = ({ client, cookiePassword }, sessionData) => client.userManagement.loadSealedSession({ sessionData, cookiePassword });

/** The id of a session whose token has expired. */
async function sessionIdOf(cookie) {
  const url = await cookie.getLogoutUrl().catch(() => undefined);
  return url && (new URL(url).searchParams.get('session_id') ?? undefined);
}

const isOnePerson = (people) => people.every(({ session }) => session.claims.sub === people[0].session.claims.sub);

/** The last one of the same second is as good as the first. */
function newest(people) {
  const issuedAt = ({ session }) => session.issuedAt ?? 0;
  return people.reduce((best, other) => (best && issuedAt(best) >= issuedAt(other) ? best : other), undefined);
}

const admitted = (person, rejection) =>
  person ? { session: person.session, sealed: person.sealed, cookies: person.cookies } : { refusal: rejection };

/** The lines that store a session. */
export const storage = ({ cookie }, inbound, sealed) => cookies.set(cookie, cookies.asCookieValue(sealed), cookie.maxAge, inbound.cookie);

/** Name and value of the cookie of a session that was admitted by one. */
export const carried = ({ gate, sealed }) => (sealed === undefined ? [] : [[gate.cookie.name, cookies.asCookieValue(sealed)]]);

/** The lines that delete it. */
export const deletion = ({ cookie }, inbound) => deletionLines([cookie], [...new Set(['/', cookie.path])], inbound);

/** Refuses two people at once. Deleting our own cookie alone would leave the visitor with the planted one. */
const forgetPlanted = ({ cookie }, inbound) => ({ refusal: conflict(deletionLines([cookie], pathsOf(inbound.path), inbound)) });
