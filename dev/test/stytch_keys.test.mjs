// Rotation in the manner of Stytch: both keys published, both signing for a while, the old one gone after its grace.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { VERTICALS, authenticate, keySet, partsOf, stytchProvider } from './stytch_support.mjs';

const [CONSUMER] = VERTICALS;
const START = Date.UTC(2026, 0, 1);
const MONTH = 30 * 24 * 3600 * 1000;

const signer = (started) => partsOf(started.mintSession().sessionJwt).header.kid;
const published = async (started) => (await keySet(started, CONSUMER)).keys.map(({ kid }) => kid);

test('after a rotation both keys sign in turns for five minutes, and both are published for a month', async (context) => {
  let now = START;
  const started = await stytchProvider(context, CONSUMER, { now: () => now });
  const old = signer(started);
  const { keyId, published: both } = await started.rotateKeys();
  assert.deepEqual(both, [keyId, old]);
  const signers = () => Array.from({ length: 4 }, () => signer(started));
  assert.deepEqual(signers(), [keyId, old, keyId, old]);
  now += 299_999;
  assert.deepEqual(signers(), [keyId, old, keyId, old]);
  now += 1;
  assert.deepEqual(signers(), [keyId, keyId, keyId, keyId]);
  assert.deepEqual(await published(started), [keyId, old]);
  now = START + MONTH - 1;
  assert.deepEqual(await published(started), [keyId, old]);
  now += 1;
  assert.deepEqual(await published(started), [keyId]);
});

test('knobs decide who signs and how long', async (context) => {
  let now = START;
  const started = await stytchProvider(context, CONSUMER, { now: () => now });
  const old = signer(started);
  const { keyId } = await started.rotateKeys();
  started.knobs.set({ bothSignSeconds: 0 });
  assert.deepEqual([signer(started), signer(started)], [keyId, keyId]);
  started.knobs.set({ previousKeySigns: true });
  assert.deepEqual([signer(started), signer(started)], [old, old]);
  started.knobs.set({ keyGraceSeconds: 60 });
  now += 60_000;
  assert.equal(signer(started), keyId, 'what is not published does not sign');
  assert.deepEqual(await published(started), [keyId]);
});

test('a JWT of a published key is taken, of another not', async (context) => {
  const started = await stytchProvider(context, CONSUMER);
  const { sessionJwt } = started.mintSession();
  const status = async () => (await authenticate(started, CONSUMER, { session_jwt: sessionJwt })).status;
  await started.rotateKeys();
  assert.equal(await status(), 200);
  await started.rotateKeys({ keepPrevious: false });
  assert.equal(await status(), 404);
  assert.equal((await published(started)).length, 1);
});

test('the issuer is the name or the base URL, and both are taken', async (context) => {
  const started = await stytchProvider(context, CONSUMER);
  const issuer = ({ sessionJwt }) => partsOf(sessionJwt).claims.iss;
  const named = started.mintSession();
  started.knobs.set({ issuerIsUrl: true });
  const url = started.mintSession();
  assert.deepEqual([issuer(named), issuer(url)], [started.issuer, started.url]);
  for (const { sessionJwt } of [named, url]) {
    assert.equal((await authenticate(started, CONSUMER, { session_jwt: sessionJwt })).status, 200);
  }
});
