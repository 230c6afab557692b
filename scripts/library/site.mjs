// What is built for the site: the package as the session doctor loads it, with the list of files that its service worker keeps, in
// www/assets/edgeseal/, and the documents in www/docs/. Git ignores both. Needs build/js/.

import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';

import { inside } from './paths.mjs';
import { Problem } from './problem.mjs';

const SITE = inside('www');

/** What is taken over from npm/lib, beside what these import. */
const ROOTS = ['api.js', 'reading.js'];

/** What the doctor's page consists of, beside what is built. */
const PAGE = ['doctor/index.html', 'assets/favicon.svg', 'assets/css/base.css', 'assets/css/doctor.css', 'assets/js/doctor'];

/** Puts the package and the documents into the site. */
export function assembleSite() {
  const core = coreFiles();
  putFolder(path.join(SITE, 'assets', 'edgeseal'), { ...core, 'files.js': Buffer.from(listed(core)) });
  putFolder(path.join(SITE, 'docs'), contentsOf(inside('docs')));
}

/** The files of the package, by name. */
function coreFiles() {
  const built = inside('build', 'js');
  if (!fs.existsSync(built)) throw new Problem('The site needs build/js: run cargo xtask js first.');
  const lib = [...closure(ROOTS)].map((name) => [`lib/${name}`, fs.readFileSync(inside('npm', 'lib', name))]);
  const snippets = Object.entries(contentsOf(path.join(built, 'snippets'))).map(([name, content]) => [`wasm/snippets/${name}`, content]);
  return {
    ...Object.fromEntries([...lib, ...snippets]),
    'wasm/edgeseal.js': fs.readFileSync(path.join(built, 'edgeseal.js')),
    'wasm/module.js': Buffer.from(asScript(fs.readFileSync(path.join(built, 'edgeseal_bg.wasm')))),
  };
}

/** Has a folder hold these files and no others. What is the same is left alone: a gateway that runs reloads what changes. */
function putFolder(folder, files) {
  const present = fs.existsSync(folder) ? contentsOf(folder) : {};
  for (const name of Object.keys(present)) if (!(name in files)) fs.rmSync(path.join(folder, name));
  for (const [name, content] of Object.entries(files)) {
    if (present[name]?.equals(content)) continue;
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), content);
  }
}

/** The modules of npm/lib that these need, themselves included. */
function closure(names, found = new Set()) {
  for (const name of names) {
    if (found.has(name)) continue;
    found.add(name);
    const text = fs.readFileSync(inside('npm', 'lib', name), 'utf8');
    closure(Array.from(text.matchAll(/ from '\.\/([\w.]+)'/g), ([, imported]) => imported), found);
  }
  return found;
}

/**
 * The module as a script: the page that loads it allows no connection at all, not even one that would fetch it. Compressed inside,
 * because base64 hides from the server's compression what repeats.
 */
function asScript(wasm) {
  const text = zlib.gzipSync(wasm, { level: 9 }).toString('base64');
  return `// edgeseal_bg.wasm, in gzip, in base64.\nexport default '${text}';\n`;
}

/** What the service worker keeps, and a version that changes with any of it. */
function listed(core) {
  const page = PAGE.flatMap((name) => Object.entries(contentsOf(path.join(SITE, name))).map(([own, content]) => [own === '' ? name : `${name}/${own}`, content]));
  const built = Object.entries(core).map(([name, content]) => [`assets/edgeseal/${name}`, content]);
  const files = [...page, ...built].map(([name, content]) => [`/${name.replace(/index\.html$/, '')}`, content]).sort(([one], [other]) => (one < other ? -1 : 1));
  const hash = crypto.createHash('sha256');
  for (const [address, content] of files) hash.update(address).update('\0').update(content);
  const list = { version: hash.digest('hex').slice(0, 16), addresses: files.map(([address]) => address) };
  return `// The doctor's files, for its service worker.\nself.doctor = ${JSON.stringify(list, null, 2)};\n`;
}

/** The files of a folder, by name; of a file itself under no name. */
function contentsOf(place) {
  if (fs.statSync(place).isFile()) return { '': fs.readFileSync(place) };
  const files = fs.readdirSync(place, { recursive: true }).map(String).filter((name) => fs.statSync(path.join(place, name)).isFile());
  return Object.fromEntries(files.map((name) => [name.split(path.sep).join('/'), fs.readFileSync(path.join(place, name))]));
}
