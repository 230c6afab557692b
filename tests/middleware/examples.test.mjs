// The examples, as somebody gets them who follows their README: copied, the package installed into them, run, and signed in to with the local
// provider.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { startProvider } from '../../dev/src/provider.mjs';
import { install, run } from '../package/support/installed.mjs';
import { createTestHarness, settingsFor } from '../worker/support/gateway.mjs';
import { DOCUMENT, SCRIPT, send } from '../worker/support/http.mjs';
import { place } from './support/package.mjs';
import { SESSION_COOKIE, Visitor, requestsTo } from './support/stage.mjs';

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));
const readOf = (name, ...file) => fs.readFileSync(path.join(EXAMPLES, name, ...file), 'utf8');

/** A copy of an example, into which the package is installed; what else it depends on, the suite has. */
function copyOf(name) {
  const folder = path.join(place.folder, `example-${name}`);
  fs.cpSync(path.join(EXAMPLES, name), folder, { recursive: true, filter: (file) => !/node_modules|\.wrangler|dist$/.test(file) });
  const manifest = JSON.parse(readOf(name, 'package.json'));
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  install(folder);
  return { folder, manifest };
}

for (const name of ['hono', 'express']) {
  test(`${name}: three commands, settings that are named, and the package of this version`, () => {
    const [, commands] = /```sh\n(.*?)\n```/s.exec(readOf(name, 'README.md'));
    assert.equal(commands.trim().split('\n').length, 3);
    const { dependencies, scripts } = JSON.parse(readOf(name, 'package.json'));
    assert.equal(dependencies.edgeseal, `^${JSON.parse(fs.readFileSync(place.installed('package.json'), 'utf8')).version}`);
    assert.ok(scripts.start);
    const settings = readOf(name, name === 'hono' ? '.dev.vars.example' : '.env.example');
    for (const variable of ['WORKOS_CLIENT_ID', 'WORKOS_API_KEY', 'WORKOS_COOKIE_PASSWORD']) assert.match(settings, new RegExp(`^${variable}=`, 'm'));
  });
}

/** What somebody does who sees the site for the first time. */
async function takeTheTour(site, provider) {
  const visitor = new Visitor(site);
  const open = (target, options = {}) => visitor.request(target, { ...options, headers: { ...DOCUMENT, ...options.headers } });
  assert.match((await open('/')).body, /<a href="\/login">Sign in<\/a>/);

  const signIn = async (choice, target) => {
    const sent = await open(target);
    assert.deepEqual([sent.status, sent.headers.location], [302, `/login?return_to=${encodeURIComponent(target)}`]);
    const started = await open(sent.headers.location);
    assert.equal(started.status, 302, started.body);
    const decided = await fetch(`${started.headers.location}&choice=${choice}`, { redirect: 'manual' });
    const { pathname, search } = new URL(decided.headers.get('location'));
    const back = await open(pathname + search);
    assert.deepEqual([back.status, back.headers.location], [302, target], back.body);
    assert.deepEqual([...visitor.cookies.keys()], [SESSION_COOKIE], 'nothing of the sign-in is left');
    return pathname + search;
  };
  const callback = await signIn('ada-acme', '/app?x=1');
  assert.match((await open('/app')).body, /Ada Lovelace, admin in org_/);
  assert.match((await open('/')).body, /Signed in as ada@example\.com/);
  assert.match((await open('/admin')).body, /Welcome, ada@example\.com/);
  assert.equal((await open(callback)).status, 400, 'a callback works once');

  const crossSite = await site.request('/logout', { method: 'POST', headers: SCRIPT });
  assert.equal(crossSite.status, 401, 'without the cookie nobody is signed out');
  const out = await open('/logout', { method: 'POST' });
  assert.equal(out.status, 303);
  assert.match(out.headers.location, /\/user_management\/sessions\/logout\?session_id=/);
  assert.equal((await fetch(out.headers.location, { redirect: 'manual' })).status, 302);
  assert.equal(visitor.cookies.size, 0);
  assert.equal((await open('/app')).status, 302);

  provider.knobs.set({ tokenLifetimeSeconds: 1 });
  await signIn('grace-acme', '/app');
  provider.knobs.set({ tokenLifetimeSeconds: 300 });
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  assert.match((await open('/app')).body, /Grace Hopper, member/);
  assert.equal(requestsTo(provider, 'authenticate').filter(({ grantType }) => grantType === 'refresh_token').length, 1);
  assert.equal((await open('/admin')).status, 403);
  const stranger = await open(callback);
  assert.equal(stranger.status, 400);

  // A link of somebody else's leads nowhere else.
  const planted = await new Visitor(site).request('/login?return_to=https://evil.example/', { headers: DOCUMENT });
  assert.equal(planted.status, 302);
}

test('hono', async (t) => {
  const provider = await startProvider();
  t.after(() => provider.close());
  const { folder } = copyOf('hono');
  const compilerOptions = { strict: true, noEmit: true, target: 'es2023', lib: ['es2023', 'dom', 'dom.iterable'], types: [], module: 'esnext', moduleResolution: 'bundler', skipLibCheck: true };
  fs.writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['src/index.ts'] }));
  run(process.execPath, [fileURLToPath(new URL('node_modules/typescript/bin/tsc', import.meta.url)), '--project', folder]);
  const { PUBLIC_URL: _, ...secrets } = settingsFor(provider);
  const server = createTestHarness({ root: folder, workers: [{ configPath: path.join(folder, 'wrangler.toml'), secrets }] });
  t.after(() => server.close());
  const { url } = await server.listen();
  await takeTheTour({ request: (target, options = {}) => send(url, target, { ...options, headers: { host: `localhost:${url.port}`, ...options.headers } }) }, provider);
});

test('express', async (t) => {
  const provider = await startProvider();
  t.after(() => provider.close());
  const { folder, manifest } = copyOf('express');
  const port = await freePort();
  const settings = { ...settingsFor(provider), PUBLIC_URL: `http://localhost:${port}`, PORT: port };
  fs.writeFileSync(path.join(folder, '.env'), Object.entries(settings).map(([name, value]) => `${name}="${value}"\n`).join(''));
  const [program, ...parameters] = manifest.scripts.start.split(' ');
  assert.equal(program, 'node');
  const child = spawn(process.execPath, parameters, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill());
  await new Promise((resolve, reject) => child.stdout.once('data', resolve).once('close', () => reject(new Error('it has ended'))));
  const address = new URL(`http://127.0.0.1:${port}`);
  await takeTheTour({ request: (target, options = {}) => send(address, target, { ...options, headers: { host: `localhost:${port}`, ...options.headers } }) }, provider);
});

function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once('error', reject);
    server.listen(0, () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
