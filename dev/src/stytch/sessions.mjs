// Stytch sessions: begin, find, prolong, end. Knows nothing of HTTP, of tokens that are signed, or of who is who.

import { sessionToken, testIdentifier } from '../identifiers.mjs';
import { SESSIONS_KEPT, SESSION_MINUTES } from '../limits.mjs';
import { isoDate } from '../time.mjs';

/**
 * @typedef {import('../seeds.mjs').Person} Person
 * @typedef {import('../seeds.mjs').Organization} Organization
 * @typedef {{ ip_address: string, user_agent: string }} Attributes
 * @typedef {{
 *   id: string, token: string, person: Person, organization: Organization | null, impersonator: import('../seeds.mjs').Impersonator | null,
 *   attributes: Attributes, customClaims: Record<string, any>,
 *   startedAt: number, lastAccessedAt: number, expiresAt: number, endedAt: number | null,
 * }} Session
 */

export class Sessions {
  /** @type {Map<string, Session>} by id */
  #sessions = new Map();
  /** @type {Map<string, Session>} by token */
  #tokens = new Map();
  #now;
  #prefix;
  #resource;

  /**
   * @param {{ now: () => number, prefix: string, resource: (session: Session) => Record<string, any> }} parts `prefix` of the ids;
   *   `resource` is the session as the API shows it
   */
  constructor({ now, prefix, resource }) {
    this.#now = now;
    this.#prefix = prefix;
    this.#resource = resource;
  }

  /**
   * @param {{
   *   person: Person, organization: Organization | null, impersonator?: Session['impersonator'], attributes?: Partial<Attributes>,
   *   minutes?: number, customClaims?: Record<string, any>,
   * }} start
   * @returns {Session}
   */
  begin({ person, organization, impersonator = null, attributes = {}, minutes = SESSION_MINUTES, customClaims = {} }) {
    const now = this.#now();
    const session = {
      id: testIdentifier(this.#prefix),
      token: sessionToken(),
      person,
      organization,
      impersonator,
      attributes: { ip_address: '', user_agent: '', ...attributes },
      customClaims,
      startedAt: now,
      lastAccessedAt: now,
      expiresAt: now + minutes * 60_000,
      endedAt: null,
    };
    this.#sessions.set(session.id, session);
    this.#tokens.set(session.token, session);
    this.#forgetOldest();
    return session;
  }

  /** @returns {Session | undefined} the session, if it still lives */
  byId(id) {
    return this.#ifLive(this.#sessions.get(id));
  }

  /** @returns {Session | undefined} the session, if it still lives */
  byToken(token) {
    return this.#ifLive(this.#tokens.get(token));
  }

  /** Somebody used it; without `minutes` it ends when it would have ended. @param {Session} session */
  touch(session, { minutes, customClaims }) {
    session.lastAccessedAt = this.#now();
    if (minutes !== undefined) session.expiresAt = session.lastAccessedAt + minutes * 60_000;
    session.customClaims = customClaims;
  }

  /** Ends a session; ending it again changes nothing. @returns {Session | undefined} */
  end(id) {
    const session = this.#sessions.get(id);
    if (session) session.endedAt ??= this.#now();
    return session;
  }

  /** Newest first, with those that have ended. @returns {Session[]} */
  list() {
    return [...this.#sessions.values()].reverse();
  }

  /** @returns {Session[]} */
  live() {
    return this.list().filter((session) => this.#ifLive(session));
  }

  clear() {
    this.#sessions.clear();
    this.#tokens.clear();
  }

  /** The session as the API shows it. @param {Session} session */
  resource(session) {
    return this.#resource(session);
  }

  /** What the control page shows of a session. @param {Session} session @returns {import('../pages/control.mjs').SessionOverview} */
  overview(session) {
    const { user } = session.person;
    const lives = this.#now() < session.expiresAt ? 'active' : 'expired';
    return {
      id: session.id,
      name: session.impersonator ? `${user.name}, through ${session.impersonator.email}` : user.name,
      organization: session.organization?.name ?? 'none',
      status: session.endedAt === null ? lives : 'revoked',
      detail: isoDate(session.expiresAt).slice(0, 16).replace('T', ' '),
      began: session.startedAt,
    };
  }

  #ifLive(session) {
    return session && session.endedAt === null && this.#now() < session.expiresAt ? session : undefined;
  }

  #forgetOldest() {
    if (this.#sessions.size <= SESSIONS_KEPT) return;
    const [oldest] = this.#sessions.values();
    this.#sessions.delete(oldest.id);
    this.#tokens.delete(oldest.token);
  }
}
