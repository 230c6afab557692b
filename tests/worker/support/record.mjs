// The records of the objects that keep sessions, opened and made outside of the gateway, by docs/seal-edgeseal.md. Holds no test.

import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

import { PASSWORD } from './gateway.mjs';

const SALT = 16;
const TAG = 16;
const EXPIRY = 8;
const PREFIX = 'es1.1.';
const ASSOCIATED = Buffer.from(`${PREFIX}record`);

function derive(salt, password) {
  const part = (info, bytes) => Buffer.from(hkdfSync('sha256', password, salt, info, bytes));
  return [part('edgeseal 1 key', 32), part('edgeseal 1 nonce', 12)];
}

/** What a record says. */
export function openRecord(sealed, password = PASSWORD) {
  const bytes = Buffer.from(sealed.slice(PREFIX.length), 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', ...derive(bytes.subarray(0, SALT), password)).setAAD(ASSOCIATED).setAuthTag(bytes.subarray(-TAG));
  const plaintext = Buffer.concat([decipher.update(bytes.subarray(SALT, -TAG)), decipher.final()]);
  return JSON.parse(plaintext.subarray(EXPIRY).toString());
}

/** Seals text as a record; a record is JSON. */
export function sealRecord(text, password = PASSWORD) {
  const salt = randomBytes(SALT);
  const cipher = createCipheriv('aes-256-gcm', ...derive(salt, password)).setAAD(ASSOCIATED);
  const ciphertext = Buffer.concat([cipher.update(Buffer.concat([Buffer.alloc(EXPIRY), Buffer.from(text)])), cipher.final()]);
  return PREFIX + Buffer.concat([salt, ciphertext, cipher.getAuthTag()]).toString('base64url');
}
