// `npm run bench`: edgeseal beside its peers, in Node and in workerd. Builds what is measured, measures it, prints the tables.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import util from 'node:util';

import { aims, coldStarts, conditions, operations, sizes, subject } from '../benches/report.mjs';
import { modernNode } from './library/node.mjs';
import { install } from './library/packages.mjs';
import { inside, root } from './library/paths.mjs';
import { Problem } from './library/problem.mjs';
import { run } from './library/processes.mjs';
import { Progress } from './library/progress.mjs';
import { publish } from './library/publish.mjs';
import { checkRust, installToolchain, xtask } from './library/rust.mjs';
import { buildStock } from './library/stock.mjs';
import { asText } from './library/tables.mjs';

const PUBLISHED = inside('benches', 'results.json');

const USAGE = `npm run bench -- [options]
  --quick             a smoke run: a few calls of everything, whose numbers mean nothing
  --json FILE         writes what was measured, all of it
  --from FILE         shows what an earlier run wrote, and measures nothing
  --publish           writes benches/results.json, and the tables in README.md, docs/speed.md and the site's start page
  --relaxed FOLDER    measures the build in this folder, instead of making build/js-relaxed
  --portable FOLDER   the same for build/js`;

export async function main(parameters) {
  const { quick, json, from, publish: publishes, ...folders } = options(parameters);
  const text = from === undefined ? await measure(quick, folders) : fs.readFileSync(from, 'utf8');
  const results = JSON.parse(text);

  console.log(['', conditions(results), subject(results), ''].join('\n'));
  for (const table of [...operations(results), ...coldStarts(results), sizes(results), aims(results)]) console.log(asText(table));
  if (quick) console.log('A smoke run: these numbers mean nothing.');

  if (json !== undefined) fs.writeFileSync(json, text);
  if (publishes) {
    fs.writeFileSync(PUBLISHED, text);
    publish(results);
  }
}

function options(parameters) {
  const file = { type: 'string' };
  const flag = { type: 'boolean', default: false };
  const known = { quick: flag, json: file, from: file, publish: flag, relaxed: file, portable: file };
  try {
    return util.parseArgs({ args: parameters, options: known }).values;
  } catch (error) {
    throw new Problem(`${error.message}\n${USAGE}`);
  }
}

/** The results as JSON. */
async function measure(quick, { relaxed, portable }) {
  checkRust();
  const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'edgeseal-bench-'));
  const [plan, results] = ['plan.json', 'results.json'].map((name) => path.join(temporary, name));
  const progress = new Progress();
  try {
    const node = await progress.task('Packages', (onLine) => installPackages(onLine));
    const artefacts = {
      relaxed: relaxed === undefined ? await build(progress, 'js-relaxed') : path.resolve(relaxed),
      portable: portable === undefined ? await build(progress, 'js') : path.resolve(portable),
      stock: await progress.task('Stock crates (Rust to wasm)', (onLine) => buildStock(onLine)),
    };
    fs.writeFileSync(plan, JSON.stringify({ quick, artefacts }));
    await progress.task('Measuring', (onLine) => run(node, [inside('benches', 'measure.mjs'), plan, results], { onLine }));
    return fs.readFileSync(results, 'utf8');
  } finally {
    progress.end();
    fs.rmSync(temporary, { recursive: true });
  }
}

/** What the bench stands on; the Node that runs it is the answer. */
async function installPackages(onLine) {
  for (const folder of [root, inside('tools', 'wasm-opt'), inside('benches')]) await install(folder, onLine);
  await installToolchain(['wasm32-unknown-unknown'], onLine);
  return modernNode(onLine);
}

async function build(progress, artefact) {
  await progress.task(`build/${artefact} (Rust to wasm, release)`, (onLine) => xtask([artefact, '--release'], { onLine }));
  return inside('build', artefact);
}
