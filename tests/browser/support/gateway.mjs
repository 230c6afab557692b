// The gateway in real workerd, in front of www/, with settings of its own. Expects build/worker/ to be built.

import { spawn } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const WRANGLER = path.join(ROOT, 'node_modules', 'wrangler', 'bin', 'wrangler.js');

const PATIENCE_MS = 60_000;
const POLL_MS = 50;

/** Nobody is there to answer questions, nothing is reported, and no network is needed. */
const QUIET = {
  CI: '1',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
};

/**
 * Starts a gateway on a free port. The site is on localhost and the provider on 127.0.0.1: two sites for a browser, so
 * that cookies behave as they do in production.
 *
 * @param {{ url: string, clientId: string, apiKey: string }} provider
 * @param {Record<string, string>} [settings] added, or in place of what stands here
 */
export async function startGateway(provider, settings = {}) {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'edgeseal-browser-'));
  const variables = {
    PUBLIC_URL: url,
    WORKOS_CLIENT_ID: provider.clientId,
    WORKOS_API_KEY: provider.apiKey,
    WORKOS_BASE_URL: provider.url,
    WORKOS_COOKIE_PASSWORD: crypto.randomBytes(32).toString('base64url'),
    ...settings,
  };
  const file = path.join(folder, 'settings.vars');
  fs.writeFileSync(file, Object.entries(variables).map(([name, value]) => `${name}=${value}\n`).join(''), { mode: 0o600 });

  const wrangler = run(['dev', '--ip', '127.0.0.1', '--port', String(port), '--inspector-port', '0', '--env-file', file, '--persist-to', path.join(folder, 'state')]);
  const stop = async () => {
    running.delete(stop);
    await wrangler.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  };
  running.add(stop);
  if (!(await isUp(`http://127.0.0.1:${port}/auth/health`, wrangler))) {
    await stop();
    throw new Error(`The gateway did not start:\n${wrangler.output.join('')}`);
  }
  return { url, stop };
}

/** Stops what is still running: a gateway that is forgotten would keep the tests from ending. */
export const stopGateways = () => Promise.all([...running].map((stop) => stop()));

/** @type {Set<() => Promise<void>>} */
const running = new Set();

/** @param {string[]} parameters */
function run(parameters) {
  const windows = process.platform === 'win32';
  // A group of its own: wrangler starts workerd, and both have to go.
  const child = spawn(process.execPath, [WRANGLER, ...parameters], {
    cwd: ROOT,
    env: { ...process.env, ...QUIET },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: !windows,
  });
  /** @type {string[]} */
  const output = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => output.push(String(piece)));
  const job = { output, ended: false, stop };
  const closed = new Promise((resolve) => child.once('close', resolve)).then(() => {
    job.ended = true;
  });
  child.once('error', (error) => output.push(error.message));
  const kill = () => {
    if (job.ended || child.pid === undefined) return;
    if (windows) spawn('taskkill', ['/pid', String(child.pid), '/t', '/f']);
    else process.kill(-child.pid, 'SIGKILL');
  };
  process.once('exit', kill);
  async function stop() {
    kill();
    await closed;
    process.off('exit', kill);
  }
  return job;
}

/** Whether anything answers there; a gateway that is not set up answers 500. */
async function isUp(url, wrangler) {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline && !wrangler.ended; ) {
    const answered = await fetch(url, { redirect: 'manual' }).then((response) => response.text().then(() => true), () => false);
    if (answered) return true;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return false;
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {net.AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}
