// The sign-in page: everybody who can be chosen, as buttons of one form. Works without script; decides nothing.

import { escape, page } from './layout.mjs';

const STYLE = `
form { margin: 1.5rem 0 1rem; }
.people { list-style: none; margin: 0 0 1rem; padding: 0; }
.people li { display: grid; gap: .75rem 1.5rem; align-items: center; padding: 1rem; border-top: 1px solid var(--line); }
.people li:first-child { border-top: 0; }
.who { display: grid; grid-template-columns: 2.5rem 1fr; gap: .75rem; align-items: center; }
.initials { display: grid; place-items: center; width: 2.5rem; height: 2.5rem; border-radius: 50%; background: var(--wash); color: var(--accent); font-weight: 700; font-size: .875rem; }
.who p { margin: 0; }
.ways { display: grid; gap: .5rem; }
@media (min-width: 40rem) { .people li { grid-template-columns: 4fr 5fr; } }
`;

/**
 * @param {{
 *   action: string, application: string, cancel: string | null,
 *   parameters: Record<string, string>,
 *   offered: { all: import('../seeds.mjs').Choice[], hinted: import('../seeds.mjs').Choice[] },
 *   organization: import('../seeds.mjs').Organization | null,
 * }} view `action` is the page's own path, `application` where the visitor returns to, `cancel` the choice that declines, if there is
 *   one; `parameters` come from the request and are carried along; `organization` is the one that was asked for
 */
export function signInPage({ action, application, cancel, parameters, offered, organization }) {
  const shown = offered.hinted.length > 0 ? offered.hinted : offered.all;
  const where = organization ? ` in <strong>${escape(organization.name)}</strong>` : '';
  const main = `<h1>Choose who to sign in as</h1>
<p class="quiet">You continue to <strong>${escape(application)}</strong>${where}.</p>
<form method="get" action="${escape(action)}">
${hiddenFields(parameters)}
${shown.length > 0 ? peopleList(shown) : '<p>Nobody here is a member of the organization that the application asked for.</p>'}
${cancel === null ? '' : `<button class="plain" name="choice" value="${escape(cancel)}">Cancel</button>`}
</form>
${shown.length < offered.all.length ? everyoneLink(action, parameters) : ''}`;
  return page({ title: 'Sign in', style: STYLE, main });
}

function peopleList(shown) {
  const groups = new Map();
  for (const choice of shown) {
    const group = `${choice.person.key} ${choice.impersonator?.email}`;
    groups.set(group, [...(groups.get(group) ?? []), choice]);
  }
  return `<ul class="people card">\n${[...groups.values()].map(personItem).join('\n')}\n</ul>`;
}

/** One entry of the list: a person, with all their organizations. */
function personItem(choices) {
  const [{ person, impersonator }] = choices;
  const { user } = person;
  const name = impersonator ? `${user.name}, through support` : user.name;
  const detail = impersonator ? `${impersonator.email} acts for ${user.email}` : user.email;
  const buttons = choices.map(({ id, label }) => `<button name="choice" value="${escape(id)}">${escape(label)}</button>`);
  return `<li>
<div class="who"><span class="initials" aria-hidden="true">${escape(initials(user))}</span><div><h2>${escape(name)}</h2><p class="quiet small">${escape(detail)}</p></div></div>
<div class="ways">${buttons.join('')}</div>
</li>`;
}

function hiddenFields(parameters) {
  return Object.entries(parameters)
    .map(([name, value]) => `<input type="hidden" name="${escape(name)}" value="${escape(value)}">`)
    .join('\n');
}

/** The same request without the hint. */
function everyoneLink(action, parameters) {
  const { login_hint: _, ...others } = parameters;
  return `<p class="small"><a href="${escape(action)}?${escape(new URLSearchParams(others))}">Show everyone</a></p>`;
}

function initials({ first_name: first, last_name: last }) {
  return [first, last].map((name) => [...name][0]).join('');
}
