// A refresh beside a token that is still good: nobody waits for it, its cookie goes out with a later answer, and where it cannot be
// had nobody notices. It begins in the last fifth of the token's life.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { startProvider } from '../../dev/src/provider.mjs';
import { SESSION_COOKIE, startGateway, withoutObjects } from './support/gateway.mjs';
import { DOCUMENT, IMAGE, SCRIPT, parseSetCookie } from './support/http.mjs';
import { expired, requestsTo, signedIn, unseal, untilServed } from './support/sessions.mjs';
import { startUpstream } from './support/upstream.mjs';

const LIFE = 300;
const endpoints = ['authenticate'];
/** Long after any answer that does not wait for it, and within the patience that a refresh has. */
const SLOW_MS = 4_000;

const provider = await startProvider();
const upstream = await startUpstream();
const settings = { UPSTREAM_URL: upstream.url };
const gateway = await startGateway(provider, { settings });
const sealing = await startGateway(provider, { settings: { ...settings, UPSTREAM_SEAL: 'iron', UPSTREAM_COOKIE_NAME: 'site-session' } });
after(async () => {
  for (const each of [gateway, sealing, upstream, provider]) await each.close();
});
beforeEach(async () => {
  provider.reset();
  upstream.clear();
  // After an outage the provider is spared for seconds.
  await untilServed(() => expired(gateway, provider).fetch('/auth/session'));
  provider.clearRequests();
});

/** A visitor whose token was given some time ago, and lives on for so many seconds. */
function lastsFor(seconds, through = gateway) {
  provider.knobs.set({ clockOffsetSeconds: seconds - LIFE });
  const visitor = signedIn(through, provider, { lifetimeSeconds: LIFE });
  provider.knobs.set({ clockOffsetSeconds: 0 });
  return visitor;
}

const exchanges = () => requestsTo(provider, 'authenticate');
const outcomes = () => exchanges().map(({ outcome }) => outcome);
const tokenIn = (sealed) => JSON.parse(unseal(sealed)).refreshToken;
const cookieOf = ({ session }) => `${SESSION_COOKIE}=${session}`;
const come = (visitor, target = '/page', headers = DOCUMENT, through = gateway) => through.request(target, { headers: { cookie: cookieOf(visitor), ...headers } });

/** The answer of the first request that brings a cookie. */
async function untilCookie(ask) {
  for (const deadline = Date.now() + 15_000; ; await sleep(50)) {
    const answer = await ask();
    assert.equal(answer.status, 200);
    if (answer.setCookies.length > 0) return answer;
    assert.ok(Date.now() < deadline, 'no cookie within fifteen seconds');
  }
}

test('the answer does not wait: it comes without a cookie while the provider is slow, and a later one brings it', async () => {
  const visitor = lastsFor(50);
  const before = visitor.session;
  provider.knobs.set({ slow: { milliseconds: SLOW_MS, endpoints, times: 1 } });
  const answer = await visitor.open('/page');
  assert.deepEqual([answer.status, answer.setCookies], [200, []]);
  await until(() => exchanges().length === 1);
  assert.equal(exchanges()[0].status, null, 'the provider has not answered yet');
  await untilCookie(() => visitor.open('/page'));
  assert.notEqual(visitor.session, before);
  assert.deepEqual(outcomes(), ['rotated']);
  assert.equal(parseSetCookie((await come({ session: before })).setCookies[0]).name, SESSION_COOKIE, 'whoever has the old one still gets it');
  assert.deepEqual((await visitor.open('/page')).setCookies, [], 'and the new one is as good as any');
  assert.deepEqual(outcomes(), ['rotated']);
});

test('/auth/session does the same', async () => {
  const visitor = lastsFor(50);
  provider.knobs.set({ slow: { milliseconds: SLOW_MS, endpoints, times: 1 } });
  assert.deepEqual((await visitor.fetch('/auth/session')).setCookies, []);
  await until(() => exchanges().length === 1);
  assert.equal(exchanges()[0].status, null, 'the provider has not answered yet');
  await untilCookie(() => visitor.fetch('/auth/session'));
  assert.deepEqual(outcomes(), ['rotated']);
});

test('it begins in the last fifth, and not before', async () => {
  for (const [seconds, begins] of [[250, false], [90, false], [70, false], [55, true], [20, true]]) {
    provider.clearRequests();
    const visitor = lastsFor(seconds);
    await visitor.open('/page');
    if (begins) await until(() => outcomes().includes('rotated'));
    // What has not begun cannot be waited for: instead another session's refresh, which begins later and is waited for.
    else await expired(gateway, provider).fetch('/auth/session');
    assert.equal(exchanges().length, 1, `${seconds} s left`);
  }
});

test('exactly one exchange, however many requests', async () => {
  provider.knobs.set({ refreshGraceSeconds: 0, slow: { milliseconds: 500, endpoints, times: 1 } });
  const visitor = lastsFor(50);
  const answers = await Promise.all(Array.from({ length: 30 }, (_, index) => come(visitor, index % 2 ? '/page' : '/auth/session')));
  assert.deepEqual(answers.map(({ status }) => status), Array(30).fill(200));
  const later = await untilCookie(() => come(visitor));
  const cookies = [...answers, later].flatMap(({ setCookies }) => setCookies).map((line) => tokenIn(parseSetCookie(line).value));
  assert.equal(new Set(cookies).size, 1);
  assert.deepEqual(outcomes(), ['rotated']);
});

test('an upstream that takes longer than the provider has the cookie on its own answer', async () => {
  const visitor = lastsFor(50);
  upstream.answerWith(async (_, response) => {
    await until(() => exchanges()[0]?.status === 200);
    // The answer of the provider is still on its way back through the object.
    await sleep(2_000);
    response.end('slow');
  });
  const answer = await visitor.open('/page');
  assert.deepEqual([answer.body, answer.setCookies.length], ['slow', 1]);
  assert.equal(answer.headers['cache-control'], 'private, no-store');
  assert.equal((await visitor.fetch('/auth/session')).json().sessionId, visitor.sessionId);
  assert.deepEqual(outcomes(), ['rotated']);
});

test('nothing begins with what carries no cookie well, or what nobody has asked for', async () => {
  for (const [name, headers] of Object.entries({
    'a prefetch': { ...DOCUMENT, 'sec-purpose': 'prefetch' },
    'a prerender': { ...DOCUMENT, 'sec-purpose': 'prefetch;prerender' },
    'an image': IMAGE,
    'a font': { ...IMAGE, 'sec-fetch-dest': 'font' },
    'a conditional request': { ...DOCUMENT, 'if-none-match': '"1"' },
    'a conditional request by date': { ...SCRIPT, 'if-modified-since': 'Wed, 21 Oct 2026 07:28:00 GMT' },
  })) {
    provider.clearRequests();
    const visitor = lastsFor(50);
    for (let count = 0; count < 3; count += 1) assert.deepEqual((await come(visitor, '/page', headers)).setCookies, [], name);
    await expired(gateway, provider).fetch('/auth/session');
    assert.equal(exchanges().length, 1, `${name}: that of the other session`);
  }
});

test('nothing begins with an upgrade', async (t) => {
  const bound = await startGateway(provider, {
    editConfig: (toml) => `${toml}\n[[services]]\nbinding = "UPSTREAM"\nservice = "service"\n`,
    workers: [{ config: { name: 'service', main: fileURLToPath(new URL('support/service.mjs', import.meta.url)), compatibility_date: '2026-10-20', no_bundle: true } }],
  });
  t.after(() => bound.close());
  const visitor = lastsFor(50, bound);
  const headers = { ...SCRIPT, connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': randomBytes(16).toString('base64'), 'sec-websocket-protocol': 'chat' };
  const answer = await visitor.request('/socket', { headers });
  assert.deepEqual([answer.status, answer.setCookies], [101, []]);
  await expired(bound, provider).fetch('/auth/session');
  assert.equal(exchanges().length, 1, 'that of the other session');
});

test('a 304 brings no cookie, the next answer does', async () => {
  const visitor = lastsFor(50);
  const before = visitor.session;
  await visitor.open('/page');
  await until(() => exchanges()[0]?.status === 200);
  await sleep(1_000);
  upstream.answerWith(async (received, response) => {
    response.writeHead(304, { etag: '"1"' });
    response.end();
  });
  const conditional = await come({ session: before }, '/page', { ...DOCUMENT, 'if-none-match': '"1"' });
  assert.deepEqual([conditional.status, conditional.setCookies], [304, []]);
  upstream.clear();
  await untilCookie(() => come({ session: before }));
  assert.deepEqual(outcomes(), ['rotated']);
});

test('an upstream that answers 304 unasked, while a refresh runs beside it, gets no cookie on it', async () => {
  const visitor = lastsFor(50);
  upstream.answerWith(async (received, response) => {
    await until(() => exchanges()[0]?.status === 200);
    await sleep(1_000);
    response.writeHead(304);
    response.end();
  });
  const answer = await visitor.open('/page');
  assert.deepEqual([answer.status, answer.setCookies], [304, []]);
  upstream.clear();
  await untilCookie(() => visitor.open('/page'));
  assert.deepEqual(outcomes(), ['rotated']);
});

for (const [name, knob] of Object.entries({ down: { down: { endpoints } }, 'answering 500': { fail: { status: 500, endpoints } }, 'refusing us': { fail: { status: 401, endpoints } }, slow: { slow: { milliseconds: 6_000, endpoints } } })) {
  test(`an outage disturbs nobody: the provider is ${name}`, async () => {
    const visitor = lastsFor(50);
    provider.knobs.set(knob);
    for (let count = 0; count < 5; count += 1) {
      const answer = await visitor.open('/page');
      assert.deepEqual([answer.status, answer.setCookies, answer.headers['x-edgeseal-degraded']], [200, [], undefined]);
    }
    assert.equal((await visitor.fetch('/auth/session')).json().authenticated, true);
    provider.knobs.set({ down: null, fail: null, slow: null });
    await untilCookie(() => visitor.open('/page'));
    assert.equal(outcomes().filter((outcome) => outcome === 'rotated').length, 1);
  });
}

test('a session that was revoked is served until its token ends: the refusal beside it deletes nothing', async () => {
  const visitor = lastsFor(50);
  await fetch(`${provider.url}/dev/end-session`, { method: 'POST', body: JSON.stringify({ sessionId: visitor.sessionId }) });
  for (let count = 0; count < 3; count += 1) {
    const answer = await visitor.open('/page');
    assert.deepEqual([answer.status, answer.setCookies], [200, []]);
    await until(() => outcomes().includes('ended'));
  }
});

test('with UPSTREAM_SEAL it begins before the upstream\'s cookie would end within its SDK\'s buffer', async () => {
  const visitor = lastsFor(85, sealing);
  provider.knobs.set({ slow: { milliseconds: SLOW_MS, endpoints, times: 1 } });
  const answer = await visitor.open('/page');
  assert.deepEqual([answer.status, answer.setCookies], [200, []]);
  await until(() => exchanges().length === 1);
  assert.equal(exchanges()[0].status, null, 'the provider has not answered yet');
  assert.match(upstream.last().headers.cookie, /^site-session=/, 'the upstream has one that outlives its buffer');
  await untilCookie(() => visitor.open('/page'));
  const [, handedOn] = upstream.last().headers.cookie.split('site-session=');
  assert.equal(tokenIn(decodeURIComponent(handedOn)), tokenIn(visitor.session), 'then the next generation, as the browser does');
  assert.deepEqual(outcomes(), ['rotated']);
  // Within the buffer the upstream would refresh it itself: so it is done first, and waited for.
  const late = lastsFor(50, sealing);
  assert.equal((await late.open('/page')).setCookies.length, 1);
  assert.match(upstream.last().headers.cookie, /^site-session=/);
  assert.deepEqual(outcomes(), ['rotated', 'rotated']);
});

test('without the objects nothing runs beside: the token is used until it ends', async (t) => {
  const alone = await startGateway(provider, { settings, editConfig: withoutObjects });
  t.after(() => alone.close());
  const visitor = lastsFor(20, alone);
  for (let count = 0; count < 3; count += 1) assert.deepEqual((await visitor.open('/page')).setCookies, []);
  assert.equal((await expired(alone, provider).open('/page')).setCookies.length, 1);
  assert.equal(exchanges().length, 1, 'that of the other session');
});

async function until(isTrue) {
  for (const deadline = Date.now() + 15_000; !isTrue(); await sleep(20)) if (Date.now() > deadline) assert.fail('not within fifteen seconds');
}
