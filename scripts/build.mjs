// `npm run build`: the release Worker in build/worker/, which `wrangler deploy` uploads.

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
  } finally {
    progress.end();
  }
  printSize('build', 'worker', 'edgeseal_bg.wasm');
  printSize('build', 'worker', 'edgeseal.js');
}

function printSize(...file) {
  const bytes = fs.readFileSync(inside(...file));
  const compressed = zlib.gzipSync(bytes, { level: 9 });
  console.log(`${file.join('/')}: ${kilobytes(bytes)}, ${kilobytes(compressed)} gzip`);
}

const kilobytes = (bytes) => `${(bytes.length / 1000).toFixed(1)} KB`;
