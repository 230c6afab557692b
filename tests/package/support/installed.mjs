// The package as people get it: its tarball, installed by npm into a project of its own. Holds no test.

import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const build = fileURLToPath(new URL('../../../build/', import.meta.url));

/** The tarball, as `npm test` packs it. */
export const TARBALL = path.join(build, 'edgeseal-0.1.0.tgz');

if (!fs.existsSync(TARBALL)) throw new Error('build/edgeseal-0.1.0.tgz is missing: run `npm test -- npm`, which packs it.');

/**
 * A project in which the package is installed. Whoever asks for it removes it.
 * @param {string} [suite] the URL of a suite's folder: the project is inside of it, so that what the suite has installed is found from there too
 */
export function project(suite = new URL('../', import.meta.url)) {
  const scratch = fileURLToPath(new URL('.scratch/', suite));
  fs.mkdirSync(scratch, { recursive: true });
  const folder = fs.mkdtempSync(scratch);
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  install(folder);
  return {
    folder,
    /** Writes a file of the project and returns its path. */
    write(name, text) {
      const file = path.join(folder, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, text);
      return file;
    },
    /** The package's files, where npm put them. */
    installed: (...segments) => path.join(folder, 'node_modules', 'edgeseal', ...segments),
    remove: () => fs.rmSync(folder, { recursive: true, force: true }),
  };
}

/** Installs the tarball, and nothing else: no network is needed. */
export function install(folder) {
  const parameters = ['install', TARBALL, '--offline', '--ignore-scripts', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
  run('npm', parameters, { cwd: folder, shell: process.platform === 'win32' });
}

/** Runs a program to its end, which has to be a good one; its output. */
export function run(program, parameters, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, parameters, { encoding: 'utf8', timeout: 60_000, ...options });
  if (status !== 0) throw new Error(`${program} ${parameters.join(' ')}: ${error ?? ''}\n${stdout}\n${stderr}`);
  return stdout;
}

/** The same without blocking, for programs that ask a provider of this process. */
export async function runBeside(program, parameters, options = {}) {
  const child = spawn(program, parameters, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000, ...options });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const code = await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
  if (code !== 0) throw new Error(`${program} ${parameters.join(' ')}: ${code}\n${output}`);
  return output.trim();
}
