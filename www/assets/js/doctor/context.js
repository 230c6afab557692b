// What every step looks at.

/**
 * @typedef {object} Context
 * @property {import('./pasted.js').Pasted} pasted
 * @property {import('./examination.js').Examination} exam the value that decides
 * @property {import('./examination.js').Examination[]} exams all that have its name
 * @property {ReturnType<import('./terms.js').readTerms>} terms
 */

export {};
