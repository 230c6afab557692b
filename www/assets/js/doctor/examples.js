// The menu of examples.

import { byId, make } from './elements.js';
import { KEY_SETS, SAMPLES } from './samples.js';

/** @param {(input: Partial<import('./terms.js').Input>) => void} onChoose */
export function setUpExamples(onChoose) {
  const menu = byId('example');
  for (const group of new Set(SAMPLES.map((sample) => sample.group))) {
    const options = SAMPLES.filter((sample) => sample.group === group).map(({ id, label }) => make('option', { value: id }, label));
    menu.append(make('optgroup', { label: group }, ...options));
  }
  menu.addEventListener('change', () => {
    const sample = SAMPLES.find(({ id }) => id === menu.value);
    if (sample) onChoose(inputOf(sample));
  });
}

/** A sample as if somebody had typed it. */
export const inputOf = ({ pasted, passwords, keySet, issuer = '', clock }) => ({ pasted, passwords, keys: JSON.stringify(KEY_SETS[keySet]), issuer, audience: '', leeway: '', clock });
