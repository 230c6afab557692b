// The callback: finishes only a sign-in that this browser started, once, and says why it does not.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';

import { startProvider } from '../../dev/src/provider.mjs';
import { Visitor } from './support/browser.mjs';
import { PASSWORD, SESSION_COOKIE, startGateway } from './support/gateway.mjs';
import { parseSetCookie } from './support/http.mjs';
import { requestsTo, seal, sealSession, signedIn, unseal } from './support/sessions.mjs';

const provider = await startProvider();
const gateway = await startGateway(provider);
after(async () => {
  await gateway.close();
  await provider.close();
});
beforeEach(() => provider.reset());

/** A refused callback: its status and code, and that it has neither asked the provider nor set a session. */
async function refused(visitor, target, detail, { exchanges = 0 } = {}) {
  const had = visitor.session;
  const answer = await visitor.open(target);
  assert.equal(answer.status, 400, `${detail}: ${answer.body}`);
  assert.ok(answer.body.includes(detail), `${detail} is not in: ${answer.body.replace(/<style>.*<\/style>/s, '')}`);
  assert.match(answer.headers['content-type'], /text\/html/);
  assert.match(answer.headers['content-security-policy'], /default-src 'none'/);
  assert.equal(answer.headers['cache-control'], 'private, no-store');
  assert.equal(visitor.session, had, 'a session that was there still is');
  assert.equal(requestsTo(provider, 'authenticate').length, exchanges);
  return answer;
}

const flowOf = ({ cookies }) => [...cookies].find(([name]) => name.startsWith('edgeseal-flow-'));

test('without a state', async () => {
  const visitor = new Visitor(gateway);
  const target = await visitor.reachCallback();
  await refused(visitor, target.replace(/state=[^&]*/, ''), 'state_missing');
  await refused(visitor, '/auth/callback', 'state_missing');
});

test('a state that nobody knows, or of the wrong shape', async () => {
  const visitor = new Visitor(gateway);
  const target = await visitor.reachCallback();
  for (const state of ['x', 'A'.repeat(43), '%C3%A9', ';', '%00', '..%2f..', '"><script>', 'x'.repeat(10_000)]) {
    const answer = await refused(visitor, target.replace(/state=[^&]*/, `state=${encodeURIComponent(decodeURIComponent(state))}`), 'state_unknown');
    assert.ok(!answer.body.includes('<script>'));
  }
});

test('a state of another browser: whoever is sent such a link is not signed in as someone else', async () => {
  const attacker = new Visitor(gateway);
  const target = await attacker.reachCallback({ choice: 'alan-globex' });
  await refused(new Visitor(gateway), target, 'state_unknown');
  await refused(signedIn(gateway, provider), target, 'state_unknown');
  const other = new Visitor(gateway);
  await other.reachCallback();
  await refused(other, target, 'state_unknown');
});

test('a state that shares its first characters with one of this browser', async () => {
  const visitor = new Visitor(gateway);
  const target = await visitor.reachCallback();
  await refused(visitor, target.replace(/(state=.{8})[^&]*/, `$1${'A'.repeat(35)}`), 'state_mismatch');
});

test('a flow cookie that was tampered with, is of another password, or is something else that we sealed', async () => {
  const visitor = new Visitor(gateway);
  const target = await visitor.reachCallback();
  const [name, value] = flowOf(visitor);
  for (const broken of [
    `${value.slice(0, -4)}AAAA`,
    'garbage',
    value.replace('Fe26.2', 'Fe26.1'),
    seal(unseal(value), { password: 'another password of 32 characters or more' }),
    sealSession(provider.mintSession().response),
    seal('{}'),
    seal('null'),
    seal(unseal(value).replace('edgeseal-flow', 'other')),
  ]) {
    visitor.cookies.set(name, broken);
    await refused(visitor, target, 'state_invalid');
  }
});

test('a sign-in that took longer than ten minutes', async () => {
  const visitor = new Visitor(gateway);
  const target = await visitor.reachCallback();
  const [name, value] = flowOf(visitor);
  visitor.cookies.set(name, seal(unseal(value), { expiresAt: Date.now() - 120_000 }));
  await refused(visitor, target, 'state_expired');
});

test('a flow is no session', async () => {
  const visitor = new Visitor(gateway);
  await visitor.reachCallback();
  const [, value] = flowOf(visitor);
  const answer = await new Visitor(gateway, { [SESSION_COOKIE]: value }).fetch('/auth/session');
  assert.deepEqual([answer.status, answer.json().detail], [401, 'session_malformed']);
});

test('used twice: the second time it is over, and whoever was signed in still is', async () => {
  const visitor = new Visitor(gateway);
  const target = await visitor.reachCallback();
  const flow = flowOf(visitor);
  assert.equal((await visitor.open(target)).status, 302);
  await refused(visitor, target, 'state_unknown', { exchanges: 1 });
  // A browser that kept the cookie all the same.
  visitor.cookies.set(...flow);
  await refused(visitor, target, 'code_rejected', { exchanges: 2 });
  assert.equal((await visitor.fetch('/auth/session')).status, 200);
});

test('without a code, with an empty one, or with one that the provider does not know', async () => {
  for (const [edit, detail, exchanges] of [
    [(target) => target.replace(/code=[^&]*/, ''), 'code_missing', 0],
    [(target) => target.replace(/code=[^&]*/, 'code='), 'code_missing', 0],
    [(target) => target.replace(/code=[^&]*/, 'code=unknown'), 'code_rejected', 1],
    [(target) => target.replace(/code=[^&]*/, `code=${encodeURIComponent('"}, é\n\0')}`), 'code_rejected', 1],
  ]) {
    provider.clearRequests();
    const visitor = new Visitor(gateway);
    const answer = await refused(visitor, edit(await visitor.reachCallback()), detail, { exchanges });
    assert.equal(parseSetCookie(answer.setCookies[0]).attributes['max-age'], '0', 'the flow is over');
    assert.equal(flowOf(visitor), undefined);
  }
});

test('a code of another sign-in: its challenge does not fit our verifier', async () => {
  const [one, two] = [new Visitor(gateway), new Visitor(gateway)];
  const [target, foreign] = [await one.reachCallback(), await two.reachCallback()];
  const code = new URL(foreign, 'http://x').searchParams.get('code');
  await refused(one, target.replace(/code=[^&]*/, `code=${code}`), 'code_rejected', { exchanges: 1 });
});

test('cancelled at the provider', async () => {
  const visitor = new Visitor(gateway);
  const target = await visitor.reachCallback({ choice: 'cancel' });
  assert.match(target, /error=access_denied/);
  const answer = await refused(visitor, target, 'sign_in_denied');
  assert.equal(flowOf(visitor), undefined);
  assert.ok(!answer.body.includes('The sign-in was cancelled.</'), 'the provider\'s own words are not repeated');
});

test('an error without a state ends nothing', async () => {
  const visitor = new Visitor(gateway);
  await visitor.reachCallback();
  await refused(visitor, '/auth/callback?error=access_denied', 'state_missing');
  assert.ok(flowOf(visitor));
});

const OUTAGES = {
  'is down': [{ down: { endpoints: ['authenticate'], times: 1 } }, 'provider_unavailable'],
  'answers 500': [{ fail: { status: 500, endpoints: ['authenticate'], times: 1 } }, 'provider_unavailable'],
  'answers 502 in HTML': [{ fail: { status: 502, endpoints: ['authenticate'], times: 1 } }, 'provider_unavailable'],
  'answers 429': [{ fail: { status: 429, endpoints: ['authenticate'], times: 1 } }, 'provider_rate_limited'],
  'refuses our API key': [{ fail: { status: 401, endpoints: ['authenticate'], times: 1 } }, 'provider_refused_client'],
};

for (const [name, [knob, detail]] of Object.entries(OUTAGES)) {
  test(`while the provider ${name} it is 503, and loading the page again finishes the sign-in`, async () => {
    const visitor = new Visitor(gateway);
    const target = await visitor.reachCallback({ returnTo: '/app/' });
    provider.knobs.set(knob);
    const answer = await visitor.open(target);
    assert.deepEqual([answer.status, answer.setCookies], [503, []]);
    assert.ok(answer.body.includes(detail));
    assert.match(answer.headers['retry-after'], /^[1-9]\d*$/);
    const again = await visitor.open(target);
    assert.deepEqual([again.status, again.headers.location], [302, '/app/']);
    assert.equal((await visitor.fetch('/auth/session')).status, 200);
  });
}

test('the keys cannot be had: the sign-in is finished all the same, and the next request checks it', async (t) => {
  const cold = await startGateway(provider);
  t.after(() => cold.close());
  const visitor = new Visitor(cold);
  const target = await visitor.reachCallback();
  provider.knobs.set({ down: { endpoints: ['jwks'], times: 1 } });
  assert.equal((await visitor.open(target)).status, 302);
  assert.ok(visitor.session);
});

test('signing in again replaces the session', async () => {
  const visitor = new Visitor(gateway);
  await visitor.signIn({ choice: 'ada-acme' });
  await visitor.signIn({ choice: 'grace-acme' });
  assert.equal((await visitor.fetch('/auth/session')).json().user.email, 'grace@example.com');
});

test('a POST to the callback is refused, so no form of another site reaches it', async () => {
  const visitor = new Visitor(gateway);
  const target = await visitor.reachCallback();
  const answer = await visitor.request(target, { method: 'POST', body: 'x' });
  assert.deepEqual([answer.status, answer.headers.allow], [405, 'GET']);
  assert.equal((await visitor.open(target)).status, 302);
});

test('nothing of all this went wrong inside', () => {
  assert.ok(!/panic|RuntimeError|uncaught/i.test(gateway.logs()), gateway.logs());
  assert.ok(!gateway.logs().includes(PASSWORD));
});
