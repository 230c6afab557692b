// What a step saw, as a list of names and values. A secret is hidden until somebody asks for it, and always in print.

import { make } from './elements.js';
import { number } from './step.js';

/** @param {import('./step.js').Fact[]} facts */
export function factsList(facts) {
  return make('dl', { className: 'facts' }, ...facts.map((fact) => make('div', {}, make('dt', {}, fact.label), description(fact))));
}

function description({ label, value, isSecret, isCode }) {
  if (isSecret) return secret(label, value);
  return make('dd', {}, isCode ? make('code', {}, printable(value)) : printable(value));
}

function secret(label, value) {
  const hidden = make('span', { className: 'hidden-value' }, hint(value));
  const shown = make('code', { className: 'shown-value', hidden: true }, printable(value));
  const button = make('button', { type: 'button', className: 'button small' }, 'Show');
  button.setAttribute('aria-label', `Show: ${label}`);
  button.addEventListener('click', () => {
    const isShown = shown.hidden;
    shown.hidden = !isShown;
    hidden.classList.toggle('only-print', isShown);
    button.textContent = isShown ? 'Hide' : 'Show';
    button.setAttribute('aria-label', `${isShown ? 'Hide' : 'Show'}: ${label}`);
  });
  return make('dd', { className: 'secret' }, hidden, shown, button);
}

/** What stands for a secret, here and in a report. @param {string} value */
export const hint = (value) => `hidden, ${number(value.length)} characters`;

/** Whoever wrote the value may have meant to turn the direction of the line. */
const printable = (value) =>
  value.replaceAll(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
