// Random identifiers in the provider's manner (`session_01…`). They carry no meaning and no time.

import { randomBytes } from 'node:crypto';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** 120 random bits behind a prefix. @param {string} prefix */
export function identifier(prefix) {
  return `${prefix}_01${Array.from(randomBytes(24), (byte) => CROCKFORD[byte & 31]).join('')}`;
}

/** A bearer secret (code, refresh token): 192 random bits. */
export function secret() {
  return randomBytes(24).toString('base64url');
}
