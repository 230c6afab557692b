// `npm run build`: the release Worker in build/worker/, which `wrangler deploy` uploads, and the package in npm/, which `npm pack ./npm`
// packs, and what the site loads of it. Prints what the modules weigh.

import fs from 'node:fs';
import zlib from 'node:zlib';

import { ARTEFACTS, assemble } from './library/npm_package.mjs';
import { inside } from './library/paths.mjs';
import { buildRelease } from './library/release.mjs';
import { assembleSite } from './library/site.mjs';

/** What of the package has weight. */
const HEAVY = ['gateway/edgeseal_bg.wasm', 'gateway/edgeseal.js', 'wasm/portable.wasm', 'wasm/relaxed.wasm', 'wasm/edgeseal.js'];

export async function main() {
  await buildRelease(ARTEFACTS);
  assemble(inside('npm'));
  assembleSite();
  printSizes(HEAVY.map((file) => `npm/${file}`));
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
