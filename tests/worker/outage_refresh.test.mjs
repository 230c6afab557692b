// A token has expired and the provider cannot refresh it now: a retryable answer, the cookie stays, and it works again
// afterwards. Only a definite answer about the session ends it.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startProvider } from '../../dev/src/provider.mjs';
import { SESSION_COOKIE, startGateway } from './support/gateway.mjs';
import { DOCUMENT, IMAGE, SCRIPT, parseSetCookie } from './support/http.mjs';
import { calm, expired, openWithSdk, requestsTo, sdk, sealSession, signedIn, untilServed } from './support/sessions.mjs';

const provider = await startProvider();
const gateway = await startGateway(provider);
after(async () => {
  await gateway.close();
  await provider.close();
});
beforeEach(() => calm(gateway, provider));

const endpoints = ['authenticate'];
const OUTAGES = {
  // A connection that fails outside workerd reaches the Worker as an answer 5xx of the harness.
  'is down': [{ down: { endpoints } }, 'server_error', 'provider_unavailable'],
  'answers 500': [{ fail: { status: 500, endpoints } }, 'server_error', 'provider_unavailable'],
  'answers 502 in HTML': [{ fail: { status: 502, endpoints } }, 'server_error', 'provider_unavailable'],
  'answers 429': [{ fail: { status: 429, retryAfterSeconds: 7, endpoints } }, 'rate_limit_exceeded', 'provider_rate_limited'],
  'refuses our API key': [{ fail: { status: 401, endpoints } }, 'server_error', 'provider_refused_client'],
  'answers 422': [{ fail: { status: 422, endpoints } }, 'server_error', 'provider_refused_client'],
  'loses its replies': [{ loseReply: { endpoints } }, 'server_error', 'provider_unavailable'],
};

for (const [name, [knob, reason, detail]] of Object.entries(OUTAGES)) {
  test(`while the provider ${name}: 503 to everything, the cookie stays, and afterwards the session is as it was`, async () => {
    const visitor = expired(gateway, provider);
    const before = visitor.session;
    provider.knobs.set(knob);
    for (const [target, options] of [
      ['/auth/session', { headers: SCRIPT }],
      ['/logo.png', { headers: IMAGE }],
      ['/app/', { method: 'POST', headers: SCRIPT, body: 'x' }],
      ['/auth/refresh', { method: 'POST', headers: SCRIPT }],
    ]) {
      const answer = await visitor.request(target, options);
      assert.equal(answer.status, 503, target);
      const body = answer.json();
      assert.deepEqual([body.authenticated, body.reason, body.detail, body.retryable], [false, reason, detail, true], target);
      if (name === 'answers 429') assert.equal(answer.headers['retry-after'], '7');
      else assert.match(answer.headers['retry-after'], /^[12]$/);
      assert.deepEqual(answer.setCookies, []);
    }
    const page = await visitor.request('/app/', { headers: DOCUMENT });
    assert.deepEqual([page.status, page.setCookies, page.headers.location], [503, [], undefined]);
    assert.ok(page.body.includes(detail));
    assert.equal(visitor.session, before);

    provider.knobs.reset();
    const after = await untilServed(() => visitor.open('/app/'));
    assert.equal(after.status, 200);
    assert.equal((await openWithSdk(provider, visitor.session)).sessionId, visitor.sessionId);
  });
}

test('while the provider is slow, the gateway gives up after ten seconds, and the session survives', async () => {
  const visitor = expired(gateway, provider);
  provider.knobs.set({ slow: { milliseconds: 12_000, endpoints, times: 2 } });
  const answer = await visitor.fetch('/auth/session');
  assert.deepEqual([answer.status, answer.json().detail, answer.setCookies], [503, 'provider_timeout', []]);
  const again = await untilServed(() => visitor.fetch('/auth/session'));
  assert.deepEqual([again.status, again.json().sessionId], [200, visitor.sessionId]);
});

test('a reply that is lost costs nothing: within its grace the provider gives the same pair again', async () => {
  const visitor = expired(gateway, provider);
  provider.knobs.set({ loseReply: { endpoints, times: 1 } });
  assert.equal((await visitor.fetch('/auth/session')).status, 200);
  assert.deepEqual(requestsTo(provider, 'authenticate').map(({ outcome }) => outcome), ['rotated', 'replayed']);
  await sleep(1_000);
  assert.equal((await visitor.fetch('/auth/refresh', { method: 'POST' })).status, 200, 'and its refresh token is the good one');
  assert.equal(requestsTo(provider, 'authenticate').at(-1).outcome, 'rotated');
});

test('a provider that is down is spared: one request in a while, not one per visitor', async () => {
  provider.knobs.set({ fail: { status: 500, endpoints } });
  const visitors = Array.from({ length: 30 }, () => expired(gateway, provider));
  for (const visitor of visitors) assert.equal((await visitor.fetch('/auth/session')).status, 503);
  const asked = requestsTo(provider, 'authenticate').length;
  assert.ok(asked >= 5 && asked <= 12, `${asked} for 30 visitors`);
});

test('an outage does not disturb who has a token that is good', async () => {
  const visitor = signedIn(gateway, provider);
  await visitor.fetch('/auth/session');
  provider.knobs.set({ down: {} });
  assert.equal((await visitor.open('/app/')).status, 200);
  const refused = await visitor.fetch('/auth/refresh', { method: 'POST' });
  assert.deepEqual([refused.status, refused.json().retryable, refused.setCookies], [503, true, []]);
  assert.equal((await visitor.open('/app/')).status, 200);
});

async function revoke({ sessionId }) {
  const answer = await fetch(`${provider.url}/user_management/sessions/revoke`, {
    method: 'POST',
    headers: { authorization: `Bearer ${provider.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ session_id: sessionId }),
  });
  assert.equal(answer.status, 200);
}

for (const [name, [target, options, status]] of Object.entries({
  'a page': ['/app/', { headers: DOCUMENT }, 302],
  'an image': ['/logo.png', { headers: IMAGE }, 401],
  'a POST': ['/app/', { method: 'POST', headers: SCRIPT, body: 'x' }, 401],
  '/auth/session': ['/auth/session', { headers: SCRIPT }, 401],
  '/auth/refresh': ['/auth/refresh', { method: 'POST', headers: SCRIPT }, 401],
})) {
  test(`a session that was revoked ends on ${name}: the cookie is deleted`, async () => {
    const visitor = expired(gateway, provider);
    await revoke(visitor);
    const answer = await visitor.request(target, options);
    assert.equal(answer.status, status);
    if (status === 302) {
      assert.equal(answer.headers.location, '/auth/login?return_to=%2Fapp%2F');
    } else {
      const { reason, detail, retryable } = answer.json();
      assert.deepEqual([reason, detail, retryable], ['invalid_grant', 'invalid_grant', false]);
    }
    assert.equal(parseSetCookie(answer.setCookies[0]).attributes['max-age'], '0');
    assert.equal(visitor.session, undefined);
  });
}

test('a revoked session is over at its next refresh, not before: its token is checked without the provider', async () => {
  const visitor = signedIn(gateway, provider);
  await revoke(visitor);
  assert.equal((await visitor.open('/app/')).status, 200);
});

test('a refresh token that was exchanged elsewhere ends the session, once the provider says so', async () => {
  const visitor = expired(gateway, provider);
  await sdk(provider).userManagement.authenticateWithRefreshToken({ refreshToken: visitor.response.refresh_token });
  provider.knobs.set({ refreshGraceSeconds: 0 });
  const answer = await visitor.fetch('/auth/session');
  assert.deepEqual([answer.status, answer.json().detail], [401, 'invalid_grant']);
  assert.equal(visitor.session, undefined);
});

test('an organization that refuses the person now, on a plain refresh, leads to sign-in, keeps the cookie, and is no outage', async () => {
  // The provider of dev/ answers so when a membership has gone meanwhile: asked for here by a cookie of another person's.
  const visitor = expired(gateway, provider, { person: 'ada', organization: 'acme' });
  const { response } = provider.mintSession({ person: 'alan', lifetimeSeconds: -60 });
  // Ada's token says Acme; Alan's refresh token is no member there.
  visitor.cookies.set(SESSION_COOKIE, sealSession({ ...visitor.response, refresh_token: response.refresh_token }));
  const answer = await visitor.fetch('/auth/session');
  assert.deepEqual([answer.status, answer.json().detail, answer.setCookies], [401, 'organization_refused', []]);
  const page = await visitor.open('/app/');
  assert.deepEqual([page.status, page.headers.location], [302, '/auth/login?return_to=%2Fapp%2F']);
});

test('new keys and a new token at once, while the keys cannot be had: the new pair reaches the browser all the same', async (t) => {
  const separate = await startGateway(provider);
  t.after(() => separate.close());
  const visitor = expired(separate, provider);
  await signedIn(separate, provider).fetch('/auth/session');
  await provider.rotateKeys();
  provider.knobs.set({ down: { endpoints: ['jwks'] } });
  const answer = await visitor.fetch('/auth/session');
  assert.deepEqual([answer.status, answer.json().detail], [503, 'keys_unavailable']);
  assert.equal(answer.setCookies.length, 1, 'the old refresh token is used up');
  provider.knobs.reset();
  assert.equal((await openWithSdk(provider, visitor.session)).authenticated, true);
});
