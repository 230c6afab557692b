// The people, their organizations and what they may do there. Data only: nothing here knows a request or a session.

/** @type {Organization} */
const acme = Object.freeze({ key: 'acme', id: 'org_01ACME0000000000000000000', name: 'Acme' });
/** @type {Organization} */
const globex = Object.freeze({ key: 'globex', id: 'org_01GLOBEX00000000000000000', name: 'Globex' });
// Characters that must survive HTML, headers and JSON.
/** @type {Organization} */
const lodz = Object.freeze({ key: 'lodz', id: 'org_01LODZ0000000000000000000', name: 'Łódź & Søn <Ærø>' });

export const organizations = Object.freeze([acme, globex, lodz]);

const admin = {
  role: 'admin',
  roles: ['admin'],
  permissions: ['posts:read', 'posts:write', 'billing:manage'],
  entitlements: ['audit-log'],
  featureFlags: ['beta-editor'],
};
const member = {
  role: 'member',
  roles: ['member'],
  permissions: ['posts:read'],
  entitlements: [],
  featureFlags: [],
};
const editor = {
  role: 'editor',
  roles: ['editor', 'member'],
  permissions: ['posts:read', 'posts:write'],
  entitlements: ['audit-log'],
  featureFlags: ['beta-editor'],
};
// So many permissions that the sealed session exceeds the 4096 bytes of one cookie.
const auditor = {
  role: 'auditor',
  roles: ['auditor', 'member'],
  permissions: Array.from({ length: 96 }, (_, index) => `ledger-${String(index + 1).padStart(2, '0')}:entries:read`),
  entitlements: ['audit-log'],
  featureFlags: [],
};

/**
 * @typedef {{ key: string, id: string, name: string }} Organization
 * @typedef {{ organization: Organization, role: string, roles: string[], permissions: string[], entitlements: string[], featureFlags: string[] }} Membership
 * @typedef {{ key: string, user: Record<string, any>, memberships: Membership[] }} Person
 * @typedef {{ email: string, reason: string }} Impersonator
 * @typedef {{ id: string, label: string, person: Person, organization: Organization | null, membership: Membership | null, impersonator: Impersonator | null }} Choice
 */

/** @type {readonly Person[]} */
export const people = Object.freeze([
  person('ada', 'user_01ADA00000000000000000000', 'Ada', 'Lovelace', [[acme, admin], [globex, member]]),
  person('grace', 'user_01GRACE000000000000000000', 'Grace', 'Hopper', [[acme, member]]),
  person('alan', 'user_01ALAN0000000000000000000', 'Alan', 'Turing', [[globex, admin]]),
  person('margaret', 'user_01MARGARET00000000000000', 'Margaret', 'Hamilton', []),
  person('katherine', 'user_01KATHERINE0000000000000', 'Katherine', 'Johnson', [[acme, auditor]]),
  person(
    'thordis',
    'user_01THORDIS000000000000000',
    'Þórdís-Aðalheiður Θεοδώρα 美咲',
    'Nguyễn-Wolańska Õunapuu de la Peña y Żółkiewska-Константинопольская',
    [[lodz, editor]],
  ),
]);

/** Everything the sign-in page offers, in its order. @type {readonly Choice[]} */
export const choices = Object.freeze([...people.flatMap(choicesOf), supportChoice()]);

/** @param {string} wanted an id, an email address, or the short key of a person */
export function findPerson(wanted) {
  return people.find(({ key, user }) => [key, user.id, user.email].includes(wanted));
}

/** @param {string} wanted an id, a name, or the short key of an organization */
export function findOrganization(wanted) {
  return organizations.find(({ key, id, name }) => [key, id, name].includes(wanted));
}

/** @param {Person} someone @param {string} organizationId @returns {Membership | undefined} */
export function membershipOf(someone, organizationId) {
  return someone.memberships.find(({ organization }) => organization.id === organizationId);
}

/** @returns {Person} */
function person(key, id, firstName, lastName, memberships) {
  const names = Object.fromEntries(memberships.map(([organization]) => [organization.id, organization.name]));
  return Object.freeze({
    key,
    user: Object.freeze({
      object: 'user',
      id,
      email: `${key}@example.com`,
      email_verified: true,
      first_name: firstName,
      last_name: lastName,
      name: `${firstName} ${lastName}`,
      profile_picture_url: null,
      last_sign_in_at: null,
      locale: 'en',
      created_at: '2024-01-15T09:00:00.000Z',
      updated_at: '2024-01-15T09:00:00.000Z',
      external_id: null,
      // Metadata values are strings at the provider. An application offers the switch of organization from this one.
      metadata: Object.freeze({ organizations: JSON.stringify(names) }),
    }),
    memberships: memberships.map(([organization, rights]) => Object.freeze({ organization, ...rights })),
  });
}

/** @param {Person} someone @returns {Choice[]} */
function choicesOf(someone) {
  const name = `Sign in as ${someone.user.first_name}`;
  if (someone.memberships.length === 0) {
    return [{ id: someone.key, label: `${name} (no organization)`, person: someone, organization: null, membership: null, impersonator: null }];
  }
  return someone.memberships.map((membership) => ({
    id: `${someone.key}-${membership.organization.key}`,
    label: `${name} (${membership.organization.name}, ${membership.role})`,
    person: someone,
    organization: membership.organization,
    membership,
    impersonator: null,
  }));
}

/** A support engineer who uses the application as Ada: the access token names them in `act`. @returns {Choice} */
function supportChoice() {
  const ada = people[0];
  return {
    id: 'support-as-ada',
    label: 'Support as Ada (Acme, admin)',
    person: ada,
    organization: acme,
    membership: ada.memberships[0],
    impersonator: { email: 'support@example.com', reason: 'Ticket 1815: the export stays empty' },
  };
}
