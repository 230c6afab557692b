// The doctor's diagnosis without its page: every planted fault, everything that people paste, its words against the core's codes. Needs no
// browser, and www/assets/edgeseal (npm run site).

import assert from 'node:assert/strict';
import fs from 'node:fs';
import test, { describe } from 'node:test';

import { generateCookiePassword, sealData } from '../../www/assets/js/doctor/core.js';
import { CODES } from '../../www/assets/js/doctor/codes.js';
import { diagnose } from '../../www/assets/js/doctor/diagnosis.js';
import { readPasted } from '../../www/assets/js/doctor/pasted.js';
import { report } from '../../www/assets/js/doctor/report.js';
import { KEY_SETS, SAMPLES } from '../../www/assets/js/doctor/samples.js';
import { LIMIT } from '../../www/assets/js/doctor/steps/size.js';
import { PLANTED, SECRETS } from './support/planted.mjs';

const source = (path) => fs.readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

const EMPTY = { pasted: '', passwords: [], keys: '', issuer: '', audience: '', leeway: '', clock: '' };

const sample = (id, changes = {}) => {
  const { pasted, passwords, keySet, issuer = '', clock } = SAMPLES.find((one) => one.id === id);
  return { ...EMPTY, pasted, passwords, keys: JSON.stringify(KEY_SETS[keySet]), issuer, clock, ...changes };
};

const said = ({ title, text, advice }) => [title, text, ...advice].join('\n');

describe('the planted faults', () => {
  test('are all expected, and no other', () => {
    assert.deepEqual(SAMPLES.map(({ id }) => id).sort(), Object.keys(PLANTED).sort());
  });

  for (const [id, expected] of Object.entries(PLANTED)) {
    test(id, async () => {
      const diagnosis = await diagnose(sample(id));
      const { state, reason, detail } = diagnosis.verdict;
      assert.deepEqual({ state, reason, detail }, { state: expected.state, reason: expected.reason, detail: expected.detail });
      assert.match(said(diagnosis.verdict), expected.words);
      const marked = diagnosis.steps.filter((step) => step.state === (state === 'accepted' ? 'warning' : 'fault') || (id === 'two-people' && step.state === 'warning')).map((step) => step.id);
      assert.ok(expected.marked === undefined ? marked.length === 0 : marked.includes(expected.marked), `marked: ${marked}`);
      for (const secret of SECRETS) assert.doesNotMatch(report(diagnosis), secret);
    });
  }
});

describe('what is missing is asked for', () => {
  const states = ({ steps }) => Object.fromEntries(steps.map(({ id, state }) => [id, state]));

  test('the password', async () => {
    const diagnosis = await diagnose(sample('healthy', { passwords: [] }));
    assert.equal(diagnosis.verdict.state, 'undecided');
    assert.match(diagnosis.verdict.text, /the cookie password/u);
    assert.equal(states(diagnosis).seal, 'asks');
    assert.equal(states(diagnosis).session, 'unreached');
  });

  test('the keys, with the address where they are', async () => {
    const diagnosis = await diagnose(sample('healthy', { keys: '' }));
    assert.equal(diagnosis.verdict.state, 'undecided');
    assert.match(diagnosis.verdict.text, /key set/u);
    const { facts, state } = diagnosis.steps.find(({ id }) => id === 'key');
    assert.equal(state, 'asks');
    assert.ok(facts.some(({ value }) => value === 'https://api.workos.com/sso/jwks/client_SAMPLE'));
    assert.equal(states(diagnosis).signature, 'unreached');
  });

  test('without keys an expired token is told all the same, and a malformed one is refused', async () => {
    const expired = await diagnose(sample('expired', { keys: '' }));
    assert.equal(expired.verdict.state, 'undecided');
    assert.match(said(expired.verdict), /has expired.*not checked.*ordinary/su);
    const unsigned = await diagnose(sample('unsigned', { keys: '' }));
    assert.equal(unsigned.verdict.detail, 'algorithm_not_allowed');
  });
});

describe('what can be said beside the cookie', () => {
  test('an audience, a leeway, a clock', async () => {
    const detail = async (id, changes) => (await diagnose(sample(id, changes))).verdict.detail;
    assert.equal(await detail('stytch', { audience: 'project-test-other' }), 'audience_mismatch');
    assert.equal(await detail('stytch', { audience: 'project-test-other project-test-00000000-0000-0000-0000-000000000000' }), undefined);
    assert.equal(await detail('expired', { leeway: '2401' }), undefined);
    assert.equal(await detail('expired', { leeway: '2400' }), 'token_expired');
    assert.equal(await detail('healthy', { clock: '2026-11-21 12:03:59' }), undefined);
    assert.equal(await detail('healthy', { clock: String(Date.parse('2026-11-21T12:04:00Z') / 1000) }), 'token_expired');
  });

  test('passwords as the gateway reads them', async () => {
    const { passwords } = sample('rotated-password');
    const { verdict } = await diagnose(sample('rotated-password', { passwords: [JSON.stringify(passwords)] }));
    assert.equal(verdict.state, 'accepted');
    const one = await diagnose(sample('healthy', { passwords: ['short', passwords[0]] }));
    assert.equal(one.verdict.state, 'accepted');
    assert.match(one.steps.find(({ id }) => id === 'seal').facts[0].value, /too short/u);
  });

  test('a key set in another wrapping, and what is none', async () => {
    const [set] = KEY_SETS;
    for (const keys of [set.keys, set.keys[0]]) assert.equal((await diagnose(sample('healthy', { keys: JSON.stringify(keys) }))).verdict.state, 'accepted');
    assert.equal((await diagnose(sample('healthy', { keys: '{' }))).problems.keys, 'This is not JSON.');
    assert.match((await diagnose(sample('healthy', { keys: '{}' }))).problems.keys, /no key set/u);
    const { problems } = await diagnose(sample('healthy', { leeway: '-1', clock: 'noon' }));
    assert.deepEqual(Object.keys(problems).sort(), ['clock', 'leeway']);
  });
});

describe('every format', () => {
  const { passwords, ...rest } = sample('healthy');
  const formats = ['iron', 'edgeseal', 'fernet', 'ruby', 'go', 'php', 'dotnet', 'remix', 'json'];
  for (const format of formats) {
    test(format, async () => {
      const opened = await diagnose({ ...rest, passwords });
      const token = opened.steps.find(({ id }) => id === 'session').facts.find(({ label }) => label === 'Access token').value;
      const [password] = format === 'fernet' || format === 'php' ? [generateCookiePassword()] : passwords;
      const pasted = `wos-session=${encodeURIComponent(await sealData({ accessToken: token, refreshToken: 'r', user: { id: 'user_01ADA00000000000000000000' } }, { password, format }))}`;
      const diagnosis = await diagnose({ ...rest, pasted, passwords: [password] });
      assert.equal(diagnosis.verdict.state, 'accepted', said(diagnosis.verdict));
      assert.match(diagnosis.steps.find(({ id }) => id === 'format').text, format === 'json' ? /plain JSON/u : new RegExp(format, 'iu'));
      if (format !== 'json') assert.equal((await diagnose({ ...rest, pasted, passwords: [generateCookiePassword()] })).verdict.state, 'refused');
    });
  }
});

describe('what people paste', async () => {
  const value = await sealData({ accessToken: 'a.b.c' }, { password: 'a sample password of the test, long enough', ttl: 0 });
  const token = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1In0.AAAA';

  /** @type {[string, string, string, string][]} what it is, the text, its kind, the cookie's name */
  const texts = [
    ['a bare value', value, 'value', ''],
    ['one in quotation marks', `"${value}"`, 'value', ''],
    ['one that a terminal broke', `${value.slice(0, 70)}\n  ${value.slice(70)}`, 'value', ''],
    ['a pair', `wos-session=${value}`, 'header', 'wos-session'],
    ['a pair that a terminal broke', `wos-session=${value.slice(0, 70)}\n${value.slice(70)}`, 'header', 'wos-session'],
    ['a Cookie header', `Cookie: _ga=GA1.1.123; wos-session=${value}; theme=dark`, 'header', 'wos-session'],
    ['its value alone', `_ga=GA1.1.123; app_session=${value}`, 'header', 'app_session'],
    ['a line of Set-Cookie', `Set-Cookie: __Host-wos-session=${value}; Path=/; Secure`, 'lines', '__Host-wos-session'],
    ['one without the header’s name', `wos-session=${value}; Path=/; HttpOnly; Max-Age=60`, 'lines', 'wos-session'],
    ['a command of curl', `curl 'https://example.com/' -H 'accept: */*' -H 'cookie: a=1; wos-session=${value}' -H 'dnt: 1'`, 'header', 'wos-session'],
    ['a row of the developer tools', `wos-session\t${value}\texample.com\t/\tSession`, 'header', 'wos-session'],
    ['a token', token, 'token', ''],
    ['a token with Bearer', `Bearer ${token}`, 'token', ''],
    ['a header with a token', `Authorization: Bearer ${token}`, 'token', ''],
  ];
  for (const [what, text, kind, name] of texts) {
    test(what, async () => {
      const pasted = await readPasted(text);
      assert.equal(pasted.kind, kind);
      assert.deepEqual(pasted.found.map((found) => [found.name, found.value]), [[name, kind === 'token' ? token : value]]);
    });
  }

  test('parts, whole and not', async () => {
    const tag = Buffer.from(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(value))).toString('base64url').slice(0, 8);
    const [one, other] = [value.slice(0, 100), value.slice(100)];
    const found = async (text) => (await readPasted(text)).found[0];
    const whole = await found(`wos-session.0=2.${tag}.${one}; wos-session.1=${tag}.${other}`);
    assert.deepEqual([whole.name, whole.value, whole.parts], ['wos-session', value, 2]);
    assert.match((await found(`wos-session.0=2.${tag}.${one}`)).broken, /part 2 of 2 is missing/u);
    assert.match((await found(`wos-session.1=${tag}.${other}`)).broken, /first part is missing/u);
    assert.match((await found(`wos-session.0=2.${tag}.${one}; wos-session.1=${tag}.${other.slice(1)}`)).broken, /changed or cut off/u);
    assert.match((await found(`wos-session.0=2.${tag}.${one}; wos-session.1=AAAAAAAA.${other}`)).broken, /another generation/u);
  });

  test('nothing, and cookies without a session', async () => {
    assert.equal((await diagnose(EMPTY)).verdict, undefined);
    const { verdict, names } = await diagnose({ ...EMPTY, pasted: 'theme=dark; lang=en' });
    assert.deepEqual([verdict, names], [undefined, ['theme', 'lang']]);
    assert.equal((await diagnose({ ...EMPTY, pasted: 'hello world' })).verdict.detail, 'seal_unknown_format');
  });

  test('hostile text is a value, not an exception', async () => {
    for (const pasted of ['=', ';;;', '"', '%', '%E0%A4%A', '{', '{"a":', '....', 'a.b.c', '\u202e', `wos-session=${'A'.repeat(200_000)}`, 'Fe26.2*', 'es1.1.', 'x=y\n'.repeat(5_000), `${'%25'.repeat(9_000)}`]) {
      await diagnose({ ...sample('healthy'), pasted });
    }
  });
});

describe('the limits', () => {
  const limit = (name) => Number(new RegExp(`pub const ${name}: usize = (\\d+);`, 'u').exec(source('src/limits.rs'))[1]);

  test('are those of the core', () => {
    assert.equal(LIMIT, limit('SET_COOKIE_BYTES'));
    assert.equal(Number(/MOST_PASSWORDS = (\d+)/u.exec(source('www/assets/js/doctor/form.js'))[1]), limit('PASSWORDS'));
  });
});

describe('the words', () => {
  /** The table in src/error.rs: `Name = "code", Reason, Consequence;`. */
  const rejections = Array.from(source('src/error.rs').matchAll(/^\s+\w+ = "(\w+)", \w+, (?:Refuse|Retry|End);$/gmu), ([, code]) => code);

  test('are about codes that exist', () => {
    assert.ok(rejections.length >= 30, `${rejections.length} rejections`);
    assert.deepEqual([...CODES.keys()].filter((code) => code !== 'misconfigured' && !rejections.includes(code)), []);
  });

  test('cover what the core can say of a cookie or token', () => {
    const types = source('src/js/tokens.rs');
    const ofTokens = Array.from(/export type JwtRejection =(.*?);/su.exec(types)[1].matchAll(/'(\w+)'/gu), ([, code]) => code);
    const ofSeals = rejections.filter((code) => /^(?:cookie|seal|session_malformed)/u.test(code));
    assert.ok(ofTokens.length > 10 && ofSeals.length > 10, 'the source is read as it is meant');
    assert.deepEqual([...ofTokens, ...ofSeals].filter((code) => !CODES.has(code)), []);
  });
});
