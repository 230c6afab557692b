// Writes a diagnosis into the page. Decides nothing.

import { byId, make } from './elements.js';
import { factsList } from './facts.js';
import { LIMIT } from './steps/size.js';
import { timeline } from './timeline.js';

const STATES = { good: 'in order', warning: 'to mend', fault: 'refused', asks: 'needs you', unreached: 'not reached' };

/** The steps before anything was pasted. @param {{ title: string }[]} outline */
export function renderOutline(outline) {
  byId('steps').replaceChildren(...outline.map(({ title }) => make('li', { className: 'step', data: { state: 'unreached' } }, make('div', { className: 'step-head' }, make('h3', {}, title)))));
}

/** @param {import('./step.js').Step[]} steps */
export function renderSteps(steps) {
  byId('steps').replaceChildren(...steps.map(stepItem));
}

function stepItem({ id, title, state, text, facts, advice, moments, fill }) {
  const head = make('div', { className: 'step-head' }, make('h3', {}, title), make('span', { className: 'state' }, STATES[state]));
  const item = make('li', { className: 'step', id: `step-${id}`, data: { state } }, head);
  if (text !== '') item.append(make('p', { className: 'step-text' }, text));
  if (fill !== undefined) item.append(gauge(fill));
  if (moments) item.append(timeline(moments));
  if (facts.length > 0) item.append(factsList(facts));
  // What refuses has its advice in the verdict, where it is looked for first.
  if (advice.length > 0 && state === 'warning') item.append(adviceList(advice));
  return item;
}

const adviceList = (advice) => make('ul', { className: 'advice' }, ...advice.map((one) => make('li', {}, one)));

/** How much of 4,096 bytes; the words stand beside it. */
function gauge(bytes) {
  const filled = make('span', { data: { over: String(bytes > LIMIT) } });
  filled.style.width = `${Math.min(100, (bytes / LIMIT) * 100)}%`;
  return make('div', { className: 'gauge', aria: { hidden: 'true' } }, filled);
}

/** @param {import('./verdict.js').Verdict} verdict */
export function renderVerdict({ state, title, text, reason, detail, advice }) {
  byId('verdict').dataset.state = state;
  say('verdict-title', title);
  say('verdict-text', text);
  const codes = [reason && ['reason', reason], detail && ['detail', detail]].filter(Boolean);
  byId('verdict-codes').hidden = codes.length === 0;
  byId('verdict-codes').replaceChildren(...codes.flatMap(([name, code]) => [make('span', {}, `${name} `, make('code', {}, code)), ' ']));
  byId('verdict-advice').hidden = advice.length === 0;
  byId('verdict-list').replaceChildren(...advice.map((one) => make('li', {}, one)));
  byId('verdict-actions').hidden = state === 'none';
  say('copied', '');
}

/** Only what is new: a live region that is written again is read again. */
function say(id, text) {
  const element = byId(id);
  if (element.textContent !== text) element.textContent = text;
}

/** @param {Record<string, string>} problems by the id of their field */
export function renderProblems(problems) {
  for (const id of ['keys', 'leeway', 'clock']) {
    const place = byId(`${id}-problem`);
    place.hidden = problems[id] === undefined;
    place.textContent = problems[id] ?? '';
    byId(id).setAttribute('aria-invalid', String(problems[id] !== undefined));
  }
  if (Object.keys(problems).length > 0) byId('more').open = true;
}
