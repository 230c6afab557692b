// DEGRADED_SECONDS: while the provider is down, whoever was signed in a moment ago still is, and the upstream is told so. Nobody
// else is, and not for longer; by default nobody is.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';

import { startProvider } from '../../dev/src/provider.mjs';
import { SESSION_COOKIE, startGateway, withoutObjects } from './support/gateway.mjs';
import { DOCUMENT, SCRIPT } from './support/http.mjs';
import { calm, expired, requestsTo, signedIn, untilServed } from './support/sessions.mjs';
import { startUpstream } from './support/upstream.mjs';

const SECONDS = 60;
/** What the gateway tolerates anyway (src/limits.rs). */
const LEEWAY_SECONDS = 5;
/** What a loaded machine may take for one test. */
const MARGIN_SECONDS = 20;
const HEADER = 'x-edgeseal-degraded';
const endpoints = ['authenticate'];

const provider = await startProvider();
const upstream = await startUpstream();
const settings = { UPSTREAM_URL: upstream.url, DEGRADED_SECONDS: String(SECONDS) };
const gateway = await startGateway(provider, { settings });
after(async () => {
  for (const each of [gateway, upstream, provider]) await each.close();
});
beforeEach(async () => {
  upstream.clear();
  await calm(gateway, provider);
});

const OUTAGES = {
  // A connection that fails outside workerd reaches the Worker as an answer 5xx of the harness.
  'is down': [{ down: { endpoints } }, 'provider_unavailable'],
  'answers 500': [{ fail: { status: 500, endpoints } }, 'provider_unavailable'],
  'answers 429': [{ fail: { status: 429, retryAfterSeconds: 1, endpoints } }, 'provider_rate_limited'],
  'refuses our API key': [{ fail: { status: 401, endpoints } }, 'provider_refused_client'],
  'is slow': [{ slow: { milliseconds: 12_000, endpoints } }, 'provider_timeout'],
};

for (const [name, [knob, code]] of Object.entries(OUTAGES)) {
  test(`while the provider ${name}, an expired session is served, and marked on both sides`, async () => {
    const visitor = expired(gateway, provider, { lifetimeSeconds: -10 });
    const before = visitor.session;
    provider.knobs.set(knob);
    for (const [target, options] of [['/page', { headers: DOCUMENT }], ['/data', { method: 'POST', headers: { ...SCRIPT, [HEADER]: 'forged', x_edgeseal_degraded: 'forged' }, body: 'x' }]]) {
      const answer = await visitor.request(target, options);
      assert.deepEqual([answer.status, answer.headers[HEADER], answer.setCookies], [200, code, []], target);
      assert.match(answer.headers['cache-control'], /private/);
      const { headers } = upstream.last();
      assert.deepEqual([headers[HEADER], headers.x_edgeseal_degraded, headers['x-edgeseal-session-id']], [code, undefined, visitor.sessionId], target);
    }
    const session = await visitor.fetch('/auth/session');
    assert.deepEqual([session.status, session.headers[HEADER], session.json().sessionId], [200, code, visitor.sessionId]);
    const refused = await visitor.fetch('/auth/refresh', { method: 'POST' });
    assert.deepEqual([refused.status, refused.json().detail, refused.json().retryable, refused.setCookies], [503, code, true, []]);
    assert.equal(visitor.session, before);

    provider.knobs.reset();
    const later = await untilRefreshed(visitor);
    assert.deepEqual([later.status, later.headers[HEADER]], [200, undefined]);
    assert.equal(upstream.last().headers[HEADER], undefined);
  });
}

/** The first answer that brings the next generation. */
function untilRefreshed(visitor) {
  return untilServed(async () => {
    const answer = await visitor.open('/page');
    return answer.setCookies.length > 0 ? answer : { ...answer, status: 503 };
  });
}

test('a visitor\'s own header of that name reaches nobody', async () => {
  const visitor = signedIn(gateway, provider);
  const answer = await visitor.open('/page', { headers: { [HEADER]: 'forged' } });
  assert.deepEqual([answer.status, answer.headers[HEADER], upstream.last().headers[HEADER]], [200, undefined, undefined]);
});

test('it is over after the seconds, and the cookie stays all the same', async () => {
  provider.knobs.set({ fail: { status: 500, endpoints } });
  for (const [ago, status] of [[SECONDS + LEEWAY_SECONDS - MARGIN_SECONDS, 200], [SECONDS + LEEWAY_SECONDS + 1, 503], [3600, 503]]) {
    const answer = await expired(gateway, provider, { lifetimeSeconds: -ago }).open('/page');
    assert.deepEqual([answer.status, answer.setCookies, answer.headers[HEADER] !== undefined], [status, [], status === 200], `expired ${ago} s ago`);
  }
});

test('a definite answer ends the session, an outage before it or not', async () => {
  const visitor = expired(gateway, provider, { lifetimeSeconds: -10 });
  provider.knobs.set({ fail: { status: 500, endpoints } });
  assert.equal((await visitor.open('/page')).status, 200);
  await fetch(`${provider.url}/dev/end-session`, { method: 'POST', body: JSON.stringify({ sessionId: visitor.sessionId }) });
  provider.knobs.set({ fail: null });
  let answer;
  do answer = await visitor.open('/page');
  while (answer.headers[HEADER]);
  assert.deepEqual([answer.status, visitor.session], [302, undefined]);
});

test('what was never a session is none in an outage either', async () => {
  provider.knobs.set({ fail: { status: 500, endpoints } });
  const visitor = expired(gateway, provider, { lifetimeSeconds: -10 });
  const [, payload] = visitor.response.access_token.split('.');
  for (const [name, cookie] of Object.entries({
    'changed seal': `${SESSION_COOKIE}=${visitor.session.slice(0, -8)}AAAAAA~2`,
    'no cookie': 'other=1',
    'a token alone': `${SESSION_COOKIE}=${payload}`,
  })) {
    const answer = await gateway.request('/page', { headers: { ...SCRIPT, cookie } });
    assert.deepEqual([answer.status, answer.headers[HEADER]], [401, undefined], name);
  }
  const bearer = await gateway.request('/page', { headers: { ...SCRIPT, authorization: `Bearer ${visitor.response.access_token}` } });
  assert.deepEqual([bearer.status, bearer.headers[HEADER]], [401, undefined], 'an API client has no refresh to wait for');
});

test('by default nobody is served on an expired token', async (t) => {
  const strict = await startGateway(provider, { settings: { ...settings, DEGRADED_SECONDS: undefined } });
  t.after(() => strict.close());
  await expired(strict, provider).fetch('/auth/session');
  provider.knobs.set({ fail: { status: 500, endpoints } });
  const answer = await expired(strict, provider, { lifetimeSeconds: -10 }).open('/page');
  assert.deepEqual([answer.status, answer.headers[HEADER], answer.setCookies], [503, undefined, []]);
});

test('without the objects it is the same', async (t) => {
  const alone = await startGateway(provider, { settings, editConfig: withoutObjects });
  t.after(() => alone.close());
  await expired(alone, provider).fetch('/auth/session');
  provider.knobs.set({ fail: { status: 500, endpoints } });
  const answer = await expired(alone, provider, { lifetimeSeconds: -10 }).open('/page');
  assert.deepEqual([answer.status, answer.headers[HEADER]], [200, 'provider_unavailable']);
  assert.ok(requestsTo(provider, 'authenticate').length > 0);
});

test('seconds that make no sense are a configuration error that names the setting', async (t) => {
  for (const value of ['-1', 'x', '90000', '1.5']) {
    await t.test(value, async (t) => {
      const wrong = await startGateway(provider, { settings: { ...settings, DEGRADED_SECONDS: value } });
      t.after(() => wrong.close());
      const answer = await wrong.request('/page', { headers: DOCUMENT });
      assert.equal(answer.status, 500);
      assert.ok(answer.body.includes('DEGRADED_SECONDS'), answer.body);
      assert.deepEqual(upstream.requests(), []);
    });
  }
});
