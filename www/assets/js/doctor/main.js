// The page /doctor/: examines whatever the form holds, whenever it changes. Sends nothing, stores nothing.

import { OUTLINE, diagnose } from './diagnosis.js';
import { byId, copy } from './elements.js';
import { setUpExamples } from './examples.js';
import { addPassword, fillForm, readForm } from './form.js';
import { keepOffline } from './offline.js';
import { renderOutline, renderProblems, renderSteps, renderVerdict } from './render.js';
import { report } from './report.js';

/** Long enough not to examine, and read out, every letter of a password that is typed. */
const PAUSE_MS = 400;

let timer = 0;
/** Counts what was asked for: an examination that was overtaken shows nothing. */
let latest = 0;
/** @type {import('./diagnosis.js').Diagnosis | undefined} */
let shown;

const form = byId('form');
setUpExamples((input) => {
  fillForm(input);
  void examine();
});
fillForm({});
void examine();

form.addEventListener('input', (event) => {
  if (event.target === byId('example')) return;
  byId('example').value = '';
  clearTimeout(timer);
  timer = setTimeout(examine, PAUSE_MS);
});
form.addEventListener('submit', (event) => {
  event.preventDefault();
  void examine().then(() => byId('verdict').scrollIntoView({ block: 'nearest' }));
});
byId('add-password').addEventListener('click', () => addPassword().focus());
byId('clear').addEventListener('click', () => {
  fillForm({});
  byId('example').value = '';
  byId('pasted').focus();
  void examine();
});
byId('copy-command').addEventListener('click', () => copy(byId('keys-command').textContent, byId('copy-command')));
byId('copy-report').addEventListener('click', () => shown && copy(report(shown), byId('copied')));
byId('print').addEventListener('click', () => print());
void keepOffline({ line: byId('kept'), offer: byId('newer'), button: byId('take-over') });

async function examine() {
  clearTimeout(timer);
  latest += 1;
  const mine = latest;
  try {
    const diagnosis = await diagnose(readForm());
    if (mine === latest) show(diagnosis);
  } catch (error) {
    fail(error);
  }
}

function show(diagnosis) {
  const { steps, verdict, problems, names } = diagnosis;
  byId('trouble').hidden = true;
  renderProblems(problems);
  if (verdict === undefined) {
    shown = undefined;
    renderOutline(OUTLINE);
    renderVerdict({ ...NOTHING, ...(names.length > 0 && { title: 'There is no session among these cookies', text: `None of ${names.join(', ')} looks like one.` }) });
    return;
  }
  shown = diagnosis;
  renderSteps(steps);
  renderVerdict(verdict);
}

const NOTHING = { state: /** @type {any} */ ('none'), title: 'Nothing to examine yet', text: 'Paste something, or choose an example.', advice: [] };

/** A fault of the doctor, not of the session. */
function fail(error) {
  const place = byId('trouble');
  place.hidden = false;
  place.textContent = `The doctor has a fault of its own: ${error instanceof Error ? error.message : error}`;
}
