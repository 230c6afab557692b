// Identifiers and secrets in the providers' manners. Random ones carry no meaning and no time; seeded ones stay the same.

import { createHash, randomBytes, randomUUID } from 'node:crypto';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** 120 random bits behind a prefix. @param {string} prefix */
export function identifier(prefix) {
  return `${prefix}_01${Array.from(randomBytes(24), (byte) => CROCKFORD[byte & 31]).join('')}`;
}

/** A bearer secret (code, refresh token): 192 random bits. */
export function secret() {
  return randomBytes(24).toString('base64url');
}

/** Stytch's manner: `session-test-<uuid>`. @param {string} prefix */
export function testIdentifier(prefix) {
  return `${prefix}-test-${randomUUID()}`;
}

/** The same for what is seeded: the same name always has the same identifier. @param {string} prefix @param {string} name */
export function seededIdentifier(prefix, name) {
  const digest = createHash('sha256').update(`${prefix} ${name}`).digest('hex');
  return `${prefix}-test-${digest.slice(0, 8)}-${digest.slice(8, 12)}-4${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}

/** A Stytch session token: 44 characters. */
export function sessionToken() {
  return randomBytes(33).toString('base64url');
}
