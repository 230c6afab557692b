// The package's core for the doctor: what the package's entry for browsers does, but for where the module comes from. It is a script here,
// because the page's policy allows no connection.

import init from '../../edgeseal/wasm/edgeseal.js';
import compressed from '../../edgeseal/wasm/module.js';

await init({ module_or_path: await decompress(Uint8Array.from(atob(compressed), (character) => character.charCodeAt(0))) });

// Not the client of that entry, which refuses passwords: a site's password has no place in its visitors' pages. Here somebody has come
// with their own.
export { WorkOS, detectSeal, generateCookiePassword, sealData, unsealData, verifyJwt } from '../../edgeseal/lib/api.js';
export * from '../../edgeseal/lib/reading.js';

/** @param {Uint8Array} bytes in gzip */
function decompress(bytes) {
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer();
}
