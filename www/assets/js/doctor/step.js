// The shape of a step, and what several steps say alike.

import { relative, utc } from './core.js';

/**
 * @typedef {'good' | 'warning' | 'fault' | 'asks' | 'unreached'} State found · odd · refused · needs something from the person · not reached
 * @typedef {{ label: string, value: string, isSecret?: boolean, isCode?: boolean }} Fact
 * @typedef {{ at: number, label: string, mark: string }} Moment `at` in seconds since 1970
 * @typedef {object} Step
 * @property {string} id @property {string} title @property {State} state
 * @property {string} text what was seen, in a sentence
 * @property {Fact[]} facts
 * @property {string[]} advice
 * @property {Moment[]} [moments]
 * @property {number} [fill] how much of 4,096 bytes, in bytes
 */

/** @param {State} state @param {string} text @param {Fact[]} [facts] @param {string[]} [advice] */
export const step = (state, text, facts = [], advice = []) => ({ state, text, facts, advice });

/** Without words: the state says it. */
export const unreached = (text = '') => step('unreached', text);

/** A fact, or none where there is nothing to say. */
export const fact = (label, value, more = {}) => (value === undefined || value === null || value === '' ? [] : [{ label, value: String(value), ...more }]);

export const code = (label, value) => fact(label, value, { isCode: true });

export const secret = (label, value) => fact(label, value, { isSecret: true });

/** `2026-11-21 12:05:00 UTC (in 4 minutes)`, by the clock of the examination. @param {number} seconds @param {number} now in milliseconds */
export const when = (seconds, now) => {
  const text = utc(seconds);
  return text && `${text} (${relative(seconds - now / 1000)})`;
};

/** `1,234` */
export const number = (value) => value.toLocaleString('en');

export const plural = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;

/** `a, b and c` */
export const list = (items, last = 'and') => new Intl.ListFormat('en', { type: last === 'and' ? 'conjunction' : 'disjunction' }).format(items);
