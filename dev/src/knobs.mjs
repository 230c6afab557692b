// The knobs: how the provider misbehaves. Holds and checks their settings; playing a failure is the server's business.

import {
  KNOB_CLOCK_LARGEST,
  KNOB_LIFETIME_LARGEST,
  KNOB_SLOW_LARGEST,
  KNOB_TIMES_LARGEST,
  REFRESH_GRACE_SECONDS,
  RETRY_AFTER_SECONDS,
  TOKEN_LIFETIME_SECONDS,
} from './limits.mjs';

/** The endpoints that a failure can be limited to. The provider's own `/` and `/dev/*` never fail. */
export const ENDPOINTS = Object.freeze(['authorize', 'authenticate', 'jwks', 'logout', 'sessions', 'revoke']);

/** The failures that are answers. 502 is HTML: what a proxy in front of a dead provider says. */
export const FAIL_STATUSES = Object.freeze([401, 403, 422, 429, 500, 502]);

/** Failures that take the place of the answer, in the order in which they are tried. */
const INSTEAD = /** @type {const} */ (['down', 'fail', 'loseReply']);

const NUMBERS = {
  tokenLifetimeSeconds: { least: 1, most: KNOB_LIFETIME_LARGEST, initial: TOKEN_LIFETIME_SECONDS },
  refreshGraceSeconds: { least: 0, most: KNOB_LIFETIME_LARGEST, initial: REFRESH_GRACE_SECONDS },
  clockOffsetSeconds: { least: -KNOB_CLOCK_LARGEST, most: KNOB_CLOCK_LARGEST, initial: 0 },
};

/** Ways of the provider that are none of its failures. */
const SWITCHES = ['newSessionIdAtRefresh'];

const FAILURES = {
  slow: (read) => ({ milliseconds: read.number('milliseconds', 0, KNOB_SLOW_LARGEST) }),
  down: () => ({}),
  fail: (read) => ({
    status: read.oneOf('status', FAIL_STATUSES),
    retryAfterSeconds: read.number('retryAfterSeconds', 0, KNOB_LIFETIME_LARGEST, RETRY_AFTER_SECONDS),
  }),
  loseReply: () => ({}),
};

/**
 * `endpoints: null` means all of them, `times: null` means until it is turned off.
 * @typedef {{ endpoints: string[] | null, times: number | null }} Scope
 * @typedef {{
 *   tokenLifetimeSeconds: number, refreshGraceSeconds: number, clockOffsetSeconds: number, newSessionIdAtRefresh: boolean,
 *   slow: (Scope & { milliseconds: number }) | null,
 *   down: Scope | null,
 *   fail: (Scope & { status: number, retryAfterSeconds: number }) | null,
 *   loseReply: Scope | null,
 * }} KnobSettings
 */

/** A setting that makes no sense; the message names it and says what is allowed. */
export class KnobError extends TypeError {
  name = 'KnobError';
}

export class Knobs {
  /** @type {KnobSettings} */
  #settings = initialSettings();

  /** A copy of the settings. @returns {KnobSettings} */
  get() {
    return structuredClone(this.#settings);
  }

  /**
   * Changes the named knobs and leaves the others. A failure is `null` (off) or an object; its parts are not merged.
   * @param {Record<string, unknown>} patch @returns {KnobSettings}
   */
  set(patch) {
    if (!isObject(patch)) throw new KnobError('knobs must be an object');
    // Checked as a whole before anything changes.
    const checked = Object.entries(patch).map(([name, value]) => [name, checkKnob(name, value)]);
    Object.assign(this.#settings, Object.fromEntries(checked));
    return this.get();
  }

  reset() {
    this.#settings = initialSettings();
    return this.get();
  }

  /**
   * What happens to a request that arrives now. Counts it against the knobs that apply, before anything is awaited:
   * of N simultaneous requests exactly `times` fail.
   * @param {string} endpoint
   * @returns {{ delay: number, instead: null | { knob: 'down' | 'fail' | 'loseReply', status?: number, retryAfterSeconds?: number } }}
   */
  take(endpoint) {
    const delay = this.#use('slow', endpoint)?.milliseconds ?? 0;
    for (const knob of INSTEAD) {
      const failure = this.#use(knob, endpoint);
      if (failure) return { delay, instead: { knob, status: failure.status, retryAfterSeconds: failure.retryAfterSeconds } };
    }
    return { delay, instead: null };
  }

  #use(knob, endpoint) {
    const failure = this.#settings[knob];
    if (!failure || !ENDPOINTS.includes(endpoint)) return null;
    if (failure.endpoints && !failure.endpoints.includes(endpoint)) return null;
    if (failure.times !== null) {
      failure.times -= 1;
      if (failure.times === 0) this.#settings[knob] = null;
    }
    return failure;
  }
}

/** @returns {KnobSettings} */
function initialSettings() {
  const numbers = Object.entries(NUMBERS).map(([name, { initial }]) => [name, initial]);
  const switches = SWITCHES.map((name) => [name, false]);
  const failures = Object.keys(FAILURES).map((name) => [name, null]);
  return Object.fromEntries([...numbers, ...switches, ...failures]);
}

function checkKnob(name, value) {
  if (Object.hasOwn(NUMBERS, name)) {
    const { least, most } = NUMBERS[name];
    return reader({ [name]: value }, '').number(name, least, most);
  }
  if (SWITCHES.includes(name)) {
    if (typeof value !== 'boolean') throw new KnobError(`${name} must be true or false`);
    return value;
  }
  if (!Object.hasOwn(FAILURES, name)) {
    throw new KnobError(`unknown knob; known are ${[...Object.keys(NUMBERS), ...SWITCHES, ...Object.keys(FAILURES)].join(', ')}`);
  }
  if (value === null) return null;
  if (!isObject(value)) throw new KnobError(`${name} must be null or an object`);
  const read = reader(value, `${name}.`);
  const checked = { ...FAILURES[name](read), endpoints: read.endpoints(), times: read.optionalNumber('times', 1, KNOB_TIMES_LARGEST) };
  const unknown = Object.keys(value).find((part) => !Object.hasOwn(checked, part));
  if (unknown !== undefined) throw new KnobError(`${name} has an unknown part; known are ${Object.keys(checked).join(', ')}`);
  return checked;
}

/** Reads the parts of one knob; every refusal names the part by its full path. */
function reader(value, prefix) {
  return {
    number(part, least, most, fallback) {
      const found = value[part] ?? fallback;
      if (!Number.isInteger(found) || found < least || found > most) {
        throw new KnobError(`${prefix}${part} must be a whole number from ${least} to ${most}`);
      }
      return found;
    },
    optionalNumber(part, least, most) {
      return (value[part] ?? null) === null ? null : this.number(part, least, most);
    },
    oneOf(part, allowed) {
      if (!allowed.includes(value[part])) throw new KnobError(`${prefix}${part} must be one of ${allowed.join(', ')}`);
      return value[part];
    },
    endpoints() {
      const found = value.endpoints ?? null;
      if (found === null) return null;
      if (!Array.isArray(found) || found.length === 0 || !found.every((name) => ENDPOINTS.includes(name))) {
        throw new KnobError(`${prefix}endpoints must be null or a list of ${ENDPOINTS.join(', ')}`);
      }
      return [...new Set(found)];
    },
  };
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
