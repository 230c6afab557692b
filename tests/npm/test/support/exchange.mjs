// What goes both ways between a peer and us: each opens what the other sealed, and refuses what was touched or is of another password.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { generateCookiePassword, sealData, unsealData } from './edgeseal.mjs';
import { Random, SESSIONS } from './random.mjs';

/** How many sessions go each way per peer and format. */
const COUNT = SESSIONS / 2;

const TEXT = 'ein Passwort von Hand, "lang" & mit ümläuten: 密碼 🔑';

/** Base64 of 32 bytes, with every character that may be in it. */
const key = (random) => Buffer.from(Array.from({ length: 32 }, () => random.below(256))).toString('base64');
const urlSafe = (base64) => base64.replaceAll('+', '-').replaceAll('/', '_');

/** The passwords that the SDK of a format takes. */
const PASSWORDS = {
  fernet: [() => generateCookiePassword(), (random) => urlSafe(key(random))],
  ruby: [() => generateCookiePassword(), () => TEXT],
  'ruby-legacy': [() => generateCookiePassword({ for: 'ruby-legacy' })],
  go: [
    () => generateCookiePassword(),
    () => generateCookiePassword({ for: 'rust' }),
    () => generateCookiePassword({ for: 'rust' }).toUpperCase(),
    () => TEXT,
  ],
  php: [() => generateCookiePassword(), key],
};

/** What a seal of 16 KiB holds, less what surrounds it: longer ones are refused here, because no browser can carry them. */
const LONGEST_DATA = 11_500;

/** Describes what goes on between a peer and us. */
export function exchange(peer) {
  const { name, format, missing } = peer;
  const isWritten = format !== 'ruby-legacy';
  describe(`${format}, by ${name}`, { skip: missing }, () => {
    if (isWritten) {
      test(`opens ${COUNT} seals of ours`, async () => {
        const items = itemsOf(`ours to ${name}`, format);
        assertSame(await peer.open(await sealOurs(items, format)), items);
      });
    }

    test(`${COUNT} seals of its open here`, async () => {
      const items = itemsOf(`${name} to ours`, format);
      const sealed = await peer.seal(items);
      assert.ok(new Set(sealed).size === items.length);
      assertSame(await openOurs(items.map(({ password }, index) => ({ sealed: sealed[index], password }))), items);
    });

    test('another password and one tampered bit are refused, there and here', async () => {
      const random = new Random(`refused by ${name}`);
      const items = itemsOf(`refused by ${name}`, format);
      const theirs = (await peer.seal(items)).map((sealed, index) => ({ sealed, password: items[index].password }));
      const ours = isWritten ? await sealOurs(items, format) : [];
      for (const spoil of [
        // The first kind is new each time.
        ({ sealed }) => ({ sealed, password: PASSWORDS[format][0]() }),
        ({ sealed, password }) => ({ sealed: tampered(sealed, random), password }),
      ]) {
        for (const opened of await openOurs([...theirs, ...ours].map(spoil))) assert.deepEqual(opened, {});
        if (!isWritten) continue;
        const refused = await peer.open([...theirs, ...ours].map(spoil));
        assert.equal(refused.length, 2 * COUNT);
        for (const opened of refused) assert.equal(opened, undefined);
      }
    });
  });
}

/** Random sessions, each with a password that suits the format. */
function itemsOf(name, format) {
  const random = new Random(`${name}, ${format}`);
  return Array.from({ length: COUNT }, () => ({ data: dataOf(random), password: random.pick(PASSWORDS[format])(random) }));
}

/** Data that fits a seal even where everything beyond ASCII is escaped, as Python and PHP do it. */
function dataOf(random) {
  for (;;) {
    const data = random.data();
    if (JSON.stringify(data).replace(/[^\0-\x7f]/g, '\\u1234').length <= LONGEST_DATA) return data;
  }
}

function sealOurs(items, format) {
  return Promise.all(items.map(async ({ data, password }) => ({ sealed: await sealData(data, { password, format }), password })));
}

function openOurs(items) {
  return Promise.all(items.map(({ sealed, password }) => unsealData(sealed, { password })));
}

function assertSame(opened, items) {
  assert.equal(opened.length, items.length);
  items.forEach(({ data, password }, index) => assert.deepEqual(opened[index], data, `session ${index}, password ${password}`));
}

/** The same seal with one bit flipped, anywhere in what its base64 stands for. */
function tampered(sealed, random) {
  const isUrlSafe = sealed.startsWith('gAAAA');
  const bytes = Buffer.from(sealed, isUrlSafe ? 'base64url' : 'base64');
  bytes[random.below(bytes.length)] ^= 1 << random.below(8);
  const base64 = bytes.toString('base64');
  return isUrlSafe ? urlSafe(base64) : base64;
}
