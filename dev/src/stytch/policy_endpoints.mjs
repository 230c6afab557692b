// The RBAC policies over HTTP: the provider's own endpoints, and the control endpoints that change policy and roles.

import { apiError, json, parseJsonObject } from '../http.mjs';
import { Mistake } from '../mistake.mjs';
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
export function setPolicy({ policy }, { body }) {
  return orMistake('invalid_policy', () => policy.set(parseJsonObject(body)));
}

/** POST /dev/roles: `{ person, organization?, roles }`. What tokens say that are out there stays said. */
export function setRoles({ giveRoles }, { body }) {
  return orMistake('invalid_roles', () => ({ roles: giveRoles(parseJsonObject(body)) }));
}

function orMistake(code, work) {
  try {
    return json(200, work());
  } catch (error) {
    if (error instanceof Mistake) return apiError(400, code, `${error.message}.`);
    throw error;
  }
}
