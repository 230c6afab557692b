// Wrong arguments are TypeErrors that name the argument: thrown by what is synchronous, rejected by what is not.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { detectSeal, generateCookiePassword, sealData, unsealData, verifyJwt } from './support/edgeseal.mjs';

const password = 'a cookie password of at least 32 characters';
const keys = { keys: [] };

const named = (name) => (error) => error instanceof TypeError && error.message.includes(`\`${name}\``);

test('sealData names what is wrong', async () => {
  const wrong = [
    ['options', {}, undefined],
    ['options', {}, null],
    ['options', {}, 'text'],
    ['password', {}, {}],
    ['password', {}, { password: 7 }],
    ['password', {}, { password: null }],
    ['password', {}, { password: '' }],
    ['password', {}, { password: 'too short' }],
    ['password', {}, { password: [] }],
    ['password', {}, { password: [password, 7] }],
    ['password', {}, { password: Array(9).fill(password) }],
    ['password', {}, { password: {} }],
    ['password', {}, { password: { 1: password, 2: 'too short' } }],
    ['password', {}, { password: { 'a*b': password } }],
    ['ttl', {}, { password, ttl: -1 }],
    ['ttl', {}, { password, ttl: NaN }],
    ['ttl', {}, { password, ttl: Infinity }],
    ['ttl', {}, { password, ttl: 1e15 }],
    ['ttl', {}, { password, ttl: '60' }],
    ['ttl', {}, { password, ttl: null }],
    ['ttl', {}, { password, ttl: 60, format: 'go' }],
    ['format', {}, { password, format: 'rot13' }],
    ['format', {}, { password, format: 1 }],
    ['data', undefined, { password }],
    ['data', () => {}, { password }],
    ['data', 'x'.repeat(20_000), { password }],
  ];
  for (const [name, data, options] of wrong) {
    await assert.rejects(sealData(data, options), named(name), JSON.stringify(options));
  }
  const circle = {};
  circle.circle = circle;
  await assert.rejects(sealData(circle, { password }), TypeError);
});

test('no message holds a password', async () => {
  await assert.rejects(sealData({}, { password: 'hunter2' }), (error) => !`${error.message}${error.stack}`.includes('hunter2'));
});

test('unsealData names what is wrong', async () => {
  for (const sealed of [undefined, null, 7, {}, []]) await assert.rejects(unsealData(sealed, { password }), named('sealed'));
  await assert.rejects(unsealData('', undefined), named('options'));
  await assert.rejects(unsealData('', { password: 'too short' }), named('password'));
});

test('detectSeal names what is wrong', () => {
  for (const sealed of [undefined, null, 7, {}]) assert.throws(() => detectSeal(sealed), named('sealed'));
});

test('generateCookiePassword names what is wrong', () => {
  for (const options of [null, 7, 'rust']) assert.throws(() => generateCookiePassword(options), named('options'));
  for (const kind of [null, 7, '', 'Rust', 'node', ['rust']]) assert.throws(() => generateCookiePassword({ for: kind }), named('for'));
});

test('verifyJwt names what is wrong', () => {
  for (const token of [undefined, null, 7, {}]) assert.throws(() => verifyJwt(token, { keys }), named('token'));
  const wrong = [
    ['options', undefined],
    ['keys', {}],
    ['keys', { keys: null }],
    ['keys', { keys: [] }],
    ['keys', { keys: '{"keys":[]}' }],
    ['keys', { keys: { keys: {} } }],
    // An empty list would check nothing, which is not what somebody meant who set it.
    ['issuer', { keys, issuer: [] }],
    ['issuer', { keys, issuer: '' }],
    ['issuer', { keys, issuer: null }],
    ['issuer', { keys, issuer: ['a', 7] }],
    ['audience', { keys, audience: [''] }],
    ['audience', { keys, audience: {} }],
    ['algorithms', { keys, algorithms: [] }],
    ['algorithms', { keys, algorithms: 7 }],
    ['leewaySeconds', { keys, leewaySeconds: -1 }],
    ['leewaySeconds', { keys, leewaySeconds: '5' }],
    ['leewaySeconds', { keys, leewaySeconds: Infinity }],
    ['requireExp', { keys, requireExp: 'false' }],
    ['requireExp', { keys, requireExp: 0 }],
    ['now', { keys, now: new Date() }],
    ['now', { keys, now: NaN }],
    ['now', { keys, now: 1e300 }],
  ];
  for (const [name, options] of wrong) {
    assert.throws(() => verifyJwt('a.b.c', options), named(name), JSON.stringify(options));
  }
});
