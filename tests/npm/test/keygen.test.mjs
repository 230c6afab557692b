// Generated cookie passwords, against the packages that have to take them. Python's stand in python.test.mjs.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import * as ironSession from 'iron-session';

import { generateCookiePassword, sealData, unsealData } from './support/edgeseal.mjs';
import { CLIENT_ID, claimsOf, startProvider } from './support/provider.mjs';
import { Random } from './support/random.mjs';

const SHAPES = { common: /^[0-9A-Za-z]{43}=$/, rust: /^[0-9a-f]{64}$/, 'ruby-legacy': /^[0-9A-Za-z]{32}$/ };
const COMMAND = fileURLToPath(new URL('../../../scripts/run.mjs', import.meta.url));

let provider;
before(async () => (provider = await startProvider()));
after(() => provider.close());

test('every kind has its shape, no two are alike, and the common one is what is made where nothing is said', () => {
  for (const [kind, shape] of Object.entries(SHAPES)) {
    const passwords = Array.from({ length: 1000 }, () => generateCookiePassword({ for: kind }));
    for (const password of passwords) assert.match(password, shape);
    assert.equal(new Set(passwords).size, 1000);
  }
  for (const password of [generateCookiePassword(), generateCookiePassword({}), generateCookiePassword({ for: undefined })]) {
    assert.match(password, SHAPES.common);
    assert.equal(Buffer.from(password, 'base64').length, 32);
  }
});

test('100 of each kind seal for iron-session, and open what it sealed', async () => {
  for (const kind of Object.keys(SHAPES)) {
    for (let index = 0; index < 100; index += 1) {
      const password = generateCookiePassword({ for: kind });
      assert.deepEqual(await ironSession.unsealData(await sealData({ index }, { password }), { password }), { index });
      assert.deepEqual(await unsealData(await ironSession.sealData({ index }, { password }), { password }), { index });
    }
  }
});

for (const name of ['workos-7', 'workos-8', 'workos-9', 'workos-10', 'workos-11']) {
  test(`20 of each kind are cookie passwords of ${name}`, async () => {
    const { WorkOS } = await import(name);
    const { userManagement } = new WorkOS('sk_test', provider.options);
    const random = new Random(`passwords of ${name}`);
    const claims = claimsOf(random);
    const token = await provider.mint(claims);
    const answer = { user: random.user(), organization_id: claims.org_id, access_token: token, refresh_token: 'next' };
    provider.answer('grant', answer);
    for (const kind of Object.keys(SHAPES)) {
      for (let index = 0; index < 20; index += 1) {
        const cookiePassword = generateCookiePassword({ for: kind });
        const session = { sealSession: true, cookiePassword };
        const { sealedSession } = await userManagement.authenticateWithRefreshToken({ clientId: CLIENT_ID, refreshToken: 'grant', session });
        assert.equal((await unsealData(sealedSession, { password: cookiePassword })).refreshToken, 'next');
        const sessionData = await sealData({ user: { id: 'user_1' }, accessToken: token }, { password: cookiePassword, ttl: 0 });
        const result = await userManagement.loadSealedSession({ sessionData, cookiePassword }).authenticate();
        assert.deepEqual([result.authenticated, result.sessionId], [true, claims.sid]);
      }
    }
  });
}

test('each kind seals in the formats that the README promises, and in no other', async () => {
  const formats = ['iron', 'remix', 'fernet', 'ruby', 'go', 'php', 'edgeseal'];
  for (const [kind, refused] of [['common', []], ['rust', ['fernet', 'php']], ['ruby-legacy', ['fernet', 'php']]]) {
    const password = generateCookiePassword({ for: kind });
    for (const format of formats) {
      const sealed = sealData({ kind }, { password, format });
      if (refused.includes(format)) await assert.rejects(sealed, /`password`.*32 bytes/, `${kind}, ${format}`);
      else assert.deepEqual(await unsealData(await sealed, { password }), { kind }, `${kind}, ${format}`);
    }
  }
});

test('the command knows every kind, and writes nothing to the standard output when it refuses', () => {
  for (const parameters of [['--for', 'python'], ['rust'], ['--length', '64']]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, 'keygen', ...parameters], { encoding: 'utf8' });
    assert.deepEqual([status, stdout], [1, '']);
    assert.ok(stderr.includes(`one of ${Object.keys(SHAPES).join(', ')}`), stderr);
  }
});
