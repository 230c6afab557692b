// Sign-in as browsers do it: cookies across two sites, several tabs, links that come back to themselves, refusals.

import assert from 'node:assert/strict';
import test from 'node:test';

import { becomes, isAt, reads } from './support/expect.mjs';
import { startGateway } from './support/gateway.mjs';
import { ADA, choose, isReady, signIn } from './support/person.mjs';
import { stage } from './support/stage.mjs';

const FLOW_COOKIE = /^edgeseal-flow-[\w-]{8}$/u;

test('a sign-in leaves one cookie, and no script can read any', async () => {
  const { page, cookies } = await stage.visit();
  await page.goto('/app/');
  const [flow, ...others] = (await cookies()).values();
  assert.deepEqual(others, []);
  assert.match(flow.name, FLOW_COOKIE);
  await choose(page);
  await isReady(page);
  const left = await cookies();
  assert.deepEqual([...left.keys()], ['wos-session']);
  for (const cookie of [flow, left.get('wos-session')]) {
    assert.deepEqual([cookie.httpOnly, cookie.sameSite, cookie.path, cookie.domain], [true, 'Lax', '/', 'localhost']);
  }
  assert.equal(await page.evaluate(() => document.cookie), '', 'whatever else the gateway sets is HttpOnly too');
});

test('a deep link comes back to itself', async () => {
  const { page } = await stage.visit();
  await page.goto('/app/?x=1&y=%C3%A9%20%26');
  await choose(page);
  await isAt(page, '/app/?x=1&y=%C3%A9%20%26');
  await isReady(page);
});

test('two tabs that sign in at the same time both finish', async () => {
  const { page, newPage, cookies } = await stage.visit();
  const other = await newPage();
  await page.goto('/app/?tab=1');
  await other.goto('/app/?tab=2');
  assert.equal((await cookies()).size, 2);
  await Promise.all([choose(page), choose(other, 'Sign in as Ada (Globex, member)')]);
  await isAt(page, '/app/?tab=1');
  await isAt(other, '/app/?tab=2');
  await Promise.all([isReady(page), isReady(other)]);
  assert.deepEqual([...(await cookies()).keys()], ['wos-session']);
  // One browser, one session: whichever came last holds in both.
  await Promise.all([page.reload(), other.reload()]);
  await reads(other.getByTestId('session-id'), await settled(page.getByTestId('session-id')));
});

test('cancelling at the provider says so, and starting again still leads to the deep link', async () => {
  const { page, cookies, expectAnswer } = await stage.visit();
  expectAnswer(400, '/auth/callback');
  await page.goto('/app/?x=1&y=2');
  await choose(page, 'Cancel');
  await page.getByRole('heading', { name: 'Sign-in cancelled' }).waitFor();
  await reads(page.locator('main p').first(), 'Nothing has changed. You can sign in whenever you like.');
  await reads(page.locator('.detail'), 'sign_in_denied');
  assert.deepEqual(await cookies(), new Map());
  await page.getByRole('link', { name: 'Sign in' }).click();
  await choose(page, ADA);
  await isAt(page, '/app/?x=1&y=2');
  await isReady(page);
});

test('a finished sign-in cannot be finished again', async () => {
  const { page, cookies, expectAnswer } = await stage.visit();
  expectAnswer(400, '/auth/callback');
  /** @type {string[]} */
  const callbacks = [];
  page.on('request', (request) => { if (request.url().includes('/auth/callback')) callbacks.push(request.url()); });
  await signIn(page);
  const cookie = (await cookies()).get('wos-session').value;
  await page.goto(callbacks[0]);
  await page.getByRole('heading', { name: 'This sign-in is over' }).waitFor();
  await reads(page.locator('.detail'), 'state_unknown');
  assert.equal((await cookies()).get('wos-session').value, cookie, 'and leaves the session alone');
});

test('a session that is too large for one cookie is kept in several, and all of them go', async () => {
  const { page, cookies } = await stage.visit();
  await signIn(page, 'Sign in as Katherine (Acme, auditor)');
  await reads(page.locator('#permissions-count'), '96');
  assert.equal(await page.getByTestId('permissions').getByRole('listitem').count(), 96);
  const names = [...(await cookies()).keys()].sort();
  assert.ok(names.length > 1, `${names} are several`);
  assert.ok(names.every((name) => /^wos-session\.[0-3]$/u.test(name)), `${names} are parts of one`);
  await page.getByTestId('button-refresh').click();
  await reads(page.locator('#notice-title'), 'Session refreshed.');
  await page.getByTestId('button-sign-out').click();
  await isAt(page, '/');
  assert.deepEqual(await cookies(), new Map());
});

test('a long name in four scripts stays whole', async () => {
  const { page } = await stage.visit({ viewport: { width: 390, height: 844 } });
  const thordis = stage.provider.people.find(({ key }) => key === 'thordis').user;
  await signIn(page, `Sign in as ${thordis.first_name} (Łódź & Søn <Ærø>, editor)`);
  await reads(page.getByTestId('user-name'), thordis.name);
  await reads(page.getByTestId('organization'), 'Łódź & Søn <Ærø>');
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390, 'nothing sticks out');
});

test('an impersonated session says so on every state of the page', async () => {
  const { page } = await stage.visit();
  await signIn(page, 'Support as Ada (Acme, admin)');
  await reads(page.getByTestId('user-name'), 'Ada Lovelace');
  await reads(page.getByTestId('impersonation'), 'Impersonation. support@example.com is signed in as Ada Lovelace. Reason: Ticket 1815: the export stays empty');
  assert.equal(await page.getByTestId('impersonation').isVisible(), true);
  await page.getByTestId('button-refresh').click();
  await reads(page.locator('#notice-title'), 'Session refreshed.');
  assert.equal(await page.getByTestId('impersonation').isVisible(), true);
});

test('a person without an organization has a session too', async () => {
  const { page } = await stage.visit();
  await signIn(page, 'Sign in as Margaret (no organization)');
  await reads(page.getByTestId('organization'), 'None');
  await reads(page.getByTestId('role'), 'None');
  assert.equal(await page.getByTestId('impersonation').isVisible(), false);
});

test('a link elsewhere that signs out is asked about first', async () => {
  const { page, cookies } = await stage.visit();
  await signIn(page);
  await page.goto(stage.provider.url);
  await page.evaluate((url) => location.assign(url), `${stage.url}/auth/logout`);
  await page.getByRole('heading', { name: 'Sign out?' }).waitFor();
  assert.equal((await cookies()).size, 1);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await isAt(page, '/');
  await becomes(async () => (await cookies()).size, 0);
});

test('a session cookie for this site alone (SameSite=Strict) signs in as well', async (t) => {
  const gateway = await startGateway(stage.provider, { COOKIE_SAMESITE: 'Strict' });
  t.after(() => gateway.stop());
  const { page, context } = await stage.visit();
  await page.goto(`${gateway.url}/app/?x=1`);
  await choose(page);
  await isAt(page, '/app/?x=1');
  await isReady(page);
  const [cookie] = (await context.cookies(gateway.url)).filter(({ name }) => name === 'wos-session');
  assert.equal(cookie.sameSite, 'Strict');
});

/** The text of an element once it has one. @param {any} locator */
async function settled(locator) {
  await becomes(() => locator.textContent(), /\S/u);
  return locator.textContent();
}
