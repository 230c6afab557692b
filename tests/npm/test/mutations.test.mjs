// 20 000 mutated tokens and key sets, judged by jose and by `verifyJwt`. Where they disagree, edgeseal refuses, and for a
// reason that stands in docs/conformance.md. It never accepts what jose refuses.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify } from 'jose';

import { verifyJwt } from './support/edgeseal.mjs';
import { ALGORITHMS, NOW, mutation } from './support/mutations.mjs';
import { Random } from './support/random.mjs';

const COUNT = 20_000;

/** Why edgeseal refuses what jose accepts: the code, and what the input has to show for it. */
const STRICTER = {
  'a token without exp': { detail: 'expiration_missing', shows: ({ claims }) => claims && !('exp' in claims) },
  'times that are no whole numbers, or types of claims': { detail: 'claims_malformed', shows: ({ claims }) => claims && hasOddClaim(claims) },
  'duplicate members, in claims': { detail: 'claims_malformed', shows: ({ texts }) => hasDuplicate(texts[1]) },
  'claims that are not strict JSON': { detail: 'claims_malformed', shows: ({ texts }) => !isStrict(texts[1]) },
  'duplicate members, in the header': { detail: 'token_malformed', shows: ({ texts }) => hasDuplicate(texts[0]) },
  'a header that is not strict JSON, or holds odd types': { detail: 'token_malformed', shows: ({ texts, header }) => !isStrict(texts[0]) || hasOddHeader(header) },
  'base64url in another spelling': { detail: 'token_malformed', shows: ({ token }) => !isCanonical(token) },
  'an extension that is not understood': { detail: 'critical_header', shows: ({ header }) => header && ('crit' in header || 'b64' in header) },
  'two keys that fit': { detail: 'ambiguous_key', shows: ({ keys }) => keys.keys.length > 1 },
  'an algorithm that the key is not for': { detail: 'algorithm_not_allowed', shows: ({ keys }) => keys.keys.some((key) => key?.alg === undefined) },
  'a key that cannot be used, by our rules': { detail: 'unknown_key', shows: ({ keys }) => keys.keys.some(isOddKey) },
};

let pairs;
before(async () => {
  pairs = await Promise.all(
    ALGORITHMS.map(async (alg) => {
      const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
      return { alg, privateJwk: await exportJWK(privateKey), jwk: { ...(await exportJWK(publicKey)), kid: 'key_1', alg, use: 'sig' } };
    }),
  );
});

test(`${COUNT} mutated tokens and key sets: where jose and edgeseal disagree, edgeseal is the stricter, for a known reason`, async (context) => {
  const random = new Random('mutations');
  const counts = { 'both accept': 0, 'both refuse': 0 };
  for (let index = 0; index < COUNT; index += 1) {
    const input = mutation(random, pairs);
    const ours = judge(input);
    const theirs = await judgeWithJose(input);
    if (ours.valid) {
      assert.ok(theirs !== null, `jose refuses what we accept: ${describe(input)}`);
      assert.deepEqual(ours.claims, theirs.payload, describe(input));
      counts['both accept'] += 1;
    } else if (theirs === null) {
      counts['both refuse'] += 1;
    } else {
      const shown = { ...input, header: parsed(input.texts[0]), claims: parsed(input.texts[1]) };
      const known = Object.entries(STRICTER).find(([, { detail, shows }]) => detail === ours.detail && shows(shown));
      assert.ok(known, `${ours.detail}, and jose accepts it: ${describe(input)}`);
      counts[known[0]] = (counts[known[0]] ?? 0) + 1;
    }
  }
  for (const [what, count] of Object.entries(counts)) context.diagnostic(`${count} ${what}`);
  assert.ok(counts['both accept'] > COUNT / 20 && counts['both refuse'] > COUNT / 4, 'the mutations hit both sides');
});

/** What edgeseal makes of it. A set that is none is an argument that is wrong, and thrown; it is a refusal all the same. */
function judge({ token, keys, options }) {
  try {
    return verifyJwt(token, { keys, now: NOW * 1000, ...options });
  } catch (error) {
    assert.ok(error instanceof TypeError && error.message.includes('`keys`'), error.message);
    return { valid: false, detail: 'keys_malformed' };
  }
}

/** What jose makes of it; null for a refusal. */
async function judgeWithJose({ token, keys, options: { leewaySeconds: clockTolerance, issuer, audience, algorithms } }) {
  try {
    return await jwtVerify(token, createLocalJWKSet(keys), { clockTolerance, issuer, audience, algorithms, currentDate: new Date(NOW * 1000) });
  } catch {
    return null;
  }
}

const describe = ({ token, keys, options, texts }) => JSON.stringify({ token, texts: texts.map(String), keys, options });

function parsed(text) {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}

const isText = (value) => value === undefined || typeof value === 'string';
const isTime = (value) => value === undefined || (Number.isSafeInteger(value) && value >= 0);

function hasOddClaim({ exp, nbf, iat, iss, sub, jti, aud }) {
  const isAudience = isText(aud) || (Array.isArray(aud) && aud.every((one) => typeof one === 'string'));
  return ![exp, nbf, iat].every(isTime) || ![iss, sub, jti].every(isText) || !isAudience;
}

const hasOddHeader = (header) => !header || !['kid', 'typ', 'cty', 'jku', 'x5u'].every((name) => isText(header[name])) || header.kid?.length > 256 || 'cty' in header;

/** A member that stands twice in the outermost object: reading and writing it again makes it shorter. */
const hasDuplicate = (text) => {
  const value = parsed(text);
  return value !== undefined && JSON.stringify(value).length < String(text).replace(/\s/g, '').replaceAll('\\u0065', 'e').length;
};

/** Whether it is JSON as strict readers take it: UTF-8, no byte order mark, no infinite number, no lone surrogate, not too deep. */
const isStrict = (text) => !Buffer.isBuffer(text) && !/^\ufeff|1E400|\\ud800|\[{33}/.test(text) && parsed(text) !== undefined;

const isCanonical = (token) => token.split('.').every((part) => Buffer.from(part, 'base64url').toString('base64url') === part);

function isOddKey(key) {
  if (!(key instanceof Object)) return true;
  const { kty, use, key_ops: operations, ext, kid, alg, e } = key;
  const isTypical = ['RSA', 'EC', 'OKP'].includes(kty) && isText(use) && isText(kid) && isText(alg);
  return !isTypical || operations !== undefined || ext !== undefined || 'd' in key || 'oth' in key || e !== 'AQAB';
}
