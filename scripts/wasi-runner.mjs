// Runs a test binary of wasm32-wasip1 on node:wasi. Cargo calls it with the module and libtest's arguments.

import fs from 'node:fs';
import { WASI } from 'node:wasi';

import { root } from './library/paths.mjs';

const [module, ...parameters] = process.argv.slice(2);
const vectors = process.env.EDGESEAL_VECTORS;

const wasi = new WASI({
  version: 'preview1',
  args: [module, ...parameters],
  env: process.env,
  // Tests read their vectors relative to the crate or by absolute path; nothing else is visible to them.
  preopens: { '.': root, [root]: root, ...(vectors && { [vectors]: vectors }) },
});
const { instance } = await WebAssembly.instantiate(fs.readFileSync(module), wasi.getImportObject());
process.exitCode = wasi.start(instance);
