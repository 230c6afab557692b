// The module under test, as `cargo xtask js` builds it.

import { readFileSync } from 'node:fs';

const built = new URL('../../../../build/js/', import.meta.url);
const glue = await import(new URL('edgeseal.js', built).href).catch((error) => {
  throw new Error('build/js is missing; run `cargo xtask js` first', { cause: error });
});
glue.initSync({ module: readFileSync(new URL('edgeseal_bg.wasm', built)) });

export const { sealData, unsealData, detectSeal, generateCookiePassword, verifyJwt, StytchProject, WorkOS } = glue;
