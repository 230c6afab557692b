// The types, as programs meet them: under every module resolution, beside every version of the SDK.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { project, run } from './support/installed.mjs';

const SDKS = ['workos-7', 'workos-8', 'workos-9', 'workos-10', 'workos-11'];

const RESOLUTIONS = {
  node16: { module: 'node16', moduleResolution: 'node16' },
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
};

/** What programs are compiled with. Types of Node alone, and types of browsers alone, have to be enough. */
const LIBRARIES = {
  node: { lib: ['es2023'], types: ['node'] },
  browser: { lib: ['es2023', 'dom', 'dom.iterable'], types: [] },
};

const compiler = fileURLToPath(new URL('node_modules/typescript/bin/tsc', import.meta.url));
const source = (name) => fs.readFileSync(new URL(`types/${name}.ts`, import.meta.url), 'utf8');

let place;
before(() => {
  place = project();
  for (const name of ['parts', 'stytch', 'worker', 'middleware']) place.write(`${name}.ts`, source(name));
  for (const sdk of SDKS) place.write(`${sdk}.ts`, source('session').replace("from 'SDK'", `from '${sdk}'`));
});
after(() => place.remove());

function compile(name, files, options) {
  const compilerOptions = { strict: true, noEmit: true, target: 'es2023', exactOptionalPropertyTypes: false, ...options };
  place.write(`tsconfig.${name}.json`, JSON.stringify({ compilerOptions, files }));
  run(process.execPath, [compiler, '--project', `tsconfig.${name}.json`], { cwd: place.folder });
}

test('a mistake is found', () => {
  place.write('mistake.ts', "import { detectSeal } from 'edgeseal';\nexport const format: number = detectSeal('x');\n");
  assert.throws(() => compile('mistake', ['mistake.ts'], { ...RESOLUTIONS.nodenext, ...LIBRARIES.node }), /TS2322/);
});

for (const [resolution, options] of Object.entries(RESOLUTIONS)) {
  test(`the overlay beside five versions of the SDK, ${resolution}`, () => {
    // The SDKs' own types are not held to what they say; ours are, in the next test.
    compile(resolution, SDKS.map((sdk) => `${sdk}.ts`), { ...options, ...LIBRARIES.node, skipLibCheck: true });
  });
  test(`a Worker, with Cloudflare's own types, ${resolution}`, () => {
    compile(`${resolution}.worker`, ['worker.ts'], { ...options, lib: ['es2023'], types: ['@cloudflare/workers-types'], skipLibCheck: true });
  });
  for (const [library, libraries] of Object.entries(LIBRARIES)) {
    test(`the parts and every declaration of ours, ${resolution}, types of a ${library}`, () => {
      compile(`${resolution}.${library}`, ['parts.ts', 'stytch.ts'], { ...options, ...libraries });
    });
  }
  test(`the middleware where there is no framework, ${resolution}`, () => {
    compile(`${resolution}.middleware`, ['middleware.ts'], { ...options, ...LIBRARIES.node });
  });
}
