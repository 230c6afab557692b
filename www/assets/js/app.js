// The page /app/: what happens when, from the first load to sign-out.
// Holds the state; must not build markup (render.js) or know paths and status codes (api.js).

import * as api from './api.js';
import { Countdown } from './countdown.js';
import * as view from './render.js';
import { readSession } from './session.js';
import { closeSwitch, openSwitch, setUpSwitch } from './switch.js';
import { leaveTrace, removeTrace } from './trace.js';
import * as words from './words.js';

/** Pauses between attempts while the provider or the network is away, in seconds; the last one repeats. */
const RETRY_SECONDS = [5, 10, 20, 40, 60];

/** A page that was out of sight for longer asks again when it comes back. */
const RECHECK_AFTER_MS = 60_000;

/** The other tabs of this site: they ask again when the session changed here. */
const others = 'BroadcastChannel' in window ? new BroadcastChannel('edgeseal-session') : null;

/** @type {import('./session.js').Session | null} */
let session = null;
/** The action on its way, if any; while there is one, nothing else is sent. */
let action = '';
/** Counts actions: a read that began before one must not overwrite its result. */
let epoch = 0;
let checkedAt = 0;
let changedElsewhere = false;
/** Whether what stands on the page is only the last known state. */
let stale = false;
let attempts = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let retryTimer;

const countdown = new Countdown({ onTick: view.renderTick, onZero: () => void load() });

/** Reads the session; the gateway refreshes an expired one on the way. @param {string} [announce] */
async function load(announce) {
  if (action !== '') return;
  clearTimeout(retryTimer);
  changedElsewhere = false;
  const began = epoch;
  const outcome = await api.getSession();
  if (began === epoch && action === '') apply(outcome, announce);
}

/**
 * Runs one action; a click on another one meanwhile does nothing.
 *
 * @param {string} buttonId
 * @param {string} title
 * @param {() => Promise<import('./api.js').Outcome>} run
 * @returns {Promise<import('./api.js').Outcome | null>}
 */
async function act(buttonId, title, run) {
  if (action !== '') return null;
  action = buttonId;
  epoch += 1;
  clearTimeout(retryTimer);
  const button = view.byId(buttonId);
  view.renderWorking(button, true);
  view.renderNotice({ tone: 'busy', title });
  const outcome = await run();
  view.renderWorking(button, false);
  action = '';
  return outcome;
}

/**
 * The one place where an outcome changes the page.
 *
 * @param {import('./api.js').Outcome} outcome
 * @param {string} [announce] what to say when it went well
 */
function apply(outcome, announce = 'Your session is active.') {
  switch (outcome.kind) {
    case 'session':
      return showSession(outcome, announce);
    case 'signed-out':
      return showSignedOut(outcome);
    case 'unavailable':
    case 'offline':
      return showUnavailable(outcome);
    case 'refused':
      if (!session) view.renderState('empty');
      return showRefused(outcome);
    case 'leave':
      return location.assign(outcome.url);
  }
}

/** @param {import('./api.js').SessionOutcome} outcome @param {string} announce */
function showSession({ body, skewMs }, announce) {
  session = readSession(body);
  checkedAt = Date.now();
  leaveTrace();
  view.renderSession(session);
  stale = false;
  view.renderState('ready');
  view.renderNotice({ tone: 'calm', title: announce });
  if (session.expiresAt === 0) {
    countdown.stop();
    return view.renderNoExpiry();
  }
  countdown.start(session, skewMs);
  // Still over after a read: the gateway serves it on purpose or a clock is wrong. Ask again, but seldom.
  if (countdown.expired) retryLater(null);
  else attempts = 0;
}

/** @param {import('./api.js').SignedOutOutcome} outcome */
function showSignedOut(outcome) {
  const wasSignedIn = session !== null;
  session = null;
  removeTrace();
  attempts = 0;
  countdown.stop();
  closeSwitch();
  view.clearSession();
  view.renderState('empty');
  view.renderNotice({
    tone: 'signed-out',
    title: wasSignedIn ? 'You have been signed out.' : 'You are signed out.',
    text: words.signedOutWords(outcome),
    code: words.code(outcome),
    signIn: signInAddress(outcome.loginUrl),
  });
  view.byId('main').focus({ preventScroll: true });
}

/**
 * What was asked for is refused; the session, if there is one, stands.
 *
 * @param {{ reason: string, detail: string }} outcome
 * @param {string} [text]
 */
function showRefused(outcome, text = words.refusedWords(outcome)) {
  view.renderNotice({
    tone: 'warn',
    title: session ? 'That was refused. Your session stays as it is.' : 'That was refused.',
    text,
    code: words.code(outcome),
    retry: !session,
  });
}

/** @param {import('./api.js').UnavailableOutcome | import('./api.js').OfflineOutcome} outcome */
function showUnavailable(outcome) {
  const kept = session
    ? 'Your session is kept; what you see is the last known state. This page tries again by itself.'
    : 'Your session is kept. This page tries again by itself.';
  stale = session !== null;
  view.renderState(stale ? 'stale' : 'empty');
  if (outcome.kind === 'offline') {
    view.renderNotice({
      tone: 'unavailable',
      title: navigator.onLine ? 'This site cannot be reached.' : 'You are offline.',
      text: kept,
      retry: true,
    });
    return retryLater(null);
  }
  view.renderNotice({
    tone: 'unavailable',
    title: words.unavailableWords(outcome),
    text: kept,
    code: words.code(outcome),
    retry: true,
  });
  retryLater(outcome.retryAfter);
}

/** @param {number | null} seconds what the gateway asks for */
function retryLater(seconds) {
  clearTimeout(retryTimer);
  const pause = seconds ?? RETRY_SECONDS[Math.min(attempts, RETRY_SECONDS.length - 1)];
  attempts += 1;
  retryTimer = setTimeout(() => {
    if (document.hidden) changedElsewhere = true;
    else void load();
  }, pause * 1000);
}

/** The gateway's own address for signing in, coming back to this page. @param {string} given */
function signInAddress(given) {
  const here = location.pathname + location.search;
  const own = api.loginUrl(here);
  const url = new URL(api.safeUrl(given, own), location.origin);
  if (url.origin !== location.origin) return url.href;
  url.searchParams.set('return_to', here);
  return url.pathname + url.search;
}

async function refresh() {
  const outcome = await act('refresh', 'Refreshing…', api.refreshSession);
  if (!outcome) return;
  if (outcome.kind === 'signed-out') return void settle(outcome);
  apply(outcome, 'Session refreshed.');
  if (outcome.kind === 'session') others?.postMessage('changed');
}

/**
 * A refresh that is refused need not end the session: its token may be valid for a while. A read tells.
 *
 * @param {import('./api.js').SignedOutOutcome} refusal
 */
async function settle(refusal) {
  const began = epoch;
  const now = await api.getSession();
  if (began !== epoch || action !== '') return;
  apply(now.kind === 'signed-out' ? refusal : now);
  if (now.kind === 'session') showRefused(refusal, words.signedOutWords(refusal));
}

/** @param {string} organizationId @returns {Promise<import('./switch.js').SwitchResult>} */
async function switchTo(organizationId) {
  const outcome = await act('switch', 'Switching organization…', () => api.switchOrganization(organizationId));
  if (!outcome) return { done: false, text: 'Something else is still going on. Try again in a moment.' };
  if (outcome.kind === 'session') {
    apply(outcome);
    const name = session?.organizationName || session?.organizationId;
    view.renderNotice({ tone: 'calm', title: `You are now in ${name}.` });
    others?.postMessage('changed');
    return { done: true };
  }
  if (outcome.kind === 'refused') {
    // Nothing was lost; what the session is now, a read tells.
    void load();
    const signIn = words.signInSettles(outcome) ? api.loginUrl(location.pathname + location.search, organizationId) : undefined;
    return { done: false, text: `${words.refusedWords(outcome)} (${words.code(outcome) || outcome.status})`, signIn };
  }
  apply(outcome);
  return { done: false, text: 'The organization was not switched, which needs the provider. Try again in a moment.' };
}

async function leave() {
  const outcome = await act('sign-out', 'Signing out…', api.signOut);
  if (!outcome) return;
  if (outcome.kind === 'leave') {
    others?.postMessage('changed');
    // Until the next page stands: no person's data, and no second click.
    session = null;
    removeTrace();
    countdown.stop();
    view.clearSession();
    view.renderState('empty');
    view.renderNotice({ tone: 'signed-out', title: 'You are signed out.' });
    return location.assign(outcome.url);
  }
  if (outcome.kind === 'signed-out') return apply(outcome);
  view.renderNotice({
    tone: 'warn',
    title: 'You are still signed in.',
    text: 'Signing out did not go through. Try it again in a moment.',
    code: 'detail' in outcome ? words.code(outcome) : '',
  });
}

async function copySessionId() {
  const id = session?.sessionId;
  if (!id) return;
  const button = view.byId('copy-session-id');
  try {
    await navigator.clipboard.writeText(id);
    button.dataset.done = '';
    setTimeout(() => delete button.dataset.done, 2000);
    say('Session id copied.');
  } catch {
    // No permission or no clipboard: mark the text, so that the keyboard can copy it.
    getSelection()?.selectAllChildren(view.byId('session-id'));
    say('Session id selected: copy it with the keyboard.');
  }
}

/** A passing word; a notice that asks for something stays. @param {string} title */
function say(title) {
  if (!stale) view.renderNotice({ tone: 'calm', title });
}

async function retry() {
  const button = view.byId('retry');
  view.renderWorking(button, true);
  await load();
  view.renderWorking(button, false);
}

function comeBack() {
  if (document.hidden) return;
  if (changedElsewhere || Date.now() - checkedAt > RECHECK_AFTER_MS) void load();
}

view.byId('refresh').addEventListener('click', () => void refresh());
view.byId('sign-out').addEventListener('click', () => void leave());
view.byId('retry').addEventListener('click', () => void retry());
view.byId('copy-session-id').addEventListener('click', () => void copySessionId());
view.byId('switch').addEventListener('click', () => {
  if (session && action === '') openSwitch(session);
});
setUpSwitch(switchTo);

document.addEventListener('visibilitychange', comeBack);
window.addEventListener('online', () => void load());
window.addEventListener('offline', () => showUnavailable({ kind: 'offline' }));
others?.addEventListener('message', () => {
  changedElsewhere = true;
  comeBack();
});
// Back from the browser's page cache: what it shows may belong to an ended session.
window.addEventListener('pageshow', (event) => {
  if (!event.persisted) return;
  session = null;
  view.clearSession();
  view.renderState('loading');
  void load();
});

void load();
