// PROVIDER=stytch while Stytch is down, slow, limiting, or refuses us: nobody is signed out, and whoever has a good JWT notices nothing.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';

import { startProvider } from '../../dev/src/provider.mjs';
import { startGateway } from './support/gateway.mjs';
import { DOCUMENT } from './support/http.mjs';
import { untilServed } from './support/sessions.mjs';
import { StytchVisitor, asked, stytchExpired, stytchSignedIn } from './support/stytch.mjs';

const provider = await startProvider({ provider: 'stytch' });
const gateway = await startGateway(provider);
after(async () => {
  await gateway.close();
  await provider.close();
});
beforeEach(() => calm(gateway));

/** As it was before an outage: an expired JWT is renewed at once. */
async function calm(to) {
  provider.reset();
  await untilServed(() => stytchExpired(to, provider).fetch('/auth/session'));
  provider.clearRequests();
}

const OUTAGES = {
  'does not answer': [{ down: {} }, /provider_un(reachable|available)/],
  'fails (500)': [{ fail: { status: 500 } }, /provider_unavailable/],
  'fails (502)': [{ fail: { status: 502 } }, /provider_unavailable/],
  'limits calls (429)': [{ fail: { status: 429 } }, /provider_rate_limited/],
  'does not know our secret': [{ fail: { errorType: 'unauthorized_credentials' } }, /provider_refused_client/],
  'does not know our secret any more': [{ fail: { errorType: 'invalid_secret_authentication' } }, /provider_refused_client/],
  'refuses our project': [{ fail: { errorType: 'invalid_project_id_authentication' } }, /provider_refused_client/],
  'refuses us without a word (403)': [{ fail: { status: 403 } }, /provider_refused_client/],
};

for (const [name, [fault, detail]] of Object.entries(OUTAGES)) {
  test(`Stytch ${name}: a good JWT serves, an expired one gets 503 and keeps its cookies`, async () => {
    const [[kind, how]] = Object.entries(fault);
    provider.knobs.set({ [kind]: { ...how, endpoints: ['authenticate', 'jwks'] } });
    const good = stytchSignedIn(gateway, provider);
    assert.equal((await good.open('/app/')).status, 200);
    assert.deepEqual(asked(provider), []);

    const visitor = stytchExpired(gateway, provider);
    const script = await visitor.fetch('/auth/session');
    assert.deepEqual([script.status, script.json().retryable, script.setCookies], [503, true, []]);
    assert.match(script.json().detail, detail);
    assert.ok(Number(script.headers['retry-after']) > 0);
    const page = await visitor.open('/app/');
    assert.deepEqual([page.status, page.setCookies], [503, []]);
    assert.match(page.body, /You have not been signed out/);
    const byToken = await new StytchVisitor(gateway, { stytch_session: visitor.sessionToken }).fetch('/auth/session');
    assert.deepEqual([byToken.status, byToken.setCookies], [503, []]);
    const refresh = await good.fetch('/auth/refresh', { method: 'POST' });
    assert.deepEqual([refresh.status, refresh.setCookies], [503, []]);

    provider.reset();
    // The local provider forgets its sessions with a reset: what is back is shown by a new one.
    const back = await untilServed(() => stytchExpired(gateway, provider).fetch('/auth/session'));
    assert.equal(back.status, 200);
  });
}

test('an outage is survived by the very same cookies', async () => {
  const visitor = stytchExpired(gateway, provider);
  provider.knobs.set({ down: { endpoints: ['authenticate'] } });
  assert.equal((await visitor.fetch('/auth/session')).status, 503);
  provider.knobs.set({ down: null });
  const answer = await untilServed(() => visitor.fetch('/auth/session'));
  assert.deepEqual([answer.status, answer.json().sessionId], [200, visitor.sessionId]);
});

test('Stytch is spared while it is down: thirty expired tabs are not thirty questions', async () => {
  provider.knobs.set({ fail: { status: 500, endpoints: ['authenticate'] } });
  const visitor = stytchExpired(gateway, provider);
  const begun = Date.now();
  for (let index = 0; index < 30; index += 1) assert.equal((await visitor.fetch('/auth/session')).status, 503);
  // Five until it counts as down, then one after each pause, of which the first is the shortest: a second.
  const most = 6 + (Date.now() - begun) / 1000;
  assert.ok(asked(provider).length <= Math.min(most, 29), `${asked(provider).length} questions, ${most} at most`);
});

test('signing out during an outage deletes the cookies, says so in the log, and waits for nobody twice', async () => {
  provider.knobs.set({ fail: { status: 500, endpoints: ['revoke'] } });
  const visitor = stytchSignedIn(gateway, provider);
  const answer = await visitor.fetch('/auth/logout', { method: 'POST' });
  assert.equal(answer.status, 200);
  assert.deepEqual([visitor.jwt, visitor.token], [undefined, undefined]);
  assert.deepEqual(asked(provider).length, 1);
  assert.ok(gateway.logs().split('\n').some((line) => line.includes('revoke_failed') && line.includes('provider_unavailable')));
});

test('without keys Stytch is asked; without both it is 503', async (t) => {
  provider.knobs.set({ down: { endpoints: ['jwks'] } });
  const cold = await startGateway(provider);
  t.after(() => cold.close());
  const visitor = stytchSignedIn(cold, provider);
  const answer = await visitor.fetch('/auth/session');
  assert.deepEqual([answer.status, answer.json().user.email], [200, 'ada@example.com']);
  assert.deepEqual(asked(provider), ['authenticate authenticated']);
  provider.knobs.set({ down: { endpoints: ['jwks', 'authenticate'] } });
  const refused = await stytchSignedIn(cold, provider).fetch('/auth/session');
  assert.deepEqual([refused.status, refused.json().retryable, refused.setCookies], [503, true, []]);
});

test('with DEGRADED_SECONDS an expired JWT serves while Stytch is down, marked, and not beyond its session', async (t) => {
  const lenient = await startGateway(provider, { settings: { DEGRADED_SECONDS: '600' } });
  t.after(() => lenient.close());
  await calm(lenient);
  const visitor = stytchExpired(lenient, provider);
  const longAgo = stytchExpired(lenient, provider, { lifetimeSeconds: -900 });
  provider.knobs.set({ fail: { status: 502, endpoints: ['authenticate'] } });
  const answer = await visitor.request('/app/', { headers: DOCUMENT });
  assert.deepEqual([answer.status, answer.headers['x-edgeseal-degraded'], answer.setCookies], [200, 'provider_unavailable', []]);
  assert.equal((await longAgo.fetch('/auth/session')).status, 503);
  assert.equal((await visitor.fetch('/auth/refresh', { method: 'POST' })).status, 503);
});
