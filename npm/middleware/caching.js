// What a shared cache may keep: nothing that depends on who is signed in, and nothing that sets a cookie. As src/gateway/caching.rs.

const UNSHARED = 'private, no-store';

/** Headers that speak to one shared cache or another past `Cache-Control` (RFC 9213 and its forerunners). */
const FOR_SHARED_CACHES = [
  ...['', 'cloudflare-', 'vercel-', 'netlify-'].map((cache) => `${cache}cdn-cache-control`),
  ...['surrogate-control', 'edge-control', 'x-accel-expires'],
];

/**
 * Says so in the headers of an answer.
 * @param {{ get(name: string): string | null, set(name: string, value: string): void, delete(name: string): void }} headers
 * @param {{ setsCookie: boolean, isPublic: boolean, hasSession: boolean }} about
 */
export function keepPrivate(headers, { setsCookie, isPublic, hasSession }) {
  const given = headers.get('cache-control') ?? '';
  const isShared = directives(given).some(({ name }) => name === 'public' || name === 's-maxage');
  // On a page that anybody may see, `public` says that it is the same for everybody.
  if (isPublic && isShared && !setsCookie) return;
  const vary = (headers.get('vary') ?? '').split(',').map((name) => name.trim()).filter(Boolean);
  const missing = ['Cookie', 'Authorization'].filter((name) => !vary.some((own) => own === '*' || own.toLowerCase() === name.toLowerCase()));
  if (missing.length > 0) headers.set('vary', [...vary, ...missing].join(', '));
  if (!setsCookie && !hasSession) return;
  headers.set('cache-control', setsCookie ? UNSHARED : unshared(given));
  for (const name of FOR_SHARED_CACHES) headers.delete(name);
}

/** `Cache-Control` of an answer to one person: the handler's, without what lets others share it. */
function unshared(given) {
  const shared = ['public', 'private', 's-maxage', 'proxy-revalidate', 'must-understand'];
  const kept = directives(given).filter(({ name }) => !shared.includes(name) && !name.startsWith('stale-'));
  if (directives(given).length === 0) return UNSHARED;
  const isBounded = kept.some(({ name }) => ['no-store', 'no-cache', 'max-age'].includes(name));
  return ['private', ...kept.map(({ text }) => text), ...(isBounded ? [] : ['no-cache'])].join(', ');
}

const directives = (value) =>
  value
    .split(',')
    .map((text) => text.trim())
    .filter(Boolean)
    .map((text) => ({ text, name: text.split('=', 1)[0].trim().toLowerCase() }));
