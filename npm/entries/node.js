// Entry for Node and Bun: reads the module from the package's own folder, without waiting, so that `require` can load it too.

import { readFileSync } from 'node:fs';

import { initSync } from '../wasm/edgeseal.js';
import { hasRelaxedSimd } from '../lib/relaxed_simd.js';

const file = hasRelaxedSimd() ? new URL('../wasm/relaxed.wasm', import.meta.url) : new URL('../wasm/portable.wasm', import.meta.url);
initSync({ module: readFileSync(file) });

export * from '../lib/api.js';
