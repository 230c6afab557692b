// `npm test [-- core|worker|npm|browser]`: runs every suite, or one, and ends with one line of counts.

import { add, nothing } from './library/counts.mjs';
import { modernNode, withNode } from './library/node.mjs';
import { packForTests } from './library/npm_package.mjs';
import { install } from './library/packages.mjs';
import { root } from './library/paths.mjs';
import { Problem } from './library/problem.mjs';
import { checkRust, installToolchain } from './library/rust.mjs';
import { assembleSite } from './library/site.mjs';
import { runCore } from './suites/core.mjs';
import { runNodeSuite } from './suites/node.mjs';

const SUITES = ['core', 'worker', 'npm', 'browser'];

export async function main(parameters) {
  const suites = parameters.length > 0 ? parameters : SUITES;
  const unknown = suites.find((name) => !SUITES.includes(name));
  if (unknown) throw new Problem(`There is no suite "${unknown}": choose ${SUITES.join(', ')}.`);

  checkRust();
  await installToolchain(['wasm32-unknown-unknown', 'wasm32-wasip1'], print);
  const node = await modernNode(print);
  Object.assign(process.env, withNode(node));

  const counts = nothing();
  for (const suite of suites) {
    console.log(`\n=== ${suite}`);
    add(counts, await runSuite(suite, node));
  }
  console.log(counts.failures.map((name) => `\nfailed: ${name}`).join(''));
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  process.exitCode = counts.failed > 0 ? 1 : 0;
}

/** A suite that cannot run is a failure; the others still run. */
async function runSuite(suite, node) {
  try {
    const counts = suite === 'core' ? await runCore(print) : await runNodeSuite(suite, node, prepare, print);
    if (counts.passed + counts.failed + counts.skipped > 0) return counts;
    throw new Problem(`The suite ${suite} ran no test.`);
  } catch (error) {
    console.error(error instanceof Problem ? error.message : error);
    return { ...nothing(), failed: 1, failures: [`the suite ${suite} could not run`] };
  }
}

let prepared;

/** What the suites on Node stand on: the packages, the dev builds, and the package of them, once for all of them. */
function prepare() {
  prepared ??= (async () => {
    await install(root, print);
    await packForTests(print);
    assembleSite();
  })();
  return prepared;
}

function print(line) {
  console.log(line);
}
