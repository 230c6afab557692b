// The same work as edgeseal's, by the crates of `stock/`: for any runtime that can instantiate their module.

import { fromBase64url } from './verify.mjs';

/** In the order of their numbers there. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA', 'HS256'];
const decoder = new TextDecoder();
const encoder = new TextEncoder();

export class Stock {
  #exports;

  /** @param {WebAssembly.Module} module */
  constructor(module) {
    this.#exports = new WebAssembly.Instance(module).exports;
  }

  /** A function that verifies tokens with this key and returns their claims. */
  verifier(jwk) {
    const { prepare, verify } = this.#exports;
    const bytes = keyBytes(jwk);
    this.#input(bytes.length).set(bytes);
    const key = prepare(ALGORITHMS.indexOf(jwk.alg));
    if (key < 0) throw new TypeError(`${jwk.alg}: not a key`);
    return (token) => {
      encoder.encodeInto(token, this.#input(token.length));
      return this.#json(verify(key));
    };
  }

  /** A function that opens seals of this password and returns what they hold. */
  opener(password) {
    const secret = encoder.encode(password);
    return (sealed) => {
      const input = this.#input(secret.length + sealed.length);
      input.set(secret);
      encoder.encodeInto(sealed, input.subarray(secret.length));
      return this.#json(this.#exports.unseal(secret.length));
    };
  }

  #input(length) {
    const start = this.#exports.input(length);
    return new Uint8Array(this.#exports.memory.buffer, start, length);
  }

  #json(length) {
    if (length < 0) throw new Error('refused');
    return JSON.parse(decoder.decode(new Uint8Array(this.#exports.memory.buffer, this.#exports.output(), length)));
  }
}

/** What `prepare` takes: exponent and modulus, an uncompressed point, a compressed one, or a secret. */
function keyBytes({ alg, n, e, x, y, k }) {
  const parts = { RS256: [e, n], PS256: [e, n], ES256: [x, y], EdDSA: [x], HS256: [k] }[alg].map(fromBase64url);
  return Uint8Array.from([...(alg === 'ES256' ? [4] : []), ...parts.flatMap((part) => [...part])]);
}
