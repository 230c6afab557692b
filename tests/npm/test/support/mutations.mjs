// Mutated tokens and key sets: everything that a signer, a stranger on the way, or the publisher of a set can do to them.
// Knows nothing of what should become of them.

import { createPrivateKey, sign as signBytes } from 'node:crypto';

/** The time of all tokens, in seconds: it stands still, so that a slow machine changes no verdict. */
export const NOW = 1_800_000_000;

const encode = (bytes) => Buffer.from(bytes).toString('base64url');

/** Signers of compact tokens over any octets, however wrong they are. */
const SIGNERS = {
  RS256: (key, bytes) => signBytes('sha256', bytes, key),
  RS512: (key, bytes) => signBytes('sha512', bytes, key),
  PS256: (key, bytes) => signBytes('sha256', bytes, { key, padding: 6, saltLength: 32 }),
  ES256: (key, bytes) => signBytes('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }),
  EdDSA: (key, bytes) => signBytes(null, bytes, key),
};
export const ALGORITHMS = Object.keys(SIGNERS);

export function signRaw({ alg, privateJwk }, header, payload) {
  const signed = `${encode(header)}.${encode(payload)}`;
  const key = createPrivateKey({ key: privateJwk, format: 'jwk' });
  return `${signed}.${encode(SIGNERS[alg](key, Buffer.from(signed)))}`;
}

/** Values of every type, those among them that are nearly right. */
const ODD = [null, true, false, 0, -1, 1.5, 1e300, '', 'x', '1800000300', [], ['x'], [null], [1, 'x'], {}, { x: 1 }];
const TIMES = [NOW - 1, NOW, NOW + 1, NOW + 300, NOW - 300, NOW + 0.5, NOW - 0.5, -NOW, 2 ** 53, 2 ** 60, 1e308, `${NOW + 300}`];

/** Claims and header as their members, then as raw text; each mutation of the text is what JSON.stringify would never write. */
function mutateMembers(random, members, names, values) {
  const mutated = { ...members };
  for (let count = random.below(3); count >= 0; count -= 1) {
    const name = random.pick(names);
    if (random.below(5) === 0) delete mutated[name];
    else mutated[name] = random.pick(values(name));
  }
  return mutated;
}

const TEXT_MUTATIONS = [
  (text) => text,
  (text) => text,
  (text) => text,
  (text) => ` \n\t${text}`,
  (text) => `${text}\r\n `,
  (text) => `\ufeff${text}`,
  (text) => text.replace(/^\{/, '{"exp":4000000000,'),
  (text) => text.replace(/\}$/, ',"sub":"twice","sub":"thrice"}'),
  (text) => text.replace(/^\{/, '{"\\u0065xp":4000000000,'),
  (text) => text.replace(/\}$/, ',}'),
  (text) => text.replace(/\}$/, ''),
  (text) => `${text}{}`,
  (text) => `[${text}]`,
  (text) => text.replaceAll('"', "'"),
  (text) => text.replace(/\}$/, ',"number":1E400}'),
  (text) => text.replace(/\}$/, ',"number":01}'),
  (text) => text.replace(/\}$/, ',"number":NaN}'),
  (text) => text.replace(/\}$/, `,"deep":${'['.repeat(40)}${']'.repeat(40)}}`),
  (text) => text.replace(/\}$/, ',"lone":"\\ud800"}'),
  (text) => text.replace(/\}$/, ',"__proto__":{"exp":1}}'),
  (text) => text.replace(/\}$/, ',"":0}'),
  (text) => Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from(',"bytes":"'), Buffer.from([0xff, 0xc0]), Buffer.from('"}')]),
];

const HEADER_VALUES = {
  alg: ['RS256', 'RS512', 'PS256', 'ES256', 'EdDSA', 'HS256', 'none', 'None', 'rs256', 'RS256 ', ...ODD],
  kid: ['key_1', 'key_2', 'KEY_1', 'key_1 ', 'x'.repeat(300), ...ODD],
  typ: ['JWT', 'at+jwt', 'jwt', ...ODD],
  cty: ['JWT', 'application/json', 'json', ...ODD],
  crit: [['exp'], ['b64'], [], ['x'], 'exp', ...ODD],
  b64: [true, false, ...ODD],
  jku: ['https://evil.example/keys', ...ODD],
  x5u: ['https://evil.example/cert', ...ODD],
  x5c: [['AAAA'], ...ODD],
  jwk: [{ kty: 'RSA', n: 'AQAB', e: 'AQAB' }, ...ODD],
  zip: ['DEF', ...ODD],
  enc: ['A256GCM', ...ODD],
  p2c: [1e9, ...ODD],
};

const CLAIM_VALUES = {
  exp: [...TIMES, ...ODD],
  nbf: [...TIMES, ...ODD],
  iat: [...TIMES, ...ODD],
  iss: ['https://issuer.example', 'https://issuer.example/', 'https://evil.example', ...ODD],
  aud: ['site', 'sit', ['site'], ['other', 'site'], ['other'], [1, 'site'], ['site', null], ...ODD],
  sub: ['user_1', ...ODD],
  jti: ['jti_1', ...ODD],
  other: ODD,
};

/** What a stranger can do to a token on its way. */
const ON_THE_WAY = [
  (random, token) => replaceAt(token, random.below(token.length), random.pick([...'AZaz09-_.=+/ \n\0é🔑'])),
  (random, token) => token.slice(0, random.below(token.length)),
  (random, token) => token.slice(random.below(token.length)),
  (random, token) => insertAt(token, random.below(token.length + 1), random.pick(['.', '=', ' ', '\n', 'A', '%', '\0', '..'])),
  (_, token) => `${token}=`,
  (_, token) => `${token}.`,
  (_, token) => `.${token}`,
  (_, token) => `${token}.${token.split('.')[2]}.x`,
  (_, token) => `Bearer ${token}`,
  (_, token) => token.split('.').reverse().join('.'),
  (_, token) => token.split('.').slice(0, 2).join('.'),
  (_, token) => `${token.split('.').slice(0, 2).join('.')}.`,
  (_, token) => token.split('.').map((part) => Buffer.from(part, 'base64url').toString('base64')).join('.'),
  // The bits of a last character that mean nothing.
  (random, token) => token.split('.').map((part, at, { length }) => (at === random.below(length) ? lastBits(part) : part)).join('.'),
];
const replaceAt = (text, at, character) => text.slice(0, at) + character + text.slice(at + 1);
const insertAt = (text, at, more) => text.slice(0, at) + more + text.slice(at);
function lastBits(part) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return part.slice(0, -1) + (alphabet[alphabet.indexOf(part.at(-1)) ^ 1] ?? 'A');
}

const JWK_VALUES = {
  kty: ['RSA', 'EC', 'OKP', 'oct', 'rsa', ...ODD],
  alg: ['RS256', 'RS512', 'PS256', 'ES256', 'EdDSA', 'HS256', 'RSA-OAEP', 'none', ...ODD],
  use: ['sig', 'enc', 'SIG', ...ODD],
  key_ops: [['verify'], ['sign', 'verify'], ['sign'], ['verify', 'verify'], 'verify', ...ODD],
  ext: ODD,
  kid: ['key_1', 'key_2', ...ODD],
  crv: ['P-256', 'P-384', 'Ed25519', 'X25519', ...ODD],
  n: ['AQAB', 'AA', '', ...ODD],
  e: ['AQAB', 'AQ', 'Ag', 'Aw', 'AAEAAQ', '', ...ODD],
  x: ['AQAB', '', ...ODD],
  y: ['AQAB', '', ...ODD],
  d: ['AQAB', ...ODD],
  oth: ODD,
  x5c: [['AAAA'], ...ODD],
};

/** What the publisher of a set can do to it. */
function mutateSet(random, keys, pairs) {
  const set = [...keys];
  for (let count = random.below(2); count >= 0; count -= 1) {
    const at = random.below(set.length || 1);
    const change = random.below(8);
    if (change < 4 && set[at] instanceof Object) {
      const names = Object.keys(JWK_VALUES).filter((name) => name in set[at] || random.below(3) === 0);
      set[at] = mutateMembers(random, set[at], names, (name) => JWK_VALUES[name]);
    } else if (change === 4) set.push(set[at]);
    else if (change === 5) set.splice(at, 1);
    else if (change === 6) set.splice(random.below(set.length + 1), 0, random.pick(ODD));
    else set.push({ ...random.pick(pairs).jwk, kid: random.pick(['key_1', 'key_2', undefined]) });
  }
  return set;
}

const OPTIONS = [
  {},
  {},
  { issuer: 'https://issuer.example' },
  { issuer: ['https://other.example', 'https://issuer.example'] },
  { audience: 'site' },
  { audience: ['other', 'site'] },
  { leewaySeconds: 5 },
  { algorithms: ['RS256', 'ES256'] },
  { algorithms: ['EdDSA', 'PS256', 'RS512'] },
  { requireExp: false },
];

/** One token, the set and the options that it is judged by. `pairs`: `{ alg, privateJwk, jwk }` of each algorithm. */
export function mutation(random, pairs) {
  const pair = random.pick(pairs);
  const kinds = random.pick([['claims'], ['header'], ['way'], ['set'], ['claims', 'text'], ['header', 'text'], ['claims', 'set'], ['header', 'way']]);
  let header = { alg: pair.alg, kid: 'key_1' };
  let claims = { iss: 'https://issuer.example', aud: 'site', sub: 'user_1', iat: NOW - 10, exp: NOW + 300 };
  let keys = random.below(2) === 0 ? [pair.jwk] : pairs.map(({ jwk }) => jwk);
  if (kinds.includes('header')) header = mutateMembers(random, header, Object.keys(HEADER_VALUES), (name) => HEADER_VALUES[name]);
  if (kinds.includes('claims')) claims = mutateMembers(random, claims, Object.keys(CLAIM_VALUES), (name) => CLAIM_VALUES[name]);
  if (kinds.includes('set')) keys = mutateSet(random, keys, pairs);
  const texts = [JSON.stringify(header), JSON.stringify(claims)];
  if (kinds.includes('text')) {
    const at = random.below(2);
    texts[at] = random.pick(TEXT_MUTATIONS)(texts[at]);
  }
  let token = signRaw(pair, ...texts);
  if (kinds.includes('way')) token = random.pick(ON_THE_WAY)(random, token);
  return { token, keys: { keys }, options: random.pick(OPTIONS), texts };
}
