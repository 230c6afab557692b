// The Rust toolchain that rust-toolchain.toml names, and the build steps written in Rust.

import fs from 'node:fs';
import path from 'node:path';

import { inside } from './paths.mjs';
import { outputOf, run } from './processes.mjs';
import { Problem } from './problem.mjs';

/** Refuses a machine on which Rust cannot build at all. */
export function checkRust() {
  if (outputOf('rustup', ['--version']) === undefined) {
    throw new Problem('Rust is missing: install it with rustup from https://rustup.rs, then open a new terminal and try again.');
  }
  if (!hasLinker()) throw new Problem(`A C linker is missing, which Rust needs: ${howToGetLinker()}.`);
}

/** Installs what is missing of the pinned toolchain. Setting RUSTUP_AUTO_INSTALL=0 would otherwise leave cargo without it. */
export async function installToolchain(targets, onLine) {
  if (sysroot() === undefined) {
    const components = ['clippy', 'rustfmt'].flatMap((name) => ['--component', name]);
    await run('rustup', ['toolchain', 'install', channel(), '--profile', 'minimal', ...components], { onLine });
  }
  const missing = targets.filter((target) => !fs.existsSync(path.join(sysroot(), 'lib', 'rustlib', target)));
  if (missing.length > 0) await run('rustup', ['target', 'add', ...missing], { onLine });
}

/** Runs one of the build steps: worker or js. */
export function xtask(parameters, options) {
  return run('cargo', ['xtask', ...parameters], options);
}

const sysroot = () => outputOf('rustc', ['--print', 'sysroot'], { RUSTUP_AUTO_INSTALL: '0' });

const channel = () => /^channel = "(.+)"$/m.exec(fs.readFileSync(inside('rust-toolchain.toml'), 'utf8'))[1];

function hasLinker() {
  if (process.platform !== 'win32') return outputOf('cc', ['--version']) !== undefined;
  // rustc finds link.exe through Visual Studio's installer, not through the PATH.
  const installer = path.join(process.env['ProgramFiles(x86)'] ?? '', 'Microsoft Visual Studio', 'Installer', 'vswhere.exe');
  return fs.existsSync(installer) || outputOf('where', ['link.exe']) !== undefined;
}

function howToGetLinker() {
  if (process.platform === 'darwin') return 'run `xcode-select --install`';
  if (process.platform === 'win32') return 'install the C++ build tools of Visual Studio';
  return 'install gcc or clang, on Debian and Ubuntu with `apt install build-essential`';
}
