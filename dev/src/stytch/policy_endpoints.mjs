// The RBAC policies over HTTP: the provider's own endpoints, and the control endpoints that change policy and roles.

import { formOf, jsonOf } from '../control.mjs';
import { apiError, json, parseJsonObject, redirect } from '../http.mjs';
import { Mistake } from '../mistake.mjs';
import { messagePage } from '../pages/message.mjs';
import { refuse, success } from './answers.mjs';
import { requireProject } from './arguments.mjs';
import { organizationNamed } from './authenticate.mjs';

/** GET rbac/policy @param {import('../stytch.mjs').StytchParts} parts */
export function projectPolicy({ settings, policy }, { headers }) {
  requireProject(settings, headers);
  return success({ policy: policy.project() });
}

/** GET /v1/b2b/rbac/organizations/<organization id>: a beta that a workspace must be enabled for. */
export function organizationPolicy({ settings, policy, knobs }, { headers, identifier }) {
  requireProject(settings, headers);
  if (knobs.get().organizationPoliciesOff) refuse('unauthorized_action');
  return success({ org_policy: { roles: policy.organizationRoles(organizationNamed(identifier)) } });
}

/** GET /dev/policy */
export function readPolicy({ policy }) {
  return json(200, policy.get());
}

/** POST /dev/policy: replaces the parts that it names. */
export function setPolicy({ policy }, request) {
  const form = formOf(request);
  return orMistake(form, 'invalid_policy', () => policy.set(form ? parseJsonObject(form.get('policy') ?? '', notJson) : jsonOf(request)));
}

/** POST /dev/roles: `{ person, organization?, roles }`. What tokens say that are out there stays said. */
export function setRoles({ giveRoles, vertical }, request) {
  const form = formOf(request);
  return orMistake(form, 'invalid_roles', () => ({ roles: giveRoles(form ? rolesFromForm(form, vertical) : jsonOf(request)) }));
}

function rolesFromForm(form, { choices }) {
  const { person, organization } = choices.find(({ id }) => id === form.get('choice')) ?? {};
  return { person: person?.key, organization: organization?.key, roles: (form.get('roles') ?? '').split(/[\s,]+/).filter(Boolean) };
}

function orMistake(form, code, work) {
  try {
    const done = work();
    return form ? redirect(BACK.href, 303) : json(200, done);
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    return form ? messagePage(400, 'Everything is as before', `${error.message}.`, BACK) : apiError(400, code, `${error.message}.`);
  }
}

const BACK = { href: '/#policy', label: 'Back to roles and policy' };

function notJson() {
  return messagePage(400, 'Everything is as before', 'The policy must be a JSON object.', BACK);
}
