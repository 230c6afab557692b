// Caches for `keyCache`, where there is no KV namespace. They keep public keys; nothing in them is secret, nothing is believed for longer
// than it says.

/** An address that no server has: the Cache API keeps answers to requests. */
const ADDRESS = 'https://edgeseal.invalid/';

/** Keeps keys in the Cache API: in Workers for a data centre, in Deno and browsers for this machine. */
export function cacheApiKeyCache(cache) {
  const opened = async () => cache ?? globalThis.caches.default ?? globalThis.caches.open('edgeseal');
  const address = (key) => ADDRESS + encodeURIComponent(key);
  return {
    async get(key) {
      const answer = await (await opened()).match(address(key));
      return answer ? answer.text() : null;
    },
    async put(key, value, { expirationTtl }) {
      const headers = { 'cache-control': `max-age=${expirationTtl}`, 'content-type': 'text/plain' };
      await (await opened()).put(address(key), new Response(value, { headers }));
    },
  };
}

/** Keeps keys in memory, for several modules, threads of one test, or a test itself. A client alone needs none: it remembers its keys. */
export function memoryKeyCache({ now = Date.now } = {}) {
  const entries = new Map();
  return {
    async get(key) {
      const { value, expiresAt } = entries.get(key) ?? { expiresAt: -Infinity };
      return now() < expiresAt ? value : null;
    },
    async put(key, value, { expirationTtl }) {
      entries.set(key, { value, expiresAt: now() + expirationTtl * 1000 });
    },
  };
}
