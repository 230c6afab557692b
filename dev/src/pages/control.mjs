// The control page: sessions, keys and requests to look at, knobs to turn. A form per action; works without script.
// Shows no token and no API key.

import { REQUESTS_SHOWN, SESSIONS_SHOWN } from '../limits.mjs';
import { isoDate } from '../time.mjs';
import { escape, page } from './layout.mjs';

const STYLE = `
section { margin-top: 2rem; }
section > h2 { font-size: 1.25rem; margin-bottom: .25rem; }
.card { padding: 1rem; }
.facts { display: grid; gap: .25rem 1.25rem; margin: 1rem 0 0; }
.facts dt { color: var(--quiet); font-size: .875rem; }
.facts dd { margin: 0 0 .5rem; font-family: ui-monospace, monospace; font-size: .875rem; }
.grid { display: grid; gap: 1rem; margin: 1rem 0; }
fieldset { min-width: 0; margin: 0; }
/* Floated, so that the legend stands inside the frame and not on it. */
legend { float: left; width: 100%; padding: 0; margin-bottom: .5rem; font-weight: 600; }
legend + * { clear: both; }
label { display: block; }
dd a { display: inline-block; padding: .3rem 0; }
.field { margin-bottom: .75rem; }
.field input, .field select { display: block; width: 100%; max-width: 14rem; min-height: 2.5rem; padding: .3rem .6rem; border: 1px solid var(--quiet); border-radius: .4rem; background: var(--page); }
.field.wide input, .field.wide select, .field.wide textarea { width: 100%; max-width: none; }
.field textarea { display: block; font: .875rem/1.4 ui-monospace, monospace; color: inherit; padding: .5rem .6rem; border: 1px solid var(--quiet); border-radius: .4rem; background: var(--page); }
form.card + form.card { margin-top: 1rem; }
.tick { display: flex; gap: .6rem; align-items: center; min-height: 2.25rem; line-height: 1.25; }
.card > .tick { margin-bottom: .5rem; }
.tick input { flex: none; width: 1.5rem; height: 1.5rem; accent-color: var(--accent); }
.ticks { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 0 .75rem; overflow-wrap: normal; border: 0; padding: 0; }
.ticks legend { float: none; margin: 0; font-weight: 400; }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: .75rem; }
.scroll { overflow-x: auto; margin-top: .75rem; padding: 0; }
table { width: 100%; border-collapse: collapse; font-size: .9375rem; overflow-wrap: normal; }
th, td { padding: .55rem 1rem; border-top: 1px solid var(--line); text-align: start; vertical-align: middle; white-space: nowrap; }
td.name { white-space: normal; min-width: 12rem; overflow-wrap: anywhere; }
thead th { border-top: 0; color: var(--quiet); font-weight: 600; font-size: .875rem; }
code { font-family: ui-monospace, monospace; font-size: .875rem; }
.on { color: var(--warn); font-weight: 600; }
@media (min-width: 46rem) {
  .facts { grid-template-columns: max-content 1fr; }
  .facts dd { margin: 0; }
  .grid { grid-template-columns: 1fr 1fr; }
}
@media (min-width: 66rem) { .grid { grid-template-columns: 1fr 1fr 1fr; } }
`;

/**
 * @typedef {{ id: string, name: string, organization: string, status: string, detail: string, began: number }} SessionOverview
 *   a row of the sessions; what `detail` is, the provider says
 */

/** @param {import('../provider.mjs').Parts} parts */
export function controlPage(parts) {
  const { shape, facts, now, keys, knobs, sessions, log } = parts;
  const main = `<h1>Local provider</h1>
<p class="quiet">Sign-in starts in the application. Here you see what it led to, and make the provider misbehave.</p>
<dl class="facts">
${facts.map(fact).join('\n')}
<dt>Clock</dt><dd>${escape(isoDate(now()))}</dd>
</dl>
${sessionsSection(sessions, shape.sessionDetail)}
${knobsSection(knobs)}
${shape.sections(parts)}
${keysSection(keys)}
${requestsSection(log.list())}
<section aria-labelledby="reset-title"><h2 id="reset-title">Start over</h2>
<p class="quiet">Forgets sessions and requests and undoes every change made here. The signing key stays.</p>
<form method="post" action="/dev/reset"><button class="plain">Reset everything</button></form></section>`;
  return page({ title: 'Control', style: STYLE, wide: true, main });
}

/** @param {import('../provider.mjs').Fact} fact */
function fact({ label, value, href }) {
  const text = href ? `<a href="${escape(href)}">${escape(value)}</a>` : escape(value);
  return `<dt>${escape(label)}</dt><dd>${text}</dd>`;
}

function sessionsSection(sessions, detailHeading) {
  const all = sessions.list();
  const rows = all.slice(0, SESSIONS_SHOWN).map((session) => {
    const { id, name, organization, status, detail, began } = sessions.overview(session);
    const end = `<form method="post" action="/dev/end-session"><input type="hidden" name="sessionId" value="${escape(id)}"><button class="plain" aria-label="End the session of ${escape(session.person.user.name)}">End</button></form>`;
    return [
      cell(name, 'name'),
      cell(organization),
      cell(status),
      cell(detail),
      cell(time(isoDate(began))),
      `<td>${status === 'active' ? end : ''}</td>`,
    ];
  });
  return section('sessions', 'Sessions', counted(all.length, SESSIONS_SHOWN, 'No session yet. Sign in from the application.'),
    table(['Person', 'Organization', 'Status', detailHeading, 'Began', 'Action'], rows));
}

/** @param {import('../keys.mjs').SigningKeys} keys */
function keysSection(keys) {
  const signing = keys.signingKeyIds();
  const rows = keys.keyIds().map((keyId) => [cell(keyId), cell(signing.includes(keyId) ? 'signs' : 'published')]);
  return section('keys', 'Signing keys', 'A rotation is how a verifier meets a key that it does not know.', `${table(['Key id', 'Use'], rows)}
<form class="actions" method="post" action="/dev/rotate-keys">
<button name="keepPrevious" value="true">Rotate, keep the old keys published</button>
<button class="plain" name="keepPrevious" value="false">Rotate, remove the old keys</button>
</form>`);
}

function requestsSection(entries) {
  const rows = entries.slice(-REQUESTS_SHOWN).reverse().map((entry) => [
    cell(time(isoDate(entry.time))),
    cell(entry.endpoint),
    cell(entry.method),
    cell(entry.status ?? 'no answer'),
    cell(entry.grantType ?? ''),
    cell(entry.outcome ?? ''),
    cell(entry.knob ?? ''),
  ]);
  return section('requests', 'Requests', counted(entries.length, REQUESTS_SHOWN, 'No request yet.'),
    table(['Time', 'Endpoint', 'Method', 'Status', 'Grant', 'Outcome', 'Knob'], rows));
}

/** @param {import('../knobs.mjs').Knobs} knobs */
function knobsSection(knobs) {
  const { definition } = knobs;
  const settings = knobs.get();
  const { slow, fail } = settings;
  const ways = Object.entries(definition.switches).map(([name, label]) => tick(name, 'on', label, settings[name]));
  const numbers = Object.entries(definition.numbers).map(([name, { label }]) => numberField(name, label, settings[name]));
  const failureFields = (name, title, effect, more) => failureFieldset(name, title, effect, settings[name], definition.endpoints, more);
  return section('knobs', 'Knobs', 'A failure stays until it is turned off, or until it has met as many requests as you say.', `<form method="post" action="/dev/knobs">
<div class="grid">
<fieldset class="card"><legend>Time</legend>
${[...numbers, ...ways].join('\n')}
</fieldset>
${failureFields('slow', 'Slow', 'Answers late', numberField('slow.milliseconds', 'Delay, milliseconds', slow?.milliseconds ?? 2000))}
${failureFields('fail', 'Failing', 'Answers with an error', `<label class="field">Status <select name="fail.status">${answerOptions(definition, fail)}</select></label>
${numberField('fail.retryAfterSeconds', 'Retry-After of a 429, seconds', fail?.retryAfterSeconds ?? '')}`)}
${failureFields('down', 'Down', 'Cuts the connection, does nothing')}
${failureFields('loseReply', 'Lost reply', 'Does the work, then cuts the connection')}
</div>
<button class="main">Set the knobs</button>
</form>`);
}

/** The answers that a failing provider can give: by status, and by error type where it has such. */
function answerOptions({ failStatuses, errorTypes }, fail) {
  const chosen = fail?.errorType ?? String(fail?.status ?? 500);
  const selected = (value) => (value === chosen ? ' selected' : '');
  const statuses = failStatuses.map((status) => `<option${selected(String(status))}>${status}</option>`);
  const types = Object.entries(errorTypes ?? {}).map(([type, status]) => `<option value="${type}"${selected(type)}>${status} ${type}</option>`);
  return [...statuses, ...types].join('');
}

function failureFieldset(name, title, effect, setting, endpoints, more = '') {
  const ticks = endpoints.map((endpoint) => tick(`${name}.endpoints`, endpoint, endpoint.replace('_', '_<wbr>'), setting?.endpoints?.includes(endpoint) ?? false));
  return `<fieldset class="card"><legend>${title}${setting ? ' <span class="on">is on</span>' : ''}</legend>
${tick(`${name}.on`, 'on', effect, setting !== null)}
${more}
${numberField(`${name}.times`, 'Requests, empty for all', setting?.times ?? '')}
<fieldset class="ticks"><legend>Endpoints, none for all</legend>${ticks.join('')}</fieldset>
</fieldset>`;
}

function tick(name, value, label, checked) {
  return `<label class="tick"><input type="checkbox" name="${name}" value="${value}"${checked ? ' checked' : ''}> ${label}</label>`;
}

function numberField(name, label, value) {
  return `<label class="field">${label} <input name="${name}" value="${value}" inputmode="numeric" autocomplete="off"></label>`;
}

/** A part of the page; the texts are HTML, already safe. */
export function section(id, title, text, content) {
  return `<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>\n<p class="quiet">${text}</p>\n${content}</section>`;
}

/** A table that scrolls by itself on a narrow screen; nothing when it has no row. */
function table(headings, rows) {
  if (rows.length === 0) return '';
  const head = headings.map((heading) => `<th scope="col">${heading}</th>`).join('');
  const body = rows.map((cells) => `<tr>${cells.join('')}</tr>`).join('\n');
  return `<div class="card scroll" tabindex="0" role="group" aria-label="${headings.join(', ')}"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

function cell(value, name) {
  return `<td${name ? ` class="${name}"` : ''}>${escape(value)}</td>`;
}

function counted(total, shown, empty) {
  if (total === 0) return empty;
  return total > shown ? `The newest ${shown} of ${total}.` : `${total}, newest first.`;
}

function time(date) {
  return `${date.slice(11, 19)} UTC`;
}
