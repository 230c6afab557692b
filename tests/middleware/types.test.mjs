// The types of the middleware, as programs meet them: under every module resolution, with the frameworks' own types, and without them.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { run } from '../package/support/installed.mjs';
import { place } from './support/package.mjs';

const RESOLUTIONS = {
  node16: { module: 'node16', moduleResolution: 'node16' },
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
};

const compiler = fileURLToPath(new URL('node_modules/typescript/bin/tsc', import.meta.url));
const SOURCES = ['fetch', 'hono', 'node', 'node_stytch', 'client'];
for (const name of SOURCES) {
  const source = new URL(`types/${name}.ts`, import.meta.url);
  if (fs.existsSync(source)) place.write(`${name}.ts`, fs.readFileSync(source, 'utf8'));
}

function compile(name, files, options) {
  const compilerOptions = { strict: true, noEmit: true, target: 'es2023', lib: ['es2023', 'dom', 'dom.iterable'], types: ['node'], ...options };
  place.write(`tsconfig.${name}.json`, JSON.stringify({ compilerOptions, files }));
  run(process.execPath, [compiler, '--project', `tsconfig.${name}.json`], { cwd: place.folder });
}

test('a mistake is found', () => {
  place.write('mistake.ts', "import { edgeseal } from 'edgeseal/hono';\nexport const app: number = edgeseal;\n");
  assert.throws(() => compile('mistake', ['mistake.ts'], RESOLUTIONS.nodenext), /TS2322/);
});

for (const [resolution, options] of Object.entries(RESOLUTIONS)) {
  for (const name of SOURCES) {
    // The frameworks' own types are not held to what they say; ours are, in the next test.
    test(`${name}, ${resolution}`, () => compile(`${resolution}.${name}`, [`${name}.ts`], { ...options, skipLibCheck: true }));
  }
  test(`every declaration of ours that needs no framework, ${resolution}`, () => {
    place.write('alone.ts', "import { edgeseal } from 'edgeseal/fetch';\nimport { edgeseal as forNode } from 'edgeseal/node';\nexport { edgeseal, forNode };\n");
    compile(`${resolution}.alone`, ['alone.ts'], { ...options, types: ['node'], lib: ['es2023'] });
  });
}
