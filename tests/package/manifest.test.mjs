// What is in the tarball: everything that its package.json promises, nothing that has no place there.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { TARBALL, project, run } from './support/installed.mjs';

const tool = (name) => fileURLToPath(new URL(`node_modules/${name}`, import.meta.url));

let place;
let manifest;
before(() => {
  place = project();
  manifest = JSON.parse(fs.readFileSync(place.installed('package.json'), 'utf8'));
});
after(() => place.remove());

const filesOf = (folder) => fs.readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());

test('publint has nothing to say', () => {
  run(process.execPath, [tool('publint/src/cli.js'), TARBALL, '--strict']);
});

test('the types are found by every resolution that knows `exports`, and are those of an ES module', () => {
  run(process.execPath, [tool('@arethetypeswrong/cli/dist/index.js'), TARBALL, '--profile', 'esm-only']);
});

test('every file that the manifest names is there, and the licenses are', () => {
  const named = JSON.stringify([manifest.exports, manifest.bin]).match(/(?<=")(\.\/|cli\/)[^"]+\.(js|ts|json)(?=")/g);
  assert.ok(named.length > 8);
  for (const file of [...named, 'LICENSE-MIT', 'LICENSE-APACHE', 'README.md']) assert.ok(fs.existsSync(place.installed(file)), file);
});

test('it depends on nothing: frameworks are there for their types alone, where they are', () => {
  assert.deepEqual([manifest.dependencies, manifest.scripts], [undefined, undefined]);
  for (const name of Object.keys(manifest.peerDependencies)) assert.equal(manifest.peerDependenciesMeta[name].optional, true, name);
  for (const file of fs.readdirSync(place.installed('middleware')).filter((name) => name.endsWith('.js'))) {
    const imported = Array.from(fs.readFileSync(place.installed('middleware', file), 'utf8').matchAll(/ from '([^']+)'/g), ([, from]) => from);
    // No module of the core either: one entry serves every runtime.
    assert.deepEqual(imported.filter((from) => !from.startsWith('./') && !(file === 'node.js' && from === 'node:process')), [], file);
  }
});

test('nothing in it tells of the machine that built it, and no secret is in it', () => {
  for (const entry of filesOf(place.installed())) {
    const file = path.join(entry.parentPath ?? entry.path, entry.name);
    assert.ok(!entry.name.includes('.dev.vars') || entry.name.endsWith('.example'), file);
    const text = fs.readFileSync(file, 'latin1');
    // A module names the sources of its panics; `/rustc/…` is where Rust's own library was built.
    for (const told of [process.cwd(), os.homedir(), '/.rustup/', '/.cargo/']) assert.ok(!text.includes(told), `${file}: ${told}`);
    assert.doesNotMatch(text, /[/\\](home|root|Users)[/\\]/, file);
  }
});

test('what the types export is what the module exports', async () => {
  const types = ['wasm/edgeseal.d.ts', 'lib/key_caches.d.ts', 'lib/overlay.d.ts', 'lib/reasons.d.ts'];
  const declared = types.flatMap((file) =>
    Array.from(fs.readFileSync(place.installed(file), 'utf8').matchAll(/^export (?:declare )?(?:function|class|const) (\w+)/gm), ([, name]) => name),
  );
  const entry = await import(place.installed('entries', 'node.js'));
  assert.deepEqual(Object.keys(entry).sort(), declared.sort());
});

test('the gateway of the template is of this version', () => {
  const template = JSON.parse(fs.readFileSync(place.installed('template', 'package.json'), 'utf8'));
  assert.equal(template.dependencies.edgeseal, `^${manifest.version}`);
});
