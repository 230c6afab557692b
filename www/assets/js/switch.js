// The dialog that switches the organization: offers, asks, shows a refusal in place.
// Must not fetch: the page hands in what submitting does.

import { byId, renderWorking } from './render.js';

/**
 * @typedef {import('./session.js').Session} Session
 * @typedef {{ done: true } | { done: false, text: string, signIn?: string }} SwitchResult
 */

const dialog = /** @type {HTMLDialogElement} */ (byId('switch-dialog'));
const form = /** @type {HTMLFormElement} */ (byId('switch-form'));
const input = /** @type {HTMLInputElement} */ (byId('switch-id'));
const submit = byId('switch-submit');

/** @type {(organizationId: string) => Promise<SwitchResult>} */
let run = async () => ({ done: true });
let current = '';
let working = false;

/**
 * @param {(organizationId: string) => Promise<SwitchResult>} onSubmit
 */
export function setUpSwitch(onSubmit) {
  run = onSubmit;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void handleSubmit();
  });
  byId('switch-cancel').addEventListener('click', () => dialog.close());
  // A click on the backdrop lands on the dialog itself; its content fills the rest.
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
}

/** @param {Session} session */
export function openSwitch(session) {
  current = session.organizationId;
  showError('');
  const known = session.organizations.size > 0;
  byId('switch-choices').hidden = !known;
  byId('switch-field').hidden = known;
  if (known) {
    renderChoices(session);
  } else {
    input.value = '';
    byId('switch-current').hidden = current === '';
    byId('switch-current-id').textContent = current;
  }
  dialog.showModal();
  if (!known) input.focus();
}

/** Closes it where the session that it belongs to is gone. */
export function closeSwitch() {
  if (dialog.open) dialog.close();
}

async function handleSubmit() {
  if (working) return;
  const organizationId = chosen();
  if (organizationId === '') {
    showError(input.offsetParent ? 'Enter an organization id; it starts with org_.' : 'Choose an organization.');
    if (input.offsetParent) input.focus();
    return;
  }
  if (organizationId === current) {
    dialog.close();
    return;
  }
  showError('');
  working = true;
  renderWorking(submit, true);
  const result = await run(organizationId);
  working = false;
  renderWorking(submit, false);
  if (result.done) dialog.close();
  else showError(result.text, result.signIn);
}

function chosen() {
  if (byId('switch-choices').hidden) return input.value.trim();
  const value = new FormData(form).get('organizationId');
  return typeof value === 'string' ? value : '';
}

/** @param {Session} session */
function renderChoices({ organizations, organizationId }) {
  const choices = byId('switch-choices');
  for (const old of choices.querySelectorAll('label')) old.remove();
  for (const [id, name] of organizations) {
    const label = document.createElement('label');
    label.className = 'choice';
    const radio = document.createElement('input');
    radio.type = 'radio';
    radio.name = 'organizationId';
    radio.value = id;
    radio.checked = id === organizationId;
    const words = document.createElement('span');
    words.className = 'choice-words';
    const title = document.createElement('span');
    title.className = 'strong';
    title.dir = 'auto';
    title.textContent = name;
    const code = document.createElement('code');
    code.className = 'sub';
    code.textContent = id;
    words.append(title, code);
    label.append(radio, words);
    if (id === organizationId) {
      const tag = document.createElement('span');
      tag.className = 'tag';
      tag.textContent = 'current';
      label.append(tag);
    }
    choices.append(label);
  }
}

/** @param {string} text @param {string} [signIn] */
function showError(text, signIn = '') {
  byId('switch-error').textContent = text;
  const link = byId('switch-sign-in');
  link.hidden = signIn === '';
  if (signIn) link.setAttribute('href', signIn);
}
