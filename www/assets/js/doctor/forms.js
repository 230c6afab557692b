// The forms that a value takes on its way: percent-encoded once or more. Which of them is a seal is the core's to say.

import { detectSeal } from './core.js';

/** How often a value may be found encoded: once is what some frameworks do, twice a mistake, more is not met. */
const ENCODINGS = 3;

/** The value, and what it is when it is decoded once, twice, … @param {string} value @returns {string[]} */
export function plainForms(value) {
  const forms = [value];
  while (forms.length <= ENCODINGS) {
    const decoded = decode(forms.at(-1));
    if (decoded === undefined || decoded === forms.at(-1)) break;
    forms.push(decoded);
  }
  return forms;
}

/** @param {string} value */
export const looksSealed = (value) => value !== '' && detectSeal(value) !== null;

function decode(value) {
  // JSON as it stands may hold a `%` of its own.
  if (!value.includes('%') || detectSeal(value)?.format === 'json') return undefined;
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}
