// The provider is down, and nobody is signed out by that: the page keeps what it has, says so, and recovers by itself.

import assert from 'node:assert/strict';
import test from 'node:test';

import { becomes, insist, isAt, reads } from './support/expect.mjs';
import { choose, isInState, isReady, signIn, stateOf } from './support/person.mjs';
import { stage } from './support/stage.mjs';

const KEPT = 'Your session is kept; what you see is the last known state. This page tries again by itself.';

test('an outage is survived: first with the valid token, then by keeping the session', async () => {
  const { page, cookies, expectAnswer } = await stage.visit();
  expectAnswer(503, '/auth/session');
  stage.provider.knobs.set({ tokenLifetimeSeconds: 3 });
  await signIn(page);
  const cookie = (await cookies()).get('wos-session').value;
  stage.provider.knobs.set({ tokenLifetimeSeconds: 300, down: {} });

  await page.reload();
  await isReady(page);
  await reads(page.locator('#notice-title'), 'Your session is active.');

  await isInState(page, 'stale');
  await reads(page.locator('#notice-title'), 'The provider cannot be reached right now.');
  await reads(page.locator('#notice-text'), KEPT);
  await reads(page.locator('#notice-code'), 'network_error · provider_unreachable');
  await reads(page.getByTestId('user-name'), 'Ada Lovelace');
  assert.equal(await page.getByTestId('stale').isVisible(), true);
  assert.equal((await cookies()).get('wos-session').value, cookie);

  stage.provider.knobs.set({ down: null });
  await isReady(page);
  await reads(page.locator('#notice-title'), 'Your session is active.');
  await reads(page.getByTestId('expires-in'), /^(?:5:00|4:5\d)$/u);
});

test('Refresh now during an outage keeps the session, and Try again mends it', async () => {
  const { page, cookies, expectAnswer } = await stage.visit();
  expectAnswer(503, '/auth/refresh');
  await signIn(page);
  const cookie = (await cookies()).get('wos-session').value;
  for (const [fault, title, code] of [
    [{ down: {} }, 'The provider cannot be reached right now.', 'network_error · provider_unreachable'],
    [{ down: null, fail: { status: 429, retryAfterSeconds: 1 } }, 'The provider asks for a pause.', 'rate_limit_exceeded · provider_rate_limited'],
    [{ fail: { status: 401 } }, /credentials/u, 'server_error · provider_refused_client'],
    [{ fail: { status: 502 } }, 'The provider has a fault of its own right now.', 'server_error · provider_unavailable'],
  ]) {
    stage.provider.knobs.set(fault);
    const notice = page.locator('#notice-code');
    await insist((options) => page.getByTestId('button-refresh').click(options), async () => (await notice.textContent()) === code);
    await reads(page.locator('#notice-title'), title);
    await isInState(page, 'stale');
  }
  assert.equal((await cookies()).get('wos-session').value, cookie);
  stage.provider.knobs.reset();
  await insist((options) => page.getByTestId('button-retry').click(options), async () => (await stateOf(page)) === 'ready');
  await reads(page.locator('#notice-title'), 'Your session is active.');
});

test('a switch during an outage keeps the organization', async () => {
  const { page, expectAnswer } = await stage.visit();
  expectAnswer(503, '/auth/switch');
  await signIn(page);
  stage.provider.knobs.set({ fail: { status: 500 } });
  await page.getByTestId('button-switch').click();
  await page.getByRole('radio', { name: 'Globex' }).check();
  await page.getByTestId('switch-submit').click();
  await reads(page.getByTestId('switch-error'), 'The organization was not switched, which needs the provider. Try again in a moment.');
  stage.provider.knobs.reset();
  const organization = page.getByTestId('organization');
  await insist((options) => page.getByTestId('switch-submit').click(options), async () => (await organization.textContent()) === 'Globex');
});

test('signing out works while the provider is down', async () => {
  const { page, cookies } = await stage.visit();
  await signIn(page);
  stage.provider.knobs.set({ down: {} });
  await page.getByTestId('button-sign-out').click();
  await becomes(async () => (await cookies()).size, 0);
});

test('a document that cannot be checked says to try again, and then opens', async () => {
  const { page, cookies, expectAnswer } = await stage.visit();
  expectAnswer(503, '/app/');
  await signIn(page);
  await page.goto('/');
  // A provider whose clock is ten minutes behind hands out tokens that are over already.
  stage.provider.knobs.set({ clockOffsetSeconds: -600 });
  assert.equal((await page.request.post('/auth/refresh', { headers: { origin: stage.url } })).status(), 401);
  stage.provider.knobs.set({ clockOffsetSeconds: 0, down: {} });
  assert.equal((await page.goto('/app/?x=1')).status(), 503);
  await page.getByRole('heading', { name: 'One moment, please' }).waitFor();
  assert.equal((await cookies()).size, 1);
  stage.provider.knobs.reset();
  const failed = page.getByRole('heading', { name: 'One moment, please' });
  await insist((options) => page.getByRole('link', { name: 'Try again' }).click(options), async () => (await failed.count()) === 0);
  await isAt(page, '/app/?x=1');
  await isReady(page);
});

test('a sign-in that meets an outage finishes when the callback is tried again', async () => {
  const { page, expectAnswer } = await stage.visit();
  expectAnswer(503, '/auth/callback');
  await page.goto('/app/?x=1');
  stage.provider.knobs.set({ fail: { status: 500, endpoints: ['authenticate'], times: 1 } });
  await choose(page);
  await page.getByRole('heading', { name: 'One moment, please' }).waitFor();
  await page.getByRole('link', { name: 'Try again' }).click();
  await isAt(page, '/app/?x=1');
  await isReady(page);
});

test('a browser without a network says so and comes back', async () => {
  const { page, context } = await stage.visit();
  await signIn(page);
  await context.setOffline(true);
  await isInState(page, 'stale');
  await reads(page.locator('#notice-title'), 'You are offline.');
  await context.setOffline(false);
  await isReady(page);
});

test('keys rotate while people are signed in', async () => {
  const { page } = await stage.visit();
  await signIn(page);
  await stage.provider.rotateKeys({ keepPrevious: true });
  await page.getByTestId('button-refresh').click();
  await reads(page.locator('#notice-title'), 'Session refreshed.');
  await reads(page.getByTestId('user-name'), 'Ada Lovelace');
});
