// The module under test, as `cargo xtask js` builds it.

import { readFileSync } from 'node:fs';

const built = new URL('../../../../build/js/', import.meta.url);

/** The module with a memory of its own, as another isolate has it. */
export async function isolate(name) {
  const glue = await import(new URL(`edgeseal.js?${name}`, built).href).catch((error) => {
    throw new Error('build/js is missing; run `cargo xtask js` first', { cause: error });
  });
  glue.initSync({ module: readFileSync(new URL('edgeseal_bg.wasm', built)) });
  return glue;
}

const glue = await isolate('first');

export const { sealData, unsealData, detectSeal, generateCookiePassword, verifyJwt, StytchProject, WorkOS } = glue;
