// The request log: what was asked and what came back. Never a path, a token, a code or a person.

import { REQUESTS_KEPT } from './limits.mjs';

/**
 * `status` is null when no answer was sent. `knob` names the failure that was played. `sessionId` and `generation` say which
 * refresh token was presented, without saying it: the one that came with that generation of the session.
 * @typedef {{
 *   endpoint: string, method: string, status: number | null, time: number, grantType: string | null, outcome: string | null,
 *   sessionId: string | null, generation: number | null, knob: string | null,
 * }} RequestEntry
 */

export class RequestLog {
  /** @type {RequestEntry[]} */
  #entries = [];
  #kept;

  /** @param {number} [kept] how many entries; the oldest go first */
  constructor(kept = REQUESTS_KEPT) {
    this.#kept = kept;
  }

  /** Opens an entry; the caller fills it in as the request proceeds. @returns {RequestEntry} */
  open(endpoint, method, time) {
    const nothingYet = { status: null, grantType: null, outcome: null, sessionId: null, generation: null, knob: null };
    const entry = { endpoint, method, time, ...nothingYet };
    this.#entries.push(entry);
    if (this.#entries.length > this.#kept) this.#entries.shift();
    return entry;
  }

  /** Copies, oldest first. @returns {RequestEntry[]} */
  list() {
    return this.#entries.map((entry) => ({ ...entry }));
  }

  clear() {
    this.#entries = [];
  }
}
