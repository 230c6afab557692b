// The B2B vertical: members of organizations. What it does differently from the other vertical, and nothing else.

import { choices as allChoices, membershipOf } from '../seeds.mjs';
import { microsecondDate } from '../time.mjs';
import { emailId, memberId, memberResource, organizationId, organizationResource, organizationSlug } from './directory.mjs';
import { factorsOf } from './factors.mjs';
import { MEMBER_POLICY } from './policy_seed.mjs';

/** @type {import('../stytch.mjs').Vertical} */
export const member = {
  prefix: '/v1/b2b',
  hasOrganizations: true,
  sessionPrefix: 'member-session',
  sessionIdMember: 'member_session_id',
  sessionMember: 'member_session',
  deniedType: 'session_authorization_error',
  policy: MEMBER_POLICY,
  // Nobody has a session outside an organization.
  choices: Object.freeze(allChoices.filter(({ organization }) => organization)),

  defaultRoles(person, organization) {
    const { role, roles } = membershipOf(person, organization.id);
    return ['stytch_member', ...(role === 'admin' ? ['stytch_admin'] : []), ...roles];
  },

  subjectOf: ({ person, organization }) => memberId(person, organization),

  sessionClaims: (session, roles) => ({
    'https://stytch.com/organization': organizationClaim(session.organization),
    'https://stytch.com/session': {
      id: session.id,
      started_at: microsecondDate(session.startedAt),
      last_accessed_at: microsecondDate(session.lastAccessedAt),
      expires_at: microsecondDate(session.expiresAt),
      authentication_factors: factorsOf(session, emailId(session.person)),
      roles,
    },
  }),

  accessClaims: ({ organization }) => ({ 'https://stytch.com/organization': organizationClaim(organization) }),

  sessionResource: (session, roles) => ({
    member_session_id: session.id,
    member_id: memberId(session.person, session.organization),
    started_at: microsecondDate(session.startedAt),
    last_accessed_at: microsecondDate(session.lastAccessedAt),
    expires_at: microsecondDate(session.expiresAt),
    authentication_factors: factorsOf(session, emailId(session.person)),
    organization_id: organizationId(session.organization),
    organization_slug: organizationSlug(session.organization),
    roles,
    ...(Object.keys(session.customClaims).length > 0 && { custom_claims: session.customClaims }),
  }),

  /** What an answer about a session says beside it. */
  belongings: ({ person, organization }, roles) => ({
    member: memberResource(person, organization, roles),
    organization: organizationResource(organization),
  }),
};

function organizationClaim(organization) {
  return { organization_id: organizationId(organization), slug: organizationSlug(organization) };
}
