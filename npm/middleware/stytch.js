// Admission with Stytch: from a request's cookies to a session, renewed by Stytch on the way if need be, or to a refusal. As
// src/gateway/stytch/. Asking uses nothing up: each question about a session gets a JWT of its own, and all of them are good.

import * as cookies from './cookies.js';
import { deletionLines, pathsOf } from './deletion.js';
import * as limits from './limits.js';
import { MISSING, conflict, endsSession, refusal, worse } from './refusal.js';

/** What Stytch may know better about a JWT. Of what is forged, malformed or of another project it is never asked. */
const ASKABLE = ['token_expired', 'token_not_yet_valid', 'unknown_key', 'keys_unavailable'];

/**
 * Who is signed in; `jwt` is the token that says so.
 * @param {{ client: object, cookies: { jwt: cookies.Attributes, token: cookies.Attributes } }} gate
 */
export async function admit(gate, inbound, mayRenew) {
  const jwts = distinct(inbound, gate.cookies.jwt);
  const tokens = distinct(inbound, gate.cookies.token);
  if (jwts.length + tokens.length === 0) return admitBearer(gate, inbound, mayRenew);
  const { good, askable, rejection } = await candidates(gate, jwts);
  // All of one person: a second person's was planted, and it is not for us to guess who is whose guest.
  if (!areSame(good.length > 0 ? good.map(personIn) : await peopleIn(gate, askable))) {
    return { refusal: conflict(deletionLines(both(gate), pathsOf(inbound.path), inbound)) };
  }
  if (good.length > 0) return good.reduce((best, other) => (issuedAt(other) > issuedAt(best) ? other : best));
  const refused = rejection ?? (tokens.length > 0 ? { reason: 'invalid_jwt', detail: 'token_malformed', retryable: false, cookies: [] } : MISSING);
  return mayRenew ? ask(gate, inbound, askable, tokens.filter(isPlausible), refused) : { refusal: refused };
}

/** The JWTs by what is known of them here. */
async function candidates(gate, jwts) {
  const [good, askable] = [[], []];
  let rejection;
  for (const jwt of jwts) {
    const session = await local(gate, { session_jwt: jwt });
    if (!session.refusal) good.push({ session, jwt, cookies: [] });
    else if (ASKABLE.includes(session.refusal.detail)) askable.push(jwt);
    if (session.refusal) rejection = worse(rejection, session.refusal);
  }
  return { good, askable, rejection };
}

async function ask(gate, inbound, jwts, tokens, rejection) {
  const { sessions } = gate.client;
  const questions = [
    ...jwts.map((session_jwt) => () => sessions.check({ session_jwt })),
    ...tokens.map((session_token) => () => orRefused(sessions.authenticate({ session_token }))),
  ];
  let over;
  let refusedByStytch;
  for (const question of questions.slice(0, limits.STYTCH_QUESTIONS)) {
    const answer = await question();
    if (answer.authenticated !== false) return renewed(gate, answer);
    if (answer.retryable) return { refusal: refusal(answer) };
    // One that is over says nothing about the others: the cookies go when all of them are.
    if (endsSession(answer)) over = answer;
    else refusedByStytch ??= refusal(answer);
  }
  if (over && questions.length <= limits.STYTCH_QUESTIONS) return { refusal: refusal(over, deletion(gate, inbound)) };
  return { refusal: refusedByStytch ?? rejection };
}

/** An API client, by its session JWT, as a cookie would. A renewed one has nowhere to go. */
async function admitBearer(gate, { bearer }, mayRenew) {
  if (bearer === undefined) return { refusal: MISSING };
  const session = await local(gate, { session_jwt: bearer });
  if (!session.refusal) return { session, jwt: bearer, cookies: [] };
  if (!mayRenew || !ASKABLE.includes(session.refusal.detail)) return session;
  const answer = await gate.client.sessions.check({ session_jwt: bearer });
  return answer.authenticated ? { ...(await renewed(gate, answer)), cookies: [] } : { refusal: refusal(answer) };
}

/** A session that Stytch has vouched for, with the cookies of now: as its new JWT says it, so that it is the same with the next request. */
async function renewed(gate, answer) {
  const checked = await local(gate, { session_jwt: answer.session_jwt });
  const session = checked.refusal ? (answer.member_session ?? answer.session) : checked;
  return { session, jwt: answer.session_jwt, cookies: await storage(gate, undefined, answer) };
}

/**
 * Whether the session's roles allow it: `{}`, with new cookies where Stytch was asked, or a refusal. The organization is the session's own,
 * unless the check names one.
 */
export async function authorize(gate, { session, jwt }, check) {
  const organization = session.organization_id === undefined ? {} : { organization_id: session.organization_id };
  const answer = await gate.client.sessions.check({ session_jwt: jwt, authorization_check: { ...organization, ...check } });
  if (!answer.authenticated) return { refusal: refusal(answer) };
  return { cookies: answer.source === 'remote' ? await storage(gate, undefined, answer) : [] };
}

/**
 * The lines that store a session. They end with it, and not with the JWT: one that has expired is what Stytch is asked about. One that is
 * longer than browsers keep is left out; the other one will do, at the cost of a question with each request.
 */
export async function storage(gate, _inbound, { session_jwt, session_token, session, member_session }) {
  const end = Date.parse((member_session ?? session)?.expires_at ?? '');
  const seconds = Number.isNaN(end) ? limits.STYTCH_TOKEN_SECONDS : Math.floor((end - Date.now()) / 1000);
  const maxAge = Math.min(Math.max(seconds, 1), limits.COOKIE_MAX_AGE_SECONDS);
  return [[gate.cookies.jwt, session_jwt], [gate.cookies.token, session_token]]
    .filter(([, value]) => typeof value === 'string' && value !== '' && cookies.asCookieValue(value) === value)
    .map(([cookie, value]) => cookies.setLine(cookie, value, maxAge))
    .filter((line) => line.length <= limits.SET_COOKIE_BYTES);
}

/** The lines that delete it, whoever has set it: the browser SDK sets cookies of its own domain and path. */
export const deletion = (gate, inbound) => deletionLines(both(gate), [...new Set(['/', gate.cookies.jwt.path])], inbound);

const both = (gate) => [gate.cookies.jwt, gate.cookies.token];

const distinct = (inbound, { name }) => [...new Set(cookies.values(inbound.cookie, name))];

/** From the token alone: the session, or `{ refusal }`. */
async function local(gate, options) {
  const session = await orRefused(gate.client.sessions.authenticateJwtLocal(options));
  return session.authenticated === false ? { refusal: refusal(session) } : session;
}

/** What rejects with a meaning, as a value; mistakes of the caller's go on. */
const orRefused = (promise) =>
  promise.catch((error) => {
    if (typeof error?.detail !== 'string') throw error;
    const { reason, detail, retryable, retry_after } = error;
    return { authenticated: false, reason, detail, retryable, retry_after };
  });

/** Whose the JWTs are that are over, as far as their signatures can be checked. One is of one person; to read it would cost a signature. */
async function peopleIn(gate, jwts) {
  if (jwts.length < 2) return [];
  const read = await Promise.all(jwts.map((session_jwt) => local(gate, { session_jwt, clock_tolerance_seconds: limits.COOKIE_MAX_AGE_SECONDS })));
  return read.filter((session) => !session.refusal).map((session) => personIn({ session }));
}

const personIn = ({ session }) => session.member_id ?? session.user_id;
const areSame = (people) => people.every((person) => person === people[0]);

/** Of a token that was verified: nothing in it can be anything else. */
const issuedAt = ({ jwt }) => JSON.parse(atob(jwt.split('.')[1].replaceAll('-', '+').replaceAll('_', '/'))).iat ?? 0;

/** Whether it looks like an opaque token of Stytch's. What does not costs no call. */
function isPlausible(token) {
  const [least, most] = limits.STYTCH_TOKEN_BYTES;
  return token.length >= least && token.length <= most && /^[\w+/=-]*$/.test(token);
}
