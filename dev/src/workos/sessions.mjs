// Sessions and their refresh tokens: begin, rotate, switch, end. Knows nothing of HTTP; a refusal is a value.

import { identifier, secret } from '../identifiers.mjs';
import { SESSIONS_KEPT, SESSION_LIFETIME_SECONDS } from '../limits.mjs';
import { findOrganization, membershipOf } from '../seeds.mjs';
import { isoDate } from '../time.mjs';

/**
 * @typedef {import('../seeds.mjs').Person} Person
 * @typedef {{
 *   id: string, person: Person, organizationId: string | null, impersonator: import('../seeds.mjs').Impersonator | null,
 *   authenticationMethod: string, generation: number, createdAt: number, updatedAt: number, expiresAt: number,
 *   endedAt: number | null, revoked: boolean, refreshTokens: string[],
 * }} Session
 * @typedef {{ session: Session, generation: number, exchangedAt: number | null, successor: object | null }} RefreshToken
 */

export class Sessions {
  /** @type {Map<string, Session>} */
  #sessions = new Map();
  /** @type {Map<string, RefreshToken>} */
  #refreshTokens = new Map();
  /** @type {Map<string, number>} when each person last signed in */
  #lastSignIn = new Map();
  #now;
  #knobs;
  #mintAccessToken;

  /** @param {{ now: () => number, knobs: import('../knobs.mjs').Knobs, mintAccessToken: (session: Session, lifetimeSeconds: number) => string }} parts */
  constructor({ now, knobs, mintAccessToken }) {
    this.#now = now;
    this.#knobs = knobs;
    this.#mintAccessToken = mintAccessToken;
  }

  /**
   * A new session and its first generation.
   * @param {{ person: Person, organizationId: string | null, impersonator: Session['impersonator'], lifetimeSeconds?: number }} start
   */
  begin({ person, organizationId, impersonator, lifetimeSeconds }) {
    const now = this.#now();
    const session = {
      id: identifier('session'),
      person,
      organizationId,
      impersonator,
      authenticationMethod: impersonator ? 'Impersonation' : 'Password',
      generation: 0,
      createdAt: now,
      updatedAt: now,
      expiresAt: now + SESSION_LIFETIME_SECONDS * 1000,
      endedAt: null,
      revoked: false,
      refreshTokens: [],
    };
    this.#sessions.set(session.id, session);
    this.#lastSignIn.set(person.user.id, now);
    this.#forgetOldest();
    return { session, reply: this.#nextGeneration(session, lifetimeSeconds) };
  }

  /**
   * Exchanges a refresh token. Within the grace, an exchanged token answers with the very pair that it was exchanged
   * for, whatever organization the replay asks for.
   * @param {string} token @param {string | null} organizationId the organization to switch to
   * @returns {{ sessionId: string | null, generation: number | null } & (
   *   { reply: object, outcome: 'rotated' | 'switched' | 'replayed' } | { refusal: 'unknown' | 'exchanged' | 'ended' | 'expired' | 'not_a_member' }
   * )} and which generation of which session the token belongs to
   */
  refresh(token, organizationId) {
    const found = this.#refreshTokens.get(token);
    if (!found) return { refusal: 'unknown', sessionId: null, generation: null };
    return { ...this.#exchange(found, organizationId), sessionId: found.session.id, generation: found.generation };
  }

  #exchange(found, organizationId) {
    const { session } = found;
    const now = this.#now();
    if (session.endedAt !== null) return { refusal: 'ended' };
    if (now >= session.expiresAt) return { refusal: 'expired' };
    if (found.exchangedAt !== null) {
      const grace = this.#knobs.get().refreshGraceSeconds * 1000;
      if (now - found.exchangedAt >= grace) return { refusal: 'exchanged' };
      return { reply: found.successor, outcome: 'replayed' };
    }
    // Before the exchange: a refused switch must leave the refresh token usable.
    if (organizationId !== null && !membershipOf(session.person, organizationId)) return { refusal: 'not_a_member' };
    const switched = organizationId !== null && organizationId !== session.organizationId;
    if (switched) session.organizationId = organizationId;
    if (this.#knobs.get().newSessionIdAtRefresh) this.#rename(session);
    found.exchangedAt = now;
    found.successor = this.#nextGeneration(session);
    return { reply: found.successor, outcome: switched ? 'switched' : 'rotated' };
  }

  /** Ends a session; ending it again changes nothing. @returns {Session | undefined} */
  end(sessionId, { revoked }) {
    const session = this.#sessions.get(sessionId);
    if (session && session.endedAt === null) {
      session.endedAt = this.#now();
      session.updatedAt = session.endedAt;
      session.revoked = revoked;
    }
    return session;
  }

  /** Newest first. @returns {Session[]} */
  list() {
    return [...this.#sessions.values()].reverse();
  }

  clear() {
    this.#sessions.clear();
    this.#refreshTokens.clear();
    this.#lastSignIn.clear();
  }

  /** The session as the provider's API shows it. @param {Session} session */
  resource(session) {
    return {
      object: 'session',
      id: session.id,
      user_id: session.person.user.id,
      organization_id: session.organizationId,
      status: this.#status(session),
      auth_method: session.impersonator ? 'impersonation' : 'password',
      ip_address: null,
      user_agent: null,
      ...(session.impersonator && { impersonator: session.impersonator }),
      expires_at: isoDate(session.expiresAt),
      ended_at: session.endedAt === null ? null : isoDate(session.endedAt),
      created_at: isoDate(session.createdAt),
      updated_at: isoDate(session.updatedAt),
    };
  }

  /** What the control page shows of a session. @param {Session} session @returns {import('../pages/control.mjs').SessionOverview} */
  overview(session) {
    const { user } = session.person;
    return {
      id: session.id,
      name: session.impersonator ? `${user.name}, through ${session.impersonator.email}` : user.name,
      organization: findOrganization(session.organizationId ?? '')?.name ?? 'none',
      status: this.#status(session),
      detail: String(session.generation),
      began: session.createdAt,
    };
  }

  #status(session) {
    if (session.endedAt !== null) return session.revoked ? 'revoked' : 'expired';
    return this.#now() >= session.expiresAt ? 'expired' : 'active';
  }

  /** One access and refresh token pair: the body of a successful reply of `authenticate`. */
  #nextGeneration(session, lifetimeSeconds = this.#knobs.get().tokenLifetimeSeconds) {
    session.generation += 1;
    session.updatedAt = this.#now();
    const refreshToken = secret();
    this.#refreshTokens.set(refreshToken, { session, generation: session.generation, exchangedAt: null, successor: null });
    session.refreshTokens.push(refreshToken);
    return {
      user: { ...session.person.user, last_sign_in_at: isoDate(this.#lastSignIn.get(session.person.user.id)) },
      ...(session.organizationId && { organization_id: session.organizationId }),
      access_token: this.#mintAccessToken(session, lifetimeSeconds),
      refresh_token: refreshToken,
      authentication_method: session.authenticationMethod,
      ...(session.impersonator && { impersonator: session.impersonator }),
    };
  }

  /** The session goes on under another id; the old one is known no more. */
  #rename(session) {
    this.#sessions.delete(session.id);
    session.id = identifier('session');
    this.#sessions.set(session.id, session);
  }

  #forgetOldest() {
    if (this.#sessions.size <= SESSIONS_KEPT) return;
    const [oldest] = this.#sessions.values();
    this.#sessions.delete(oldest.id);
    for (const token of oldest.refreshTokens) this.#refreshTokens.delete(token);
  }
}
