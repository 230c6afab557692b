// The npm package: what stands in npm/, and what is built for it.

import fs from 'node:fs';
import path from 'node:path';

import { npm } from './packages.mjs';
import { inside } from './paths.mjs';
import { Problem } from './problem.mjs';
import { run } from './processes.mjs';
import { xtask } from './rust.mjs';

/** The build steps whose results are in it. */
export const ARTEFACTS = ['js', 'js-relaxed', 'worker'];

/** Folders of it that hold nothing but what is put there. */
const BUILT = ['wasm', 'template'];

const GLUE = 'edgeseal.js';
const MODULE = 'edgeseal_bg.wasm';

/** Puts what was built into a folder, beside a copy of npm/ where it is another one. */
export function assemble(folder) {
  const source = inside('npm');
  if (folder !== source) {
    fs.rmSync(folder, { recursive: true, force: true });
    fs.cpSync(source, folder, { recursive: true });
  }
  for (const name of BUILT) fs.rmSync(path.join(folder, name), { recursive: true, force: true });
  putCore(path.join(folder, 'wasm'));
  putGateway(path.join(folder, 'gateway'));
  putTemplate(path.join(folder, 'template'));
  for (const license of ['LICENSE-APACHE', 'LICENSE-MIT']) fs.copyFileSync(inside(license), path.join(folder, license));
}

/** One glue for two modules: they differ in nothing that it knows. */
function putCore(folder) {
  const built = (name, file) => inside('build', name, file);
  const [glue, relaxedGlue] = ['js', 'js-relaxed'].map((name) => fs.readFileSync(built(name, GLUE), 'utf8'));
  if (withoutComments(glue) !== withoutComments(relaxedGlue)) {
    throw new Problem('build/js and build/js-relaxed have glue that differs: they were not built from the same sources.');
  }
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, GLUE), glue);
  fs.cpSync(built('js', 'snippets'), path.join(folder, 'snippets'), { recursive: true });
  fs.copyFileSync(built('js', MODULE), path.join(folder, 'portable.wasm'));
  fs.copyFileSync(built('js-relaxed', MODULE), path.join(folder, 'relaxed.wasm'));
  fs.writeFileSync(path.join(folder, 'edgeseal.d.ts'), withoutLoader(fs.readFileSync(built('js', 'edgeseal.d.ts'), 'utf8')));
}

const withoutComments = (text) => text.replaceAll(/^\s*\/\/.*$/gm, '');

/** The types but for those of the loader, at the end: it is the entries that load, and `WebAssembly` is no type outside of browsers. */
function withoutLoader(types) {
  const end = types.indexOf('export type InitInput');
  if (end < 0) throw new Problem('The generated types have no loader at their end any more.');
  return `${types.slice(0, end).trimEnd()}\n`;
}

function putGateway(folder) {
  const worker = inside('build', 'worker');
  for (const file of ['index.js', MODULE]) fs.copyFileSync(path.join(worker, file), path.join(folder, file));
  fs.rmSync(path.join(folder, 'snippets'), { recursive: true, force: true });
  fs.cpSync(path.join(worker, 'snippets'), path.join(folder, 'snippets'), { recursive: true });
  // On Workers both forms give the module; not every bundler there parses the newer one.
  const glue = fs.readFileSync(path.join(worker, GLUE), 'utf8');
  const mended = glue.replace(/^import source /m, 'import ');
  if (mended === glue) throw new Problem("The gateway's glue imports its module in another way than before.");
  fs.writeFileSync(path.join(folder, GLUE), mended);
}

/** examples/gateway, its .gitignore under a name that npm does not leave out. */
function putTemplate(folder) {
  const isOurs = (file) => !['node_modules', '.wrangler', '.dev.vars'].includes(path.basename(file));
  fs.cpSync(inside('examples', 'gateway'), folder, { recursive: true, filter: isOurs });
  fs.renameSync(path.join(folder, '.gitignore'), path.join(folder, 'gitignore'));
}

/** Packs a folder that was assembled; the tests install the tarball, which goes to build/. */
export async function pack(folder, onLine) {
  const [program, ...first] = npm();
  await run(program, [...first, 'pack', folder, '--pack-destination', inside('build'), '--silent'], { onLine });
}

/** The tarball of development builds: it leaves npm/ to what will be published. */
export async function packForTests(onLine) {
  for (const artefact of ARTEFACTS) await xtask([artefact], { onLine });
  const folder = inside('build', 'package');
  assemble(folder);
  await pack(folder, onLine);
}
