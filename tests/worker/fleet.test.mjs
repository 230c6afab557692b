// Many isolates of one gateway: what the object changes for them, and that the fleet of the tests does what it says.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';

import { startProvider } from '../../dev/src/provider.mjs';
import { startFleet } from './support/fleet.mjs';
import { SESSION_COOKIE } from './support/gateway.mjs';
import { SCRIPT, parseSetCookie } from './support/http.mjs';
import { expired, requestsTo, signedIn, unseal } from './support/sessions.mjs';

/** Longer than requests to all copies take to arrive, on a busy machine too. */
const EXCHANGE_MS = 1_000;

const provider = await startProvider();
const together = await startFleet(provider);
const alone = await startFleet(provider, { object: false });
after(async () => {
  await together.close();
  await alone.close();
  await provider.close();
});
beforeEach(() => {
  provider.reset();
  provider.knobs.set({ slow: { milliseconds: EXCHANGE_MS, endpoints: ['authenticate'] } });
});

/** One request to each copy at once, all with the cookie that the visitor has now. */
function toEachCopy(fleet, visitor, headers = {}) {
  const cookie = `${SESSION_COOKIE}=${visitor.session}`;
  const copies = Array.from({ length: fleet.copies }, (_, copy) => String(copy));
  return Promise.all(copies.map((copy) => fleet.request('/auth/session', { headers: { ...SCRIPT, ...headers, cookie, 'x-fleet-copy': copy } })));
}

const outcomes = () => requestsTo(provider, 'authenticate').map(({ outcome }) => outcome).sort();

test('isolates that share the object exchange a refresh token once, and all bring the same generation', async () => {
  const visitor = expired(together, provider);
  const answers = await toEachCopy(together, visitor);
  assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200], answers.map(({ body }) => body).join('\n'));
  assert.deepEqual(outcomes(), ['rotated']);
  const brought = answers.map(({ setCookies }) => JSON.parse(unseal(parseSetCookie(setCookies[0]).value)).refreshToken);
  assert.equal(new Set(brought).size, 1);
});

test('isolates without the object each exchange it: the copies of the fleet share nothing else', async () => {
  await toEachCopy(alone, expired(alone, provider));
  assert.deepEqual(outcomes(), ['replayed', 'replayed', 'rotated']);
});

test('without grace that ends the session for all but one, and with the object for nobody', async () => {
  provider.knobs.set({ refreshGraceSeconds: 0 });
  const statuses = async (fleet) => (await toEachCopy(fleet, expired(fleet, provider))).map(({ status }) => status).sort();
  assert.deepEqual(await statuses(alone), [200, 401, 401]);
  assert.deepEqual(await statuses(together), [200, 200, 200]);
});

test('a cookie from before the exchange gets the newest generation in every isolate, long after the grace', async () => {
  provider.knobs.set({ refreshGraceSeconds: 0 });
  const visitor = expired(together, provider);
  assert.equal((await together.request('/auth/session', { headers: { ...SCRIPT, cookie: `${SESSION_COOKIE}=${visitor.session}`, 'x-fleet-lose': 'yes' } })).status, 599);
  const answers = await toEachCopy(together, visitor);
  assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200]);
  assert.deepEqual(answers.map(({ setCookies }) => setCookies.length), [1, 1, 1]);
  assert.deepEqual(outcomes(), ['rotated']);
});

test('a caller that gives up takes nothing from those who wait with it', async () => {
  provider.knobs.set({ refreshGraceSeconds: 0 });
  const visitor = expired(together, provider);
  const headers = { ...SCRIPT, cookie: `${SESSION_COOKIE}=${visitor.session}`, 'x-fleet-copy': '0', 'x-fleet-patience': String(EXCHANGE_MS / 2) };
  const gone = together.request('/auth/session', { headers });
  for (const deadline = Date.now() + 10_000; requestsTo(provider, 'authenticate').length === 0 && Date.now() < deadline; ) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const answers = await toEachCopy(together, visitor);
  assert.equal((await gone).status, 598, 'it really gave up');
  assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200], answers.map(({ body }) => body).join('\n'));
  assert.deepEqual(outcomes(), ['rotated']);
});

test('what the gateway says passes the front unchanged', async () => {
  const answer = await signedIn(alone, provider).fetch('/auth/session', { headers: { 'x-fleet-copy': '1' } });
  assert.equal(answer.headers['cache-control'], 'private, no-store');
  assert.ok(Number(answer.headers['x-fleet-milliseconds']) >= 0);
  const redirected = await alone.request('/app/', { headers: { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' } });
  assert.deepEqual([redirected.status, redirected.headers.location], [302, '/auth/login?return_to=%2Fapp%2F']);
});
