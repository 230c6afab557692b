// The knobs: how the provider misbehaves. Holds and checks their settings; playing a failure is the server's business.

import {
  KNOB_CLOCK_LARGEST,
  KNOB_LIFETIME_LARGEST,
  KNOB_SLOW_LARGEST,
  KNOB_TIMES_LARGEST,
  RETRY_AFTER_SECONDS,
  TOKEN_LIFETIME_SECONDS,
} from './limits.mjs';

/** Failures that take the place of the answer, in the order in which they are tried. */
const INSTEAD = /** @type {const} */ (['down', 'fail', 'loseReply']);

/** The numbers that every provider has, unless it words one for itself. */
const NUMBERS = {
  tokenLifetimeSeconds: { label: 'Lifetime of access tokens, seconds', least: 1, most: KNOB_LIFETIME_LARGEST, initial: TOKEN_LIFETIME_SECONDS },
  clockOffsetSeconds: { label: 'Clock runs ahead by, seconds', least: -KNOB_CLOCK_LARGEST, most: KNOB_CLOCK_LARGEST, initial: 0 },
};

const FAILURES = {
  slow: (read) => ({ milliseconds: read.number('milliseconds', 0, KNOB_SLOW_LARGEST) }),
  down: () => ({}),
  fail: readFail,
  loseReply: () => ({}),
};

/**
 * @typedef {{ label: string, least: number, most: number, initial: number }} NumberKnob
 * @typedef {{
 *   endpoints: string[], failStatuses: number[], errorTypes: Record<string, number> | null,
 *   numbers: Record<string, NumberKnob>, switches: Record<string, string>,
 * }} KnobDefinition what a provider adds to the knobs that all have: the endpoints that a failure can be limited to (`/` and
 *   `/dev/*` never fail), the statuses of failures that are answers, the error types with their statuses where answers name a type,
 *   numbers, and switches (by label) for ways of the provider that are none of its failures
 *
 * `endpoints: null` means all of them, `times: null` means until it is turned off.
 * @typedef {{ endpoints: string[] | null, times: number | null }} Scope
 * @typedef {{
 *   tokenLifetimeSeconds: number, clockOffsetSeconds: number, [own: string]: any,
 *   slow: (Scope & { milliseconds: number }) | null,
 *   down: Scope | null,
 *   fail: (Scope & { status: number, errorType?: string | null, retryAfterSeconds: number }) | null,
 *   loseReply: Scope | null,
 * }} KnobSettings
 */

/** A setting that makes no sense; the message names it and says what is allowed. */
export class KnobError extends TypeError {
  name = 'KnobError';
}

export class Knobs {
  /** @type {KnobSettings} */
  #settings;
  #definition;

  /** @param {KnobDefinition} definition */
  constructor(definition) {
    this.#definition = { ...definition, numbers: { ...NUMBERS, ...definition.numbers } };
    this.#settings = initialSettings(this.#definition);
  }

  /** What can be set, the numbers of all providers included. @returns {KnobDefinition} */
  get definition() {
    return this.#definition;
  }

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
    const checked = Object.entries(patch).map(([name, value]) => [name, checkKnob(this.#definition, name, value)]);
    Object.assign(this.#settings, Object.fromEntries(checked));
    return this.get();
  }

  reset() {
    this.#settings = initialSettings(this.#definition);
    return this.get();
  }

  /**
   * What happens to a request that arrives now. Counts it against the knobs that apply, before anything is awaited:
   * of N simultaneous requests exactly `times` fail.
   * @param {string} endpoint
   * @returns {{ delay: number, instead: null | {
   *   knob: 'down' | 'fail' | 'loseReply', status?: number, errorType?: string | null, retryAfterSeconds?: number,
   * } }}
   */
  take(endpoint) {
    const delay = this.#use('slow', endpoint)?.milliseconds ?? 0;
    for (const knob of INSTEAD) {
      const failure = this.#use(knob, endpoint);
      if (failure) return { delay, instead: { ...failure, knob } };
    }
    return { delay, instead: null };
  }

  #use(knob, endpoint) {
    const failure = this.#settings[knob];
    if (!failure || !this.#definition.endpoints.includes(endpoint)) return null;
    if (failure.endpoints && !failure.endpoints.includes(endpoint)) return null;
    if (failure.times !== null) {
      failure.times -= 1;
      if (failure.times === 0) this.#settings[knob] = null;
    }
    return failure;
  }
}

/** @returns {KnobSettings} */
function initialSettings(definition) {
  const numbers = Object.entries(definition.numbers).map(([name, { initial }]) => [name, initial]);
  const switches = Object.keys(definition.switches).map((name) => [name, false]);
  const failures = Object.keys(FAILURES).map((name) => [name, null]);
  return Object.fromEntries([...numbers, ...switches, ...failures]);
}

function checkKnob(definition, name, value) {
  const { numbers, switches } = definition;
  if (Object.hasOwn(numbers, name)) {
    const { least, most } = numbers[name];
    return reader({ [name]: value }, '').number(name, least, most);
  }
  if (Object.hasOwn(switches, name)) {
    if (typeof value !== 'boolean') throw new KnobError(`${name} must be true or false`);
    return value;
  }
  if (!Object.hasOwn(FAILURES, name)) {
    throw new KnobError(`unknown knob; known are ${[numbers, switches, FAILURES].flatMap(Object.keys).join(', ')}`);
  }
  if (value === null) return null;
  if (!isObject(value)) throw new KnobError(`${name} must be null or an object`);
  const read = reader(value, `${name}.`);
  const checked = { ...FAILURES[name](read, definition), endpoints: read.endpoints(definition.endpoints), times: read.optionalNumber('times', 1, KNOB_TIMES_LARGEST) };
  const unknown = Object.keys(value).find((part) => !Object.hasOwn(checked, part));
  if (unknown !== undefined) throw new KnobError(`${name} has an unknown part; known are ${Object.keys(checked).join(', ')}`);
  return checked;
}

/** The answer is named by its status, or by its error type where the provider has such, or by both. */
function readFail(read, { failStatuses, errorTypes }) {
  const retryAfterSeconds = read.number('retryAfterSeconds', 0, KNOB_LIFETIME_LARGEST, RETRY_AFTER_SECONDS);
  const errorType = errorTypes && read.optionalOneOf('errorType', Object.keys(errorTypes));
  const status = errorType ? read.oneOf('status', [errorTypes[errorType]], errorTypes[errorType]) : read.oneOf('status', failStatuses);
  return { status, ...(errorTypes && { errorType }), retryAfterSeconds };
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
    oneOf(part, allowed, fallback) {
      const found = value[part] ?? fallback;
      if (!allowed.includes(found)) throw new KnobError(`${prefix}${part} must be one of ${allowed.join(', ')}`);
      return found;
    },
    optionalOneOf(part, allowed) {
      return (value[part] ?? null) === null ? null : this.oneOf(part, allowed);
    },
    endpoints(known) {
      const found = value.endpoints ?? null;
      if (found === null) return null;
      if (!Array.isArray(found) || found.length === 0 || !found.every((name) => known.includes(name))) {
        throw new KnobError(`${prefix}endpoints must be null or a list of ${known.join(', ')}`);
      }
      return [...new Set(found)];
    },
  };
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
