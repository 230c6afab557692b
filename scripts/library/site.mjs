// What is built for the site: the package as the session doctor loads it, with the list of files that its service worker keeps, in
// www/assets/edgeseal/, and the documents in www/docs/. Git ignores both. Needs build/js/.

import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';

import { inside } from './paths.mjs';
import { Problem } from './problem.mjs';

const SITE = inside('www');
const BUILT = path.join(SITE, 'assets', 'edgeseal');

/** What is taken over from npm/lib, beside what these import. */
const ROOTS = ['api.js', 'reading.js'];

/** What the doctor's page consists of, beside what is built. */
const PAGE = ['doctor/index.html', 'assets/favicon.svg', 'assets/css/base.css', 'assets/css/doctor.css', 'assets/js/doctor'];

/** Puts the package and the documents into the site. */
export function assembleSite() {
  putDocuments();
  fs.rmSync(BUILT, { recursive: true, force: true });
  for (const name of closure(ROOTS)) put(`lib/${name}`, fs.readFileSync(inside('npm', 'lib', name)));
  put('wasm/edgeseal.js', fs.readFileSync(built('edgeseal.js')));
  fs.cpSync(built('snippets'), path.join(BUILT, 'wasm', 'snippets'), { recursive: true });
  put('wasm/module.js', asScript(fs.readFileSync(built('edgeseal_bg.wasm'))));
  put('files.js', listed());
}

/** As they are: the site serves them as text. */
function putDocuments() {
  const folder = path.join(SITE, 'docs');
  fs.rmSync(folder, { recursive: true, force: true });
  fs.cpSync(inside('docs'), folder, { recursive: true });
}

function built(name) {
  const file = inside('build', 'js', name);
  if (!fs.existsSync(file)) throw new Problem('The site needs build/js: run cargo xtask js first.');
  return file;
}

function put(name, content) {
  const file = path.join(BUILT, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, content);
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
function listed() {
  const files = [...PAGE.flatMap((name) => filesIn(path.join(SITE, name))), ...filesIn(BUILT)].sort();
  const hash = crypto.createHash('sha256');
  for (const file of files) hash.update(address(file)).update('\0').update(fs.readFileSync(file));
  const list = { version: hash.digest('hex').slice(0, 16), addresses: files.map(address) };
  return `// The doctor's files, for its service worker.\nself.doctor = ${JSON.stringify(list, null, 2)};\n`;
}

function filesIn(place) {
  if (fs.statSync(place).isFile()) return [place];
  return fs.readdirSync(place).flatMap((name) => filesIn(path.join(place, name)));
}

/** Where the site serves a file. */
const address = (file) => `/${path.relative(SITE, file).split(path.sep).join('/').replace(/index\.html$/, '')}`;
