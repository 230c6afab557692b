// Seals against iron-webcrypto 2 and iron-session 8: each opens what the other sealed, and the results are theirs.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as ironSession from 'iron-session';
import * as iron from 'iron-webcrypto';

import { detectSeal, sealData, unsealData } from './support/edgeseal.mjs';
import { Random, SESSIONS } from './support/random.mjs';

const password = 'a cookie password of at least 32 characters';
const other = 'another cookie password of 32 characters';

test(`iron-webcrypto opens ${SESSIONS} seals of ours`, async () => {
  const random = new Random('ours to iron-webcrypto');
  for (let index = 0; index < SESSIONS; index += 1) {
    const data = random.data();
    const sealed = await sealData(data, { password, ttl: random.pick([undefined, 0, 60]) });
    assert.match(sealed, /^Fe26\.2\*1\*[0-9a-f]{64}\*[\w-]{22}\*[\w-]+\*\d*\*[0-9a-f]{64}\*[\w-]{43}~2$/);
    assert.deepEqual(await iron.unseal(sealed.slice(0, -2), password, iron.defaults), data);
  }
});

test(`${SESSIONS} seals of iron-webcrypto open here`, async () => {
  const random = new Random('iron-webcrypto to ours');
  for (let index = 0; index < SESSIONS; index += 1) {
    const data = random.data();
    const secret = random.pick([password, { id: 'abc_1', secret: password }]);
    const sealed = await iron.seal(data, secret, { ...iron.defaults, ttl: random.pick([0, 60_000]) });
    assert.deepEqual(await unsealData(sealed, { password }), data);
  }
});

test(`iron-session opens ${SESSIONS} seals of ours`, async () => {
  const random = new Random('ours to iron-session');
  for (let index = 0; index < SESSIONS; index += 1) {
    const data = random.data();
    const passwords = random.pick([password, { 1: other, 2: password }, { 9: other, 10: password }]);
    const sealed = await sealData(data, { password: passwords });
    assert.deepEqual(await ironSession.unsealData(sealed, { password: passwords }), data);
  }
});

test(`${SESSIONS} seals of iron-session open here`, async () => {
  const random = new Random('iron-session to ours');
  for (let index = 0; index < SESSIONS; index += 1) {
    const data = random.data();
    const passwords = random.pick([password, { 1: other, 2: password }, { 9: other, 10: password }]);
    const sealed = await ironSession.sealData(data, { password: passwords, ttl: random.pick([undefined, 0, 60]) });
    assert.deepEqual(await unsealData(sealed, { password: passwords }), data);
    assert.deepEqual(await unsealData(sealed, { password: [other, password] }), data, 'a list opens any id');
  }
});

test('expiry, its default and its tolerance are those of iron-session', async (context) => {
  const start = 1_800_000_000_000;
  context.mock.timers.enable({ apis: ['Date'], now: start });
  const expiryOf = (sealed) => sealed.split('*')[5];
  for (const ttl of [undefined, 0, 1, 60, 0.5, 10 * 365 * 24 * 3600]) {
    const [ours, theirs] = await Promise.all([
      sealData({ a: 1 }, { password, ttl }),
      ironSession.sealData({ a: 1 }, { password, ttl }),
    ]);
    assert.equal(expiryOf(ours), expiryOf(theirs), `ttl ${ttl}`);
  }
  const sealed = await sealData({ a: 1 }, { password, ttl: 10 });
  for (const [milliseconds, data] of [[10_000, { a: 1 }], [69_999, { a: 1 }], [70_000, {}]]) {
    context.mock.timers.setTime(start + milliseconds);
    // The `ttl` of the reader plays no part, there as here.
    assert.deepEqual(await unsealData(sealed, { password, ttl: 1 }), data);
    assert.deepEqual(await ironSession.unsealData(sealed, { password, ttl: 1 }), data);
  }
});

test('what iron-session resolves to {} does so here, and what makes it throw does too', async () => {
  const sealed = await sealData({ a: 1 }, { password });
  const parts = sealed.split('*');
  const changed = (index, value) => parts.with(index, value).join('*');
  const empty = [
    changed(4, `${parts[4].slice(0, -1)}${parts[4].endsWith('A') ? 'B' : 'A'}`),
    changed(7, `${'A'.repeat(43)}~2`),
    changed(5, '1'),
    `${sealed.slice(0, -2)}*x~2`,
    'garbage',
    '',
    await ironSession.sealData({ a: 1 }, { password: other }),
    await ironSession.sealData(null, { password }),
  ];
  for (const value of empty) {
    assert.deepEqual(await ironSession.unsealData(value, { password }), {}, value);
    assert.deepEqual(await unsealData(value, { password }), {}, value);
  }
  const unknownId = await ironSession.sealData({ a: 1 }, { password: { 2: password } });
  assert.deepEqual(await ironSession.unsealData(unknownId, { password: { 1: password } }), {});
  assert.deepEqual(await unsealData(unknownId, { password: { 1: password } }), {});
  // A stranger can make iron-session throw with these. Here they hold nothing, like every other seal that does not open.
  for (const value of [changed(0, 'Fe27.2'), changed(5, 'x'), changed(5, '-1')]) {
    await assert.rejects(ironSession.unsealData(value, { password }));
    assert.deepEqual(await unsealData(value, { password }), {}, value);
  }
  assert.deepEqual(await unsealData('A'.repeat(1 << 20), { password }), {});
  await assert.rejects(ironSession.unsealData(sealed, { password: 'short' }), /too short/);
  await assert.rejects(unsealData(sealed, { password: 'short' }), /too short/);
});

test('data is written and read as JSON does it', async () => {
  const roundTrip = async (data) => unsealData(await sealData(data, { password }), { password });
  assert.deepEqual(await roundTrip({ date: new Date(0), gone: undefined, list: [undefined, NaN] }), {
    date: '1970-01-01T00:00:00.000Z',
    list: [null, null],
  });
  assert.equal(await roundTrip('text'), 'text');
  assert.equal(await roundTrip(7), 7);
  assert.equal((await roundTrip({ name: 'half of a pair: \ud83d' })).name, 'half of a pair: \ud83d');
  const hostile = await roundTrip(JSON.parse('{"__proto__":{"isAdmin":true},"constructor":1}'));
  assert.equal(hostile.isAdmin, undefined);
  assert.deepEqual(Object.keys(hostile), ['__proto__', 'constructor']);
  assert.equal(Object.getPrototypeOf(hostile), Object.prototype);
});

test('seals of old iron-session give what it gives', async () => {
  const old = (await sealData({ persistent: { user: { id: 77 } }, flash: {} }, { password })).replace(/~2$/, '~1');
  assert.deepEqual(await ironSession.unsealData(old, { password }), { user: { id: 77 } });
  assert.deepEqual(await unsealData(old, { password }), { user: { id: 77 } });
});

test('the format of the SDKs for Go and Rust goes both ways', async () => {
  const random = new Random('go');
  for (let index = 0; index < 20; index += 1) {
    const data = random.data();
    const sealed = await sealData(data, { password, format: 'go' });
    assert.deepEqual(await unsealData(sealed, { password }), data);
    assert.deepEqual(await unsealData(sealed, { password: other }), {});
    assert.ok(detectSeal(sealed).candidates.includes('go'));
  }
});

test('the format of the SDK for Python goes both ways', async () => {
  const random = new Random('fernet');
  const key = 'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=';
  for (let index = 0; index < 20; index += 1) {
    const data = random.data();
    const sealed = await sealData(data, { password: key, format: 'fernet' });
    assert.deepEqual(await unsealData(sealed, { password: key }), data);
    assert.deepEqual(await unsealData(sealed, { password: other }), {});
    assert.deepEqual(detectSeal(sealed), { format: 'fernet' });
  }
  await assert.rejects(sealData({}, { password, format: 'fernet' }), { name: 'TypeError', message: /`fernet`.*32 bytes/ });
});

test('the format of authkit-remix goes both ways', async () => {
  const random = new Random('remix');
  for (let index = 0; index < 20; index += 1) {
    const data = random.data();
    const sealed = await sealData(data, { password, format: 'remix' });
    assert.deepEqual(await unsealData(sealed, { password }), data);
    assert.deepEqual(await unsealData(sealed, { password: other }), {});
    assert.deepEqual(detectSeal(sealed), { format: 'remix' });
  }
});

test('the format of the SDK for PHP goes both ways', async () => {
  const random = new Random('php');
  const key = 'eV7zSJDqlJSU0p3Iq4rbi1MnVVAqpBxooem5kBLaQHk=';
  for (let index = 0; index < 20; index += 1) {
    const data = random.data();
    const sealed = await sealData(data, { password: key, format: 'php' });
    assert.deepEqual(await unsealData(sealed, { password: key }), data);
    assert.deepEqual(await unsealData(sealed, { password: other }), {});
    assert.ok(detectSeal(sealed).candidates.includes('php'));
  }
  await assert.rejects(sealData({}, { password, format: 'php' }), { name: 'TypeError', message: /`php`.*32 bytes/ });
});

test('the format of the SDK for Ruby goes both ways, that of its old versions is not written', async () => {
  const random = new Random('ruby');
  for (let index = 0; index < 20; index += 1) {
    const data = random.data();
    const sealed = await sealData(data, { password, format: 'ruby' });
    assert.deepEqual(await unsealData(sealed, { password }), data);
    assert.deepEqual(await unsealData(sealed, { password: other }), {});
    assert.equal(detectSeal(sealed).candidates[0], 'ruby');
  }
  await assert.rejects(sealData({}, { password, format: 'ruby-legacy' }), { name: 'TypeError', message: /`format`/ });
});

test('our own format goes both ways, with an expiry and a password id', async () => {
  const random = new Random('edgeseal');
  for (let index = 0; index < 20; index += 1) {
    const data = random.data();
    const sealed = await sealData(data, { password: { 7: password }, format: 'edgeseal', ttl: 60 });
    assert.deepEqual(await unsealData(sealed, { password }), data);
    assert.deepEqual(await unsealData(sealed, { password: other }), {});
    assert.deepEqual(detectSeal(sealed), { format: 'edgeseal', passwordId: '7' });
  }
});

test('plain JSON is written, told apart, and not believed', async () => {
  const text = await sealData({ isAdmin: true }, { password, format: 'json' });
  assert.equal(text, '{"isAdmin":true}');
  assert.deepEqual(detectSeal(text), { format: 'json' });
  assert.deepEqual(await unsealData(text, { password }), {});
});

test('formats are detected without a password', async () => {
  assert.deepEqual(detectSeal(await sealData({}, { password })), { format: 'iron', passwordId: '1' });
  assert.deepEqual(detectSeal(await sealData({}, { password: { 3: password } })), { format: 'iron', passwordId: '3' });
  assert.deepEqual(detectSeal(await iron.seal({}, password, iron.defaults)), { format: 'iron' });
  for (const value of ['', 'garbage', 'null', 'Fe27.2*1*', '🔑'.repeat(40)]) assert.equal(detectSeal(value), null, value);
});

test('no two seals share a salt, an IV or a MAC', async () => {
  const seen = new Set();
  for (let index = 0; index < 100; index += 1) {
    const parts = (await sealData({}, { password })).split('*');
    for (const part of [2, 3, 6, 7]) seen.add(parts[part]);
  }
  assert.equal(seen.size, 400);
});
