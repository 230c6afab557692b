// The page /app/ while somebody is signed in: refresh, switch of organization, reload, expiry, several tabs, sign-out.

import assert from 'node:assert/strict';
import test from 'node:test';

import { becomes, isAt, reads } from './support/expect.mjs';
import { isInState, isReady, signIn } from './support/person.mjs';
import { stage } from './support/stage.mjs';

test('Refresh now brings a new token', async () => {
  const { page } = await stage.visit();
  await signIn(page);
  const before = await issuedAt(page);
  // Times of tokens count whole seconds.
  await page.waitForTimeout(1100);
  await page.getByTestId('button-refresh').click();
  await reads(page.locator('#notice-title'), 'Session refreshed.');
  assert.ok((await issuedAt(page)) > before, 'last refreshed is later');
  assert.deepEqual(grants(), ['authorization_code', 'refresh_token']);
});

test('switching goes to the other organization and back', async () => {
  const { page } = await stage.visit();
  await signIn(page);
  await switchTo(page, 'Globex');
  await reads(page.getByTestId('organization'), 'Globex');
  await reads(page.getByTestId('role'), 'member');
  await reads(page.getByTestId('permissions'), 'posts:read');
  await reads(page.locator('#notice-title'), 'You are now in Globex.');
  assert.equal(await page.getByRole('dialog').count(), 0);
  await page.reload();
  await reads(page.getByTestId('organization'), 'Globex');
  await switchTo(page, 'Acme');
  await reads(page.getByTestId('organization'), 'Acme');
  await reads(page.getByTestId('role'), 'admin');
});

test('a switch that is refused keeps the session', async () => {
  const { page, context, cookies, expectAnswer } = await stage.visit();
  expectAnswer(403, '/auth/switch');
  await signIn(page);
  const cookie = (await cookies()).get('wos-session').value;
  // Ada was never a member there: what a page that is out of date would still offer.
  await context.route('**/auth/switch', (route) => route.continue({ postData: JSON.stringify({ organizationId: 'org_01LODZ0000000000000000000' }) }));
  await switchTo(page, 'Globex');
  await reads(page.getByTestId('switch-error'), /^You are not a member of that organization.*organization_refused\)$/u);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await reads(page.getByTestId('organization'), 'Acme');
  assert.equal((await cookies()).get('wos-session').value, cookie, 'the cookie is the one from before');
  await page.getByTestId('button-refresh').click();
  await reads(page.locator('#notice-title'), 'Session refreshed.');
});

test('the session outlives a reload, and the tab', async () => {
  const { page, newPage } = await stage.visit();
  await signIn(page);
  const id = await page.getByTestId('session-id').textContent();
  await page.reload();
  await reads(page.getByTestId('session-id'), id);
  await page.close();
  const next = await newPage();
  await next.goto('/app/');
  await reads(next.getByTestId('session-id'), id);
  assert.deepEqual(grants(), ['authorization_code'], 'nothing was asked of the provider');
});

test('an expired token is refreshed by itself', async () => {
  const { page } = await stage.visit();
  stage.provider.knobs.set({ tokenLifetimeSeconds: 2 });
  await signIn(page);
  const before = await issuedAt(page);
  stage.provider.knobs.set({ tokenLifetimeSeconds: 300 });
  await becomes(async () => (await issuedAt(page)) > before, true, 'a new token comes without a click');
  await isInState(page, 'ready');
  await reads(page.getByTestId('expires-in'), /^(?:5:00|4:5\d)$/u);
});

test('what one tab does, the others show', async () => {
  const { page, newPage, expectAnswer } = await stage.visit();
  expectAnswer(401, '/auth/session');
  await signIn(page);
  const other = await newPage();
  await other.goto('/app/');
  await isReady(other);
  await switchTo(page, 'Globex');
  await reads(other.getByTestId('organization'), 'Globex');
  await page.getByTestId('button-sign-out').click();
  await isAt(page, '/');
  await isInState(other, 'empty');
  await reads(other.locator('#notice-title'), 'You have been signed out.');
  assert.doesNotMatch(await other.locator('body').innerText(), /Ada|Globex|ada@example\.com/u);
});

test('sign-out ends the session here and at the provider', async () => {
  const { page, cookies } = await stage.visit();
  await signIn(page);
  const id = await page.getByTestId('session-id').textContent();
  await page.getByTestId('button-sign-out').click();
  await isAt(page, '/');
  assert.deepEqual(await cookies(), new Map());
  assert.equal(stage.provider.sessions().find((session) => session.id === id)?.status, 'expired');

  await page.goBack();
  await becomes(async () => new URL(page.url()).origin, stage.provider.url, 'back leads to sign-in');
  assert.doesNotMatch(await page.locator('body').innerText(), new RegExp(id, 'u'));
  await page.goto('/app/');
  assert.equal(new URL(page.url()).origin, stage.provider.url);
});

test('a session that the provider ended says so, and sign-in comes back to the page', async () => {
  const { page, expectAnswer } = await stage.visit();
  expectAnswer(401, '/auth/refresh');
  expectAnswer(401, '/auth/session');
  await signIn(page);
  const id = await page.getByTestId('session-id').textContent();
  const ended = await fetch(`${stage.provider.url}/dev/end-session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ sessionId: id }) });
  assert.equal(ended.ok, true);
  await page.getByTestId('button-refresh').click();
  await isInState(page, 'empty');
  await reads(page.locator('#notice-text'), 'The provider has ended this session: it expired, or it was signed out somewhere else.');
  await reads(page.locator('#notice-code'), 'invalid_grant');
  await page.getByTestId('sign-in').click();
  await page.getByRole('heading', { name: 'Choose who to sign in as' }).waitFor();
});

test('a refresh that is refused while the token is valid leaves the session in sight', async () => {
  const { page, expectAnswer } = await stage.visit();
  expectAnswer(401, '/auth/refresh');
  await signIn(page);
  const answer = { authenticated: false, reason: 'invalid_grant', detail: 'interaction_required', retryable: false, loginUrl: '/auth/login' };
  await page.route('**/auth/refresh', (route) => route.fulfill({ status: 401, json: answer }));
  await page.getByTestId('button-refresh').click();
  await reads(page.locator('#notice-title'), 'That was refused. Your session stays as it is.');
  await reads(page.locator('#notice-code'), 'invalid_grant · interaction_required');
  await isInState(page, 'ready');
  await reads(page.getByTestId('user-name'), 'Ada Lovelace');
});

/** @param {any} page @param {string} name of the organization */
async function switchTo(page, name) {
  await page.getByTestId('button-switch').click();
  await page.getByRole('radio', { name }).check();
  await page.getByTestId('switch-submit').click();
}

/** When the token was issued, in milliseconds. @param {any} page */
const issuedAt = async (page) => Date.parse(await page.locator('#issued-at').getAttribute('datetime'));

/** What was asked of the token endpoint, oldest first. */
const grants = () => stage.provider.requests().filter(({ endpoint }) => endpoint === 'authenticate').map(({ grantType }) => grantType);
