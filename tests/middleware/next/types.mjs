// The types of `edgeseal/next`, with Next's own, under every module resolution.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { project, run } from '../../package/support/installed.mjs';

const RESOLUTIONS = {
  node16: { module: 'node16', moduleResolution: 'node16' },
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
};

const compiler = fileURLToPath(new URL('node_modules/typescript/bin/tsc', import.meta.url));

let place;
before(() => {
  place = project(new URL('./', import.meta.url));
  place.write('next.ts', fs.readFileSync(new URL('types/next.ts', import.meta.url), 'utf8'));
});
after(() => place.remove());

function compile(name, files, options) {
  // Next's own types are not held to what they say.
  const libraries = { lib: ['es2023', 'dom', 'dom.iterable'], types: ['node'], skipLibCheck: true };
  const compilerOptions = { strict: true, noEmit: true, target: 'es2023', ...libraries, ...options };
  place.write(`tsconfig.${name}.json`, JSON.stringify({ compilerOptions, files }));
  run(process.execPath, [compiler, '--project', `tsconfig.${name}.json`], { cwd: place.folder });
}

test('a mistake is found', () => {
  place.write('mistake.ts', "import { edgeseal } from 'edgeseal/next';\nexport const proxy: number = edgeseal;\n");
  assert.throws(() => compile('mistake', ['mistake.ts'], RESOLUTIONS.nodenext), /TS2322/);
});

for (const [resolution, options] of Object.entries(RESOLUTIONS)) test(resolution, () => compile(resolution, ['next.ts'], options));
