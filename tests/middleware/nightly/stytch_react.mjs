// `examples/stytch-react-workers` as somebody gets it who follows its README: built by Vite, served by workerd, used in Chromium, with the local
// provider in the place of Stytch. Without a Chromium (`CHROMIUM`, or one of the system's) what needs one is skipped.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

import { startProvider } from '../../../dev/src/provider.mjs';
import { findBrowser } from '../../browser/support/browser.mjs';
import { install, project, run } from '../../package/support/installed.mjs';
import { createTestHarness, settingsFor } from '../../worker/support/gateway.mjs';
import { DOCUMENT, SCRIPT, send } from '../../worker/support/http.mjs';

const EXAMPLE = fileURLToPath(new URL('../../../examples/stytch-react-workers/', import.meta.url));
const VITE = fileURLToPath(new URL('node_modules/vite/bin/vite.js', import.meta.url));

const executablePath = findBrowser();
const skip = executablePath ? false : 'no Chromium found: install one, or set CHROMIUM to its path';

let place;
let folder;
let provider;
let browser;
before(async () => {
  place = project(new URL('./', import.meta.url));
  folder = path.join(place.folder, 'example');
  fs.cpSync(EXAMPLE, folder, { recursive: true, filter: (file) => !/node_modules|\.wrangler|dist$/.test(file) });
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  install(folder);
  run(process.execPath, [VITE, 'build', '--logLevel', 'error'], { cwd: folder });
  provider = await startProvider({ provider: 'stytch' });
  // Chromium's sandbox does not work for root.
  if (!skip) browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
});
after(async () => {
  await browser?.close();
  await provider?.close();
  place.remove();
});

async function start(t, more = {}) {
  const { STYTCH_PROJECT_ID, STYTCH_SECRET, STYTCH_BASE_URL } = settingsFor(provider);
  const secrets = { STYTCH_PROJECT_ID, STYTCH_SECRET, STYTCH_BASE_URL, ...more };
  const server = createTestHarness({ root: folder, workers: [{ configPath: path.join(folder, 'wrangler.toml'), secrets }] });
  t.after(() => server.close());
  const { url } = await server.listen();
  return url;
}

test('the README has three commands, and the scripts that they run', () => {
  const [, commands] = /```sh\n(.*?)\n```/s.exec(fs.readFileSync(path.join(EXAMPLE, 'README.md'), 'utf8'));
  assert.equal(commands.split('\n').length, 3);
  const { scripts, dependencies } = JSON.parse(fs.readFileSync(path.join(EXAMPLE, 'package.json'), 'utf8'));
  assert.equal(scripts.start, 'vite build && wrangler dev');
  assert.equal(dependencies.edgeseal, `^${JSON.parse(fs.readFileSync(place.installed('package.json'), 'utf8')).version}`);
});

test('the page is for everybody, the API is not', async (t) => {
  const url = await start(t);
  for (const target of ['/', '/some/page']) assert.match((await send(url, target, { headers: DOCUMENT })).body, /<div id="root">/);
  assert.equal((await send(url, '/api/settings', { headers: SCRIPT })).status, 200);
  for (const [target, method] of [['/api/me', 'GET'], ['/api/posts', 'POST'], ['/api/sign-out', 'POST'], ['/api/nowhere', 'GET']]) {
    const answer = await send(url, target, { method, headers: SCRIPT });
    assert.deepEqual([answer.status, answer.json().detail], [401, 'cookie_missing'], target);
  }
  assert.equal((await send(url, '/api//settings', { headers: SCRIPT })).status, 400);
});

test('somebody signs in, posts, has the token renewed, and signs out', { skip }, async (t) => {
  const url = await start(t, { LOGIN_URL: provider.loginUrl });
  const context = await browser.newContext({ baseURL: `http://localhost:${url.port}` });
  t.after(() => context.close());
  const page = await context.newPage();
  const signIn = async (button) => {
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: button }).first().click();
    await page.getByText(/Signed in as user-test-/).waitFor();
  };
  await page.goto('/');
  await signIn(/Ada/);
  assert.match(await page.locator('main').innerText(), /stytch_user, admin/);
  await page.getByRole('button', { name: 'Post something' }).click();
  await page.getByText('Posted.').waitFor();

  // What a browser has after five minutes.
  const [jwt] = (await context.cookies()).filter(({ name }) => name === 'stytch_session_jwt');
  await context.clearCookies({ name: 'stytch_session_jwt' });
  await page.reload();
  await page.getByText(/Signed in as user-test-/).waitFor();
  const [renewed] = (await context.cookies()).filter(({ name }) => name === 'stytch_session_jwt');
  assert.ok(renewed.value !== jwt.value && !renewed.httpOnly, 'the SDK in the page can read it');

  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('link', { name: 'Sign in' }).waitFor();
  assert.deepEqual(await context.cookies(`http://localhost:${url.port}`), []);

  await signIn(/Grace/);
  await page.getByRole('button', { name: 'Post something' }).click();
  await page.getByText('Refused: permission_denied').waitFor();

  // An outage is told as one.
  provider.knobs.set({ down: { endpoints: ['authenticate'] } });
  await context.clearCookies({ name: 'stytch_session_jwt' });
  await page.reload();
  await page.getByText(/We cannot tell right now whether you are signed in/).waitFor();
  provider.reset();
});

test('with a public token the page has Stytch\'s own component', { skip }, async (t) => {
  const url = await start(t, { STYTCH_PUBLIC_TOKEN: 'public-token-test-00000000-0000-4000-8000-000000000000' });
  const context = await browser.newContext({ baseURL: `http://localhost:${url.port}` });
  t.after(() => context.close());
  const page = await context.newPage();
  const asked = [];
  // Stytch is not reached from here; that it is asked shows that the component is at work.
  await context.route(/stytch\.com/, (route) => {
    asked.push(new URL(route.request().url()).hostname);
    return route.abort();
  });
  const faults = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  await page.goto('/');
  await page.locator('input[type="email"]').waitFor();
  assert.ok(asked.length > 0);
  assert.deepEqual(faults.filter((fault) => /React|is not a function|undefined/.test(fault)), []);
});
