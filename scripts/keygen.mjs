// `npm run keygen [-- --for common|rust|ruby-legacy]`: the package's own command, with a core built here.

import fs from 'node:fs';
import util from 'node:util';
import { pathToFileURL } from 'node:url';

import { check, options, refusal, run } from '../npm/cli/keygen.js';
import { inside } from './library/paths.mjs';
import { Problem } from './library/problem.mjs';
import { Progress } from './library/progress.mjs';
import { checkRust, installToolchain, xtask } from './library/rust.mjs';

export async function main(parameters) {
  const given = read(parameters);
  checkRust();
  run(given, await build());
}

/** Before anything is built. */
function read(parameters) {
  try {
    const given = util.parseArgs({ args: parameters, options, allowPositionals: true });
    check(given);
    return given;
  } catch {
    throw new Problem(refusal);
  }
}

/** The JS layer of the core, built where it is not yet, or is older than its sources. */
async function build() {
  const progress = new Progress(process.stderr);
  try {
    await progress.task('Core (Rust to wasm)', async (onLine) => {
      await installToolchain(['wasm32-unknown-unknown'], onLine);
      await xtask(['js'], { onLine });
    });
  } finally {
    progress.end();
  }
  const edgeseal = await import(pathToFileURL(inside('build', 'js', 'edgeseal.js')).href);
  edgeseal.initSync({ module: fs.readFileSync(inside('build', 'js', 'edgeseal_bg.wasm')) });
  return edgeseal;
}
