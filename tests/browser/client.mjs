// `edgeseal/client` on a page behind the gateway: what one tab does, the others are told. The page is made here; the gateway is the real one.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import test from 'node:test';

import { becomes, isAt } from './support/expect.mjs';
import { ADA, choose, signIn } from './support/person.mjs';
import { stage } from './support/stage.mjs';

const CLIENT = fs.readFileSync(new URL('../../npm/client/index.js', import.meta.url), 'utf8');
const PAGE = `<!doctype html><title>client</title><link rel="icon" href="data:,">
<script type="module">
import * as client from '/client-under-test.js';
window.client = client;
window.told = [];
client.onChange((session) => window.told.push(session && [session.user.email, session.organizationId, session.role].join(' ')));
</script>`;

/** Two tabs of a visitor, on pages with the client. */
async function visit() {
  const visitor = await stage.visit();
  visitor.expectAnswer(401, '/auth/session');
  visitor.expectAnswer(401, '/auth/logout');
  await visitor.context.route('**/client-under-test*', (route) =>
    route.fulfill(route.request().url().endsWith('.js') ? { contentType: 'text/javascript', body: CLIENT } : { contentType: 'text/html', body: PAGE }),
  );
  return visitor;
}

async function open(page) {
  await page.goto('/client-under-test');
  await page.waitForFunction(() => window.client !== undefined);
}

const told = (page) => page.evaluate(() => JSON.stringify(window.told));
const email = (page) => page.evaluate(async () => (await window.client.getSession())?.user.email ?? null);

test('who is signed in, asked once by however many', async () => {
  const { page } = await visit();
  await signIn(page);
  await open(page);
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  const emails = await page.evaluate(() => Promise.all([1, 2, 3].map(async () => (await window.client.getSession()).user.email)));
  assert.deepEqual([emails, asked], [Array(3).fill('ada@example.com'), ['/auth/session']]);
  assert.ok(!(await page.evaluate(async () => JSON.stringify(await window.client.getSession()))).includes('eyJ'), 'no token');
});

test('signing out in one tab is told in the other', async () => {
  const { page, newPage, cookies } = await visit();
  await signIn(page);
  const other = await newPage();
  await open(page);
  await open(other);
  await becomes(() => email(other), 'ada@example.com');
  await page.evaluate(() => void window.client.signOut());
  await isAt(page, '/');
  await becomes(() => told(other), '[null]');
  assert.equal(await email(other), null);
  assert.deepEqual(await cookies(), new Map());
});

test('another organization is told in the other tab, once', async () => {
  const { page, newPage } = await visit();
  await signIn(page);
  const other = await newPage();
  await open(page);
  await open(other);
  await Promise.all([email(page), email(other)]);
  const globex = stage.provider.organizations.find(({ key }) => key === 'globex').id;
  const switched = await page.evaluate(async (id) => (await window.client.switchOrganization(id)).organizationId, globex);
  assert.equal(switched, globex);
  const expected = JSON.stringify([`ada@example.com ${globex} member`]);
  await becomes(() => told(other), expected);
  assert.equal(await told(page), expected, 'and here');
  await email(other);
  assert.equal(await told(other), expected);
});

test('a refusal says why, and changes nothing', async () => {
  const { page, expectAnswer } = await visit();
  expectAnswer(403, '/auth/switch');
  await signIn(page);
  await open(page);
  await email(page);
  const refused = await page.evaluate(() => window.client.switchOrganization('org_01LODZ0000000000000000000').catch(({ name, status, detail, retryable }) => [name, status, detail, retryable]));
  assert.deepEqual(refused, ['SessionError', 403, 'organization_refused', false]);
  assert.equal(await told(page), '[]');
});

test('an outage is no sign-out', async () => {
  const { page, context, expectAnswer } = await visit();
  expectAnswer(503, '/auth/session');
  await signIn(page);
  await open(page);
  await email(page);
  await context.route('**/auth/session', (route) => route.fulfill({ status: 503, headers: { 'retry-after': '2' }, json: { reason: 'server_error', detail: 'provider_unavailable', retryable: true } }));
  const failed = await page.evaluate(() => window.client.getSession().catch(({ status, detail, retryable, retryAfter }) => [status, detail, retryable, retryAfter]));
  assert.deepEqual(failed, [503, 'provider_unavailable', true, 2]);
  await context.unroute('**/auth/session');
  assert.equal(await email(page), 'ada@example.com');
  assert.equal(await told(page), '[]');
});

test('signing in comes back to the page, and is told where nobody was', async () => {
  const { page, newPage, expectAnswer } = await visit();
  // The way back is a redirect, which nothing here answers in the site's place.
  expectAnswer(404, '/client-under-test');
  const other = await newPage();
  await open(page);
  await open(other);
  assert.deepEqual([await email(page), await email(other)], [null, null]);
  await page.evaluate(() => window.client.signIn());
  await choose(page, ADA);
  await isAt(page, '/client-under-test');
  // The other one looks once it is seen again.
  await other.bringToFront();
  await other.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await becomes(() => told(other), /ada@example\.com/);
});

test('a gateway at another place is found', async () => {
  const { page } = await visit();
  await open(page);
  const asked = page.waitForRequest('**/elsewhere/session');
  await page.route('**/elsewhere/**', (route) => route.fulfill({ json: { authenticated: true, user: { id: 'u' } } }));
  const id = await page.evaluate(async () => (await window.client.getSession({ prefix: '/elsewhere' })).user.id);
  assert.equal(id, 'u');
  await asked;
});
