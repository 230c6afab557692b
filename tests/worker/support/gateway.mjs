// The gateway under test: build/worker with the repository's own wrangler.toml, in a workerd of its own.
// Every instance is a fresh isolate with an empty KV. Holds no test.

import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { send } from './http.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));

// No network is needed, nothing is reported, and only what goes wrong is said.
Object.assign(process.env, {
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_LOG: 'error',
});
// The harness sends a Worker's outbound requests through this process's `fetch`, which would follow redirects before the
// Worker sees them. A network follows none: what becomes of them is for workerd to decide, as the Worker tells it.
const { fetch: followingRedirects } = globalThis;
globalThis.fetch = (resource, request = {}) =>
  followingRedirects(resource, new Proxy(request, { get: (target, name) => (name === 'redirect' ? 'manual' : Reflect.get(target, name, target)) }));

export const { createTestHarness } = await import(createRequire(path.join(root, 'package.json')).resolve('wrangler'));

if (!fs.existsSync(path.join(root, 'build', 'worker', 'index.js'))) {
  throw new Error('build/worker is missing: run `cargo xtask worker` first.');
}

/** The address that visitors see. Nothing listens there: requests go to the harness, whose port is another. */
export const PUBLIC_URL = 'http://localhost:4321';
export const PASSWORD = 'the password of the tests, 32 characters or more';
export const SESSION_COOKIE = 'wos-session';

/** Settings for a provider of dev/, as `npm start` makes them. */
export function settingsFor(provider) {
  return provider.projectId ? stytchSettings(provider) : {
    PUBLIC_URL,
    WORKOS_CLIENT_ID: provider.clientId,
    WORKOS_BASE_URL: provider.url,
    WORKOS_API_KEY: provider.apiKey,
    WORKOS_COOKIE_PASSWORD: PASSWORD,
  };
}

const stytchSettings = (provider) => ({
  PUBLIC_URL,
  PROVIDER: provider.choices.some(({ id }) => id === 'ada-acme') ? 'stytch-b2b' : 'stytch',
  STYTCH_PROJECT_ID: provider.projectId,
  STYTCH_SECRET: provider.secret,
  STYTCH_BASE_URL: provider.url,
  LOGIN_URL: provider.loginUrl,
});

/**
 * Starts a gateway.
 * @param {object} provider of dev/
 * @param {{ settings?: Record<string, unknown>, editConfig?: (toml: string) => string, workers?: object[] }} [options]
 *   `settings` come over the usual ones, undefined removes one; `editConfig` changes a copy of wrangler.toml;
 *   `workers` run beside the gateway, for service bindings
 */
export async function startGateway(provider, { settings = {}, editConfig, workers = [] } = {}) {
  const given = Object.entries({ ...settingsFor(provider), ...settings }).filter(([, value]) => value !== undefined);
  const copy = editConfig && writeConfig(editConfig);
  const server = createTestHarness({
    root: copy?.folder ?? root,
    // As secrets, so that a .dev.vars of the machine cannot come over them; what is structured has to be a var.
    workers: [
      {
        configPath: copy?.file ?? path.join(root, 'wrangler.toml'),
        vars: Object.fromEntries(given.filter(([, value]) => typeof value !== 'string')),
        secrets: Object.fromEntries(given.filter(([, value]) => typeof value === 'string')),
      },
      ...workers,
    ],
  });
  const { url } = await server.listen();
  return {
    /** One request; see `send`. */
    request: (target, options) => send(url, target, options),
    address: url,
    environment: () => server.getWorker().getEnv(),
    /** What the Worker wrote to its console, as one text. */
    logs: () => server.getLogs().map((entry) => JSON.stringify(entry)).join('\n'),
    async close() {
      await server.close();
      if (copy) fs.rmSync(copy.folder, { recursive: true, force: true });
    },
  };
}

/** For `editConfig`: a gateway that has no objects to keep sessions. */
export const withoutObjects = (toml) => toml.replace(/\[\[durable_objects\.bindings\]\]\n(.+\n)+\n\[\[migrations\]\]\n(.+\n)+/g, '');

/** A copy of wrangler.toml with absolute paths, changed; whoever asks for it removes its folder. */
export function writeConfig(edit) {
  const original = fs
    .readFileSync(path.join(root, 'wrangler.toml'), 'utf8')
    .replace('main = "build/worker/index.js"', `main = ${JSON.stringify(path.join(root, 'build', 'worker', 'index.js'))}`)
    .replace('directory = "www"', `directory = ${JSON.stringify(path.join(root, 'www'))}`);
  const edited = edit(original);
  if (edited === original) throw new Error('wrangler.toml has changed: the edit of this test changes nothing any more.');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'edgeseal-'));
  const file = path.join(folder, 'wrangler.toml');
  fs.writeFileSync(file, edited);
  return { folder, file };
}
