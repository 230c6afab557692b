// The start page: turns "Sign in" into "Open your session" for somebody who is signed in.
// An extra only: without it, or when the gateway does not answer, the link still signs in.

import { getSession } from './api.js';
import { readSession } from './session.js';
import { hasTrace, removeTrace } from './trace.js';

const link = document.getElementById('sign-in');
const note = document.getElementById('sign-in-note');
const signIn = { href: link?.getAttribute('href') ?? '', text: link?.textContent ?? '', note: note?.textContent ?? '' };

async function update() {
  if (!link || !note) return;
  const outcome = hasTrace() ? await getSession() : null;
  if (outcome?.kind === 'signed-out') removeTrace();
  const session = outcome?.kind === 'session' ? readSession(outcome.body) : null;
  link.setAttribute('href', session ? '/app/' : signIn.href);
  link.textContent = session ? 'Open your session' : signIn.text;
  note.textContent = session ? `Signed in as ${session.name}.` : signIn.note;
}

// Back from the browser's page cache, somebody may have signed in or out since.
window.addEventListener('pageshow', (event) => {
  if (event.persisted) void update();
});

void update();
