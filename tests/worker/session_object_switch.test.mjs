// A session that changes while it is refreshed: an organization that is switched to, an id that the provider replaces. Exchanges
// follow one another, and every cookie of before leads to what came last.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startProvider } from '../../dev/src/provider.mjs';
import { startClocked } from './support/clocked.mjs';
import { SESSION_COOKIE } from './support/gateway.mjs';
import { SCRIPT, parseSetCookie } from './support/http.mjs';
import { expired, requestsTo, signedIn, unseal } from './support/sessions.mjs';

const ACME = 'org_01ACME0000000000000000000';
const GLOBEX = 'org_01GLOBEX00000000000000000';
const MINUTE = 60;
const endpoints = ['authenticate'];

const provider = await startProvider();
const gateway = await startClocked(provider);
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
const cookieIn = ({ setCookies }) => parseSetCookie(setCookies[0]).value;
const tokenIn = (sealed) => JSON.parse(unseal(sealed)).refreshToken;
const come = (sealed, target = '/auth/session', options = {}) =>
  gateway.request(target, { ...options, headers: { ...SCRIPT, cookie: `${SESSION_COOKIE}=${sealed}` } });
const refresh = (sealed) => come(sealed, '/auth/refresh', { method: 'POST' });
const change = (sealed, organizationId) => come(sealed, '/auth/switch', { method: 'POST', body: JSON.stringify({ organizationId }) });

/** A fixed sequence of numbers below `most`: an interleaving that fails, fails again. */
function* sequence(seed, most) {
  for (let state = seed; ; yield (state >>> 16) % most) state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
}

test('switch and refresh at once, interleaved in many ways: all are served, and the last word is the switch\'s', async () => {
  const numbers = sequence(7, 40);
  const rounds = [];
  for (let round = 0; round < 24; round += 1) {
    const visitor = (round % 2 ? expired : signedIn)(gateway, provider, { person: 'ada', organization: 'acme' });
    provider.knobs.set({ slow: { milliseconds: numbers.next().value, endpoints } });
    const calls = Array.from({ length: 6 }, (_, index) => async (delay) => {
      await sleep(delay);
      if (index === 0) return change(visitor.session, GLOBEX);
      return index % 2 ? refresh(visitor.session) : come(visitor.session);
    });
    const answers = await Promise.all(calls.map((call) => call(numbers.next().value)));
    assert.deepEqual(answers.map(({ status }) => status), Array(6).fill(200), `round ${round}: ${answers.map(({ body }) => body).join('\n')}`);
    assert.equal(answers[0].json().organizationId, GLOBEX);
    rounds.push({ visitor, cookies: [visitor.session, ...answers.filter(({ setCookies }) => setCookies.length).map(cookieIn)] });
  }
  provider.knobs.set({ slow: null });
  assert.deepEqual(new Set(outcomes()), new Set(['rotated', 'switched']), 'no token came twice');
  assert.ok(outcomes().length <= 3 * rounds.length, `${outcomes().length} exchanges`);
  assert.equal(outcomes().filter((outcome) => outcome === 'switched').length, rounds.length);

  // Every token has expired: whichever cookie a browser has kept, it goes on in the organization switched to.
  await gateway.moveClock(6 * MINUTE);
  for (const { visitor, cookies } of rounds) {
    provider.clearRequests();
    const answers = await Promise.all(cookies.map((sealed) => come(sealed)));
    for (const answer of answers) assert.deepEqual([answer.status, answer.json().organizationId, answer.json().sessionId], [200, GLOBEX, visitor.sessionId]);
    assert.deepEqual(outcomes(), ['rotated']);
  }
});

test('two switches at once, to and fro: both are done, one after the other', async () => {
  const visitor = signedIn(gateway, provider, { person: 'ada', organization: 'acme' });
  const wanted = [GLOBEX, ACME, GLOBEX, ACME];
  const answers = await Promise.all(wanted.map((organizationId) => change(visitor.session, organizationId)));
  assert.deepEqual(answers.map((answer) => [answer.status, answer.json().organizationId]), wanted.map((organizationId) => [200, organizationId]));
  assert.deepEqual(new Set(outcomes()).difference(new Set(['rotated', 'switched'])), new Set());
});

test('a switch that is refused takes nobody along who is refreshed at the same time', async () => {
  const visitor = expired(gateway, provider, { person: 'grace' });
  const [refused, ...served] = await Promise.all([change(visitor.session, GLOBEX), refresh(visitor.session), come(visitor.session), come(visitor.session, '/app/')]);
  assert.deepEqual([refused.status, refused.setCookies], [403, []]);
  assert.deepEqual(served.map(({ status }) => status), [200, 200, 200]);
  assert.deepEqual(outcomes().filter(Boolean).filter((outcome) => outcome !== 'not_a_member'), ['rotated']);
});

test('a switch whose reply is lost is followed by its replay, and then by what was asked for', async () => {
  provider.knobs.set({ refreshGraceSeconds: 30, loseReply: { endpoints, times: 2 } });
  const visitor = expired(gateway, provider, { person: 'ada', organization: 'acme' });
  assert.equal((await change(visitor.session, GLOBEX)).status, 503);
  await sleep(2_000);
  const answer = await change(visitor.session, ACME);
  assert.deepEqual([answer.status, answer.json().organizationId], [200, ACME]);
  assert.deepEqual(outcomes(), ['switched', 'replayed', 'replayed', 'switched']);
});

test('a provider that gives the session a new id: old and new cookie go on, with one exchange for each generation', async () => {
  const visitor = expired(gateway, provider);
  provider.knobs.set({ newSessionIdAtRefresh: true });
  const first = await Promise.all(Array.from({ length: 10 }, () => come(visitor.session)));
  assert.deepEqual(first.map(({ status }) => status), Array(10).fill(200));
  assert.equal(new Set(first.map(cookieIn).map(tokenIn)).size, 1);
  const renamed = first[0].json().sessionId;
  assert.notEqual(renamed, visitor.sessionId);
  assert.deepEqual(outcomes(), ['rotated']);
  assert.equal((await come(visitor.session)).json().sessionId, renamed, 'the old cookie leads to the new session');

  provider.knobs.set({ newSessionIdAtRefresh: false });
  for (let round = 1; round <= 3; round += 1) {
    await gateway.moveClock(round * 10 * MINUTE);
    provider.knobs.set({ refreshGraceSeconds: 0 });
    const answers = await Promise.all([visitor.session, cookieIn(first[0]), visitor.session, cookieIn(first[1])].map((sealed) => come(sealed)));
    assert.deepEqual(answers.map((answer) => [answer.status, answer.json().sessionId]), Array(4).fill([200, renamed]), `round ${round}`);
    assert.deepEqual(outcomes(), Array(1 + round).fill('rotated'));
  }
});

test('a provider that does so at every refresh: a cookie that was left behind several ids ago still leads to the newest', async () => {
  const visitor = expired(gateway, provider);
  provider.knobs.set({ newSessionIdAtRefresh: true });
  const cookies = [visitor.session];
  for (let round = 0; round < 3; round += 1) {
    await gateway.moveClock(round * 10 * MINUTE);
    provider.knobs.set({ refreshGraceSeconds: 0 });
    const answer = await come(cookies.at(-1));
    assert.equal(answer.status, 200);
    cookies.push(cookieIn(answer));
  }
  for (const [age, sealed] of cookies.toReversed().entries()) {
    const answer = await come(sealed);
    assert.deepEqual([answer.status, answer.json().authenticated], [200, true], `${age} ids ago: ${answer.body}`);
  }
  assert.deepEqual(outcomes(), Array(3).fill('rotated'));
});
