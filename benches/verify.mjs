// One token, verified by everybody who can. The runtime's own cryptography gets message and signature as bytes that are ready; all
// others get the token, and answer with its claims. Runs in Node and in workerd.

import { JOSE, JOSE_SET, NODE_CRYPTO, STOCK, WEBCRYPTO } from './participants.mjs';

const WEB_ALGORITHMS = {
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  PS256: { name: 'RSA-PSS', hash: 'SHA-256', saltLength: 32 },
  ES256: { name: 'ECDSA', hash: 'SHA-256', namedCurve: 'P-256' },
  EdDSA: { name: 'Ed25519' },
  HS256: { name: 'HMAC', hash: 'SHA-256' },
};

/** The operations of an algorithm's table, by the names of their rows. */
export async function verifyOperations(algorithm, { fixture, edgeseal, stock, peers }) {
  const keys = fixture.jwks[algorithm];
  const token = fixture.tokens[algorithm];
  const [jwk] = keys.keys;
  const key = await importKey(jwk);
  const byCrates = stock.verifier(jwk);
  const { jwtVerify, createLocalJWKSet } = peers.jose;
  const set = createLocalJWKSet(keys);

  const operations = Object.fromEntries(Object.entries(edgeseal).map(([name, { verifyJwt }]) => [name, () => verifyJwt(token, { keys })]));
  operations[STOCK] = () => ({ claims: byCrates(token) });
  operations[JOSE] = () => jwtVerify(token, key);
  // jose has no key sets of secrets.
  if (jwk.kty !== 'oct') operations[JOSE_SET] = () => jwtVerify(token, set);
  if (peers.nodeCrypto) operations[NODE_CRYPTO] = withNodeCrypto(peers.nodeCrypto, token, jwk);
  operations[WEBCRYPTO] = withWebCrypto(token, key, WEB_ALGORITHMS[algorithm]);
  return operations;
}

function importKey({ kty, n, e, crv, x, y, k, alg }) {
  return crypto.subtle.importKey('jwk', { kty, n, e, crv, x, y, k }, WEB_ALGORITHMS[alg], false, ['verify']);
}

function withWebCrypto(token, key, algorithm) {
  const { message, signature } = partsOf(token);
  return () => crypto.subtle.verify(algorithm, key, signature, message);
}

function withNodeCrypto({ constants, createHmac, createPublicKey, createSecretKey, timingSafeEqual, verify }, token, jwk) {
  const { message, signature } = partsOf(token);
  if (jwk.kty === 'oct') {
    const secret = createSecretKey(jwk.k, 'base64url');
    return () => timingSafeEqual(createHmac('sha256', secret).update(message).digest(), signature);
  }
  const hash = jwk.alg === 'EdDSA' ? null : 'sha256';
  const key = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' };
  if (jwk.alg === 'PS256') Object.assign(key, { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST });
  return () => verify(hash, message, key, signature);
}

function partsOf(token) {
  const end = token.lastIndexOf('.');
  return { message: new TextEncoder().encode(token.slice(0, end)), signature: fromBase64url(token.slice(end + 1)) };
}

/** The bytes of a text in base64url. */
export function fromBase64url(text) {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
