// Writes a session, its countdown and its notices into the page of /app/.
// Must not fetch or decide anything; data goes in as text only, never as markup.

import { ago, clock, duration, methodName, providerName } from './words.js';

/**
 * @typedef {import('./session.js').Session} Session
 * @typedef {import('./countdown.js').Tick} Tick
 *
 * @typedef {object} Notice
 * @property {'calm' | 'busy' | 'warn' | 'signed-out' | 'unavailable'} tone
 * @property {string} title
 * @property {string} [text]
 * @property {string} [code]    for operators
 * @property {string} [signIn]  address; shows the sign-in link
 * @property {boolean} [retry]  shows the button
 */

/** @param {string} id @returns {HTMLElement} */
export const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

const main = byId('main');

/**
 * The whole page's state, which the styles follow.
 *
 * @param {'loading' | 'ready' | 'stale' | 'empty'} state
 */
export function renderState(state) {
  main.dataset.state = state;
  main.setAttribute('aria-busy', String(state === 'loading'));
  byId('dashboard').hidden = state === 'empty';
  // Before there is a session its places are empty, and there is nothing to press.
  byId('dashboard').inert = state === 'loading';
  byId('stale').hidden = state !== 'stale';
  if (state === 'empty' || state === 'loading') byId('impersonation').hidden = true;
}

/** @param {Session} session */
export function renderSession(session) {
  write('user-name', session.name);
  // Who is known by their address alone has it as a name.
  write('user-email', session.email === session.name ? '' : session.email || 'No email address');
  byId('email-verified').hidden = !(session.email && session.emailVerified);
  renderPicture(session);

  write('organization', session.organizationName || session.organizationId || 'None');
  write('organization-id', session.organizationName ? session.organizationId : '');
  byId('organization-id').hidden = !session.organizationName;
  write('role', session.role || 'None');
  byId('organization').classList.toggle('none', !session.organizationId);
  byId('role').classList.toggle('none', !session.role);
  // Stytch's consumer projects have no organizations.
  byId('switch').hidden = session.provider === 'stytch';

  write('session-id', session.sessionId || 'Not given');
  byId('copy-session-id').hidden = !session.sessionId;
  write('user-id', session.userId || 'Not given');
  write('method', session.authenticationMethod ? methodName(session.authenticationMethod) : 'Not given');
  write('provider', providerName(session.provider) || 'Not given');

  renderChips('roles', session.roles);
  renderChips('feature-flags', session.featureFlags);
  renderChips('entitlements', session.entitlements);
  renderChips('permissions', [...session.permissions].sort());
  write('permissions-count', session.permissions.length > 0 ? String(session.permissions.length) : '');

  renderTime('expires-at', session.expiresAt);
  renderTime('issued-at', session.issuedAt);
  renderImpersonation(session);
  document.title = `${session.name} · edgeseal`;
}

/** Takes every trace of a person out of the page. */
export function clearSession() {
  for (const element of document.querySelectorAll('[data-fill]')) element.replaceChildren();
  for (const id of ['initials', 'organization-id', 'permissions-count', 'age', 'impersonator', 'impersonation-reason']) {
    write(id, '');
  }
  byId('picture').removeAttribute('src');
  byId('picture').hidden = true;
  byId('email-verified').hidden = true;
  document.title = 'Signed out · edgeseal';
}

/** @param {Tick} tick */
export function renderTick({ remaining, fraction, age }) {
  write('expires-in', duration(remaining));
  write('age', `· ${ago(age)}`);
  write('ring-note', remaining > 0 ? 'until it expires' : 'waiting for a new one');
  byId('ring').dataset.level = remaining === 0 ? 'over' : fraction < 0.15 ? 'low' : 'full';
  byId('ring-value').setAttribute('stroke-dashoffset', (100 * (1 - fraction)).toFixed(2));
}

/** For a token that does not say when it ends. */
export function renderNoExpiry() {
  write('expires-in', '–');
  write('ring-note', 'no end given');
  write('age', '');
  byId('ring').dataset.level = 'over';
}

/** @param {Notice} notice */
export function renderNotice({ tone, title, text = '', code = '', signIn = '', retry = false }) {
  byId('notice').dataset.tone = tone;
  write('notice-title', title);
  write('notice-text', text);
  write('notice-code', code);
  byId('notice-code').hidden = code === '';
  const link = byId('sign-in');
  link.hidden = signIn === '';
  if (signIn) link.setAttribute('href', signIn);
  byId('retry').hidden = !retry;
}

/**
 * A button at work: it keeps its place and its focus, and ignores clicks.
 *
 * @param {HTMLElement} button
 * @param {boolean} working
 */
export function renderWorking(button, working) {
  button.toggleAttribute('data-working', working);
  if (working) button.setAttribute('aria-disabled', 'true');
  else button.removeAttribute('aria-disabled');
}

/** @param {Session} session */
function renderPicture({ initials, picture }) {
  write('initials', initials);
  const image = /** @type {HTMLImageElement} */ (byId('picture'));
  image.hidden = true;
  image.onload = () => { image.hidden = false; };
  if (picture) image.src = picture;
  else image.removeAttribute('src');
}

/** @param {Session} session */
function renderImpersonation({ impersonator, name }) {
  byId('impersonation').hidden = impersonator === null;
  write('impersonator', impersonator ? `${impersonator.email} is signed in as ${name}.` : '');
  write('impersonation-reason', impersonator?.reason ? `Reason: ${impersonator.reason}` : '');
}

/**
 * One chip for each value; what stands before the last colon is set back.
 *
 * @param {string} id
 * @param {string[]} values
 */
function renderChips(id, values) {
  const items = values.map((value) => {
    const item = document.createElement('li');
    const cut = value.lastIndexOf(':') + 1;
    if (cut > 0) {
      const prefix = document.createElement('span');
      prefix.className = 'prefix';
      prefix.textContent = value.slice(0, cut);
      item.append(prefix);
    }
    item.append(value.slice(cut));
    return item;
  });
  if (items.length === 0) {
    const none = document.createElement('li');
    none.className = 'none';
    none.textContent = 'None';
    items.push(none);
  }
  byId(id).replaceChildren(...items);
}

/** @param {string} id @param {number} seconds */
function renderTime(id, seconds) {
  write(id, seconds > 0 ? clock(seconds) : 'Not given');
  if (seconds > 0) byId(id).setAttribute('datetime', new Date(seconds * 1000).toISOString());
  else byId(id).removeAttribute('datetime');
}

/** Leaves the node alone where nothing changes, so that nothing is announced or repainted. @param {string} id @param {string} value */
function write(id, value) {
  const element = byId(id);
  if (element.textContent !== value) element.textContent = value;
}
