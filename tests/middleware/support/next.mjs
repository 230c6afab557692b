// A stand-in for Next.js, with what `edgeseal/next` asks of it, so that the ordinary suite need not install it: next/ has the real one. Holds no
// test.

import { place } from './package.mjs';

place.write('node_modules/next/package.json', '{ "name": "next", "type": "module" }\n');
place.write(
  'node_modules/next/server.js',
  `export class NextResponse extends Response {
  static next({ request } = {}) {
    const headers = new Headers({ 'x-middleware-next': '1' });
    for (const [name, value] of request?.headers ?? []) headers.set('x-middleware-request-' + name, value);
    if (request) headers.set('x-middleware-override-headers', [...request.headers.keys()].join(','));
    return new NextResponse(null, { headers });
  }
}
`,
);
place.write(
  'node_modules/next/headers.js',
  `export const headers = async () => globalThis.inboundOfThePage;
export async function cookies() {
  const pairs = (globalThis.inboundOfThePage.get('cookie') ?? '').split('; ').filter(Boolean).map((pair) => pair.split(/=(.*)/s));
  return { getAll: () => pairs.map(([name, value]) => ({ name, value: decodeURIComponent(value) })) };
}
`,
);

export const { edgeseal } = await import(place.installed('middleware', 'next.js'));

/** A request as Next hands it to a proxy: under the server's own name. */
export function proxied(target, headers = {}) {
  const request = new Request(`http://localhost:3000${target}`, { headers: { host: 'site.example', ...headers } });
  const jar = new Map((headers.cookie ?? '').split('; ').map((pair) => pair.split(/=(.*)/s)));
  return Object.assign(request, {
    nextUrl: new URL(request.url),
    cookies: { has: (name) => jar.has(name), get: (name) => jar.has(name) && { value: jar.get(name) } },
  });
}

/** The headers that the page behind gets; undefined where there is none. */
export function forwarded(response) {
  const names = response.headers.get('x-middleware-override-headers')?.split(',');
  return names && new Headers(names.map((name) => [name, response.headers.get(`x-middleware-request-${name}`)]));
}

/** What `read` gives in a page with these headers. */
export async function inPage(headers, read) {
  globalThis.inboundOfThePage = new Headers(headers);
  try {
    return await read();
  } finally {
    delete globalThis.inboundOfThePage;
  }
}
