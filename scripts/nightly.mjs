// `npm run test:nightly [-- --seconds N --seed N]`: what takes too long for every change. The package in every runtime and bundler, the
// example with a bundler of its own, and the release gateway in a storm, side by side with what it replaces; prints tables, and exits with 1
// when anything does not hold.

import path from 'node:path';
import util from 'node:util';

import { main as build } from './build.mjs';
import { modernNode, withNode } from './library/node.mjs';
import { pack } from './library/npm_package.mjs';
import { install } from './library/packages.mjs';
import { inside, root } from './library/paths.mjs';
import { Problem } from './library/problem.mjs';
import { start } from './library/processes.mjs';

const STORM = inside('tests', 'worker');
const PACKAGE = inside('tests', 'package');
const MIDDLEWARE = inside('tests', 'middleware', 'nightly');

export async function main(parameters) {
  check(parameters);
  await build();
  const node = await modernNode(print);
  await install(root, print);
  await testPackage(node);
  await install(STORM, print);
  const code = await start(node, ['nightly/storm.mjs', ...parameters], { cwd: STORM, env: withNode(node), onLine: print }).done;
  if (code !== 0) throw new Problem('The storm did not leave everything as it should.');
}

async function testPackage(node) {
  await pack(inside('npm'), print);
  for (const folder of [PACKAGE, path.join(PACKAGE, 'nightly'), MIDDLEWARE]) await install(folder, print);
  const files = ['nightly/runtimes.mjs', 'nightly/browsers.mjs', path.join(MIDDLEWARE, 'stytch_react.mjs')];
  const parameters = ['--test', '--test-concurrency=1', '--test-reporter=spec', ...files];
  const code = await start(node, parameters, { cwd: PACKAGE, env: withNode(node), onLine: print }).done;
  if (code !== 0) throw new Problem('The package does not run everywhere.');
}

/** Before anything is built. */
function check(parameters) {
  const number = { type: 'string' };
  try {
    const { values } = util.parseArgs({ args: parameters, options: { seconds: number, seed: number } });
    const wrong = Object.entries(values).find(([, value]) => !/^[1-9]\d{0,5}$/.test(value));
    if (wrong) throw new Error(`--${wrong[0]} must be a number from 1 on`);
  } catch (error) {
    throw new Problem(`\`npm run test:nightly -- [--seconds N] [--seed N]\`: ${error.message}.`);
  }
}

function print(line) {
  console.log(line);
}
