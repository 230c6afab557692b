// `npm run budget`: builds the release modules, and fails where one weighs more than budget.json allows.

import fs from 'node:fs';
import zlib from 'node:zlib';

import { install } from './library/packages.mjs';
import { inside } from './library/paths.mjs';
import { Problem } from './library/problem.mjs';
import { Progress } from './library/progress.mjs';
import { checkRust, installToolchain, xtask } from './library/rust.mjs';

export async function main() {
  const budget = JSON.parse(fs.readFileSync(inside('budget.json'), 'utf8'));
  await build(Object.keys(budget));
  const problems = Object.values(budget).flatMap(check);
  if (problems.length > 0) throw new Problem([...problems, ADVICE].join('\n'));
}

const ADVICE =
  'Find out what has grown (docs/size.md), and make it smaller. Where it is worth its weight, raise the limit in budget.json, and say in the commit what it buys.';

async function build(modules) {
  checkRust();
  const progress = new Progress();
  try {
    await progress.task('wasm-opt', (onLine) => install(inside('tools', 'wasm-opt'), onLine));
    await progress.task('Rust', (onLine) => installToolchain(['wasm32-unknown-unknown'], onLine));
    for (const module of modules) {
      await progress.task(`${module} (Rust to wasm, release)`, (onLine) => xtask([module, '--release'], { onLine }));
    }
  } finally {
    progress.end();
  }
}

/** One line for each measure; what exceeds its limit comes back as a problem. */
function check({ file, why, ...limits }) {
  const bytes = fs.readFileSync(inside(file));
  const sizes = { raw: bytes.length, gzip: zlib.gzipSync(bytes, { level: 9 }).length };
  return Object.entries(sizes).flatMap(([measure, size]) => {
    const limit = limits[measure];
    console.log(`${file}: ${count(size)} bytes ${measure}, of ${count(limit)}`);
    return size > limit ? [`${file} is ${count(size - limit)} bytes ${measure} too heavy. ${why}`] : [];
  });
}

const count = (bytes) => bytes.toLocaleString('en');
