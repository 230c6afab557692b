// The tour with Stytch: the application's sign-in page sets the cookies, the gateway reads and renews them, and signing out ends both.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';

import { startProvider } from '../../dev/src/provider.mjs';
import { becomes, isAt, reads } from './support/expect.mjs';
import { startGateway } from './support/gateway.mjs';
import { choose, isReady } from './support/person.mjs';
import { stage } from './support/stage.mjs';

const COOKIES = ['stytch_session', 'stytch_session_jwt'];

/** @type {Awaited<ReturnType<typeof start>>} */
let consumer;
/** @type {Awaited<ReturnType<typeof start>>} */
let members;
before(async () => {
  [consumer, members] = await Promise.all([start('stytch'), start('stytch-b2b')]);
});
after(() => Promise.all([consumer?.provider.close(), members?.provider.close()]));

async function start(kind) {
  const provider = await startProvider({ provider: kind });
  const { url } = await startGateway(provider, {
    PROVIDER: kind,
    STYTCH_PROJECT_ID: provider.projectId,
    STYTCH_SECRET: provider.secret,
    STYTCH_BASE_URL: provider.url,
    LOGIN_URL: provider.loginUrl,
  });
  return { provider, url };
}

test('sign in on the application\'s page, see who it is, refresh, sign out', async () => {
  const { page, cookies } = await stage.visit({ baseURL: consumer.url });
  await page.goto('/app/?tab=2');
  assert.equal(new URL(page.url()).pathname, '/login');
  await choose(page, 'Sign in as Ada (admin)');
  await isAt(page, '/app/?tab=2');
  await isReady(page);
  await reads(page.getByTestId('user-name'), 'ada@example.com');
  await reads(page.locator('#provider'), 'Stytch');
  assert.deepEqual(await page.getByTestId('roles').getByRole('listitem').allTextContents(), ['stytch_user', 'admin']);
  assert.equal(await page.getByTestId('button-switch').isVisible(), false, 'there are no organizations');
  assert.deepEqual([...(await cookies()).keys()].sort(), COOKIES);

  const before = (await cookies()).get('stytch_session_jwt');
  // A second later: a JWT of the same second would be the same.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  await page.getByTestId('button-refresh').click();
  await becomes(async () => (await cookies()).get('stytch_session_jwt').value !== before.value, true);
  const renewed = (await cookies()).get('stytch_session_jwt');
  assert.deepEqual([renewed.httpOnly, renewed.sameSite, renewed.path, renewed.domain], [before.httpOnly, before.sameSite, before.path, before.domain]);
  assert.ok(Math.abs(renewed.expires - before.expires) < 60, 'it ends with the session');

  await page.getByTestId('button-sign-out').click();
  await isAt(page, '/');
  assert.deepEqual(await cookies(), new Map());
  assert.ok(consumer.provider.requests().some(({ outcome }) => outcome === 'revoked'));
  await page.goto('/app/');
  assert.equal(new URL(page.url()).pathname, '/login');
});

test('a member switches the organization', async () => {
  const { page } = await stage.visit({ baseURL: members.url });
  await page.goto('/app/');
  await choose(page, 'Sign in as Ada (Acme, admin)');
  await isReady(page);
  await reads(page.locator('#provider'), 'Stytch B2B');
  const acme = await page.getByTestId('organization').textContent();
  const { sessionJwt } = members.provider.mintSession({ person: 'ada', organization: 'globex' });
  const globex = JSON.parse(Buffer.from(sessionJwt.split('.')[1], 'base64url').toString())['https://stytch.com/organization'].organization_id;
  assert.notEqual(acme, globex);
  await page.getByTestId('button-switch').click();
  await page.getByTestId('switch-organization-id').fill(globex);
  await page.getByRole('button', { name: 'Switch', exact: true }).click();
  await reads(page.getByTestId('organization'), globex);
  assert.deepEqual(await page.getByTestId('roles').getByRole('listitem').allTextContents(), ['stytch_member', 'member']);
});
