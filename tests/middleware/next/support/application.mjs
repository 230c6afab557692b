// An application as somebody gets it who follows an example's README, with pages of the tests' own in it: the package installed, built by Next
// and started. Holds no test.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { project, runBeside } from '../../../package/support/installed.mjs';
import { DOCUMENT, send } from '../../../worker/support/http.mjs';

const NEXT = fileURLToPath(new URL('../node_modules/next/dist/bin/next', import.meta.url));
const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const BUILD_MS = 300_000;
const START_MS = 60_000;

/**
 * Builds and starts it.
 * @param {string[]} folders of this repository, the later ones laid over the earlier ones
 * @param {(address: string) => Record<string, string | number>} settingsAt what stands in its .env
 * @param {[file: string, before: string, after: string][]} [edits]
 */
export async function startApplication(folders, settingsAt, edits = []) {
  const place = project(new URL('../', import.meta.url));
  for (const folder of folders) {
    const source = path.join(ROOT, folder);
    const isSource = (file) => !/node_modules|\.next$|package\.json$/.test(path.relative(source, file));
    fs.cpSync(source, place.folder, { recursive: true, filter: isSource });
  }
  for (const [file, before, after] of edits) {
    const text = fs.readFileSync(path.join(place.folder, file), 'utf8');
    assert.ok(text.includes(before), `${file} has no ${before}`);
    place.write(file, text.replace(before, after));
  }
  const port = await freePort();
  const settings = settingsAt(`http://localhost:${port}`);
  place.write('.env', Object.entries(settings).map(([key, value]) => `${key}="${value}"\n`).join(''));

  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' };
  await runBeside(process.execPath, [NEXT, 'build'], { cwd: place.folder, env, timeout: BUILD_MS });
  const child = await started([NEXT, 'start', '--port', String(port)], { cwd: place.folder, env });
  const address = new URL(`http://127.0.0.1:${port}`);
  const request = (target, options = {}) => send(address, target, { ...options, headers: { host: `localhost:${port}`, ...options.headers } });
  return {
    origin: `http://localhost:${port}`,
    request,
    close() {
      child.kill();
      place.remove();
    },
  };
}

function started(parameters, options) {
  const child = spawn(process.execPath, parameters, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  return new Promise((resolve, reject) => {
    let output = '';
    const late = setTimeout(() => child.kill(), START_MS);
    const hear = (data) => {
      output += data;
      if (!/Ready in/.test(output)) return;
      clearTimeout(late);
      resolve(child);
    };
    for (const stream of [child.stdout, child.stderr]) stream.on('data', hear);
    child.once('close', () => reject(new Error(`it has ended:\n${output}`)));
  });
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once('error', reject);
    server.listen(0, () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** What the router of Next sends when somebody clicks a link, and when it looks ahead. */
export const NAVIGATION = { accept: '*/*', rsc: '1', 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'cors', 'sec-fetch-site': 'same-origin' };
export const ROUTER_PREFETCH = { ...NAVIGATION, 'next-router-prefetch': '1' };

/** What the router gets: it goes where it is sent for the sake of `_rsc`, with the cookies that came. */
export async function navigate(visitor, target, headers = NAVIGATION) {
  const first = await visitor.request(target, { headers });
  if (first.status !== 307) return first;
  const { setCookies, ...next } = await visitor.request(first.headers.location, { headers });
  return { ...next, setCookies: [...first.setCookies, ...setCookies] };
}

/** Sends a form with a server action, as a browser does that runs no script. */
export async function submit(site, visitor, target, button) {
  const page = await visitor.request(target, { headers: DOCUMENT });
  const form = page.body.match(/<form.*?<\/form>/gs)?.find((text) => text.includes(`>${button}</button>`));
  assert.ok(form, `no form ${button} in ${page.status} ${page.body}`);
  const names = Array.from(form.matchAll(/<input[^>]* name="([^"]+)"/g), ([, name]) => name);
  const fields = names.map((name) => `--form\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n\r\n`);
  const headers = { ...DOCUMENT, origin: site.origin, 'content-type': 'multipart/form-data; boundary=form' };
  return { page, send: () => visitor.request(target, { method: 'POST', headers, body: `${fields.join('')}--form--\r\n` }) };
}

/** Ends a session as the provider does on its own side. */
export async function endSession(provider, { sessionId }) {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${provider.url}/dev/end-session`, { method: 'POST', headers, body: JSON.stringify({ sessionId }) });
  assert.ok(answer.ok, `${answer.status}`);
}
