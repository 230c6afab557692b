// The installed package in Chromium: bundled by Vite, by webpack, and as it is, from a plain `<script type="module">`. Without a Chromium
// (`CHROMIUM`, or one of the system's) they are skipped.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { chromium } from 'playwright-core';
import { build as viteBuild } from 'vite';
import webpack from 'webpack';

import { project } from '../support/installed.mjs';
import { PROGRAM, startRuntimeStage } from '../support/runtime.mjs';
import { findBrowser } from '../../browser/support/browser.mjs';

const executablePath = findBrowser();
const skip = executablePath ? false : 'no Chromium found: install one, or set CHROMIUM to its path';

let place;
let stage;
let browser;
before(async () => {
  if (skip) return;
  place = project();
  stage = await startRuntimeStage();
  place.write('program.mjs', PROGRAM);
  place.write('page.mjs', page("'edgeseal'"));
  place.write('index.html', '<!doctype html><script type="module" src="/page.mjs"></script>');
  // Chromium's sandbox does not work for root.
  browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
});
after(async () => {
  if (skip) return;
  await browser.close();
  await stage.close();
  place.remove();
});

/** What a page does: the parts, and what has no place in a page. It leaves its result in the title. */
const page = (specifier) => `import * as edgeseal from ${specifier};
import { program } from './program.mjs';

const refused = (call) => {
  try {
    call();
    return 'nothing was refused';
  } catch (error) {
    return [error.name, ...(error.message.match(/\`\\w+\`/g) ?? [])].join(' ');
  }
};
const { userManagement } = new edgeseal.WorkOS(undefined, { clientId: 'client_1' });
const cookiePassword = 'a cookie password of at least 32 characters';
const sdk = { key: 'sk_secret', clientId: 'client_1', baseURL: 'https://api.example', userManagement: { loadSealedSession() {} } };
program(edgeseal, ${JSON.stringify(stage.parts())}).then((done) => {
  document.title = JSON.stringify([
    done,
    refused(() => new edgeseal.WorkOS('sk_secret', { clientId: 'client_1' })),
    refused(() => new edgeseal.WorkOS(undefined, { clientId: 'client_1', cookiePassword })),
    refused(() => userManagement.loadSealedSession({ sessionData: 'x', cookiePassword })),
    refused(() => edgeseal.withEdgeseal(sdk)),
  ]);
}).catch((error) => (document.title = String(error)));
`;

const EXPECTED = ['parts', 'TypeError `key`', 'TypeError `cookiePassword`', 'TypeError `cookiePassword`', 'TypeError `key`'];

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm' };

/** Serves a folder, opens its page, and returns what the page left in its title. */
async function resultOf(folder) {
  const server = http.createServer((request, response) => {
    const file = path.join(folder, path.normalize(new URL(request.url, 'http://site').pathname.replace(/\/$/, '/index.html')));
    if (!fs.existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': TYPES[path.extname(file)] ?? 'text/plain' }).end(fs.readFileSync(file));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const tab = await browser.newPage();
  const faults = [];
  tab.on('pageerror', (error) => faults.push(String(error)));
  try {
    await tab.goto(`http://127.0.0.1:${server.address().port}/`);
    await tab.waitForFunction(() => document.title !== '', undefined, { timeout: 15_000 }).catch(() => {});
    const title = await tab.title();
    assert.deepEqual(faults, []);
    return title.startsWith('[') ? JSON.parse(title) : title;
  } finally {
    await tab.close();
    server.close();
  }
}

const modulesIn = (folder) => fs.readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.wasm'));

test('Vite', { skip }, async () => {
  const outDir = path.join(place.folder, 'vite');
  await viteBuild({ root: place.folder, logLevel: 'error', build: { outDir } });
  assert.deepEqual(await resultOf(outDir), EXPECTED);
  assert.equal(modulesIn(outDir).length, 1, 'one module is enough');
});

test('webpack', { skip }, async () => {
  const folder = path.join(place.folder, 'webpack');
  const stats = await promisify(webpack)({
    context: place.folder,
    mode: 'production',
    entry: './page.mjs',
    output: { path: folder, filename: 'page.js' },
    performance: { hints: false }, // the module is larger than it likes
  });
  assert.ok(!stats.hasErrors() && !stats.hasWarnings(), stats.toString({ all: false, errors: true, warnings: true }));
  fs.writeFileSync(path.join(folder, 'index.html'), '<!doctype html><script defer src="page.js"></script>');
  assert.deepEqual(await resultOf(folder), EXPECTED);
  assert.equal(modulesIn(folder).length, 1, 'one module is enough');
});

test('a plain script, without a bundler', { skip }, async () => {
  const folder = path.join(place.folder, 'plain');
  fs.cpSync(place.installed(), path.join(folder, 'edgeseal'), { recursive: true });
  fs.writeFileSync(path.join(folder, 'program.mjs'), PROGRAM);
  fs.writeFileSync(path.join(folder, 'page.mjs'), page("'./edgeseal/entries/browser.js'"));
  fs.writeFileSync(path.join(folder, 'index.html'), '<!doctype html><script type="module" src="page.mjs"></script>');
  assert.deepEqual(await resultOf(folder), EXPECTED);
});
