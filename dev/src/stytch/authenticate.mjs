// POST sessions/authenticate, and the exchange of a member session: a session goes on and gets a new JWT. Decides the answer.

import { membershipOf, organizations } from '../seeds.mjs';
import { refuse, success } from './answers.mjs';
import { changedClaims, claimChangesOf, minutesOf, readFields, requireProject, sessionOf, textOf } from './arguments.mjs';
import { organizationId, organizationSlug } from './directory.mjs';
import { sessionJwt } from './tokens.mjs';

/** POST /v1/sessions/authenticate, /v1/b2b/sessions/authenticate. @param {import('../stytch.mjs').StytchParts} parts */
export function authenticate(parts, { headers, body, entry }) {
  requireProject(parts.settings, headers);
  const fields = readFields(body);
  const minutes = minutesOf(fields);
  const changes = claimChangesOf(fields);
  const check = authorizationCheckOf(parts.vertical, fields);
  const session = sessionOf(parts, fields, entry);
  const customClaims = changedClaims(session.customClaims, changes);
  const verdict = check && verdictOn(parts, session, check);
  parts.sessions.touch(session, { minutes, customClaims });
  return success({ ...sessionAnswer(parts, session), ...(verdict && { verdict }) }, minutes === undefined ? 'authenticated' : 'extended');
}

/** POST /v1/b2b/sessions/exchange: a new session of the same person in another organization; the old one lives on. */
export function exchange(parts, { headers, body, entry }) {
  requireProject(parts.settings, headers);
  const fields = readFields(body);
  const minutes = minutesOf(fields);
  const changes = claimChangesOf(fields);
  const organization = organizationNamed(textOf(fields, 'organization_id'));
  const { person, impersonator, attributes } = sessionOf(parts, fields, entry);
  if (!membershipOf(person, organization.id)) refuse('member_not_found');
  const session = parts.sessions.begin({ person, organization, impersonator, attributes, minutes, customClaims: changedClaims({}, changes) });
  entry.sessionId = session.id;
  const more = { member_id: parts.vertical.subjectOf(session), member_authenticated: true, intermediate_session_token: '' };
  return success({ ...more, ...sessionAnswer(parts, session), mfa_required: null, primary_required: null }, 'exchanged');
}

/** What every answer about a session says; each has a new JWT. @param {import('../stytch.mjs').StytchParts} parts */
export function sessionAnswer(parts, session, lifetimeSeconds) {
  const { vertical, sessions } = parts;
  return {
    [vertical.sessionMember]: sessions.resource(session),
    session_token: session.token,
    session_jwt: sessionJwt(parts, session, lifetimeSeconds),
    ...vertical.belongings(session, parts.rolesOf(session)),
  };
}

/** The organization of an id, or a refusal. @param {string | undefined} id @returns {import('../seeds.mjs').Organization} */
export function organizationNamed(id) {
  if (id === undefined) refuse('invalid_organization_id');
  // The slug is as good as the id, at every endpoint of Stytch.
  const organization = organizations.find((known) => [organizationId(known), organizationSlug(known)].includes(id));
  return organization ?? refuse('organization_not_found');
}

function authorizationCheckOf({ hasOrganizations }, { authorization_check: check }) {
  if (check === undefined) return null;
  const names = ['resource_id', 'action', ...(hasOrganizations ? ['organization_id'] : [])];
  const fits = typeof check === 'object' && names.every((name) => typeof check[name] === 'string' && check[name] !== '');
  if (!fits) refuse('invalid_request_value', `authorization_check needs ${names.join(', ')}.`);
  return check;
}

function verdictOn({ vertical, policy, rolesOf }, session, check) {
  const { organization } = session;
  if (organization && check.organization_id !== organizationId(organization)) refuse('session_authorization_tenancy_error');
  const granting = policy.grantingRoles(rolesOf(session), organization, check);
  if (granting.length === 0) refuse(vertical.deniedType);
  return { authorized: true, granting_roles: granting };
}
