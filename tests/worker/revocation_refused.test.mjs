// Who may revoke: webhooks that WorkOS has not signed just now, and orders that are no operator's, are refused and change nothing.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { startProvider } from '../../dev/src/provider.mjs';
import { startGateway, withoutObjects } from './support/gateway.mjs';
import { ADMIN_TOKEN, REVOKING, come, deliver, revoke, verdict, webhook } from './support/revoking.mjs';
import { signedIn } from './support/sessions.mjs';

const provider = await startProvider();
const gateway = await startGateway(provider, { settings: { ...REVOKING, REVOCATION: 'strict' } });
const unsettled = await startGateway(provider);
const without = await startGateway(provider, { settings: REVOKING, editConfig: withoutObjects });
after(async () => {
  for (const one of [gateway, unsettled, without]) await one.close();
  await provider.close();
});

const visitor = signedIn(gateway, provider);
const revoked = (options) => webhook('session.revoked', { id: visitor.sessionId }, options);

for (const [name, code, make] of [
  ['without a signature', 'webhook_signature_malformed', () => ({ ...revoked(), signature: undefined })],
  ['with an empty signature', 'webhook_signature_malformed', () => ({ ...revoked(), signature: '' })],
  ['signed with another secret', 'webhook_signature_wrong', () => revoked({ secret: 'another secret' })],
  ['signed for another body', 'webhook_signature_wrong', () => ({ ...revoked(), signature: webhook('user.created', {}).signature })],
  ['with a signature that was cut', 'webhook_signature_malformed', () => ({ ...revoked(), signature: revoked().signature.slice(0, -2) })],
  ['signed too long ago', 'webhook_outside_tolerance', () => revoked({ at: Date.now() - 185_000 })],
  ['signed in the future', 'webhook_outside_tolerance', () => revoked({ at: Date.now() + 185_000 })],
  ['that is too large', 'webhook_signature_malformed', () => webhook('session.revoked', { id: visitor.sessionId, padding: 'x'.repeat(300_000) })],
]) {
  test(`a webhook ${name}: 400, and nothing changes`, async () => {
    const answer = await deliver(gateway, make());
    assert.deepEqual([answer.status, verdict(answer)], [400, code]);
    assert.equal(verdict(await come(gateway, visitor)), 'ok');
  });
}

test('a webhook that was sent before: 400, and nothing changes; WorkOS may send an event again, signed anew', async () => {
  const [session, other] = [signedIn(gateway, provider), signedIn(gateway, provider)];
  const first = webhook('session.revoked', { id: session.sessionId });
  assert.equal((await deliver(gateway, first)).status, 200);
  const again = await deliver(gateway, { ...first, signature: first.signature.replace(', ', ',') });
  assert.deepEqual([again.status, verdict(again)], [400, 'webhook_replayed']);
  assert.equal((await deliver(gateway, webhook('session.revoked', { id: session.sessionId }, { at: Date.now() + 1_000 }))).status, 200);
  assert.deepEqual([verdict(await come(gateway, session)), verdict(await come(gateway, other))], ['session_revoked', 'ok']);
});

test('events that revoke nothing are fine', async () => {
  for (const event of ['user.created', 'session.created', 'organization_membership.created', 'from.the_future']) {
    const answer = await deliver(gateway, webhook(event, { id: visitor.sessionId }));
    assert.deepEqual([answer.status, answer.json()], [200, { revoked: false }], event);
  }
  assert.equal(verdict(await come(gateway, visitor)), 'ok');
});

test('POST /auth/revoke is the operator\'s alone', async () => {
  for (const token of [null, 'guessed', ADMIN_TOKEN.slice(0, -1), `${ADMIN_TOKEN}x`, visitor.response.access_token]) {
    const answer = await revoke(gateway, { session: visitor.sessionId }, { token });
    assert.deepEqual([answer.status, verdict(answer)], [401, 'admin_token_wrong'], token);
  }
  assert.equal(verdict(await come(gateway, visitor)), 'ok');
});

test('an order that is none says what one is', async () => {
  for (const order of ['', '[]', '{}', '{"session":"a","session":"b"}', { user: 'a', session: 'b' }, { sessionId: 'a' }, { before: Date.now() }, `{"user":"${'x'.repeat(9_000)}"}`]) {
    const answer = await revoke(gateway, order);
    assert.deepEqual([answer.status, verdict(answer)], [400, 'revocation_malformed'], String(order));
    assert.ok(answer.json().message.length > 20);
  }
});

test('what is not set up says so', async () => {
  const noSecret = await deliver(unsettled, webhook('user.deleted', { id: 'user_1' }));
  assert.deepEqual([noSecret.status, verdict(noSecret)], [503, 'webhook_secret_missing']);
  const noToken = await revoke(unsettled, { user: 'user_1' });
  assert.deepEqual([noToken.status, verdict(noToken)], [503, 'admin_token_missing']);
  for (const answer of [await deliver(without, webhook('user.deleted', { id: 'user_1' })), await revoke(without, { user: 'user_1' })]) {
    assert.deepEqual([answer.status, verdict(answer)], [404, 'revocation_not_configured']);
  }
  for (const target of ['/auth/revoke', '/auth/webhooks/workos']) {
    assert.deepEqual([(await gateway.request(target)).status, (await gateway.request(target)).headers.allow], [405, 'POST']);
  }
});

test('without the object a session is what it was: good until its token ends, and nothing is looked up', async () => {
  const visitor = signedIn(without, provider);
  assert.ok(!('EDGESEAL_REVOCATIONS' in (await without.environment())));
  assert.equal(verdict(await come(without, visitor)), 'ok');
  const copy = { session: visitor.session };
  await visitor.fetch('/auth/logout', { method: 'POST' });
  assert.equal(verdict(await come(without, copy)), 'ok');
  const { EDGESEAL_KV } = await without.environment();
  const { keys } = await EDGESEAL_KV.list();
  assert.deepEqual(keys.filter(({ name }) => name.startsWith('edgeseal:revocations:')), []);
  const ready = await without.request('/auth/ready', { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
  assert.deepEqual([ready.status, ready.json().bindings.revocations, ready.json().revocations], [200, 'missing', null]);
});
