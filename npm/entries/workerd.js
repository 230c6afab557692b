// Entry for Cloudflare Workers: the module comes compiled, by import. workerd knows relaxed SIMD. Not a top-level await: workerd would
// refuse to start.

import module from '../wasm/relaxed.wasm';
import { initSync } from '../wasm/edgeseal.js';

initSync({ module });

export * from '../lib/api.js';
