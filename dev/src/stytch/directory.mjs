// The people as Stytch sees them: users of a project, members of organizations, and their roles. Derived from the seeds;
// only roles can change while running.

import { seededIdentifier } from '../identifiers.mjs';
import { Mistake } from '../mistake.mjs';
import { findOrganization, findPerson, membershipOf } from '../seeds.mjs';

const CREATED_AT = '2024-01-15T09:00:00Z';

/** @param {import('../seeds.mjs').Person} person */
export const userId = (person) => seededIdentifier('user', person.key);

/** One person is a member of their own in every organization. */
export const memberId = (person, organization) => seededIdentifier('member', `${person.key} ${organization.key}`);

/** @param {import('../seeds.mjs').Organization} organization */
export const organizationId = (organization) => seededIdentifier('organization', organization.key);

/** Letters, digits and hyphens: what Stytch allows. */
export const organizationSlug = (organization) => organization.key;

/** @param {import('../seeds.mjs').Person} person */
export const emailId = (person) => seededIdentifier('email', person.key);

/** Who the choice is as a whole: a person, or a person in an organization. Two of them have their own roles. */
const subjectKey = (person, organization) => `${person.key} ${organization?.key ?? ''}`;

export class Roles {
  /** @type {Map<string, string[]>} */
  #given = new Map();
  #defaults;

  /** @param {(person: import('../seeds.mjs').Person, organization: import('../seeds.mjs').Organization | null) => string[]} defaults */
  constructor(defaults) {
    this.#defaults = defaults;
  }

  of(person, organization) {
    return this.#given.get(subjectKey(person, organization)) ?? this.#defaults(person, organization);
  }

  /** Tokens that are out there keep what they say. */
  give(person, organization, roles) {
    this.#given.set(subjectKey(person, organization), [...roles]);
  }

  clear() {
    this.#given.clear();
  }
}

/** A user of a consumer project, as the API shows it. */
export function userResource(person, roles) {
  const { email, first_name: first, last_name: last } = person.user;
  return {
    user_id: userId(person),
    name: { first_name: first, middle_name: '', last_name: last },
    emails: [{ email_id: emailId(person), email, verified: true }],
    phone_numbers: [],
    providers: [],
    webauthn_registrations: [],
    biometric_registrations: [],
    totps: [],
    crypto_wallets: [],
    password: null,
    status: 'active',
    is_locked: false,
    roles,
    created_at: CREATED_AT,
    trusted_metadata: {},
    untrusted_metadata: {},
  };
}

/** A member of an organization, as the API shows it. */
export function memberResource(person, organization, roles) {
  return {
    organization_id: organizationId(organization),
    member_id: memberId(person, organization),
    external_id: null,
    email_address: person.user.email,
    email_address_verified: true,
    status: 'active',
    name: person.user.name,
    is_admin: roles.includes('stytch_admin'),
    is_breakglass: false,
    is_locked: false,
    roles: roles.map((role) => ({
      role_id: role,
      sources: [{ type: role === 'stytch_member' ? 'default_assignment' : 'direct_assignment', details: {} }],
    })),
    sso_registrations: [],
    oauth_registrations: [],
    retired_email_addresses: [],
    member_password_id: '',
    mfa_enrolled: false,
    mfa_phone_number: '',
    mfa_phone_number_verified: false,
    default_mfa_method: '',
    totp_registration_id: '',
    created_at: CREATED_AT,
    updated_at: CREATED_AT,
    trusted_metadata: {},
    untrusted_metadata: {},
  };
}

/** @param {import('../seeds.mjs').Organization} organization */
export function organizationResource(organization) {
  return {
    organization_id: organizationId(organization),
    organization_external_id: null,
    organization_name: organization.name,
    organization_slug: organizationSlug(organization),
    organization_logo_url: '',
    sso_jit_provisioning: 'NOT_ALLOWED',
    sso_jit_provisioning_allowed_connections: [],
    sso_active_connections: [],
    sso_default_connection_id: null,
    email_allowed_domains: ['example.com'],
    email_jit_provisioning: 'NOT_ALLOWED',
    email_invites: 'ALL_ALLOWED',
    auth_methods: 'ALL_ALLOWED',
    allowed_auth_methods: [],
    mfa_policy: 'OPTIONAL',
    mfa_methods: 'ALL_ALLOWED',
    allowed_mfa_methods: [],
    oauth_tenant_jit_provisioning: 'NOT_ALLOWED',
    allowed_oauth_tenants: {},
    claimed_email_domains: [],
    rbac_email_implicit_role_assignments: [],
    first_party_connected_apps_allowed_type: 'ALL_ALLOWED',
    allowed_first_party_connected_apps: [],
    third_party_connected_apps_allowed_type: 'ALL_ALLOWED',
    allowed_third_party_connected_apps: [],
    trusted_metadata: {},
    created_at: CREATED_AT,
    updated_at: CREATED_AT,
  };
}

/**
 * Person and membership that a test names; throws for what does not exist.
 * @param {string} caller @param {{ person: string, organization?: string }} wanted @param {boolean} withOrganization
 */
export function subjectNamed(caller, { person: name, organization: organizationName }, withOrganization) {
  const person = findPerson(name);
  if (!person) throw new Mistake(`${caller}: no such person`);
  if (!withOrganization) {
    if (organizationName !== undefined) throw new Mistake(`${caller}: a consumer project has no organizations`);
    return { person, organization: null };
  }
  const organization = organizationName === undefined ? person.memberships[0]?.organization : findOrganization(organizationName);
  if (!organization || !membershipOf(person, organization.id)) {
    throw new Mistake(`${caller}: the person is not a member of such an organization`);
  }
  return { person, organization };
}
