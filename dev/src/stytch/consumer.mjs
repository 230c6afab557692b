// The consumer vertical: users, without organizations. What it does differently from the other vertical, and nothing else.

import { choices as allChoices, people } from '../seeds.mjs';
import { microsecondDate } from '../time.mjs';
import { emailId, userId, userResource } from './directory.mjs';
import { factorsOf } from './factors.mjs';
import { CONSUMER_POLICY } from './policy_seed.mjs';

/** A person once, whatever their organizations: the first membership says which roles of the project they have. */
const choices = Object.freeze([
  ...people.map((person) => choice(person.key, 'Sign in', person, null)),
  ...allChoices.filter(({ impersonator }) => impersonator).map(({ id, person, impersonator }) => choice(id, 'Support', person, impersonator)),
]);

/** @type {import('../stytch.mjs').Vertical} */
export const consumer = {
  prefix: '/v1',
  hasOrganizations: false,
  sessionPrefix: 'session',
  sessionIdMember: 'session_id',
  sessionMember: 'session',
  deniedType: 'consumer_session_authorization_error',
  policy: CONSUMER_POLICY,
  choices,

  defaultRoles: (person) => ['stytch_user', ...(person.memberships[0]?.roles ?? [])],

  subjectOf: ({ person }) => userId(person),

  sessionClaims: (session, roles) => ({
    'https://stytch.com/session': {
      id: session.id,
      started_at: microsecondDate(session.startedAt),
      last_accessed_at: microsecondDate(session.lastAccessedAt),
      expires_at: microsecondDate(session.expiresAt),
      attributes: session.attributes,
      authentication_factors: factorsOf(session, emailId(session.person)),
      roles,
    },
  }),

  accessClaims: () => ({}),

  sessionResource: (session, roles) => ({
    session_id: session.id,
    user_id: userId(session.person),
    authentication_factors: factorsOf(session, emailId(session.person)),
    roles,
    started_at: microsecondDate(session.startedAt),
    last_accessed_at: microsecondDate(session.lastAccessedAt),
    expires_at: microsecondDate(session.expiresAt),
    attributes: session.attributes,
    ...(Object.keys(session.customClaims).length > 0 && { custom_claims: session.customClaims }),
  }),

  /** What an answer about a session says beside it. */
  belongings: ({ person }, roles) => ({ user: userResource(person, roles) }),
};

function choice(id, what, person, impersonator) {
  const role = person.memberships[0]?.role ?? 'no role';
  return { id, label: `${what} as ${person.user.first_name} (${role})`, person, organization: null, membership: null, impersonator };
}
