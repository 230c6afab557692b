// Builds release artefacts, with what that takes, showing how far it is.

import { install } from './packages.mjs';
import { inside } from './paths.mjs';
import { Progress } from './progress.mjs';
import { checkRust, installToolchain, xtask } from './rust.mjs';

/** Builds the named artefacts of `cargo xtask`. */
export async function buildRelease(artefacts) {
  checkRust();
  const progress = new Progress();
  try {
    await progress.task('wasm-opt', (onLine) => install(inside('tools', 'wasm-opt'), onLine));
    await progress.task('Rust', (onLine) => installToolchain(['wasm32-unknown-unknown'], onLine));
    for (const artefact of artefacts) {
      await progress.task(`${artefact} (Rust to wasm, release)`, (onLine) => xtask([artefact, '--release'], { onLine }));
    }
  } finally {
    progress.end();
  }
}
