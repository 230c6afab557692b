// The part of the control page that is Stytch's own: the RBAC policy to read and to change, and the roles of each person.
// Forms that work without script; the endpoints check what they send.

import { escape } from '../pages/layout.mjs';
import { section } from '../pages/control.mjs';

/** @param {import('../stytch.mjs').StytchParts} parts */
export function policySection({ policy, vertical, rolesOf }) {
  const choices = vertical.choices.filter(({ impersonator }) => !impersonator);
  const options = choices.map((choice) => {
    const where = choice.organization ? `, ${choice.organization.name}` : '';
    return `<option value="${escape(choice.id)}">${escape(`${choice.person.user.name}${where}: ${rolesOf(choice).join(', ') || 'none'}`)}</option>`;
  });
  return section('policy', 'Roles and policy', 'Roles stand in the tokens that are made from now on; tokens that are out there keep what they say.', `<form class="card" method="post" action="/dev/roles">
<label class="field wide">Person and roles <select name="choice">${options.join('')}</select></label>
<label class="field wide">New roles, with spaces between <input name="roles" autocomplete="off"></label>
<div class="actions"><button class="main">Set the roles</button></div>
</form>
<form class="card" method="post" action="/dev/policy">
<label class="field wide">Policy, as JSON <textarea name="policy" rows="14" spellcheck="false">${escape(JSON.stringify(policy.get(), null, 2))}</textarea></label>
<div class="actions"><button class="main">Set the policy</button></div>
</form>`);
}
