// The form: reads what was given, fills it from an example, adds and reveals passwords. Keeps nothing.

import { byId, make } from './elements.js';

/** As many as a server may have. */
const MOST_PASSWORDS = 8;

const TEXTS = ['pasted', 'keys', 'issuer', 'audience', 'leeway', 'clock'];

/** @returns {import('./terms.js').Input} */
export function readForm() {
  const texts = Object.fromEntries(TEXTS.map((id) => [id, byId(id).value]));
  return { ...texts, passwords: passwordInputs().map(({ value }) => value).filter((value) => value !== '') };
}

/** @param {Partial<import('./terms.js').Input>} input what is left out becomes empty */
export function fillForm(input) {
  for (const id of TEXTS) byId(id).value = input[id] ?? '';
  byId('password-rows').replaceChildren();
  for (const password of input.passwords?.length ? input.passwords : ['']) addPassword(password);
}

const passwordInputs = () => [...byId('password-rows').querySelectorAll('input')];

/** @param {string} [value] */
export function addPassword(value = '') {
  const rows = byId('password-rows');
  const name = rows.children.length === 0 ? 'Cookie password' : `Cookie password ${rows.children.length + 1}`;
  const input = make('input', { type: 'password', value, autocomplete: 'off', spellcheck: false, data: { '1pIgnore': '', lpignore: 'true' }, aria: { label: name, describedby: 'passwords-help' } });
  const reveal = make('button', { type: 'button', className: 'button small', aria: { label: `Show: ${name}` } }, 'Show');
  reveal.addEventListener('click', () => {
    const isShown = input.type === 'password';
    input.type = isShown ? 'text' : 'password';
    reveal.textContent = isShown ? 'Hide' : 'Show';
    reveal.setAttribute('aria-label', `${isShown ? 'Hide' : 'Show'}: ${name}`);
  });
  rows.append(make('div', { className: 'password' }, input, reveal));
  byId('add-password').hidden = rows.children.length >= MOST_PASSWORDS;
  return input;
}
