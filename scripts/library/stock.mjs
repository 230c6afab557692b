// Builds the crates that edgeseal's own kernels replace (`benches/stock/`), with the settings of its own modules.

import fs from 'node:fs';

import { inside } from './paths.mjs';
import { run } from './processes.mjs';

const TARGET = 'wasm32-unknown-unknown';
// What workerd's modules are built with (`xtask/src/artifact.rs`, `xtask/src/optimize.rs`).
const FEATURES = `target.${TARGET}.rustflags=["-Ctarget-feature=+simd128,+relaxed-simd"]`;
const OPTIMISATION = ['-O3', '--strip-debug', '--strip-producers'];

/** The path of the module. */
export async function buildStock(onLine) {
  const folder = inside('benches', 'stock');
  await run('cargo', ['build', '--release', '--locked', '--target', TARGET, '--config', FEATURES], { cwd: folder, onLine });
  const compiled = inside('benches', 'stock', 'target', TARGET, 'release', 'edgeseal_stock.wasm');
  const optimised = inside('benches', 'stock', 'target', 'stock.wasm');
  if (isOlder(optimised, compiled)) {
    const wasmOpt = inside('tools', 'wasm-opt', 'node_modules', 'binaryen', 'bin', 'wasm-opt');
    await run(process.execPath, [wasmOpt, compiled, ...OPTIMISATION, '--output', optimised], { onLine });
  }
  return optimised;
}

const isOlder = (file, source) => !fs.existsSync(file) || fs.statSync(file).mtimeMs < fs.statSync(source).mtimeMs;
