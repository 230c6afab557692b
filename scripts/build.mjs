// `npm run build`: the release Worker in build/worker/, which `wrangler deploy` uploads, and the package in npm/, which `npm pack ./npm`
// packs. Prints what the modules weigh.

import fs from 'node:fs';
import zlib from 'node:zlib';

import { MODULES, assemble, buildArtefacts } from './library/npm_package.mjs';
import { install } from './library/packages.mjs';
import { inside } from './library/paths.mjs';
import { Progress } from './library/progress.mjs';
import { checkRust, installToolchain } from './library/rust.mjs';

export async function main() {
  checkRust();
  const progress = new Progress();
  try {
    await progress.task('wasm-opt', (onLine) => install(inside('tools', 'wasm-opt'), onLine));
    await progress.task('Gateway and package (Rust to wasm, release)', async (onLine) => {
      await installToolchain(['wasm32-unknown-unknown'], onLine);
      await buildArtefacts({ release: true, onLine });
      assemble(inside('npm'));
    });
  } finally {
    progress.end();
  }
  printSizes([...MODULES, 'gateway/edgeseal.js', 'wasm/edgeseal.js'].map((file) => `npm/${file}`));
}

/** Raw, and as it travels. */
function printSizes(files) {
  const row = (cells) => console.log(cells.map((cell, index) => (index === 0 ? cell.padEnd(30) : cell.padStart(11))).join(''));
  row(['', 'raw', 'gzip', 'brotli']);
  for (const file of files) {
    const bytes = fs.readFileSync(inside(file));
    row([file, ...[bytes, zlib.gzipSync(bytes, { level: 9 }), zlib.brotliCompressSync(bytes)].map(kilobytes)]);
  }
}

const kilobytes = (bytes) => `${(bytes.length / 1000).toFixed(1)} KB`;
