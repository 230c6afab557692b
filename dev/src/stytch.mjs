// The Stytch-shaped provider, in either vertical: its endpoints, names and failures. Assembles what is its own; people, keys,
// knobs, log and clock are shared with the other shapes and are not decided here.

import { seededIdentifier, testIdentifier } from './identifiers.mjs';
import {
  BOTH_SIGN_SECONDS, DEFAULT_PROJECT_ID, DEFAULT_SECRET, KEY_GRACE_SECONDS, KNOB_LIFETIME_LARGEST, TOKEN_LIFETIME_SECONDS,
} from './limits.mjs';
import { Mistake } from './mistake.mjs';
import { ERROR_TYPES, FAIL_STATUSES, playedFailure, serverRefusal } from './stytch/answers.mjs';
import { authenticate, exchange } from './stytch/authenticate.mjs';
import { certificateMembers } from './stytch/certificate.mjs';
import { Roles, subjectNamed } from './stytch/directory.mjs';
import { login } from './stytch/login.mjs';
import { mintAccessToken, mintM2mToken, mintSession } from './stytch/mint.mjs';
import { introspect, token } from './stytch/oauth.mjs';
import { Policy } from './stytch/policy.mjs';
import { organizationPolicy, projectPolicy, readPolicy, setPolicy, setRoles } from './stytch/policy_endpoints.mjs';
import { policySection } from './stytch/policy_section.mjs';
import { jwks, listMemberSessions, listUserSessions, revoke } from './stytch/session_endpoints.mjs';
import { Sessions } from './stytch/sessions.mjs';

/**
 * @typedef {import('./stytch/sessions.mjs').Session} Session
 * @typedef {import('./seeds.mjs').Person} Person
 * @typedef {import('./seeds.mjs').Organization | null} OrganizationOrNone
 * @typedef {{ person: Person, organization: OrganizationOrNone }} Subject
 *
 * @typedef {{
 *   prefix: string, hasOrganizations: boolean, sessionPrefix: string, sessionIdMember: string, sessionMember: string, deniedType: string,
 *   policy: ConstructorParameters<typeof Policy>[0], choices: readonly import('./seeds.mjs').Choice[],
 *   defaultRoles: (person: Person, organization: OrganizationOrNone) => string[], subjectOf: (subject: Subject) => string,
 *   sessionClaims: (session: Session, roles: string[]) => Record<string, any>, accessClaims: (subject: Subject) => Record<string, any>,
 *   sessionResource: (session: Session, roles: string[]) => Record<string, any>, belongings: (session: Session, roles: string[]) => Record<string, any>,
 * }} Vertical what consumer and B2B projects differ in
 *
 * @typedef {import('./provider.mjs').Shared & {
 *   settings: { url: string, projectId: string, secret: string, issuers: string[], m2mClient: OauthClient, connectedApp: OauthClient },
 *   vertical: Vertical, sessions: Sessions, policy: Policy, rolesOf: (subject: Subject) => string[], giveRoles: (given: any) => string[],
 * }} StytchParts
 * @typedef {{ clientId: string, clientSecret: string, scopes: string[] }} OauthClient
 */

/** @param {Vertical} vertical @returns {import('./provider.mjs').Shape} */
export function stytch(vertical) {
  const routes = routesOf(vertical);
  return {
    options: ['projectId', 'secret'],
    checkOptions,
    routes,
    controlRoutes: [
      { method: 'GET', path: '/dev/policy', handle: readPolicy },
      { method: 'POST', path: '/dev/policy', handle: setPolicy },
      { method: 'POST', path: '/dev/roles', handle: setRoles },
    ],
    error: serverRefusal,
    playedFailure,
    knobs: {
      endpoints: routes.map(({ endpoint }) => endpoint),
      failStatuses: FAIL_STATUSES,
      errorTypes: ERROR_TYPES,
      numbers: {
        tokenLifetimeSeconds: { label: 'Lifetime of session JWTs, seconds', least: 1, most: KNOB_LIFETIME_LARGEST, initial: TOKEN_LIFETIME_SECONDS },
        bothSignSeconds: { label: 'Both keys sign after a rotation for, seconds', least: 0, most: KNOB_LIFETIME_LARGEST, initial: BOTH_SIGN_SECONDS },
        keyGraceSeconds: { label: 'An old key stays published for, seconds', least: 0, most: KNOB_LIFETIME_LARGEST, initial: KEY_GRACE_SECONDS },
      },
      switches: {
        previousKeySigns: 'The previous key signs alone, while it is published',
        issuerIsUrl: 'Tokens name the base URL as their issuer, as with a custom domain',
        ...(vertical.hasOrganizations && { organizationPoliciesOff: 'Organizations have no policies (403), as without the beta' }),
      },
    },
    keys: {
      identifier: () => testIdentifier('jwk'),
      header: { typ: 'JWT' },
      members: (pair) => ({ use: 'sig', key_ops: ['verify'], alg: 'RS256', ...certificateMembers(pair) }),
      schedule: ({ bothSignSeconds, keyGraceSeconds, previousKeySigns }) =>
        ({ bothSignSeconds, graceSeconds: keyGraceSeconds, previousSigns: previousKeySigns }),
    },
    sessionDetail: 'Ends, UTC',
    sections: policySection,
    assemble: (shared, options) => assemble(vertical, shared, options),
  };
}

/** The provider's endpoints: what a knob can break. A group in the path is the request's `identifier`. */
function routesOf({ prefix, hasOrganizations }) {
  const at = (path) => new RegExp(`^${prefix}${path}$`);
  const sessions = { endpoint: 'sessions', method: 'GET', path: at('/sessions') };
  return [
    { endpoint: 'login', method: 'GET', path: /^\/login$/, handle: login },
    { endpoint: 'authenticate', method: 'POST', path: at('/sessions/authenticate'), handle: authenticate },
    { endpoint: 'jwks', method: 'GET', path: at('/sessions/jwks/([^/]+)'), handle: jwks },
    { ...sessions, handle: hasOrganizations ? listMemberSessions : listUserSessions },
    { endpoint: 'revoke', method: 'POST', path: at('/sessions/revoke'), handle: revoke },
    { endpoint: 'policy', method: 'GET', path: at('/rbac/policy'), handle: projectPolicy },
    ...(hasOrganizations ? [
      { endpoint: 'organization_policy', method: 'GET', path: at('/rbac/organizations/([^/]+)'), handle: organizationPolicy },
      { endpoint: 'exchange', method: 'POST', path: at('/sessions/exchange'), handle: exchange },
    ] : []),
    { endpoint: 'token', method: 'POST', path: /^\/v1\/public\/([^/]+)\/oauth2\/token$/, handle: token },
    { endpoint: 'introspect', method: 'POST', path: /^\/v1\/public\/([^/]+)\/oauth2\/introspect$/, handle: introspect },
  ];
}

/** @param {Vertical} vertical @param {import('./provider.mjs').Shared} shared */
function assemble(vertical, shared, options) {
  const { url, now } = shared;
  const projectId = options.projectId ?? DEFAULT_PROJECT_ID;
  const settings = {
    url,
    projectId,
    secret: options.secret ?? DEFAULT_SECRET,
    issuers: [`stytch.com/${projectId}`, url],
    m2mClient: oauthClient('m2m-client', ['read:posts', 'write:posts']),
    connectedApp: oauthClient('connected-app', ['openid', 'profile', 'read:posts']),
  };
  const roles = new Roles(vertical.defaultRoles);
  const rolesOf = ({ person, organization }) => roles.of(person, organization);
  const policy = new Policy(vertical.policy);
  const resource = (session) => vertical.sessionResource(session, rolesOf(session));
  const sessions = new Sessions({ now, prefix: vertical.sessionPrefix, resource });
  const giveRoles = (given) => give(roles, vertical, given);
  const keySet = `${vertical.prefix}/sessions/jwks/${projectId}`;
  const loginUrl = `http://localhost:${new URL(url).port}/login`;
  const own = { settings, vertical, sessions, policy, rolesOf, giveRoles };
  const parts = { ...shared, ...own };
  return {
    ...own,
    stores: [sessions, policy, roles],
    facts: [
      { label: 'Project ID', value: projectId },
      { label: 'Issuer', value: settings.issuers[0] },
      { label: 'Key set', value: `${url}${keySet}`, href: keySet },
      { label: 'Login page', value: loginUrl },
      { label: 'M2M client', value: settings.m2mClient.clientId },
      { label: 'Connected app', value: settings.connectedApp.clientId },
    ],
    api: {
      issuer: settings.issuers[0],
      projectId,
      secret: settings.secret,
      loginUrl,
      m2mClient: settings.m2mClient,
      connectedApp: settings.connectedApp,
      choices: vertical.choices,
      /** The RBAC policy, with what organizations add to it. */
      policy: () => policy.get(),
      /** Replaces the parts that it names. @param {Parameters<Policy['set']>[0]} patch */
      setPolicy: (patch) => policy.set(patch),
      /** Tokens that are out there keep what they say. @param {{ person: string, organization?: string, roles: string[] }} given */
      setRoles: giveRoles,
      /** A session without the sign-in page. @param {import('./stytch/mint.mjs').MintOptions} [wanted] */
      mintSession: (wanted) => mintSession(parts, wanted),
      /** @param {Parameters<typeof mintM2mToken>[1]} [wanted] */
      mintM2mToken: (wanted) => mintM2mToken(parts, wanted),
      /** @param {Parameters<typeof mintAccessToken>[1]} [wanted] */
      mintAccessToken: (wanted) => mintAccessToken(parts, wanted),
    },
  };
}

/** Fixed, like the project: worthless outside this process. @returns {OauthClient} */
function oauthClient(kind, scopes) {
  return { clientId: seededIdentifier(kind, 'local'), clientSecret: `${kind}-local-development-only`, scopes };
}

function give(roles, { hasOrganizations }, { person: name, organization: wanted, roles: given }) {
  const { person, organization } = subjectNamed('setRoles', { person: name, organization: wanted }, hasOrganizations);
  if (!Array.isArray(given) || !given.every((role) => typeof role === 'string' && role !== '')) {
    throw new Mistake('setRoles: roles must be a list of role ids');
  }
  roles.give(person, organization, given);
  return roles.of(person, organization);
}

function checkOptions({ projectId, secret }) {
  // A local provider is never the live environment.
  if (projectId !== undefined && !/^project-test-[\w-]+$/.test(projectId)) {
    throw new TypeError('startProvider: projectId must begin with project-test-');
  }
  // It travels in a header behind the project id.
  if (secret !== undefined && !/^[\w.~=-]+$/.test(secret)) {
    throw new TypeError('startProvider: secret must consist of letters, digits and _ . ~ = -');
  }
}
