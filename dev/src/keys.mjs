// The signing keys: the current one signs, all published ones stand in the key set (RFC 7517). Knows no claims.

import { createSign, createVerify, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';

const generate = promisify(generateKeyPair);

/**
 * @typedef {{
 *   identifier: () => string, header: Record<string, string>, members: (key: { publicKey: KeyObject, privateKey: KeyObject }) => Record<string, any>,
 *   schedule: (knobs: any) => { bothSignSeconds: number, graceSeconds: number, previousSigns: boolean },
 * }} KeyForm what a provider's keys look like and how a rotation goes: `members` of the published key beside kty, kid, n and e;
 *   for `bothSignSeconds` after a rotation old and new key sign in turns (`previousSigns`: the old one alone, for as long as it is
 *   published), for `graceSeconds` the old one stays published
 * @typedef {import('node:crypto').KeyObject} KeyObject
 * @typedef {{ keyId: string, publicKey: KeyObject, privateKey: KeyObject, jwk: Record<string, any>, replacedAt: number }} SigningKey
 */

export class SigningKeys {
  /** @type {SigningKey[]} newest first */
  #keys = [];
  /** Signatures since the last rotation. */
  #signed = 0;
  #form;
  #now;
  #knobs;

  /** @param {{ form: KeyForm, now: () => number, knobs: import('./knobs.mjs').Knobs }} parts */
  constructor({ form, now, knobs }) {
    this.#form = form;
    this.#now = now;
    this.#knobs = knobs;
  }

  /** @param {ConstructorParameters<typeof SigningKeys>[0]} parts */
  static async create(parts) {
    const keys = new SigningKeys(parts);
    await keys.rotate({ keepPrevious: false });
    return keys;
  }

  /** Makes a new signing key. @param {{ keepPrevious: boolean }} options whether the old keys stay published */
  async rotate({ keepPrevious }) {
    const key = await this.#generate();
    const [current] = this.#keys;
    if (current) current.replacedAt = this.#now();
    this.#keys = keepPrevious ? [key, ...this.#published()] : [key];
    this.#signed = 0;
    return { keyId: key.keyId, published: this.keyIds() };
  }

  /** Unpublishes every key but the current one. */
  forgetPrevious() {
    this.#keys = this.#keys.slice(0, 1);
  }

  /** Key ids of the published keys, the current one first. */
  keyIds() {
    return this.#published().map(({ keyId }) => keyId);
  }

  /** The ids of the keys that sign now. */
  signingKeyIds() {
    return this.#signing().map(({ keyId }) => keyId);
  }

  /** The published key set. */
  keySet() {
    return { keys: this.#published().map(({ jwk }) => jwk) };
  }

  /** A compact JWS (RFC 7515 §3.1) over the claims. @param {Record<string, unknown>} claims */
  sign(claims) {
    const signing = this.#signing();
    const { keyId, privateKey } = signing[this.#signed % signing.length];
    this.#signed += 1;
    const input = `${encode({ alg: 'RS256', kid: keyId, ...this.#form.header })}.${encode(claims)}`;
    return `${input}.${createSign('RSA-SHA256').update(input).sign(privateKey, 'base64url')}`;
  }

  /** The claims of a token that a published key has signed, whatever they say. @param {string} token @returns {Record<string, any> | null} */
  verify(token) {
    const [header, claims, signature, ...more] = token.split('.');
    const key = this.#published().find(({ keyId }) => keyId === decode(header)?.kid);
    if (!key || signature === undefined || more.length > 0) return null;
    const genuine = createVerify('RSA-SHA256').update(`${header}.${claims}`).verify(key.publicKey, signature, 'base64url');
    return genuine ? decode(claims) : null;
  }

  #schedule() {
    return this.#form.schedule(this.#knobs.get());
  }

  #published() {
    const oldest = this.#now() - this.#schedule().graceSeconds * 1000;
    return this.#keys.filter(({ replacedAt }) => replacedAt > oldest);
  }

  /** The keys that sign in turns, the first one first. @returns {SigningKey[]} */
  #signing() {
    const [current, previous] = this.#published();
    if (!previous) return [current];
    const { bothSignSeconds, previousSigns } = this.#schedule();
    if (previousSigns) return [previous];
    return this.#now() < previous.replacedAt + bothSignSeconds * 1000 ? [current, previous] : [current];
  }

  /** @returns {Promise<SigningKey>} */
  async #generate() {
    const pair = await generate('rsa', { modulusLength: 2048 });
    const keyId = this.#form.identifier();
    const { n, e } = pair.publicKey.export({ format: 'jwk' });
    return { keyId, ...pair, jwk: { kty: 'RSA', kid: keyId, n, e, ...this.#form.members(pair) }, replacedAt: Infinity };
  }
}

function encode(value) {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** @returns {Record<string, any> | null} null for what is no JSON object */
function decode(part) {
  try {
    const value = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
