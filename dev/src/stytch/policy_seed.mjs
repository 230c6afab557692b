// The policy that a project starts with: the default roles, the seeds' roles as the project's own, and one role that only
// Acme has. Data only.

const allow = (resource, ...actions) => ({ resource_id: resource, actions });
const role = (id, description, ...permissions) => ({ role_id: id, description, permissions });

const RESOURCES = [
  { resource_id: 'posts', description: 'What people write.', actions: ['read', 'write'] },
  { resource_id: 'billing', description: 'What it costs.', actions: ['read', 'manage'] },
  { resource_id: 'ledger', description: 'The books.', actions: ['read'] },
];

/** What the reserved resources of organizations can be asked for. */
const RESERVED_RESOURCES = [
  { resource_id: 'stytch.organization', description: 'The Organization.', actions: ['get', 'update.info.name', 'delete'] },
  { resource_id: 'stytch.member', description: 'Its Members.', actions: ['create', 'get', 'search', 'delete', 'revoke-sessions'] },
  { resource_id: 'stytch.sso', description: 'Its SSO connections.', actions: ['create', 'get', 'update', 'delete'] },
  { resource_id: 'stytch.scim', description: 'Its SCIM connection.', actions: ['create', 'get', 'update', 'delete'] },
  { resource_id: 'stytch.self', description: 'The Member itself.', actions: ['get', 'update.info.name', 'delete', 'revoke-sessions'] },
];

const PROJECT_ROLES = [
  role('admin', 'Runs the place.', allow('posts', '*'), allow('billing', '*')),
  role('editor', 'Writes.', allow('posts', 'read', 'write')),
  role('member', 'Reads.', allow('posts', 'read')),
];

const AUDITOR = role('auditor', 'Reads the books.', allow('ledger', 'read'), allow('billing', 'read'));

const SCOPES = [
  { scope: 'read:posts', description: 'Read posts.', permissions: [allow('posts', 'read')] },
  { scope: 'write:posts', description: 'Read and write posts.', permissions: [allow('posts', '*')] },
];

/** A consumer project knows no organizations: the auditor is a role of the project. */
export const CONSUMER_POLICY = {
  project: {
    roles: [role('stytch_user', 'Every User.'), ...PROJECT_ROLES, AUDITOR],
    resources: RESOURCES,
    scopes: SCOPES,
  },
  organizations: {},
};

/** The auditor is a role of Acme's own. */
export const MEMBER_POLICY = {
  project: {
    roles: [
      role('stytch_member', 'Every Member.', allow('stytch.self', '*')),
      role('stytch_admin', 'Runs the Organization.', ...RESERVED_RESOURCES.map(({ resource_id: id }) => allow(id, '*'))),
      ...PROJECT_ROLES,
    ],
    resources: [...RESOURCES, ...RESERVED_RESOURCES],
    scopes: SCOPES,
  },
  organizations: { acme: [AUDITOR], globex: [], lodz: [] },
};
