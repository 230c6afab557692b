// The snapshot in KV: poison in it is ignored and replaced, what cannot be read is gone without for so long and no longer, and several
// isolates learn from it what one of them was told.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startProvider } from '../../dev/src/provider.mjs';
import { startClocked } from './support/clocked.mjs';
import { startFleet } from './support/fleet.mjs';
import { startGateway } from './support/gateway.mjs';
import { REVOKING, come, deliver, revoke, until, verdict, webhook } from './support/revoking.mjs';
import { signedIn } from './support/sessions.mjs';

const OUTAGE_SECONDS = 600;
/** A minute after the last publication the object writes again for who misses it. */
const SPREAD_SECONDS = 61;

const provider = await startProvider();
const gateway = await startClocked(provider, { settings: { ...REVOKING, REVOCATION_OUTAGE_SECONDS: String(OUTAGE_SECONDS) } });
const strict = await startClocked(provider, { settings: { ...REVOKING, REVOCATION: 'strict', REVOCATION_OUTAGE_SECONDS: '0' } });
after(async () => {
  for (const one of [gateway, strict]) await one.close();
  await provider.close();
});

const KEY = `edgeseal:revocations:1:workos:${provider.clientId}`;
let seconds = 0;
const later = async (more) => {
  seconds += more;
  for (const one of [gateway, strict]) await one.moveClock(seconds);
};
beforeEach(async () => {
  for (const one of [gateway, strict]) await one.down();
  await later(1_000);
});

const kv = async (one) => (await one.environment()).EDGESEAL_KV;
const good = (one = gateway) => signedIn(one, provider, { lifetimeSeconds: 3_600 });
/** How many sessions a snapshot ends; none if it is none. */
function entriesIn(text) {
  try {
    return Buffer.from(JSON.parse(text).ended, 'base64').length / 12;
  } catch {
    return 0;
  }
}

test('poison in KV is ignored, and written over', async () => {
  const store = await kv(gateway);
  const visitor = good();
  await revoke(gateway, { session: visitor.sessionId });
  const published = await until(async () => entriesIn(await store.get(KEY)) === 1 && store.get(KEY));
  const parts = JSON.parse(published);
  for (const [name, poison] of Object.entries({
    'no JSON': 'x'.repeat(100),
    'nothing': '',
    'of another environment': JSON.stringify({ ...parts, scope: 'workos:client_other', ended: '' }),
    'of another version': JSON.stringify({ ...parts, version: 2, ended: '' }),
    'of an older list': JSON.stringify({ ...parts, changed_at_milliseconds: 1, ended: '' }),
    'from the future': JSON.stringify({ ...parts, changed_at_milliseconds: Date.now() + 1e12, ended: '' }),
    'out of order': JSON.stringify({ ...parts, ended: Buffer.alloc(24, 7).toString('base64') }),
    'too large': JSON.stringify({ ...parts, ended: 'A'.repeat(2_000_000) }),
    'twice the same member': published.replace('{', '{"ended":"",'),
  })) {
    await later(SPREAD_SECONDS);
    await store.put(KEY, poison);
    assert.equal(verdict(await come(gateway, visitor)), 'session_revoked', name);
    assert.equal(verdict(await come(gateway, good())), 'ok', name);
    await until(async () => (await store.get(KEY)) !== poison);
    assert.deepEqual(JSON.parse(await store.get(KEY)), parts, name);
  }
});

test('poison that nobody has known better of is ignored as well, and costs one write a minute', async () => {
  const fresh = await startClocked(provider, { settings: REVOKING });
  try {
    await fresh.moveClock(seconds);
    const store = await kv(fresh);
    await store.put(KEY, '{"version":1');
    assert.equal(verdict(await come(fresh, good(fresh))), 'ok');
    assert.deepEqual(JSON.parse(await until(async () => (await store.get(KEY)).includes('scope') && store.get(KEY))).ended, '');
    await store.put(KEY, 'poisoned again');
    // Old enough to be read anew; less than a minute after it was written.
    await fresh.moveClock((seconds += 31));
    assert.equal(verdict(await come(fresh, good(fresh))), 'ok');
    await sleep(300);
    assert.equal(await store.get(KEY), 'poisoned again');
    await fresh.moveClock((seconds += 31));
    assert.equal(verdict(await come(fresh, good(fresh))), 'ok');
    await until(async () => (await store.get(KEY)) !== 'poisoned again');
  } finally {
    await fresh.close();
  }
});

test('while neither KV nor the object can be read, the last list is believed, and then nothing is', async () => {
  const [revoked, visitor] = [good(), good()];
  const store = await kv(gateway);
  const before = entriesIn(await store.get(KEY));
  await revoke(gateway, { session: revoked.sessionId });
  await until(async () => entriesIn(await store.get(KEY)) > before);
  // The order itself had the list read anew beside it, a moment too early.
  await later(30);
  assert.deepEqual([verdict(await come(gateway, revoked)), verdict(await come(gateway, visitor))], ['session_revoked', 'ok']);
  await gateway.down('kv', 'revocations');
  await later(OUTAGE_SECONDS - 10);
  assert.deepEqual([verdict(await come(gateway, revoked)), verdict(await come(gateway, visitor))], ['session_revoked', 'ok']);
  await later(10);
  const answer = await come(gateway, visitor);
  assert.deepEqual([answer.status, verdict(answer), answer.json().retryable, answer.setCookies], [503, 'revocations_unavailable', true, []]);
  await gateway.down('kv');
  await later(3);
  assert.equal(verdict(await come(gateway, visitor)), 'ok', 'the object alone will do');
  await gateway.down('revocations');
  await later(60);
  assert.equal(verdict(await come(gateway, visitor)), 'ok', 'and so will KV');
});

test('where the object does not answer, strict goes by KV; without that, and an outage of 0 seconds, by nothing', async () => {
  const [revoked, visitor] = [good(strict), good(strict)];
  await revoke(strict, { session: revoked.sessionId });
  const store = await kv(strict);
  await until(async () => store.get(KEY));
  await strict.down('revocations');
  assert.deepEqual([verdict(await come(strict, revoked)), verdict(await come(strict, visitor))], ['session_revoked', 'ok']);
  await strict.down('revocations', 'kv');
  await later(60);
  assert.equal(verdict(await come(strict, visitor)), 'revocations_unavailable');
  assert.equal((await deliver(strict, webhook('user.deleted', { id: 'user_1' }, { at: Date.now() + seconds * 1000 }))).status, 503, 'WorkOS tries again later');
});

test('revocations that come together are published together', async () => {
  // With the machine's own clock, by which alarms ring.
  const plain = await startGateway(provider, { settings: REVOKING });
  try {
    const store = await kv(plain);
    const sessions = Array.from({ length: 30 }, (_, index) => `session_${index}`);
    assert.equal(verdict(await come(plain, signedIn(plain, provider))), 'ok');
    await Promise.all(sessions.map((session) => revoke(plain, { session })));
    const seen = new Set();
    await until(async () => {
      const listed = entriesIn(await store.get(KEY));
      seen.add(listed);
      return listed === sessions.length;
    }, { pause: 5 });
    assert.ok(seen.size <= 3, `they went out in ${seen.size} parts`);
  } finally {
    await plain.close();
  }
});

for (const [mode, settings, patience] of [['strict', { REVOCATION: 'strict' }, 2_000], ['eventual', {}, 60_000]]) {
  test(`from webhook to refusal in several isolates, ${mode}`, async (context) => {
    const fleet = await startFleet(provider, { settings: { ...REVOKING, ...settings } });
    try {
      const visitor = signedIn(fleet, provider);
      const ask = (copy) => come(fleet, visitor, '/auth/session', { headers: { 'x-fleet-copy': String(copy) } });
      const copies = Array.from({ length: fleet.copies }, (_, copy) => copy);
      for (const copy of copies) assert.equal(verdict(await ask(copy)), 'ok');
      provider.knobs.set({ clockOffsetSeconds: 0 });
      const begin = Date.now();
      assert.equal((await deliver(fleet, webhook('session.revoked', { id: visitor.sessionId }))).status, 200);
      const told = Date.now() - begin;
      const times = await Promise.all(copies.map(async (copy) => {
        for (;;) {
          const said = verdict(await ask(copy));
          if (said === 'session_revoked') return Date.now() - begin;
          assert.equal(said, 'ok');
          assert.ok(Date.now() - begin < patience, `isolate ${copy} has not heard of it in ${patience} ms`);
          await sleep(50);
        }
      }));
      context.diagnostic(`webhook answered after ${told} ms; refused in isolates after ${times.join(', ')} ms`);
    } finally {
      await fleet.close();
    }
  });
}
