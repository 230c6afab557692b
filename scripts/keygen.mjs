// `npm run keygen [-- --for common|rust|ruby-legacy]`: prints a new cookie password, and nothing else, to the standard output.
// What to do with it is said on the other one, so that the output can be piped: `npm run --silent keygen | …`.

import fs from 'node:fs';
import util from 'node:util';
import { pathToFileURL } from 'node:url';

import { inside } from './library/paths.mjs';
import { Problem } from './library/problem.mjs';
import { Progress } from './library/progress.mjs';
import { checkRust, installToolchain, xtask } from './library/rust.mjs';

/** What each kind of password suits; the kinds are those of the core. */
const KINDS = {
  common: 'the SDKs for Node, Python, Ruby (7 and later), Go, PHP and .NET, all at once; not that for Rust',
  rust: 'the SDK for Rust, and those for Node, Ruby (7 and later), Go and .NET; not those for Python and PHP',
  'ruby-legacy': 'the SDK for Ruby before version 7, and those for Node, Ruby (7 and later), Go and .NET; not those for Python, PHP and Rust',
};

export async function main(parameters) {
  const kind = read(parameters);
  checkRust();
  const { generateCookiePassword } = await build();
  const password = generateCookiePassword({ for: kind });
  console.error(`A cookie password for ${KINDS[kind]}.`);
  console.error('Keep it as WORKOS_COOKIE_PASSWORD, with `npx wrangler secret put` or in .dev.vars, and never in the repository.');
  console.log(password);
}

function read(parameters) {
  const kinds = Object.keys(KINDS);
  try {
    const { values } = util.parseArgs({ args: parameters, options: { for: { type: 'string', default: kinds[0] } } });
    if (!kinds.includes(values.for)) throw new Problem(`--for is one of ${kinds.join(', ')}.`);
    return values.for;
  } catch (error) {
    throw error instanceof Problem ? error : new Problem(`The only option is --for, one of ${kinds.join(', ')} (${error.message}).`);
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
