// Many isolates of one gateway in one workerd: copies of the Worker share a Durable Object that a script of its own has, and a
// Worker in front sends each request to one of them. Beside it the same fleet of what others do. Holds no test.

import fs from 'node:fs';
import { fileURLToPath } from 'node:url';

import { PASSWORD, SESSION_COOKIE, createTestHarness, settingsFor, withoutObjects, writeConfig } from './gateway.mjs';
import { send } from './http.mjs';

const COPIES = 3;
const COMPATIBILITY_DATE = '2026-10-20';
const OBJECT_SCRIPT = 'edgeseal-sessions';
const SITE = 'site';

const scriptOf = (copy) => `edgeseal-${copy}`;
const inThisFolder = (name) => fileURLToPath(new URL(name, import.meta.url));

/** The files of the site in wrangler.toml. */
const ASSETS_TABLE = /^\[assets\]\n(?:[^[\n].*\n)*\n?/m;
const OBJECT_BINDING = /^\[\[durable_objects\.bindings\]\]\n(?:[^[\n].*\n)*/gm;

/**
 * Copies of build/worker with the repository's own wrangler.toml.
 * @param {object} provider of dev/
 * @param {{ copies?: number, object?: boolean, settings?: Record<string, string> }} [options] `object: false` leaves the copies without
 *   the bindings; `settings` come over the usual ones
 */
export function startFleet(provider, { copies = COPIES, object = true, settings = {} } = {}) {
  const gateway = (name, editObjects) => {
    const copy = writeConfig((toml) => withSite(named(editObjects(toml), name)));
    return { copy, worker: { configPath: copy.file, secrets: { ...settingsFor(provider), ...settings } } };
  };
  const edit = object ? boundToOwner : withoutObjects;
  const workers = numbers(copies).map((number) => gateway(scriptOf(number), edit));
  if (object) workers.push(gateway(OBJECT_SCRIPT, (toml) => toml));
  const site = { config: { name: SITE, main: inThisFolder('site_worker.mjs'), compatibility_date: COMPATIBILITY_DATE } };
  return start([...workers.map(({ worker }) => worker), site], copies, workers.map(({ copy }) => copy.folder));
}

/** Copies of a Worker on WorkOS's SDK that shares the refreshes of its isolate, as AuthKit's session library does. */
export function startPeerFleet(provider, { copies = COPIES } = {}) {
  const vars = { PROVIDER_URL: provider.url, API_KEY: provider.apiKey, CLIENT_ID: provider.clientId, PASSWORD, COOKIE_NAME: SESSION_COOKIE };
  const worker = (number) => ({ config: { name: scriptOf(number), main: inThisFolder('peer_worker.mjs'), compatibility_date: COMPATIBILITY_DATE, vars } });
  return start(numbers(copies).map(worker), copies, []);
}

async function start(workers, copies, folders) {
  const services = numbers(copies).map((number) => ({ binding: `COPY_${number}`, service: scriptOf(number) }));
  const front = { name: 'front', main: inThisFolder('front_worker.mjs'), compatibility_date: COMPATIBILITY_DATE, services };
  // What is asked from outside goes to the first one.
  const server = createTestHarness({ root: inThisFolder('.'), workers: [{ config: front }, ...workers] });
  const { url } = await server.listen();
  return {
    copies,
    address: url,
    /** One request; see `send`, and front_worker.mjs for the headers that it understands. */
    request: (target, options) => send(url, target, options),
    /** What the Workers wrote to their consoles, as one text. */
    logs: () => server.getLogs().map((entry) => JSON.stringify(entry)).join('\n'),
    async close() {
      await server.close();
      for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

const numbers = (count) => Array.from({ length: count }, (_, number) => number);

/** A site of its own instead of files: for those the local runtime puts further Workers before and behind each copy. */
const withSite = (toml) => `${toml.replace(ASSETS_TABLE, '')}\n[[services]]\nbinding = "UPSTREAM"\nservice = "${SITE}"\n`;

const named = (toml, name) => toml.replace('name = "edgeseal"', `name = "${name}"`);

/** The objects are another script's. */
function boundToOwner(toml) {
  const bindings = toml.match(OBJECT_BINDING);
  if (!bindings) throw new Error('wrangler.toml binds no object: the fleet has nothing to share.');
  return withoutObjects(toml) + bindings.map((table) => `\n${table.trimEnd()}\nscript_name = "${OBJECT_SCRIPT}"\n`).join('');
}
