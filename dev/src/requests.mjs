// The request log: what was asked and what came back. Never a path, a token, a code or a person.

import { REQUESTS_KEPT } from './limits.mjs';

/**
 * `status` is null when no answer was sent. `knob` names the failure that was played.
 * @typedef {{ endpoint: string, method: string, status: number | null, time: number, grantType: string | null, outcome: string | null, knob: string | null }} RequestEntry
 */

export class RequestLog {
  /** @type {RequestEntry[]} */
  #entries = [];

  /** Opens an entry; the caller fills it in as the request proceeds. @returns {RequestEntry} */
  open(endpoint, method, time) {
    const entry = { endpoint, method, status: null, time, grantType: null, outcome: null, knob: null };
    this.#entries.push(entry);
    if (this.#entries.length > REQUESTS_KEPT) this.#entries.shift();
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
