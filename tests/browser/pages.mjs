// Every page in light and dark, on a phone and on a desk: nothing sticks out, everything can be read, axe finds nothing.

import assert from 'node:assert/strict';
import test from 'node:test';

import { becomes, insist, isAt, reads } from './support/expect.mjs';
import { startGateway } from './support/gateway.mjs';
import { findFaults } from './support/legible.mjs';
import { look, violations } from './support/look.mjs';
import { choose, isInState, isReady, signIn, stateOf } from './support/person.mjs';
import { stage } from './support/stage.mjs';

test('the start page, and the page for what is not there', async () => {
  const { page, expectAnswer } = await stage.visit();
  await page.goto('/');
  await look(page, 'start');
  await signIn(page);
  await page.goto('/');
  await reads(page.getByTestId('sign-in'), 'Open your session');
  await look(page, 'start-signed-in');
  expectAnswer(404, '/nothing');
  assert.equal((await page.goto('/nothing')).status(), 404);
  await look(page, 'not-found');
});

test('every link of the public pages leads somewhere', async () => {
  const { page } = await stage.visit();
  for (const path of ['/', '/doctor/']) {
    await page.goto(path);
    const addresses = await page.locator('a[href]').evaluateAll((links) => links.map(({ href }) => href));
    assert.ok(addresses.length > 3, `${path} has links`);
    for (const address of new Set(addresses)) {
      const { status } = await fetch(address, { redirect: 'manual', headers: { accept: 'text/html', 'sec-fetch-dest': 'document' } });
      assert.ok([200, 302].includes(status), `${address} on ${path}: ${status}`);
      const { hash } = new URL(address);
      if (hash) assert.equal(await page.locator(hash).count(), 1, `${hash} on ${path}`);
    }
  }
});

test('the app: ready, refused, unavailable, signed out', async () => {
  const { page, expectAnswer } = await stage.visit();
  expectAnswer(503, '/auth/refresh');
  expectAnswer(401, '/auth/refresh');
  expectAnswer(401, '/auth/session');
  await signIn(page);
  await look(page, 'app-ready');
  await page.getByTestId('button-switch').click();
  await look(page, 'app-switch');
  await page.keyboard.press('Escape');
  stage.provider.knobs.set({ down: {} });
  await page.getByTestId('button-refresh').click();
  await isInState(page, 'stale');
  await look(page, 'app-unavailable');
  stage.provider.knobs.reset();
  const id = await page.getByTestId('session-id').textContent();
  await fetch(`${stage.provider.url}/dev/end-session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ sessionId: id }) });
  await insist((options) => page.getByTestId('button-refresh').click(options), async () => (await stateOf(page)) === 'empty');
  await isInState(page, 'empty');
  await look(page, 'app-signed-out');
});

test('the app before there is an answer', async () => {
  const { page } = await stage.visit();
  await signIn(page);
  await page.route('**/auth/session', () => {});
  await page.goto('/app/');
  await isInState(page, 'loading');
  await look(page, 'app-loading');
});

test('people who are not average', async () => {
  for (const [choice, name] of [['Support as Ada (Acme, admin)', 'impersonation'], ['Sign in as Katherine (Acme, auditor)', 'many-permissions'], ['Sign in as Margaret (no organization)', 'no-organization']]) {
    const { page } = await stage.visit();
    await signIn(page, choice);
    await look(page, `app-${name}`);
  }
  const { page } = await stage.visit();
  await page.goto('/app/');
  await page.getByRole('button', { name: /Łódź/u }).click();
  await isReady(page);
  await look(page, 'app-long-name');
});

test('the gateway’s own pages', async () => {
  const { page, expectAnswer } = await stage.visit();
  expectAnswer(400, '/auth/callback');
  expectAnswer(404, '/auth/nothing');
  expectAnswer(503, '/auth/callback');
  await page.goto('/auth/login');
  await choose(page, 'Cancel');
  await page.getByRole('heading', { name: 'Sign-in cancelled' }).waitFor();
  await look(page, 'gateway-cancelled');
  await page.goto('/auth/callback?state=unknown&code=unknown');
  await look(page, 'gateway-sign-in-over');
  await page.goto('/auth/nothing');
  await look(page, 'gateway-nothing-here');
  await page.goto('/auth/login');
  stage.provider.knobs.set({ down: { endpoints: ['authenticate'] } });
  await choose(page);
  await page.getByRole('heading', { name: 'One moment, please' }).waitFor();
  await look(page, 'gateway-unavailable');
  stage.provider.knobs.reset();
  await page.getByRole('link', { name: 'Try again' }).click();
  await isAt(page, '/');
  await page.goto('/auth/logout');
  await page.getByRole('heading', { name: 'Sign out?' }).waitFor();
  await look(page, 'gateway-confirm-sign-out');
  await page.keyboard.press('Tab');
  await look(page, 'gateway-confirm-sign-out-focus');
});

test('a gateway that is not set up names the setting', async (t) => {
  const gateway = await startGateway(stage.provider, { COOKIE_SAMESITE: 'sometimes' });
  t.after(() => gateway.stop());
  const { page } = await stage.visit();
  assert.equal((await page.goto(gateway.url)).status(), 500);
  await becomes(() => page.locator('main').innerText(), /COOKIE_SAMESITE is not known; write Lax, Strict or None/u);
  await look(page, 'gateway-misconfigured');
});

test('faults of a page are found', async () => {
  const { page } = await stage.visit();
  await page.setContent('<main style="color:#999;background:#fff"><p>grey</p><div style="width:3000px">wide</div><button style="padding:0;border:0;font-size:8px">x</button></main>');
  assert.deepEqual((await page.evaluate(findFaults)).map((fault) => fault.split(':')[0]), ['wider than the screen', 'contrast', 'contrast', 'small target']);
});

test('what axe looks for is found', async () => {
  const { page } = await stage.visit();
  await page.setContent('<main><h1>Title</h1><img src="data:,"><input></main>');
  const found = (await violations(page)).map((fault) => fault.split(': ')[1]);
  for (const rule of ['image-alt', 'label', 'html-has-lang']) assert.ok(found.includes(rule), `${rule} among ${found}`);
});

test('the local provider’s pages', async () => {
  const { page } = await stage.visit();
  await page.goto('/auth/login');
  await page.getByRole('heading', { name: 'Choose who to sign in as' }).waitFor();
  await look(page, 'provider-sign-in');
  await page.goto(stage.provider.url);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await look(page, 'provider-control');
});

test('mistakes in the console are noticed', async () => {
  const { page, takeMistakes } = await stage.visit();
  await page.goto('/');
  await page.evaluate(() => {
    document.body.append(Object.assign(document.createElement('style'), { textContent: 'body { color: red }' }));
    setTimeout(() => { throw new Error('on purpose'); });
  });
  await page.goto('/assets/nothing.js');
  const mistakes = [];
  await becomes(async () => mistakes.push(...takeMistakes()) >= 4, true, 'violation (twice), exception, 404');
  for (const kind of [/policy violation: style-src/u, /uncaught: on purpose/u, /status of 404/u]) {
    assert.ok(mistakes.some((mistake) => kind.test(mistake)), `${kind} among ${mistakes.join(' | ')}`);
  }
});
