// The object that keeps a session: one exchange for each generation however many ask, and its result for whoever comes later, even
// weeks later. The provider shows no patience with a refresh token that comes twice.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startProvider } from '../../dev/src/provider.mjs';
import { Visitor } from './support/browser.mjs';
import { startClocked } from './support/clocked.mjs';
import { SESSION_COOKIE } from './support/gateway.mjs';
import { SCRIPT, parseSetCookie } from './support/http.mjs';
import { expired, requestsTo, sealSession, signedIn, unseal, untilServed } from './support/sessions.mjs';

const MINUTE = 60;
const DAY = 24 * 3600;
const endpoints = ['authenticate'];
const SECOND = { COOKIE_NAME: 'second-session', WORKOS_COOKIE_PASSWORD: 'the password of the second gateway, and of no other' };

const provider = await startProvider();
const gateway = await startClocked(provider, { second: SECOND });
after(async () => {
  await gateway.close();
  await provider.close();
});
beforeEach(async () => {
  provider.reset();
  await gateway.moveClock(0);
  provider.knobs.set({ refreshGraceSeconds: 0 });
});

const outcomes = () => requestsTo(provider, 'authenticate').map(({ outcome }) => outcome);
const tokenIn = (sealed) => JSON.parse(unseal(sealed)).refreshToken;
/** The refresh token that an answer brings. */
const brought = ({ setCookies }) => setCookies.map((line) => tokenIn(parseSetCookie(line).value))[0];

/** Comes with this cookie, and throws away what the answer sets. */
const come = (sealed, target = '/auth/session', { headers, ...options } = {}) =>
  gateway.request(target, { ...options, headers: { ...SCRIPT, cookie: `${SESSION_COOKIE}=${sealed}`, ...headers } });
const refresh = (sealed) => come(sealed, '/auth/refresh', { method: 'POST' });

test('thirty requests at once over an expired token: one exchange, and everybody gets the same pair', async () => {
  const visitor = expired(gateway, provider);
  const copy = sealSession(visitor.response);
  const answers = await Promise.all(Array.from({ length: 30 }, (_, index) => {
    // The same session in a seal of its own, and twice in one header, as from two paths.
    const cookie = [visitor.session, copy, `${visitor.session}; ${SESSION_COOKIE}=${copy}`][index % 3];
    return come(cookie, index % 2 ? '/app/' : '/auth/session');
  }));
  assert.deepEqual(answers.map(({ status }) => status), Array(30).fill(200));
  assert.equal(new Set(answers.map(brought)).size, 1);
  assert.deepEqual(outcomes(), ['rotated']);
  assert.equal(brought(await come(visitor.session)), brought(answers[0]), 'and whoever comes afterwards with the old cookie');
  assert.deepEqual(outcomes(), ['rotated']);
});

test('POST /auth/refresh thirty times at once: one exchange as well, whether the token has expired or not', async () => {
  for (const visitor of [expired(gateway, provider), signedIn(gateway, provider)]) {
    provider.clearRequests();
    const answers = await Promise.all(Array.from({ length: 30 }, () => refresh(visitor.session)));
    assert.deepEqual(answers.map(({ status }) => status), Array(30).fill(200));
    assert.equal(new Set(answers.map(brought)).size, 1);
    assert.deepEqual(outcomes(), ['rotated']);
  }
});

test('many sessions at once: one exchange each, and nobody gets another\'s', async () => {
  const visitors = ['ada', 'grace', 'alan', 'margaret', 'thordis'].map((person) => expired(gateway, provider, { person }));
  const requests = Array.from({ length: 30 }, (_, index) => visitors[index % 5]);
  const answers = await Promise.all(requests.map(({ session }) => come(session)));
  assert.deepEqual(answers.map((answer) => answer.json().sessionId), requests.map(({ sessionId }) => sessionId));
  assert.deepEqual(outcomes(), Array(5).fill('rotated'));
});

test('answers that are lost, again and again: the old cookie is enough, minutes and weeks later', async () => {
  const visitor = expired(gateway, provider);
  // Ten minutes, 29 days: as long as the provider keeps its sessions. Each time the token of the last answer has expired.
  for (const [index, seconds] of [0, 10 * MINUTE, 20 * MINUTE, DAY, 10 * DAY, 29 * DAY].entries()) {
    await gateway.moveClock(seconds);
    provider.knobs.set({ refreshGraceSeconds: 0 });
    for (const answer of [await come(visitor.session), await come(visitor.session)]) {
      assert.deepEqual([answer.status, answer.json().sessionId], [200, visitor.sessionId], `${seconds} s later: ${answer.body}`);
    }
    assert.deepEqual(outcomes(), Array(index + 1).fill('rotated'));
  }
});

for (const [name, seconds] of Object.entries({ 'ten minutes': 10 * MINUTE, '29 days': 29 * DAY })) {
  test(`a visitor whose answer was lost and who returns after ${name} is signed in, and goes on`, async () => {
    const visitor = expired(gateway, provider);
    await come(visitor.session);
    await gateway.moveClock(seconds);
    assert.equal((await visitor.fetch('/auth/session')).status, 200);
    await gateway.moveClock(seconds + 10 * MINUTE);
    assert.equal((await visitor.fetch('/auth/session')).status, 200);
    assert.deepEqual(outcomes(), Array(3).fill('rotated'));
  });
}

test('cookies of three generations, while the newest was not presented: all lead to it', async () => {
  const visitor = expired(gateway, provider);
  const generations = [visitor.session];
  for (let age = 1; age <= 3; age += 1) {
    await gateway.moveClock(age * 10 * MINUTE);
    generations.push(parseSetCookie((await come(generations[0])).setCookies[0]).value);
  }
  assert.equal(new Set(generations.map(tokenIn)).size, 4);
  await gateway.moveClock(DAY);
  const answers = await Promise.all(generations.slice(0, 3).map((sealed) => come(sealed)));
  assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200]);
  assert.equal(new Set(answers.map(brought)).size, 1);
  assert.deepEqual(outcomes(), Array(4).fill('rotated'));
});

test('once the newest was presented, a cookie of before is good for ten minutes; then it ends, and it alone', async () => {
  const visitor = expired(gateway, provider);
  const old = visitor.session;
  await visitor.fetch('/auth/session');
  // It is presented at its own refresh.
  await gateway.moveClock(10 * MINUTE);
  assert.equal((await visitor.fetch('/auth/session')).status, 200);
  await gateway.moveClock(19 * MINUTE);
  assert.equal((await come(old)).status, 200, 'nine minutes later');
  await gateway.moveClock(31 * MINUTE);
  const ended = await come(old);
  assert.deepEqual([ended.status, ended.json().detail], [401, 'invalid_grant']);
  assert.equal(parseSetCookie(ended.setCookies[0]).attributes['max-age'], '0');
  assert.equal(outcomes().at(-1), 'exchanged', 'the provider was asked, and refused');
  assert.equal((await visitor.fetch('/auth/session')).status, 200, 'the newest goes on');
  assert.equal(outcomes().at(-1), 'rotated');
});

test('a definite refusal ends the session, and no other answer does', async () => {
  const visitor = expired(gateway, provider);
  for (const [index, status] of [401, 403, 422, 429, 500, 502].entries()) {
    provider.knobs.set({ fail: { status, retryAfterSeconds: 1, endpoints } });
    const refused = await come(visitor.session);
    assert.ok([401, 503].includes(refused.status), `${status}: ${refused.status}`);
    assert.deepEqual(refused.setCookies, [], `${status}`);
    provider.knobs.set({ fail: null });
    // 403 says nothing about when to come back; a second later it is asked again.
    await sleep(1_000);
    assert.equal((await untilServed(() => come(visitor.session))).status, 200, `after ${status}`);
    await gateway.moveClock((index + 1) * 10 * MINUTE);
  }
  await fetch(`${provider.url}/dev/end-session`, { method: 'POST', body: JSON.stringify({ sessionId: visitor.sessionId }) });
  const answers = await Promise.all(Array.from({ length: 10 }, () => come(visitor.session)));
  for (const answer of answers) {
    assert.deepEqual([answer.status, answer.json().detail], [401, 'invalid_grant']);
    assert.equal(parseSetCookie(answer.setCookies[0]).attributes['max-age'], '0');
  }
  // The newest token was tried, and then the cookie's own.
  assert.equal(outcomes().filter((outcome) => outcome === 'ended').length, 2, 'not once for each of them');
});

test('sign-out while the provider is slow: nobody gets what comes of it, and the old cookie brings nobody back', async () => {
  const visitor = expired(gateway, provider);
  provider.knobs.set({ slow: { milliseconds: 3_000, endpoints, times: 1 } });
  const waiting = Array.from({ length: 3 }, () => come(visitor.session));
  await until(() => requestsTo(provider, 'authenticate').length === 1);
  const left = await come(visitor.session, '/auth/logout', { method: 'POST' });
  assert.equal(left.status, 200);
  for (const answer of await Promise.all(waiting)) {
    assert.deepEqual([answer.status, answer.json().detail], [401, 'invalid_grant']);
    assert.equal(parseSetCookie(answer.setCookies[0]).attributes['max-age'], '0');
  }
  await until(() => requestsTo(provider, 'authenticate')[0].status);
  assert.deepEqual(outcomes(), ['rotated'], 'the provider has made a pair that nobody has');
  for (const answer of [await come(visitor.session), await refresh(visitor.session), await come(visitor.session, '/app/')]) assert.equal(answer.status, 401);
  assert.deepEqual(outcomes(), ['rotated']);
});

test('two gateways with cookies and passwords of their own share the exchange of a session, and nothing else', async () => {
  const visitor = expired(gateway, provider);
  const bystander = expired(gateway, provider, { person: 'alan' });
  const there = (response, name = SECOND.COOKIE_NAME, password = SECOND.WORKOS_COOKIE_PASSWORD) =>
    gateway.second.request('/auth/session', { headers: { ...SCRIPT, cookie: `${name}=${sealSession(response, { password })}` } });
  const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 ? come(visitor.session) : there(visitor.response))));
  assert.deepEqual(answers.map((answer) => answer.json().sessionId), Array(20).fill(visitor.sessionId));
  assert.deepEqual(outcomes(), ['rotated']);
  const [line] = answers[0].setCookies.map(parseSetCookie);
  assert.equal(line.name, SECOND.COOKIE_NAME);
  assert.equal(JSON.parse(unseal(line.value, SECOND.WORKOS_COOKIE_PASSWORD)).refreshToken, brought(answers[1]));
  // Neither opens the other's cookie, under either name.
  for (const name of [SESSION_COOKIE, SECOND.COOKIE_NAME]) {
    assert.equal((await gateway.second.request('/auth/session', { headers: { ...SCRIPT, cookie: `${name}=${visitor.session}` } })).status, 401);
  }
  assert.equal((await come(sealSession(visitor.response, { password: SECOND.WORKOS_COOKIE_PASSWORD }))).status, 401);
  assert.equal((await there(bystander.response)).json().sessionId, bystander.sessionId, 'another session has its own object');
});

async function until(isTrue) {
  for (const deadline = Date.now() + 15_000; !isTrue(); await sleep(20)) if (Date.now() > deadline) assert.fail('not within fifteen seconds');
}
