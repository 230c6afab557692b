// Entry for Deno: by `import source`, which needs no permission to read. Every Deno that knows it knows relaxed SIMD too.

import source module from '../wasm/relaxed.wasm';

import { initSync } from '../wasm/edgeseal.js';

initSync({ module });

export * from '../lib/api.js';
