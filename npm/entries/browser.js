// Entry for browsers, with a bundler or without: loads the module from beside this file. Not every browser knows relaxed SIMD. A secret
// has no place here: whoever opens the page has it.

import init from '../wasm/edgeseal.js';

await init({ module_or_path: new URL('../wasm/portable.wasm', import.meta.url) });

export * from '../lib/api.js';
// These come before those of the same name.
export { WorkOS, withEdgeseal } from '../lib/browser_client.js';
