// The installed package in the servers' runtimes beside the Node of the suite: Node 20 and 24, Bun, Deno without any permission but the
// network's, and an edge runtime, in which nothing may be compiled.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { EdgeVM } from '@edge-runtime/vm';
import * as esbuild from 'esbuild';

import { project, runBeside } from '../support/installed.mjs';
import { PROGRAM, byImport, byRequire, startRuntimeStage } from '../support/runtime.mjs';

const modules = fileURLToPath(new URL('node_modules/', import.meta.url));

let place;
let stage;
before(async () => {
  place = project();
  place.write('program.mjs', PROGRAM);
  stage = await startRuntimeStage();
});
after(async () => {
  await stage.close();
  place.remove();
});

const runsEverything = async (program, ...parameters) =>
  assert.equal(await runBeside(program, [...parameters, place.write('by_import.mjs', byImport(stage.everything()))], { cwd: place.folder }), 'everything');

/** The program of one of the packages with a runtime, and why a test of it is skipped: they are for one system. */
function runtime(...file) {
  const program = path.join(modules, ...file);
  return { program, skip: fs.existsSync(program) ? false : 'the package with this runtime is for another system' };
}

for (const version of ['20', '24']) {
  const { program, skip } = runtime(`node-${version}`, 'bin', 'node');
  test(`Node ${version}, by import`, { skip }, () => runsEverything(program));
  test(`Node ${version}, by require`, { skip }, async () => {
    const file = place.write('by_require.cjs', byRequire(stage.everything()));
    assert.equal(await runBeside(program, ['--no-warnings', file], { cwd: place.folder }), 'everything');
  });
}

const bun = runtime('@oven', 'bun-linux-x64', 'bin', 'bun');
test('Bun', { skip: bun.skip }, () => runsEverything(bun.program));

const deno = runtime('@deno', 'linux-x64-glibc', 'deno');
test('Deno, which is allowed the network and nothing else', { skip: deno.skip }, () =>
  runsEverything(deno.program, 'run', '--no-prompt', `--allow-net=127.0.0.1:${stage.provider.port}`, '--node-modules-dir=manual'));

test('an edge runtime, which is handed its module and must not compile', async () => {
  const { outputFiles } = await esbuild.build({
    stdin: { contents: byImport(stage.everything()).replace('console.log(', 'globalThis.finished(').replaceAll(/await (?=program)/g, ''), resolveDir: place.folder },
    bundle: true,
    write: false,
    format: 'iife',
    conditions: ['edge-light'],
    plugins: [{ name: 'compiled modules', setup: handModules }],
  });
  const vm = new EdgeVM({
    extend: (context) => {
      context.compiledModule = new WebAssembly.Module(fs.readFileSync(place.installed('wasm', 'portable.wasm')));
      return context;
    },
  });
  const { promise, resolve } = Promise.withResolvers();
  vm.context.finished = resolve;
  vm.evaluate(outputFiles[0].text);
  assert.equal(await (await promise), 'everything');
});

/** As Next.js does it: an import with `?module` is a module that the runtime hands over, of another realm. */
function handModules(build) {
  build.onResolve({ filter: /\.wasm\?module$/ }, ({ path: name }) => ({ path: name, namespace: 'compiled' }));
  build.onLoad({ filter: /.*/, namespace: 'compiled' }, () => ({ contents: 'export default globalThis.compiledModule' }));
}
