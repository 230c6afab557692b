// npm packages of one folder: installed from its lockfile, and only when they are not there yet.

import fs from 'node:fs';
import path from 'node:path';

import { run } from './processes.mjs';
import { Problem } from './problem.mjs';

/** Installs a folder's packages as its lockfile says. */
export async function install(folder, onLine) {
  if (isInstalled(folder)) return;
  const [program, ...first] = npm();
  await run(program, [...first, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder, onLine });
  if (!isInstalled(folder)) throw new Problem(`npm ci in ${folder} left packages out: remove its node_modules and try again.`);
}

/** Whether npm's record of what it installed agrees with the lockfile; packages for other platforms may be missing. */
function isInstalled(folder) {
  const wanted = packagesOf(path.join(folder, 'package-lock.json'));
  const present = packagesOf(path.join(folder, 'node_modules', '.package-lock.json'));
  if (!wanted) throw new Problem(`${folder} has no package-lock.json: run npm install there and commit it.`);
  if (!present) return Object.keys(wanted).length === 0;
  const fits = ([name, entry]) => (name in present ? same(entry, present[name]) : entry.optional || entry.devOptional || entry.peer);
  return Object.entries(wanted).every(fits) && Object.keys(present).every((name) => name in wanted);
}

function packagesOf(lockfile) {
  if (!fs.existsSync(lockfile)) return undefined;
  const { packages } = JSON.parse(fs.readFileSync(lockfile, 'utf8'));
  return Object.fromEntries(Object.entries(packages).filter(([name]) => name.startsWith('node_modules/')));
}

const same = (one, other) => one.version === other.version && one.integrity === other.integrity;

/** The npm that runs us, or the one in the PATH. */
export function npm() {
  const script = process.env.npm_execpath;
  if (script && path.basename(script).startsWith('npm-cli')) return [process.execPath, script];
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
}
