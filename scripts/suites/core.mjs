// The suite `core`: the Rust crate, checked and tested natively and in wasm. It needs cargo and, for wasm, node:wasi.

import { add, nothing } from '../library/counts.mjs';
import { modernNode, withNode } from '../library/node.mjs';
import { start } from '../library/processes.mjs';

const WASM = ['--target', 'wasm32-unknown-unknown'];
const DENY = ['--', '--deny', 'warnings'];
// What the artefacts are built with (`xtask/src/artifact.rs`).
const SIMD = '+simd128';
const RELAXED_SIMD = '+simd128,+relaxed-simd';
const built = (features, target) => ['--target', target, '--config', `target.${target}.rustflags=["-Ctarget-feature=${features}"]`];

/** Checks that pass or fail as a whole; each counts as one test. */
const CHECKS = [
  ['fmt', '--all', '--check'],
  ['clippy', '--package', 'edgeseal', '--package', 'xtask', '--all-targets', ...DENY],
  ['clippy', '--package', 'edgeseal-rust-worker', ...WASM, ...DENY],
  ...['cloudflare', 'gateway-entry', 'js', 'gateway-entry,js'].map((features) => ['clippy', '--features', features, ...WASM, ...DENY]),
  ['clippy', '--features', 'gateway-entry', ...built(RELAXED_SIMD, 'wasm32-unknown-unknown'), ...DENY],
  ['clippy', '--features', 'js', ...built(SIMD, 'wasm32-unknown-unknown'), ...DENY],
  ['doc', '--no-deps', '--features', 'gateway,js'],
];

/** Test runs, counted by what libtest reports. */
const TESTS = [
  ['test'],
  // What only the gateway compiles; the others have just run.
  ['test', '--features', 'gateway', '--lib', '--', 'gateway::', 'cookie::parts::'],
  ['test', '--features', 'gateway', '--doc', '--', 'gateway'],
  ['test', '--target', 'wasm32-wasip1', '--lib', '--tests'],
];

const ENVIRONMENT = {
  RUSTDOCFLAGS: '--deny warnings',
  // Cargo runs tests in the package's folder and splits this at spaces, so the path is relative.
  CARGO_TARGET_WASM32_WASIP1_RUNNER: 'node --no-warnings scripts/wasi-runner.mjs',
};

export async function runCore(print) {
  const counts = nothing();
  for (const parameters of CHECKS) add(counts, await check(parameters, print));
  for (const parameters of TESTS) add(counts, await test(parameters, print));
  for (const features of [SIMD, RELAXED_SIMD]) add(counts, await testSignatures(features, print));
  return counts;
}

const SIGNATURES = ['signature::', 'rsa_keys::', 'each_algorithm', 'pkcs1_signatures', 'pss_signatures'];

/** Signatures, with the instructions that an artefact is made for. Node 20 does not know all of them. */
async function testSignatures(features, print) {
  const parameters = ['test', ...built(features, 'wasm32-wasip1'), '--lib', '--test', 'algorithms', '--test', 'wycheproof', '--', ...SIGNATURES];
  return test(parameters, print, withNode(await modernNode(print)));
}

async function check(parameters, print) {
  const code = await cargo(parameters, print);
  return code === 0 ? { passed: 1 } : { failed: 1, failures: [named(parameters)] };
}

async function test(parameters, print, environment = {}) {
  const counts = nothing();
  const onLine = (line) => {
    print(line);
    add(counts, libtestCounts(line));
  };
  const code = await cargo(parameters, onLine, environment);
  // A test that traps, or one that does not compile, never reaches libtest's count.
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  if (code !== 0) counts.failures.push(named(parameters));
  return counts;
}

function cargo(parameters, onLine, environment = {}) {
  onLine(`\n--- ${named(parameters)}`);
  return start('cargo', parameters, { env: { ...ENVIRONMENT, ...environment }, onLine }).done;
}

const named = (parameters) => `cargo ${parameters.join(' ')}`;

/** The counts of a line like `test result: ok. 5 passed; 0 failed; 1 ignored; …`. */
function libtestCounts(line) {
  const found = /^test result: .*?(\d+) passed; (\d+) failed; (\d+) ignored/.exec(line);
  if (!found) return {};
  const [passed, failed, skipped] = found.slice(1).map(Number);
  return { passed, failed, skipped };
}
