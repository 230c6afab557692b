// `verifyJwt` against jose 6: the same verdict on the same token, and the same claims.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { createLocalJWKSet, exportJWK, generateKeyPair, generateSecret, jwtVerify } from 'jose';

import { verifyJwt } from './support/edgeseal.mjs';
import { claimsOf, sign } from './support/provider.mjs';
import { Random, SESSIONS } from './support/random.mjs';

const seconds = () => Math.floor(Date.now() / 1000);

let keys;
let key;
let foreignKey;
before(async () => {
  const [own, foreign] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')]);
  keys = { keys: [{ ...(await exportJWK(own.publicKey)), kid: 'key_1', alg: 'RS256', use: 'sig' }] };
  [key, foreignKey] = [own.privateKey, foreign.privateKey];
});

/** What verifies with a public key; HS256 is apart, because jose takes no secrets from a set. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'EdDSA', 'Ed25519'];

describe('against jose', () => {
  test(`agrees on ${SESSIONS} valid tokens, header and claims included`, async () => {
    const random = new Random('valid');
    for (let index = 0; index < SESSIONS; index += 1) {
      const more = { [random.text(5)]: random.data(), number: random.pick([1e300, -1.5, 2 ** 60, 0]) };
      const token = await sign(key, { ...claimsOf(random), ...more }, random.pick([{}, { typ: 'JWT' }]));
      const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(keys));
      assert.deepEqual(verifyJwt(token, { keys }), { valid: true, header: { ...protectedHeader }, claims: payload });
    }
  });

  test(`agrees on ${SESSIONS} tampered tokens`, async () => {
    const random = new Random('tampered');
    const token = await sign(key, claimsOf(random));
    for (let index = 0; index < SESSIONS; index += 1) {
      // Not the last character: jose ignores the four bits of it that mean nothing, and we do not.
      const position = random.below(token.length - 1);
      const replacement = random.pick([...'ABCxyz019-_.= é'].filter((character) => character !== token[position]));
      await agreeOnRefusal(token.slice(0, position) + replacement + token.slice(position + 1));
      await agreeOnRefusal(token.slice(0, position));
    }
  });

  test('agrees on times, issuers and audiences', async () => {
    const now = seconds();
    const cases = [
      [{}, {}, true],
      [{ exp: now - 1 }, {}, 'token_expired'],
      [{ exp: now - 10 }, { leewaySeconds: 30 }, true],
      [{ exp: now - 10 }, { leewaySeconds: 5 }, 'token_expired'],
      [{ exp: undefined }, { requireExp: false }, true],
      [{ exp: now - 1 }, { requireExp: false }, 'token_expired'],
      [{ exp: '1' }, { requireExp: false }, 'claims_malformed'],
      [{ exp: null }, {}, 'claims_malformed'],
      [{ nbf: now + 100 }, {}, 'token_not_yet_valid'],
      [{ nbf: now + 100 }, { leewaySeconds: 200 }, true],
      [{ nbf: now }, {}, true],
      [{ iss: 'a' }, { issuer: 'a' }, true],
      [{ iss: 'a' }, { issuer: ['b', 'a'] }, true],
      [{ iss: 'a' }, { issuer: 'b' }, 'issuer_mismatch'],
      [{}, { issuer: 'a' }, 'issuer_mismatch'],
      [{ aud: 'a' }, { audience: 'a' }, true],
      [{ aud: ['b', 'a'] }, { audience: ['c', 'a'] }, true],
      [{ aud: 'ab' }, { audience: 'a' }, 'audience_mismatch'],
      [{ aud: [] }, { audience: 'a' }, 'audience_mismatch'],
      [{}, { audience: 'a' }, 'audience_mismatch'],
      [{}, { algorithms: ['RS256'] }, true],
      [{}, { algorithms: ['PS256', 'RS512'] }, 'algorithm_not_allowed'],
    ];
    for (const [claims, options, expected] of cases) {
      const token = await sign(key, claims);
      const result = verifyJwt(token, { keys, ...options });
      assert.equal(result.valid || result.detail, expected, JSON.stringify([claims, options]));
      const { leewaySeconds: clockTolerance, issuer, audience, algorithms } = options;
      const verdict = jwtVerify(token, createLocalJWKSet(keys), { clockTolerance, issuer, audience, algorithms });
      assert.equal(await verdict.then(() => true, () => false), result.valid, JSON.stringify([claims, options]));
    }
  });

  test('agrees on keys that are foreign, unknown, ambiguous or missing', async () => {
    await agreeOnRefusal(await sign(foreignKey, {}), 'bad_signature');
    await agreeOnRefusal(await sign(key, {}, { kid: 'key_2' }), 'unknown_key');
    const token = await sign(key, {}, { kid: undefined });
    assert.equal(verifyJwt(token, { keys }).valid, true);
    await jwtVerify(token, createLocalJWKSet(keys));
    const twins = { keys: [keys.keys[0], keys.keys[0]] };
    await agreeOnRefusal(await sign(key, {}), 'ambiguous_key', twins);
    await agreeOnRefusal(await sign(key, {}), 'unknown_key', { keys: [] });
    await agreeOnRefusal(await sign(key, {}), 'unknown_key', { keys: [{ ...keys.keys[0], use: 'enc' }] });
  });

  test('agrees on algorithms that the key is not for', async () => {
    const { privateKey } = await generateKeyPair('ES256');
    await agreeOnRefusal(await sign(privateKey, {}, { alg: 'ES256' }), 'algorithm_not_allowed');
    const secret = new TextEncoder().encode(JSON.stringify(keys.keys[0]));
    await agreeOnRefusal(await sign(secret, {}, { alg: 'HS256' }), 'algorithm_not_allowed');
    const [, payload] = (await sign(key, {})).split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    await agreeOnRefusal(`${none}.${payload}.`, 'algorithm_not_allowed');
  });
});

describe('every algorithm, against jose', () => {
  const pairs = new Map();
  before(async () => {
    for (const alg of ALGORITHMS) {
      const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
      pairs.set(alg, { privateKey, jwk: { ...(await exportJWK(publicKey)), kid: 'key_1', alg, use: 'sig' } });
    }
  });
  const mint = (alg, header = {}) => sign(pairs.get(alg).privateKey, { sub: alg }, { alg, ...header });

  for (const alg of ALGORITHMS) {
    test(`${alg}: valid tokens`, async () => {
      const set = { keys: [pairs.get(alg).jwk] };
      const random = new Random(alg);
      for (let index = 0; index < SESSIONS / 10; index += 1) {
        const token = await sign(pairs.get(alg).privateKey, claimsOf(random), { alg });
        const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(set));
        const expected = { valid: true, header: { ...protectedHeader }, claims: payload };
        assert.deepEqual(verifyJwt(token, { keys: set }), expected);
        assert.deepEqual(verifyJwt(token, { keys: set, algorithms: alg }), expected);
      }
    });

    test(`${alg}: tampered tokens`, async () => {
      const set = { keys: [pairs.get(alg).jwk] };
      const random = new Random(`tampered ${alg}`);
      const token = await mint(alg);
      for (let index = 0; index < SESSIONS / 4; index += 1) {
        const position = random.below(token.length - 1);
        const replacement = random.pick([...'ABCxyz019-_.= é'].filter((character) => character !== token[position]));
        await agreeOnRefusal(token.slice(0, position) + replacement + token.slice(position + 1), undefined, set);
      }
      const [header, payload, signature] = token.split('.');
      const bytes = Buffer.from(signature, 'base64url');
      for (let index = 0; index < bytes.length; index += 1) {
        const changed = Buffer.from(bytes);
        changed[index] ^= 1 << random.below(8);
        await agreeOnRefusal(`${header}.${payload}.${changed.toString('base64url')}`, 'bad_signature', set);
      }
      for (const length of [0, 1, bytes.length - 1]) {
        const cut = bytes.subarray(0, length).toString('base64url');
        await agreeOnRefusal(`${header}.${payload}.${cut}`, 'bad_signature', set);
      }
      await agreeOnRefusal(`${header}.${payload}.${Buffer.alloc(bytes.length).toString('base64url')}`, 'bad_signature', set);
    });

    test(`${alg}: tokens and keys of all the others`, async () => {
      for (const other of ALGORITHMS.filter((name) => name !== alg)) {
        await agreeOnRefusal(await mint(other), 'algorithm_not_allowed', { keys: [pairs.get(alg).jwk] });
        await agreeOnRefusal(await mint(other, { kid: undefined }), 'unknown_key', { keys: [pairs.get(alg).jwk] });
        // The signature of one, under the name of the other.
        const [, payload, signature] = (await mint(other)).split('.');
        const header = Buffer.from(JSON.stringify({ alg, kid: 'key_1' })).toString('base64url');
        await agreeOnRefusal(`${header}.${payload}.${signature}`, 'bad_signature', { keys: [pairs.get(alg).jwk] });
      }
      const foreign = await generateKeyPair(alg);
      const token = await sign(foreign.privateKey, {}, { alg });
      await agreeOnRefusal(token, 'bad_signature', { keys: [pairs.get(alg).jwk] });
    });

    test(`${alg}: keys that may not verify`, async () => {
      const { jwk, privateKey } = pairs.get(alg);
      const token = await mint(alg);
      const alike = { RSA: 'EC', EC: 'OKP', OKP: 'EC' }[jwk.kty];
      for (const odd of [
        { use: 'enc' },
        { key_ops: ['sign'] },
        { key_ops: ['verify', 'verify'] },
        { key_ops: 'verify' },
        { ext: 'yes' },
        { kty: alike },
        { kty: 'oct' },
        { alg: 'RSA-OAEP' },
        { crv: 'P-384', kty: jwk.kty === 'RSA' ? 'EC' : jwk.kty },
        { kid: 'key_2' },
        await exportJWK(privateKey),
      ]) {
        await agreeOnRefusal(token, undefined, { keys: [{ ...jwk, ...odd }] });
      }
      const twin = { ...jwk, ...(jwk.n ? { n: 'AQAB' } : { x: 'AQAB' }) };
      await agreeOnRefusal(token, 'ambiguous_key', { keys: [jwk, twin] });
      await agreeOnRefusal(token, 'unknown_key', { keys: [twin] });
    });
  }

  test('a mixed set under one id gives each token its key', async () => {
    const set = { keys: ALGORITHMS.map((alg) => pairs.get(alg).jwk) };
    for (const alg of ALGORITHMS) {
      const token = await mint(alg);
      const { payload } = await jwtVerify(token, createLocalJWKSet(set));
      assert.deepEqual(verifyJwt(token, { keys: set }).claims, payload, alg);
      assert.deepEqual(verifyJwt(token, { keys: set, algorithms: ['none', 'HS256'] }), { valid: false, detail: 'algorithm_not_allowed' });
    }
  });

  test('a key without `alg` is for one algorithm, where jose leaves it to the header', async () => {
    const accepted = { RSA: 'RS256', EC: 'ES256', OKP: 'EdDSA' };
    for (const alg of ALGORITHMS) {
      const { alg: _, ...jwk } = pairs.get(alg).jwk;
      const token = await mint(alg);
      await jwtVerify(token, createLocalJWKSet({ keys: [jwk] }));
      const expected = alg === accepted[jwk.kty] ? undefined : 'algorithm_not_allowed';
      assert.equal(verifyJwt(token, { keys: { keys: [jwk] } }).detail, expected, alg);
    }
  });
});

describe('HS256, against jose', () => {
  let secret;
  let jwk;
  before(async () => {
    secret = await generateSecret('HS256', { extractable: true });
    jwk = { ...(await exportJWK(secret)), kid: 'key_1' };
  });

  test('valid, tampered and foreign tokens', async () => {
    const random = new Random('HS256');
    const set = { keys: [jwk] };
    for (let index = 0; index < SESSIONS / 4; index += 1) {
      const token = await sign(secret, claimsOf(random), { alg: 'HS256' });
      const { payload, protectedHeader } = await jwtVerify(token, secret);
      assert.deepEqual(verifyJwt(token, { keys: set }), { valid: true, header: { ...protectedHeader }, claims: payload });
      const position = random.below(token.length - 1);
      const replacement = random.pick([...'ABCxyz019-_.= é'].filter((character) => character !== token[position]));
      const tampered = token.slice(0, position) + replacement + token.slice(position + 1);
      assert.equal(verifyJwt(tampered, { keys: set }).valid, false, tampered);
      await assert.rejects(jwtVerify(tampered, secret), tampered);
    }
    const foreign = await sign(await generateSecret('HS256'), {}, { alg: 'HS256' });
    assert.deepEqual(verifyJwt(foreign, { keys: set }), { valid: false, detail: 'bad_signature' });
    await assert.rejects(jwtVerify(foreign, secret));
  });

  test('no other HMAC, no short secret, no secret beside public keys', async () => {
    for (const alg of ['HS384', 'HS512']) {
      const token = await sign(Buffer.alloc(64, 7), {}, { alg });
      const set = { keys: [{ kty: 'oct', k: Buffer.alloc(64, 7).toString('base64url') }] };
      assert.deepEqual(verifyJwt(token, { keys: set }), { valid: false, detail: 'algorithm_not_allowed' });
    }
    const short = Buffer.alloc(31, 7);
    const token = await sign(short, {}, { alg: 'HS256', kid: undefined });
    const set = { keys: [{ kty: 'oct', k: short.toString('base64url') }] };
    assert.deepEqual(verifyJwt(token, { keys: set }), { valid: false, detail: 'unknown_key' });
    const good = await sign(secret, {}, { alg: 'HS256' });
    assert.equal(verifyJwt(good, { keys: { keys: [jwk] } }).valid, true);
    await agreeOnRefusal(good, 'algorithm_not_allowed', { keys: [jwk, ...keys.keys] });
  });
});

test('is stricter than jose where it says so', async () => {
  const refused = async (claims, detail) => {
    const token = await sign(key, claims);
    await jwtVerify(token, createLocalJWKSet(keys));
    assert.deepEqual(verifyJwt(token, { keys }), { valid: false, detail });
  };
  await refused({ exp: undefined }, 'expiration_missing');
  await refused({ exp: seconds() + 100.5 }, 'claims_malformed');
  await refused({ pad: 'x'.repeat(20_000) }, 'token_too_large');
});

test('never throws for a hostile token', () => {
  const encode = (text) => Buffer.from(text).toString('base64url');
  const hostile = ['', '.', '..', '...', '\0', '\ud800', 'a.b.c', '🔑.🔑.🔑', '.'.repeat(1e6), 'x'.repeat(1e6)];
  hostile.push(...['{}', '[]', 'null', '{"alg":"RS256"', '{"alg":{}}'].map((header) => `${encode(header)}.e30.AA`));
  hostile.push(`${encode(`${'['.repeat(10_000)}`)}.e30.AA`);
  for (const token of hostile) assert.equal(verifyJwt(token, { keys }).valid, false, token.slice(0, 50));
});

test('claims are plain objects, whatever they are called', async () => {
  const plain = verifyJwt(await sign(key, { nested: { a: [{ b: null }] } }), { keys });
  assert.equal(Object.getPrototypeOf(plain.claims), Object.prototype);
  assert.deepEqual(plain.claims.nested, { a: [{ b: null }] });
  const hostile = verifyJwt(await signRaw(`{"exp":${seconds() + 300},"__proto__":{"isAdmin":true}}`), { keys });
  assert.equal(hostile.valid, true);
  assert.equal(hostile.claims.isAdmin, undefined);
  assert.deepEqual(Object.getOwnPropertyDescriptor(hostile.claims, '__proto__').value, { isAdmin: true });
});

test('the time can be given, in milliseconds', async () => {
  const token = await sign(key, { exp: 1_000 });
  assert.equal(verifyJwt(token, { keys, now: 999_999 }).valid, true);
  assert.deepEqual(verifyJwt(token, { keys, now: 1_000_000 }), { valid: false, detail: 'token_expired' });
});

async function agreeOnRefusal(token, detail, set = keys) {
  const result = verifyJwt(token, { keys: set });
  assert.equal(result.valid, false, token);
  if (detail) assert.equal(result.detail, detail);
  await assert.rejects(jwtVerify(token, createLocalJWKSet(set)), `jose accepts ${token}`);
}

async function signRaw(payload) {
  const signed = [JSON.stringify({ alg: 'RS256', kid: 'key_1' }), payload]
    .map((text) => Buffer.from(text).toString('base64url'))
    .join('.');
  const signature = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', key, Buffer.from(signed));
  return `${signed}.${Buffer.from(signature).toString('base64url')}`;
}
