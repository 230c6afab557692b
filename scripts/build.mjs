// `npm run build`: the release Worker in build/worker/, which `wrangler deploy` uploads, and the JavaScript API for every runtime in
// build/js/, for those with relaxed SIMD in build/js-relaxed/.

import fs from 'node:fs';
import zlib from 'node:zlib';

import { install } from './library/packages.mjs';
import { inside } from './library/paths.mjs';
import { Progress } from './library/progress.mjs';
import { checkRust, installToolchain, xtask } from './library/rust.mjs';

export async function main() {
  checkRust();
  const progress = new Progress();
  try {
    await progress.task('wasm-opt', (onLine) => install(inside('tools', 'wasm-opt'), onLine));
    await progress.task('Gateway (Rust to wasm, release)', async (onLine) => {
      await installToolchain(['wasm32-unknown-unknown'], onLine);
      await xtask(['worker', '--release'], { onLine });
    });
    await progress.task('JavaScript API, twice', async (onLine) => {
      await xtask(['js', '--release'], { onLine });
      await xtask(['js-relaxed', '--release'], { onLine });
    });
  } finally {
    progress.end();
  }
  printSize('build', 'worker', 'edgeseal_bg.wasm');
  printSize('build', 'worker', 'edgeseal.js');
  printSize('build', 'js', 'edgeseal_bg.wasm');
  printSize('build', 'js-relaxed', 'edgeseal_bg.wasm');
}

function printSize(...file) {
  const bytes = fs.readFileSync(inside(...file));
  const compressed = zlib.gzipSync(bytes, { level: 9 });
  console.log(`${file.join('/')}: ${kilobytes(bytes)}, ${kilobytes(compressed)} gzip`);
}

const kilobytes = (bytes) => `${(bytes.length / 1000).toFixed(1)} KB`;
