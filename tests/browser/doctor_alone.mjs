// That the doctor keeps to itself: no request once it has loaded, nothing stored, nothing in the address; and that it needs nobody: it opens
// without a network, takes a newer version in whole, and leaves the rest of the site alone.

import assert from 'node:assert/strict';
import http from 'node:http';
import test from 'node:test';

import { becomes, reads } from './support/expect.mjs';
import { PLANTED } from './support/planted.mjs';
import { stage } from './support/stage.mjs';

const isReady = (page) => reads(page.locator('#verdict-title'), 'Nothing to examine yet');

test('nothing leaves the page, and nothing stays', async () => {
  const { page, context, cookies } = await stage.visit();
  await page.goto('/doctor/');
  await isReady(page);
  await page.locator('#kept').waitFor();
  const requests = [];
  context.on('request', (request) => requests.push(request.url()));
  for (const id of Object.keys(PLANTED)) {
    await page.getByLabel('Examples').selectOption(id);
    await becomes(() => page.locator('#verdict').getAttribute('data-state'), PLANTED[id].state);
  }
  await page.getByLabel('Cookie or token').fill('wos-session=a-value-that-would-be-a-secret');
  await page.getByLabel('Cookie password', { exact: true }).fill('a password that would be a secret');
  await page.getByRole('button', { name: 'Examine' }).click();
  await reads(page.locator('#verdict-title'), /no sealed session/u);
  await page.getByRole('button', { name: 'Copy report for a ticket' }).click();

  assert.deepEqual(requests, []);
  assert.equal(page.url(), `${stage.url}/doctor/`);
  assert.deepEqual([...(await cookies()).keys()], []);
  const stored = await page.evaluate(async () => ({
    local: localStorage.length, session: sessionStorage.length, databases: await indexedDB.databases(), title: document.title, state: history.state,
    kept: (await Promise.all((await caches.keys()).map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => url)))).flat().filter((url) => !url.startsWith(`${location.origin}/assets/`)),
  }));
  assert.deepEqual(stored, { local: 0, session: 0, databases: [], title: 'Session doctor · edgeseal', state: null, kept: [`${stage.url}/doctor/`] });
});

test('the page’s policy lets no script open a connection', async () => {
  const arrived = [];
  const server = http.createServer((request, response) => { arrived.push(request.url); response.end(); });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { page, takeMistakes } = await stage.visit();
  const response = await page.goto('/doctor/');
  await isReady(page);
  const policy = response.headers()['content-security-policy'];
  assert.match(policy, /default-src 'none';.*connect-src 'none';.*form-action 'none'/u);
  assert.doesNotMatch(policy, /'self'.*,.*default-src|unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')/u);
  assert.equal(response.headers()['referrer-policy'], 'no-referrer');

  const blocked = await page.evaluate(async (address) => {
    const failed = async (attempt) => { try { await attempt(); return false; } catch { return true; } };
    const socket = (url) => new Promise((resolve, reject) => { const opened = new WebSocket(url); opened.onopen = resolve; opened.onerror = reject; });
    const image = (url) => new Promise((resolve, reject) => { const made = new Image(); made.onload = resolve; made.onerror = reject; made.src = url; });
    const form = () => { const made = document.createElement('form'); made.action = address; made.method = 'post'; document.body.append(made); made.submit(); return new Promise((_, reject) => setTimeout(reject, 300)); };
    return {
      fetch: await failed(() => fetch(address, { mode: 'no-cors' })),
      own: await failed(() => fetch('/auth/health')),
      beacon: await failed(async () => { if (!navigator.sendBeacon(address, 'secret')) throw new Error('refused'); await new Promise((resolve) => setTimeout(resolve, 300)); throw new Error('sent or not, the server knows'); }),
      socket: await failed(() => socket(address.replace('http', 'ws'))),
      image: await failed(() => image(address)),
      script: await failed(() => import(`${address}/script.js`)),
      form: await failed(form),
    };
  }, `http://127.0.0.1:${server.address().port}`);
  assert.deepEqual(Object.entries(blocked).filter(([, isBlocked]) => !isBlocked), []);
  assert.deepEqual(arrived, []);
  assert.ok(takeMistakes().some((mistake) => /policy violation: connect-src/u.test(mistake)));
  server.close();
});

test('it opens without a network, and the rest of the site does not', async () => {
  const { page, context } = await stage.visit();
  await page.goto('/doctor/');
  await page.locator('#kept').waitFor();
  await context.setOffline(true);
  await page.reload();
  await isReady(page);
  await page.getByLabel('Examples').selectOption('expired');
  await reads(page.locator('#verdict-title'), 'Refused: the access token has expired');
  assert.match((await page.goto('/doctor/?from=a-ticket')).headers()['content-security-policy'], /connect-src 'none'/u, 'what is kept has its policy');
  await isReady(page);
  await assert.rejects(page.goto('/'), /ERR_INTERNET_DISCONNECTED/u);
  await context.setOffline(false);
  await page.goto('/');
  assert.deepEqual(await page.evaluate(async () => [navigator.serviceWorker.controller, (await navigator.serviceWorker.getRegistrations()).map(({ scope }) => new URL(scope).pathname)]), [null, ['/doctor/']]);
});

test('a newer version comes in whole, when the person says so', async (t) => {
  const site = await nextBuild();
  t.after(site.close);
  const { page } = await stage.visit();
  await page.goto(`${site.url}/doctor/`);
  await page.locator('#kept').waitFor();
  await page.reload();
  await isReady(page);
  const names = () => page.evaluate(() => caches.keys());
  assert.equal((await names()).length, 1);

  site.deploy();
  await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
  await page.getByRole('button', { name: 'Load it' }).waitFor();
  await page.reload();
  assert.equal(await page.getByRole('heading', { level: 1 }).textContent(), 'Session doctor', 'until then everything is of the build before');
  assert.equal((await names()).length, 2);
  await page.getByRole('button', { name: 'Load it' }).click();
  await page.getByRole('heading', { name: 'Session doctor, next' }).waitFor();
  await isReady(page);
  await becomes(async () => (await names()).join(), 'edgeseal-doctor-next');
});

/** The site at an address of its own, until `deploy`: from then on another list of files, and with it another page. */
async function nextBuild() {
  let isDeployed = false;
  const changes = {
    '/assets/edgeseal/files.js': (text) => text.replace(/"version": "\w+"/u, '"version": "next"'),
    '/doctor/': (text) => text.replace('<h1>Session doctor</h1>', '<h1>Session doctor, next</h1>'),
  };
  const server = http.createServer(async (request, response) => {
    const answer = await fetch(stage.url + request.url);
    const body = Buffer.from(await answer.arrayBuffer());
    const change = isDeployed ? changes[request.url] : undefined;
    // What fetch has decoded is not encoded any more.
    const headers = [...answer.headers].filter(([name]) => !['content-encoding', 'content-length', 'transfer-encoding', 'etag'].includes(name));
    response.writeHead(answer.status, Object.fromEntries(headers)).end(change ? change(body.toString()) : body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    deploy: () => { isDeployed = true; },
    close: () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); }),
  };
}

test('where it cannot load, it says so', async () => {
  const { page, expectAnswer } = await stage.visit();
  expectAnswer(404, '/assets/edgeseal/wasm/module.js');
  await page.route('**/assets/edgeseal/wasm/module.js', (route) => route.fulfill({ status: 404 }));
  await page.goto('/doctor/');
  await reads(page.getByRole('alert'), /could not be loaded/u);
});

test('no other page carries the weight of the core', async () => {
  const { page, context } = await stage.visit();
  const requests = [];
  context.on('request', (request) => requests.push(new URL(request.url()).pathname));
  await page.goto('/', { waitUntil: 'networkidle' });
  assert.deepEqual(requests.filter((path) => /doctor|edgeseal|wasm/u.test(path)), []);
});
