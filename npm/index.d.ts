// What the package gives; the core's own types are generated from its sources.

export * from './wasm/edgeseal.js';
export * from './lib/key_caches.js';
export * from './lib/overlay.js';
export * from './lib/reasons.js';
