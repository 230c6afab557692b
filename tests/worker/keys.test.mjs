// Keys: a rotation is noticed at the first token of the new key, and forged key ids cost the provider next to nothing.

import assert from 'node:assert/strict';
import { createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startProvider } from '../../dev/src/provider.mjs';
import { Visitor } from './support/browser.mjs';
import { SESSION_COOKIE, startGateway } from './support/gateway.mjs';
import { requestsTo, sealToken, signedIn } from './support/sessions.mjs';

const provider = await startProvider();
after(() => provider.close());

/** A gateway that has never seen a key. */
async function coldGateway(t) {
  provider.reset();
  const gateway = await startGateway(provider);
  t.after(() => gateway.close());
  return gateway;
}

const keyLoads = () => requestsTo(provider, 'jwks').length;

test('a rotation is picked up at the first token of the new key, seconds after the last load', async (t) => {
  const gateway = await coldGateway(t);
  const old = signedIn(gateway, provider);
  assert.equal((await old.fetch('/auth/session')).status, 200);
  await provider.rotateKeys();
  const fresh = signedIn(gateway, provider);
  assert.equal((await fresh.fetch('/auth/session')).status, 200);
  assert.equal((await old.fetch('/auth/session')).status, 200, 'the previous key is still published');
  assert.equal(keyLoads(), 2);
});

test('many first tokens of the new key at once all succeed with one load, and the known key does not wait for it', async (t) => {
  const gateway = await coldGateway(t);
  const known = signedIn(gateway, provider);
  await known.fetch('/auth/session');
  await provider.rotateKeys();
  // Slow, so that all of them meet the load under way.
  provider.knobs.set({ slow: { milliseconds: 2000, endpoints: ['jwks'], times: 1 } });
  let isLoaded = false;
  const visitors = Array.from({ length: 20 }, () => signedIn(gateway, provider));
  const loading = Promise.all(visitors.map((visitor) => visitor.fetch('/auth/session'))).then((answers) => {
    isLoaded = true;
    return answers;
  });
  assert.equal((await known.fetch('/auth/session')).status, 200);
  assert.equal(isLoaded, false);
  assert.deepEqual((await loading).map(({ status }) => status), Array(20).fill(200));
  assert.equal(keyLoads(), 2);
});

test('tokens of a key that was withdrawn are refused once the new keys are known', async (t) => {
  const gateway = await coldGateway(t);
  const old = signedIn(gateway, provider);
  await old.fetch('/auth/session');
  await provider.rotateKeys({ keepPrevious: false });
  assert.equal((await signedIn(gateway, provider).fetch('/auth/session')).status, 200);
  const refused = await old.fetch('/auth/session');
  assert.deepEqual([refused.status, refused.json().detail, refused.setCookies], [401, 'unknown_key', []]);
});

test('forged tokens of a known key cause no load, a flood of 200 with key ids of their own one at most', async (t) => {
  const gateway = await coldGateway(t);
  const visitor = signedIn(gateway, provider);
  await visitor.fetch('/auth/session');
  provider.clearRequests();
  const [header] = visitor.response.access_token.split('.');
  const { kid } = JSON.parse(Buffer.from(header, 'base64url'));
  for (const [forged, detail] of [
    [forge({ alg: 'RS256', kid }), 'bad_signature'],
    [forge({ alg: 'RS256' }), 'bad_signature'],
    [forge({ alg: 'HS256', kid: 'x' }), 'algorithm_not_allowed'],
    [forge({ alg: 'none', kid: 'x' }), 'algorithm_not_allowed'],
    [forge({ alg: 'RS256', kid: 'x'.repeat(300) }), 'token_malformed'],
  ]) {
    const answer = await new Visitor(gateway, { [SESSION_COOKIE]: sealToken(forged) }).fetch('/auth/session');
    assert.equal(answer.json().detail, detail);
  }
  assert.deepEqual(provider.requests(), []);
  const answers = await Promise.all(Array.from({ length: 200 }, async (_, index) => {
    const cookie = `${SESSION_COOKIE}=${sealToken(forge({ alg: 'RS256', kid: `key_${index}_${randomBytes(4).toString('hex')}` }))}`;
    const answer = await gateway.request('/auth/session', { headers: { cookie } });
    return [answer.status, answer.json().detail, answer.setCookies.length];
  }));
  assert.deepEqual([...new Set(answers.map(String))], ['401,unknown_key,0']);
  assert.ok(keyLoads() <= 1, `${keyLoads()} loads`);
  assert.equal(requestsTo(provider, 'authenticate').length, 0);
  assert.equal((await visitor.fetch('/auth/session')).status, 200);
});

test('a flood on a cold gateway, before any key is known, causes two loads at most', async (t) => {
  const gateway = await coldGateway(t);
  const answers = await Promise.all(Array.from({ length: 60 }, (_, index) =>
    new Visitor(gateway, { [SESSION_COOKIE]: sealToken(forge({ alg: 'RS256', kid: `cold_${index}` })) }).fetch('/auth/session')));
  assert.deepEqual(new Set(answers.map((answer) => answer.json().detail)), new Set(['unknown_key']));
  assert.ok(keyLoads() <= 2, `${keyLoads()} loads`);
});

test('a load that fails does not silence the next one once the provider is back', async (t) => {
  const gateway = await coldGateway(t);
  await signedIn(gateway, provider).fetch('/auth/session');
  await provider.rotateKeys();
  provider.knobs.set({ fail: { status: 500, endpoints: ['jwks'], times: 1 } });
  const visitor = signedIn(gateway, provider);
  const refused = await visitor.fetch('/auth/session');
  assert.deepEqual([refused.status, refused.json().detail], [503, 'keys_unavailable']);
  // The pause after a failure is five seconds.
  const seen = new Set();
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await sleep(250)) {
    const answer = await visitor.fetch('/auth/session');
    if (answer.status === 200) return;
    seen.add(answer.json().detail);
  }
  assert.fail(`not authenticated within ten seconds of the provider's return: ${[...seen]}`);
});

let attacker;
before(() => (attacker = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey));

/** A token in good shape, signed by a key that nobody knows. */
function forge(header) {
  const now = Math.floor(Date.now() / 1000);
  const input = [header, { sub: 'user_x', sid: 'session_x', iat: now, exp: now + 300 }]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${input}.${createSign('RSA-SHA256').update(input).sign(attacker, 'base64url')}`;
}
