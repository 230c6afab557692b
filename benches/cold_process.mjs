// The program of one cold start in Node: imports one package, and calls it if it authenticates. What took how long is its output.

import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { WINDOWS, authenticator } from './cold_calls.mjs';

const [name, input] = process.argv.slice(2);
const { folder, fixture, options } = JSON.parse(fs.readFileSync(input, 'utf8'));
const milliseconds = {};

const WorkOS = await load();
if (WorkOS) await call(WorkOS);
console.log(JSON.stringify(milliseconds));

/** The class whose calls are timed, if there is one. */
async function load() {
  if (!folder) return (await timed('load', () => import(name))).WorkOS;
  const glue = await timed('load', async () => {
    const exports = await import(pathToFileURL(path.join(folder, 'edgeseal.js')).href);
    const bytes = fs.readFileSync(path.join(folder, 'edgeseal_bg.wasm'));
    const module = await timed('compile', () => new WebAssembly.Module(bytes));
    // Not the asynchronous one: it asks for `Response`, and Node loads its whole fetch for that.
    await timed('instantiate', () => exports.initSync({ module }));
    return exports;
  });
  return glue.WorkOS;
}

async function call(WorkOS) {
  const authenticate = authenticator(WorkOS, fixture, options);
  let called = 0;
  for (const { name: window, from, to } of WINDOWS) {
    await authenticate(from - 1 - called);
    await timed(window, () => authenticate(to - from + 1));
    milliseconds[window] /= to - from + 1;
    called = to;
  }
}

async function timed(what, work) {
  const begin = performance.now();
  const result = await work();
  milliseconds[what] = performance.now() - begin;
  return result;
}
