// The signing keys: the current one signs, all published ones stand in the key set (RFC 7517). Knows no claims.

import { createSign, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';

import { identifier } from './identifiers.mjs';

const generate = promisify(generateKeyPair);

/** @typedef {{ keyId: string, privateKey: import('node:crypto').KeyObject, jwk: Record<string, string> }} SigningKey */

export class SigningKeys {
  /** @type {SigningKey[]} newest first; the first one signs */
  #keys = [];

  static async create() {
    const keys = new SigningKeys();
    await keys.rotate({ keepPrevious: false });
    return keys;
  }

  /** Makes a new signing key. @param {{ keepPrevious: boolean }} options whether the old keys stay published */
  async rotate({ keepPrevious }) {
    const key = await generateSigningKey();
    this.#keys = keepPrevious ? [key, ...this.#keys] : [key];
    return { keyId: key.keyId, published: this.keyIds() };
  }

  /** Unpublishes every key but the signing one. */
  forgetPrevious() {
    this.#keys = this.#keys.slice(0, 1);
  }

  /** Key ids, the signing key first. */
  keyIds() {
    return this.#keys.map(({ keyId }) => keyId);
  }

  /** The published key set. */
  keySet() {
    return { keys: this.#keys.map(({ jwk }) => jwk) };
  }

  /** A compact JWS (RFC 7515 §3.1) over the claims. @param {Record<string, unknown>} claims */
  sign(claims) {
    const { keyId, privateKey } = this.#keys[0];
    const input = `${encode({ alg: 'RS256', kid: keyId })}.${encode(claims)}`;
    return `${input}.${createSign('RSA-SHA256').update(input).sign(privateKey, 'base64url')}`;
  }
}

/** @returns {Promise<SigningKey>} */
async function generateSigningKey() {
  const { publicKey, privateKey } = await generate('rsa', { modulusLength: 2048 });
  const keyId = identifier('sso_oidc_key_pair');
  const { n, e } = publicKey.export({ format: 'jwk' });
  return { keyId, privateKey, jwk: { alg: 'RS256', kty: 'RSA', use: 'sig', kid: keyId, n, e } };
}

function encode(value) {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
