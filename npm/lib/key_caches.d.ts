import type { KeyCache } from '../wasm/edgeseal.js';

/**
 * Keeps keys in the Cache API: in Workers for a data centre, in Deno and browsers for this machine.
 * Default: `caches.default`, or else a cache of the name `edgeseal`.
 */
export function cacheApiKeyCache(cache?: {
  match(address: string): Promise<{ text(): Promise<string> } | undefined>;
  put(address: string, answer: Response): Promise<void>;
}): KeyCache;

/** Keeps keys in memory, to be shared by tests or copies of this module. A client alone needs none: it remembers its keys. */
export function memoryKeyCache(options?: { now?: () => number }): KeyCache;
