// Requests that vanish: a caller that is bound to the gateway gives up while the gateway waits for the provider. On Workers
// nothing of such a request runs any more, no destructor either; it must leave no mark that lasts.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startProvider } from '../../dev/src/provider.mjs';
import { Visitor } from './support/browser.mjs';
import { SESSION_COOKIE, startGateway, withoutObjects } from './support/gateway.mjs';
import { DOCUMENT, SCRIPT, send } from './support/http.mjs';
import { expired, requestsTo, signedIn } from './support/sessions.mjs';

/** How long a request holds the right to load keys (src/limits.rs), and what a busy machine may need beyond. */
const LEASE_MS = 6_000;
/** And, without objects, the right to make an exchange, unless it says that it is still at it. */
const EXCHANGE_LEASE_MS = 2_000;
const MARGIN_MS = 6_000;
/** Long enough for a caller to give up meanwhile. */
const SLOW_MS = 1_500;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'edgeseal-caller-'));
// Calls the gateway, and gives up once it is told that the gateway waits.
fs.writeFileSync(path.join(folder, 'caller.mjs'), `export default {
  async fetch(request, { GATEWAY }) {
    const { pathname, searchParams } = new URL(request.url);
    const controller = new AbortController();
    const { method, headers } = request;
    const call = GATEWAY.fetch(new Request('http://localhost' + searchParams.get('target'), { method, headers, signal: controller.signal, redirect: 'manual' }));
    const outcome = call.then((answer) => 'answered ' + answer.status, (error) => 'gone: ' + error.name);
    setTimeout(() => controller.abort(), Number(searchParams.get('patience')));
    return new Response(await outcome);
  }
}`);
const caller = { config: { name: 'caller', main: path.join(folder, 'caller.mjs'), compatibility_date: '2026-10-20', routes: ['caller.example/*'], services: [{ binding: 'GATEWAY', service: 'edgeseal' }] } };

const provider = await startProvider();
const warm = await startGateway(provider, { workers: [caller] });
after(async () => {
  await warm.close();
  await provider.close();
  fs.rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => provider.reset());

/** A gateway that has loaded no keys yet. */
async function startCold(t) {
  const gateway = await startGateway(provider, { workers: [caller] });
  t.after(() => gateway.close());
  return gateway;
}

/** A call that is given up while the provider is slow. */
async function giveUp(gateway, target, { cookie, method = 'GET', headers = SCRIPT, patience = 500 } = {}) {
  const query = new URLSearchParams({ target, patience: String(patience) });
  const answer = await send(gateway.address, `/?${query}`, { method, headers: { ...headers, host: 'caller.example', cookie } });
  assert.equal(answer.body, 'gone: AbortError', 'the caller really gave up');
}

const cookieOf = ({ session }) => `${SESSION_COOKIE}=${session}`;

async function took(work) {
  const start = Date.now();
  const result = await work();
  return [Date.now() - start, result];
}

test('the caller reaches the gateway, and is answered when it waits', async () => {
  const gateway = warm;
  const query = new URLSearchParams({ target: '/auth/session', patience: '20000' });
  const answer = await send(gateway.address, `/?${query}`, { headers: { ...SCRIPT, host: 'caller.example', cookie: cookieOf(signedIn(gateway, provider)) } });
  assert.equal(answer.body, 'answered 200');
});

test('in a refresh: the next request is served at once, the session lives on with the same pair', async () => {
  const gateway = warm;
  for (const [target, method] of [['/auth/session', 'GET'], ['/app/', 'GET'], ['/auth/refresh', 'POST']]) {
    provider.reset();
    const visitor = expired(gateway, provider);
    provider.knobs.set({ slow: { milliseconds: SLOW_MS, endpoints: ['authenticate'], times: 1 } });
    await giveUp(gateway, target, { cookie: cookieOf(visitor), method });
    const [milliseconds, answer] = await took(() => visitor.fetch('/auth/session'));
    assert.equal(answer.status, 200, answer.body);
    assert.ok(milliseconds < MARGIN_MS, `${milliseconds} ms`);
    // What the first one asked for goes on without it, and the second gets that.
    assert.deepEqual(requestsTo(provider, 'authenticate').map(({ outcome }) => outcome), ['rotated']);
    assert.equal((await visitor.fetch('/auth/refresh', { method: 'POST' })).status, 200, 'the browser has the good refresh token');
  }
});

test('in a refresh whose answer has gone: its pair is kept, the old cookie is enough, and the provider need not be patient', async () => {
  const gateway = warm;
  const visitor = expired(gateway, provider);
  provider.knobs.set({ slow: { milliseconds: SLOW_MS, endpoints: ['authenticate'], times: 1 } });
  await giveUp(gateway, '/auth/session', { cookie: cookieOf(visitor) });
  await until(() => requestsTo(provider, 'authenticate')[0]?.status);
  assert.equal(requestsTo(provider, 'authenticate')[0].outcome, 'rotated', 'the vanished request has used the token up');
  provider.knobs.set({ refreshGraceSeconds: 0 });
  assert.equal((await visitor.fetch('/auth/session')).status, 200);
  assert.equal(requestsTo(provider, 'authenticate').length, 1, 'the object has kept it');
});

test('in a refresh without objects: the next request notices within seconds, and makes the exchange itself', async (t) => {
  const gateway = await startGateway(provider, { workers: [caller], editConfig: withoutObjects });
  t.after(() => gateway.close());
  await signedIn(gateway, provider).fetch('/auth/session');
  const visitor = expired(gateway, provider);
  provider.knobs.set({ slow: { milliseconds: SLOW_MS, endpoints: ['authenticate'], times: 1 } });
  await giveUp(gateway, '/auth/session', { cookie: cookieOf(visitor) });
  const [milliseconds, answer] = await took(() => visitor.fetch('/auth/session'));
  assert.equal(answer.status, 200, answer.body);
  assert.ok(milliseconds < EXCHANGE_LEASE_MS + MARGIN_MS, `${milliseconds} ms`);
});

test('in the exchange of a sign-in: loading the callback again finishes it, or says that it is over, and a new one works', async () => {
  const gateway = warm;
  for (const isLate of [false, true]) {
    provider.reset();
    const visitor = new Visitor(gateway);
    const target = await visitor.reachCallback({ returnTo: '/app/' });
    const cookie = Array.from(visitor.cookies, ([name, value]) => `${name}=${value}`).join('; ');
    provider.knobs.set({ slow: { milliseconds: SLOW_MS, endpoints: ['authenticate'], times: 1 } });
    await giveUp(gateway, target, { cookie, headers: DOCUMENT });
    if (isLate) await until(() => requestsTo(provider, 'authenticate')[0]?.status);
    const [milliseconds, answer] = await took(() => visitor.open(target));
    assert.ok(milliseconds < MARGIN_MS, `${milliseconds} ms`);
    assert.equal(answer.status, isLate ? 400 : 302, answer.body);
    if (isLate) {
      assert.ok(answer.body.includes('code_rejected'));
      await visitor.signIn({ returnTo: '/app/' });
    }
    assert.equal((await visitor.open('/app/')).status, 200);
  }
});

test('while keys are loaded for the first time: the next request waits for the lease at most, then loads them', async (t) => {
  const gateway = await startCold(t);
  provider.knobs.set({ slow: { milliseconds: SLOW_MS, endpoints: ['jwks'], times: 1 } });
  await giveUp(gateway, '/auth/session', { cookie: cookieOf(signedIn(gateway, provider)) });
  const visitors = Array.from({ length: 10 }, () => signedIn(gateway, provider));
  const [milliseconds, answers] = await took(() => Promise.all(visitors.map((visitor) => visitor.fetch('/auth/session'))));
  assert.deepEqual(answers.map(({ status }) => status), Array(10).fill(200));
  assert.ok(milliseconds < LEASE_MS + MARGIN_MS, `${milliseconds} ms`);
  assert.ok(requestsTo(provider, 'jwks').length <= 2, 'one for all who wait');
});

test('while keys are loaded for an unknown one: nobody with a known key waits, the others as long as the lease', async (t) => {
  const gateway = await startCold(t);
  const known = signedIn(gateway, provider);
  await known.fetch('/auth/session');
  await provider.rotateKeys();
  provider.knobs.set({ slow: { milliseconds: SLOW_MS, endpoints: ['jwks'], times: 1 } });
  const visitor = signedIn(gateway, provider);
  await giveUp(gateway, '/app/', { cookie: cookieOf(visitor), headers: DOCUMENT });
  const [quick, first] = await took(() => known.fetch('/auth/session'));
  assert.equal(first.status, 200);
  assert.ok(quick < LEASE_MS / 2, `${quick} ms`);
  const [milliseconds, answer] = await took(() => visitor.fetch('/auth/session'));
  assert.equal(answer.status, 200, answer.body);
  assert.ok(milliseconds < LEASE_MS + MARGIN_MS, `${milliseconds} ms`);
});

test('many at once, everywhere: afterwards all is as if they had never been', async (t) => {
  const gateway = await startCold(t);
  const sessions = Array.from({ length: 8 }, () => expired(gateway, provider));
  provider.knobs.set({ slow: { milliseconds: SLOW_MS, endpoints: ['authenticate', 'jwks'], times: 16 } });
  await Promise.all(sessions.map((visitor, index) => giveUp(gateway, index % 2 ? '/app/' : '/auth/session', { cookie: cookieOf(visitor), patience: 100 + index * 50 })));
  provider.knobs.reset();
  const [milliseconds, answers] = await took(() => Promise.all(sessions.map((visitor) => visitor.fetch('/auth/session'))));
  assert.deepEqual(answers.map(({ status }) => status), Array(8).fill(200));
  assert.ok(milliseconds < LEASE_MS + MARGIN_MS, `${milliseconds} ms`);
  assert.deepEqual(answers.map((answer) => answer.json().sessionId), sessions.map(({ sessionId }) => sessionId));
});

async function until(isTrue) {
  for (const deadline = Date.now() + 10_000; !isTrue(); await sleep(20)) if (Date.now() > deadline) assert.fail('not within ten seconds');
}
