// `npm run fuzz [-- TARGET… --seconds N]`: feeds each target of fuzz/, or the named ones, for a minute. Exits with 1 when an input
// was found for which a property does not hold; it is kept in fuzz/artifacts.

import fs from 'node:fs';
import path from 'node:path';
import util from 'node:util';

import { inside, root } from './library/paths.mjs';
import { Problem } from './library/problem.mjs';
import { outputOf, run, start } from './library/processes.mjs';
import { Progress } from './library/progress.mjs';
import { checkRust, installToolchain } from './library/rust.mjs';

/** The targets, each with the length of input that goes beyond the limits it meets. */
const TARGETS = {
  cookie_header: 8_192,
  unseal: 20_000,
  jwt: 20_000,
  jwks: 70_000,
  policy: 70_000,
  stytch: 20_000,
  authenticate: 20_000,
};

/** An input that takes longer than this is as much of a finding as a property that does not hold. */
const PATIENCE_SECONDS = 10;

/** What is shown of a finding: where it is, what does not hold, and of what. */
const FINDING_LINES = 4;
const LINE_CHARACTERS = 400;

export async function main(parameters) {
  const { targets, seconds } = read(parameters);
  checkRust();
  checkFuzzing();
  const progress = new Progress();
  try {
    await progress.task('Seeds', async (onLine) => {
      await installToolchain([], onLine);
      await run('cargo', ['test', '--test', 'fuzz_targets'], { env: { EDGESEAL_SEEDS: inside('fuzz', 'corpus') }, onLine });
    });
    await progress.task('Targets', (onLine) => run('cargo', fuzz('build'), { env: COMPILER, onLine }));
    let failures = 0;
    for (const target of targets) failures += await feed(progress, target, seconds);
    if (failures > 0) throw new Problem(`${failures} of ${targets.length} targets failed.`);
  } finally {
    progress.end();
  }
}

function read(parameters) {
  const usage = `\`npm run fuzz -- [${Object.keys(TARGETS).join('|')}]… [--seconds N]\``;
  try {
    const options = { seconds: { type: 'string', default: '60' } };
    const { values, positionals } = util.parseArgs({ args: parameters, options, allowPositionals: true });
    const unknown = positionals.find((name) => !Object.hasOwn(TARGETS, name));
    if (unknown) throw new Error(`there is no target "${unknown}"`);
    if (!/^[1-9]\d{0,5}$/.test(values.seconds)) throw new Error('--seconds must be a number from 1 on');
    return { targets: positionals.length > 0 ? positionals : Object.keys(TARGETS), seconds: Number(values.seconds) };
  } catch (error) {
    throw new Problem(`${usage}: ${error.message}.`);
  }
}

/** What fuzzing needs beside what all else here does. */
function checkFuzzing() {
  if (outputOf('rustup', ['run', 'nightly', 'rustc', '--version']) === undefined) {
    throw new Problem('Nightly Rust is missing, which fuzzing needs: type `rustup toolchain install nightly --profile minimal`.');
  }
  if (outputOf('cargo', ['fuzz', '--version']) === undefined) {
    throw new Problem('cargo-fuzz is missing: type `cargo install cargo-fuzz --locked`.');
  }
  if (outputOf('c++', ['--version']) === undefined) {
    throw new Problem('A C++ compiler is missing, which libFuzzer needs: on Debian and Ubuntu type `apt install g++`.');
  }
}

/** Without a sanitizer: the crate has no unsafe code, and what is being asked for are wrong answers, three times faster. */
const fuzz = (command, ...more) => ['+nightly', 'fuzz', command, '--sanitizer', 'none', ...more];

const COMPILER = { RUSTC_WRAPPER: inside('fuzz', 'rustc.sh') };

/** Runs one target and says what came of it; 1 for a failure. */
async function feed(progress, target, seconds) {
  const artifacts = inside('fuzz', 'artifacts', target);
  const before = filesOf(artifacts);
  const statistics = {};
  const engine = [
    `-max_total_time=${seconds}`,
    `-max_len=${TARGETS[target]}`,
    `-timeout=${PATIENCE_SECONDS}`,
    `-dict=${inside('fuzz', 'words.dict')}`,
    '-print_final_stats=1',
  ];
  const findings = [];
  const job = await progress.task(target, async (show) => {
    const onLine = (line) => {
      show(line);
      const [, name, value] = /^stat::(\w+):\s+(\d+)/.exec(line) ?? [];
      if (name) statistics[name] = Number(value);
      if (/panicked at|ERROR: libFuzzer/.test(line) || findings.length % FINDING_LINES > 0) findings.push(line);
    };
    const { done, tail } = start('cargo', fuzz('run', target, '--', ...engine), { env: COMPILER, onLine });
    return { code: await done, tail };
  });
  if (job.code === 0) {
    console.log(`  ${statistics.number_of_executed_units} inputs, ${statistics.average_exec_per_sec} a second`);
    return 0;
  }
  const found = filesOf(artifacts).find((name) => !before.includes(name));
  console.log((found ? findings : job.tail).map((line) => `  ${line.slice(0, LINE_CHARACTERS)}`).join('\n'));
  const again = `cargo ${fuzz('run', target, path.relative(root, path.join(artifacts, found ?? ''))).join(' ')}`;
  console.log(found ? `${target} fails; to see it again: ${again}` : `${target} could not run; its last lines stand above.`);
  return 1;
}

const filesOf = (folder) => (fs.existsSync(folder) ? fs.readdirSync(folder) : []);
