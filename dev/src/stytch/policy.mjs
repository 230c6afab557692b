// RBAC: the project's policy, the roles that organizations add to it, and what they allow. Knows no HTTP and no session.

import { POLICY_ENTRIES_LARGEST } from '../limits.mjs';
import { Mistake } from '../mistake.mjs';

/**
 * @typedef {{ resource_id: string, actions: string[] }} Permission
 * @typedef {{ role_id: string, description: string, permissions: Permission[] }} Role
 * @typedef {{ resource_id: string, description: string, actions: string[] }} Resource
 * @typedef {{ scope: string, description: string, permissions: Permission[] }} Scope
 * @typedef {{ roles: Role[], resources: Resource[], scopes: Scope[] }} ProjectPolicy
 */

export class Policy {
  /** @type {ProjectPolicy} */
  #project;
  /** @type {Record<string, Role[]>} by key of the organization */
  #organizations;
  #initial;

  /** @param {{ project: ProjectPolicy, organizations: Record<string, Role[]> }} initial */
  constructor(initial) {
    this.#initial = initial;
    this.clear();
  }

  /** A copy of everything. */
  get() {
    return structuredClone({ ...this.#project, organizations: this.#organizations });
  }

  /**
   * Replaces the named parts (`roles`, `resources`, `scopes`, `organizations`) and leaves the others.
   * @param {Partial<ProjectPolicy & { organizations: Record<string, Role[]> }>} patch
   */
  set(patch) {
    const { organizations, ...project } = checkPolicy(patch, Object.keys(this.#initial.organizations));
    this.#project = { ...this.#project, ...project };
    this.#organizations = { ...this.#organizations, ...organizations };
    return this.get();
  }

  /** As after the start. */
  clear() {
    this.#project = structuredClone(this.#initial.project);
    this.#organizations = structuredClone(this.#initial.organizations);
  }

  project() {
    return this.#project;
  }

  /** The roles that an organization adds. @param {import('../seeds.mjs').Organization} organization */
  organizationRoles({ key }) {
    return this.#organizations[key] ?? [];
  }

  /**
   * The roles, of those that somebody has, that allow it. Exact names; `*` stands for every action, never for a resource.
   * @param {string[]} roles @param {import('../seeds.mjs').Organization | null} organization @param {{ resource_id: string, action: string }} check
   */
  grantingRoles(roles, organization, { resource_id: resource, action }) {
    const known = [...this.#project.roles, ...(organization ? this.organizationRoles(organization) : [])];
    const allows = ({ resource_id: id, actions }) => id === resource && (actions.includes(action) || actions.includes('*'));
    const granting = known.filter(({ role_id: id, permissions }) => roles.includes(id) && permissions.some(allows));
    return [...new Set(granting.map(({ role_id: id }) => id))];
  }
}

const ENTRIES = {
  roles: (entry) => isText(entry.role_id) && permissionsFit(entry.permissions),
  resources: (entry) => isText(entry.resource_id) && isTextList(entry.actions),
  scopes: (entry) => isText(entry.scope) && permissionsFit(entry.permissions),
};

function checkPolicy(patch, organizationKeys) {
  if (!isObject(patch)) throw new Mistake('a policy must be an object');
  const checked = Object.entries(patch).map(([name, value]) => {
    if (name === 'organizations') return [name, checkOrganizations(value, organizationKeys)];
    if (!Object.hasOwn(ENTRIES, name)) throw new Mistake('a policy has roles, resources, scopes and organizations, nothing else');
    return [name, checkEntries(name, name, value)];
  });
  return Object.fromEntries(checked);
}

function checkOrganizations(value, keys) {
  if (!isObject(value) || !Object.keys(value).every((key) => keys.includes(key))) {
    throw new Mistake(`organizations must be an object; known are ${keys.join(', ')}`);
  }
  return Object.fromEntries(Object.entries(value).map(([key, roles]) => [key, checkEntries('roles', `organizations.${key}`, roles)]));
}

function checkEntries(kind, path, value) {
  if (!Array.isArray(value) || value.length > POLICY_ENTRIES_LARGEST || !value.every((entry) => isObject(entry) && ENTRIES[kind](entry))) {
    throw new Mistake(`${path} must be a list of at most ${POLICY_ENTRIES_LARGEST} entries in the form of the RBAC policy`);
  }
  return structuredClone(value).map((entry) => ({ description: '', ...entry }));
}

function permissionsFit(permissions) {
  return Array.isArray(permissions) && permissions.every((entry) => isObject(entry) && isText(entry.resource_id) && isTextList(entry.actions));
}

const isText = (value) => typeof value === 'string' && value !== '';
const isTextList = (value) => Array.isArray(value) && value.every(isText);
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
