// The format of the SDK for .NET, whose key takes 100 000 rounds, against node:crypto; and `acceptFormats`, which names it.

import assert from 'node:assert/strict';
import { createCipheriv, createDecipheriv, pbkdf2Sync, randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { detectSeal, sealData, unsealData } from './support/edgeseal.mjs';
import { Random } from './support/random.mjs';

const password = 'a cookie password of at least 32 characters';
const other = 'another cookie password of 32 characters';
const acceptFormats = ['dotnet'];
const keyOf = (secret, salt) => pbkdf2Sync(secret, salt, 100_000, 32, 'sha256');

/** As `SessionService.cs` lays it out. */
function sealLikeDotnet(data, secret, salt) {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', keyOf(secret, salt), nonce);
  const ciphertext = Buffer.concat([cipher.update(JSON.stringify(data)), cipher.final()]);
  return `${Buffer.concat([salt, nonce, cipher.getAuthTag(), ciphertext]).toString('base64')}~2`;
}

function unsealLikeDotnet(sealed, secret) {
  const bytes = Buffer.from(sealed.replace(/~2$/, ''), 'base64');
  const decipher = createDecipheriv('aes-256-gcm', keyOf(secret, bytes.subarray(0, 16)), bytes.subarray(16, 28));
  decipher.setAuthTag(bytes.subarray(28, 44));
  return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(44)), decipher.final()]).toString());
}

test('50 seals of ours open elsewhere', async () => {
  const random = new Random('ours to dotnet');
  for (let index = 0; index < 50; index += 1) {
    const data = random.data();
    const sealed = await sealData(data, { password, format: 'dotnet' });
    assert.deepEqual(unsealLikeDotnet(sealed, password), data);
    assert.throws(() => unsealLikeDotnet(sealed, other));
    assert.deepEqual(await unsealData(sealed, { password, acceptFormats }), data);
    assert.deepEqual(detectSeal(sealed), { format: 'dotnet' });
  }
});

test('50 seals from elsewhere open here, and no other', async () => {
  const random = new Random('dotnet to ours');
  const salt = randomBytes(16);
  for (let index = 0; index < 50; index += 1) {
    const data = random.data();
    const sealed = sealLikeDotnet(data, password, salt);
    assert.deepEqual(await unsealData(sealed, { password: [other, password], acceptFormats }), data);
    assert.deepEqual(await unsealData(sealed, { password: other, acceptFormats }), {});
    const at = 60 + (index % 20);
    const tampered = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
    assert.deepEqual(await unsealData(tampered, { password, acceptFormats }), {});
  }
});

test('what is not named is not opened', async () => {
  const sealed = await sealData({ a: 1 }, { password, format: 'dotnet' });
  assert.deepEqual(await unsealData(sealed, { password }), {});
  assert.deepEqual(await unsealData(sealed, { password, acceptFormats: ['iron', 'dotnet'] }), { a: 1 });
  const iron = await sealData({ a: 1 }, { password });
  assert.deepEqual(await unsealData(iron, { password, acceptFormats }), {});
  assert.deepEqual(await unsealData(iron, { password, acceptFormats: ['iron'] }), { a: 1 });
});

test('acceptFormats names formats that are sealed and that the password suits', async () => {
  for (const wrong of [['rot13'], ['json'], [], 'json', [''], [7], {}]) {
    await assert.rejects(unsealData('', { password, acceptFormats: wrong }), { name: 'TypeError', message: /`acceptFormats`/ }, String(wrong));
  }
  await assert.rejects(unsealData('', { password, acceptFormats: ['iron', 'fernet'] }), { name: 'TypeError', message: /`password`.*`fernet`.*32 bytes/ });
});

test('a flood of salts spends its budget, is told as that, and leaves what is known', async (context) => {
  // The budget fills up with time, and a build for tests derives slowly.
  context.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  const known = await sealData({ a: 1 }, { password, format: 'dotnet' });
  const answers = [];
  for (let index = 0; index < 20; index += 1) {
    const garbage = `${randomBytes(64).toString('base64')}~2`;
    answers.push(await unsealData(garbage, { password, acceptFormats }).catch((error) => error));
  }
  const refused = answers.filter((answer) => answer instanceof Error);
  assert.ok(refused.length > 0 && refused.length < 20, `${refused.length}`);
  for (const { reason, detail, retryable } of refused) {
    assert.deepEqual({ reason, detail, retryable }, { reason: 'invalid_session_cookie', detail: 'seal_budget_spent', retryable: true });
  }
  for (const answer of answers) if (!refused.includes(answer)) assert.deepEqual(answer, {});
  assert.deepEqual(await unsealData(known, { password, acceptFormats }), { a: 1 });
});
