import type { NextConfig } from 'next';

// One edgeseal for the proxy and all pages: it finds its WebAssembly beside itself.
export default { serverExternalPackages: ['edgeseal'] } satisfies NextConfig;
