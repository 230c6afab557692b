// `npm run samples`: the sessions that the doctor shows as examples, planted faults and all, into www/assets/js/doctor/samples.js. Made by the
// core of build/js, signed as the local provider signs; passwords and people are plainly samples, the clock stands still.

import crypto from 'node:crypto';
import fs from 'node:fs';

import { SigningKeys } from '../dev/src/keys.mjs';
import { organizations, people } from '../dev/src/seeds.mjs';
import { inside } from './library/paths.mjs';
import { Problem } from './library/problem.mjs';

const CLOCK = '2026-11-21T12:00:00Z';
const PASSWORD = 'sample-password-of-the-session-doctor-0001';
const OLD_PASSWORD = 'sample-password-of-the-session-doctor-0000';
const ISSUER = 'https://api.workos.com/user_management/client_SAMPLE';
const NAME = 'wos-session';
const ATTRIBUTES = 'Path=/; HttpOnly; Secure; SameSite=Lax';

const now = Date.parse(CLOCK);
const seconds = now / 1000;

export async function main() {
  // Seals have times of their own, and they are of this clock too.
  Date.now = () => now;
  const text = asModule(await makeSamples(await loadCore()));
  fs.writeFileSync(inside('www', 'assets', 'js', 'doctor', 'samples.js'), text);
}

async function loadCore() {
  const file = inside('build', 'js', 'edgeseal.js');
  if (!fs.existsSync(file)) throw new Problem('The samples need build/js: run cargo xtask js first.');
  const { default: init, ...core } = await import(file);
  await init({ module_or_path: fs.readFileSync(inside('build', 'js', 'edgeseal_bg.wasm')) });
  return core;
}

async function makeSamples({ sealData }) {
  const [keys, otherKeys] = [await newKeys(), await newKeys()];
  const [ada, grace] = [person('ada'), person('grace')];
  const session = (changes = {}, from = ada) => ({ accessToken: keys.sign(claimsOf(from, changes)), refreshToken: `sample_refresh_token_${from.user.firstName}`, user: from.user, authenticationMethod: 'Password' });
  const iron = (data, password = PASSWORD, ttl = 0) => sealData(data, { password, ttl });
  const cookie = (value) => `Cookie: theme=dark; ${NAME}=${value}; lang=en`;
  const base = { passwords: [PASSWORD], keys: keys.keySet(), clock: CLOCK };

  const healthy = await iron(session());
  const expired = session({ iat: seconds - 2700, exp: seconds - 2400 });
  const ruby = await sealData(snakeCase(session()), { password: PASSWORD, format: 'ruby' });
  const large = await iron({ ...session(), user: { ...ada.user, metadata: { notes: 'a long note that somebody keeps in the session, '.repeat(40) } } });
  const parts = inParts(large, 2);
  const earlier = inParts(await iron({ ...expired, user: { ...ada.user, metadata: { notes: 'another note, '.repeat(130) } } }), 2);
  const machine = keys.sign({ iss: ISSUER, sub: 'client_SAMPLE_MACHINE', aud: 'https://api.example.com', iat: seconds - 60, exp: seconds + 3600, jti: 'jti_SAMPLE' });

  return [
    ['In order', 'healthy', 'A healthy session', { ...base, pasted: cookie(healthy) }],
    ['In order', 'ruby', 'A session of the SDK for Ruby', { ...base, pasted: `${NAME}=${encodeURIComponent(ruby)}` }],
    ['In order', 'stytch', 'A session of Stytch', { ...base, pasted: `stytch_session_jwt=${keys.sign(stytchClaims())}` }],

    ['The cookie', 'missing', 'An empty cookie', { ...base, pasted: `Cookie: theme=dark; ${NAME}=; lang=en` }],
    ['The cookie', 'quoted', 'A value in quotation marks', { ...base, pasted: `${NAME}="${healthy}"` }],
    ['The cookie', 'encoded-twice', 'A value encoded twice', { ...base, pasted: `${NAME}=${encodeURIComponent(encodeURIComponent(ruby))}` }],
    ['The cookie', 'truncated', 'A value cut off at 4,096 bytes', { ...base, pasted: `${NAME}=${large}`.slice(0, 4096) }],
    ['The cookie', 'oversized', 'A cookie too large for browsers', { ...base, pasted: `Set-Cookie: ${NAME}=${large}; ${ATTRIBUTES}` }],
    ['The cookie', 'parts-mixed', 'Parts of two generations', { ...base, pasted: `Cookie: ${NAME}.0=${parts[0]}; ${NAME}.1=${earlier[1]}` }],
    ['The cookie', 'two-cookies', 'Two cookies of one name', { ...base, pasted: `Cookie: ${NAME}=${await iron(expired)}; ${NAME}=${healthy}` }],
    ['The cookie', 'two-people', 'Cookies of two people', { ...base, pasted: `Cookie: ${NAME}=${healthy}; ${NAME}=${await iron(session({}, grace))}` }],

    ['The seal', 'wrong-password', 'Another password', { ...base, pasted: cookie(healthy), passwords: [OLD_PASSWORD] }],
    ['The seal', 'short-password', 'A password that is too short', { ...base, pasted: cookie(healthy), passwords: ['sample-password'] }],
    ['The seal', 'quoted-password', 'A password with its quotation marks', { ...base, pasted: cookie(healthy), passwords: [`"${PASSWORD}"`] }],
    ['The seal', 'rotated-password', 'A password that was rotated', { ...base, pasted: cookie(await iron(session(), OLD_PASSWORD)), passwords: [PASSWORD, OLD_PASSWORD] }],
    ['The seal', 'seal-expired', 'A seal that has expired', { ...base, pasted: cookie(await iron(session(), PASSWORD, 3600)), clock: '2026-11-21T14:00:00Z' }],
    ['The seal', 'no-access-token', 'Data of something else', { ...base, pasted: cookie(await iron({ cart: ['sku_1', 'sku_2'], visits: 3 })) }],
    ['The seal', 'no-refresh-token', 'No refresh token', { ...base, pasted: cookie(await iron(without(session(), 'refreshToken'))) }],

    ['The token', 'expired', 'An expired token', { ...base, pasted: cookie(await iron(expired)) }],
    ['The token', 'expired-for-good', 'An expired token, nothing to renew it', { ...base, pasted: cookie(await iron(without(expired, 'refreshToken'))) }],
    ['The token', 'not-yet-valid', 'A clock that is wrong', { ...base, pasted: cookie(await iron(session({ iat: seconds + 180, nbf: seconds + 180, exp: seconds + 480 }))) }],
    ['The token', 'unknown-key', 'A key that was rotated away', { ...base, pasted: cookie(healthy), keys: otherKeys.keySet() }],
    ['The token', 'tampered', 'A claim that was changed', { ...base, pasted: cookie(await iron({ ...session(), accessToken: tampered(session().accessToken) })) }],
    ['The token', 'unsigned', 'A token without a signature (alg none)', { ...base, pasted: `Authorization: Bearer ${resigned(session().accessToken, 'none', () => '')}` }],
    ['The token', 'confused', 'Signed with the public key (HS256)', { ...base, pasted: `Authorization: Bearer ${resigned(session().accessToken, 'HS256', (input) => crypto.createHmac('sha256', JSON.stringify(keys.keySet().keys[0])).update(input).digest('base64url'))}` }],
    ['The token', 'wrong-issuer', 'Another environment’s issuer', { ...base, pasted: cookie(await iron(session({ iss: `${ISSUER}_STAGING` }))), issuer: ISSUER }],
    ['The token', 'machine', 'A machine’s token', { ...base, pasted: `Authorization: Bearer ${machine}` }],
  ];
}

/** Signs as the local provider does. */
const newKeys = () => SigningKeys.create({
  form: {
    identifier: () => `sso_oidc_key_pair_SAMPLE${crypto.randomBytes(4).toString('hex').toUpperCase()}`,
    header: {},
    members: () => ({ alg: 'RS256', use: 'sig' }),
    schedule: () => ({ bothSignSeconds: 0, graceSeconds: 0, previousSigns: false }),
  },
  now: () => now,
  knobs: { get: () => ({}) },
});

function person(key) {
  const { user, memberships } = people.find((one) => one.key === key);
  const { organization = organizations[0], role = 'member', roles = ['member'], permissions = [] } = memberships[0] ?? {};
  return { user: camelCase(user), organization, role, roles, permissions };
}

/** As the SDK for Node writes a user into its seal. */
const camelCase = (members) => Object.fromEntries(Object.entries(members).map(([name, value]) => [name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase()), value]));

const snakeCase = ({ accessToken, refreshToken, user, authenticationMethod }) => ({ access_token: accessToken, refresh_token: refreshToken, user, authentication_method: authenticationMethod });

const claimsOf = ({ user, organization, role, roles, permissions }, changes) => ({
  iss: ISSUER, sub: user.id, sid: 'session_SAMPLE', jti: 'jti_SAMPLE', org_id: organization.id, role, roles, permissions,
  auth_time: seconds - 3600, iat: seconds - 60, exp: seconds + 240, ...changes,
});

const stytchClaims = () => ({
  iss: 'stytch.com/project-test-00000000-0000-0000-0000-000000000000', aud: ['project-test-00000000-0000-0000-0000-000000000000'],
  sub: 'user-test-00000000-0000-0000-0000-000000000000', iat: seconds - 60, nbf: seconds - 60, exp: seconds + 240,
  'https://stytch.com/session': { id: 'session-test-00000000-0000-0000-0000-000000000000', started_at: '2026-11-21T11:00:00Z', roles: ['stytch_user'], authentication_factors: [] },
});

/** A value in parts, as docs/cookies.md has them. */
function inParts(value, count) {
  const tag = crypto.createHash('sha256').update(value).digest('base64url').slice(0, 8);
  const size = Math.ceil(value.length / count);
  return Array.from({ length: count }, (_, index) => `${index === 0 ? `${count}.` : ''}${tag}.${value.slice(index * size, (index + 1) * size)}`);
}

/** The same token with another role, its signature left as it is. */
function tampered(token) {
  const [header, claims, signature] = token.split('.');
  return [header, encode({ ...decode(claims), role: 'owner', roles: ['owner'] }), signature].join('.');
}

/** The same claims, signed in another way under the same key id. */
function resigned(token, alg, sign) {
  const [header, claims] = token.split('.');
  const input = `${encode({ ...decode(header), alg })}.${claims}`;
  return `${input}.${sign(input)}`;
}

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (part) => JSON.parse(Buffer.from(part, 'base64url').toString());

const without = (members, name) => Object.fromEntries(Object.entries(members).filter(([own]) => own !== name));

function asModule(samples) {
  const sets = [...new Set(samples.map(([, , , { keys }]) => JSON.stringify(keys)))];
  const entry = ([group, id, label, { keys, ...input }]) => `  ${JSON.stringify({ id, group, label, keySet: sets.indexOf(JSON.stringify(keys)), ...input })},\n`;
  return `// The doctor's examples. Written by \`npm run samples\`: nobody is behind them, and their keys were thrown away.

/** The provider's keys, of now and of before. */
export const KEY_SETS = [
${sets.map((set) => `  ${set},\n`).join('')}];

export const SAMPLES = [
${samples.map(entry).join('')}];
`;
}
