// A workerd that runs one Worker: bundled by esbuild, started by itself, asked over one connection. Both programs are wrangler's.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';

const COMPATIBILITY_DATE = '2026-10-20';
/** Where workerd says on which port it listens: `--control-fd`. */
const CONTROL = 3;

const ofWrangler = createRequire(createRequire(new URL('../package.json', import.meta.url)).resolve('wrangler/package.json'));

export const workerdVersion = ofWrangler('workerd/package.json').version;
export const esbuild = ofWrangler('esbuild');

/** How Workers are bundled: with what the packages have for workerd, wasm beside the JavaScript. */
export const bundling = {
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2024',
  conditions: ['workerd', 'worker', 'browser'],
  external: ['*.wasm'],
};

/**
 * Bundles a Worker into a folder of its own, from which it can be started any number of times.
 * @param {string} entry the file in `workers/`
 * @param {object} content
 * @param {Record<string, string>} [content.alias] packages that are files
 * @param {Record<string, string>} [content.modules] wasm files, by the names under which they are imported
 * @param {Record<string, unknown>} [content.bindings] plain data
 */
export async function bundleWorker(entry, { alias = {}, modules = {}, bindings = {} } = {}) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'edgeseal-bench-'));
  const entryPoints = [fileURLToPath(new URL(`workers/${entry}`, import.meta.url))];
  await esbuild.build({ ...bundling, alias, entryPoints, outfile: path.join(folder, 'main.js'), logLevel: 'error' });
  for (const [name, file] of Object.entries(modules)) fs.copyFileSync(file, path.join(folder, name));
  for (const [name, value] of Object.entries(bindings)) fs.writeFileSync(path.join(folder, `${name}.json`), JSON.stringify(value));
  fs.writeFileSync(path.join(folder, 'config.capnp'), configuration(Object.keys(modules), Object.keys(bindings)));
  return { folder, remove: () => fs.rmSync(folder, { recursive: true }) };
}

function configuration(modules, bindings) {
  const wasm = modules.map((name) => `, (name = "${name}", wasm = embed "${name}")`).join('');
  const json = bindings.map((name) => `(name = "${name}", json = embed "${name}.json")`).join(', ');
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "bench", worker = (
      compatibilityDate = "${COMPATIBILITY_DATE}",
      modules = [(name = "main.js", esModule = embed "main.js")${wasm}],
      bindings = [${json}],
      globalOutbound = "local")),
    (name = "local", network = (allow = ["private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "bench")],
);
`;
}

/** Starts a fresh workerd; resolves once it listens. */
export async function startWorkerd({ folder }) {
  const parameters = ['serve', path.join(folder, 'config.capnp'), `--control-fd=${CONTROL}`];
  const child = spawn(ofWrangler('workerd').default, parameters, { stdio: ['ignore', 'inherit', 'inherit', 'pipe'] });
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  const ended = new Promise((resolve) => child.once('close', resolve));
  const port = await Promise.race([portOf(child.stdio[CONTROL]), ended.then(() => undefined)]);
  if (port === undefined) throw new Error('workerd ended before it listened; what it said stands above');
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  return {
    /** The answer to one request, as text; the time in µs that it took stands in `microseconds`. */
    ask: (target) => ask(agent, port, target),
    async stop() {
      process.removeListener('exit', end);
      agent.destroy();
      end();
      await ended;
    },
  };
}

async function portOf(stream) {
  for await (const line of readline.createInterface({ input: stream })) {
    const { event, port } = JSON.parse(line);
    if (event === 'listen') return port;
  }
  return undefined;
}

function ask(agent, port, target) {
  const begin = process.hrtime.bigint();
  return new Promise((resolve, reject) => {
    const request = http.get({ agent, port, host: '127.0.0.1', path: target }, async (response) => {
      const chunks = [];
      for await (const chunk of response) chunks.push(chunk);
      const microseconds = Number(process.hrtime.bigint() - begin) / 1000;
      const text = Buffer.concat(chunks).toString();
      if (response.statusCode === 200) resolve({ text, microseconds });
      else reject(new Error(`workerd answered ${response.statusCode}: ${text}`));
    });
    request.once('error', reject);
  });
}
