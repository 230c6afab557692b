// Sessions without the sign-in page, for tests. Checks what it is asked for; the sessions make it.

import { findOrganization, findPerson, membershipOf, people } from '../seeds.mjs';

/**
 * @typedef {{ person?: string, organization?: string | null, lifetimeSeconds?: number, impersonator?: import('../seeds.mjs').Impersonator | null }} MintOptions
 */

/**
 * @param {import('./sessions.mjs').Sessions} sessions @param {MintOptions} [options]
 * @returns {{ sessionId: string, response: Record<string, any> }} `response` is the body that `authenticate` would have answered
 */
export function mintSession(sessions, { person: wanted = 'ada', organization, lifetimeSeconds, impersonator = null } = {}) {
  const person = findPerson(wanted);
  if (!person) throw new TypeError(`mintSession: no such person; known are ${people.map(({ key }) => key).join(', ')}`);
  if (lifetimeSeconds !== undefined && !Number.isInteger(lifetimeSeconds)) {
    throw new TypeError('mintSession: lifetimeSeconds must be a whole number');
  }
  const organizationId = organizationFor(person, organization);
  const { session, reply } = sessions.begin({ person, organizationId, impersonator, lifetimeSeconds });
  return { sessionId: session.id, response: reply };
}

/** The named organization, the person's first one when none is named, none for `null`. @returns {string | null} */
function organizationFor(person, wanted) {
  if (wanted === null) return null;
  if (wanted === undefined) return person.memberships[0]?.organization.id ?? null;
  const organization = findOrganization(wanted);
  if (!organization || !membershipOf(person, organization.id)) {
    throw new TypeError('mintSession: the person is not a member of such an organization');
  }
  return organization.id;
}
