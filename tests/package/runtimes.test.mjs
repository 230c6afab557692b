// The installed package in the runtimes that every change is held against: Node, and workerd. The others run every night.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';

import { createTestHarness } from '../worker/support/gateway.mjs';
import { project, runBeside } from './support/installed.mjs';
import { PROGRAM, byImport, byRequire, startRuntimeStage } from './support/runtime.mjs';

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

const node = (name, text) => runBeside(process.execPath, ['--no-warnings', place.write(name, text)], { cwd: place.folder });

test('Node, by import', async () => assert.equal(await node('by_import.mjs', byImport(stage.everything())), 'everything'));

test('Node, by require', async () => assert.equal(await node('by_require.cjs', byRequire(stage.everything())), 'everything'));

test('Node takes the module that it can compile', async () => {
  const text = `import { hasRelaxedSimd } from './node_modules/edgeseal/lib/relaxed_simd.js';
    import fs from 'node:fs';
    const compiles = (name) => WebAssembly.validate(fs.readFileSync(new URL(\`node_modules/edgeseal/wasm/\${name}.wasm\`, import.meta.url)));
    console.log(compiles('portable'), compiles('relaxed') === hasRelaxedSimd());`;
  assert.equal(await node('compiles.mjs', text), 'true true');
});

test('nothing in the entry for Workers waits while the module is loaded', () => {
  for (const file of ['entries/workerd.js', 'lib/api.js', 'wasm/edgeseal.js']) {
    assert.doesNotMatch(fs.readFileSync(place.installed(...file.split('/')), 'utf8'), /^(export .*)?await /m, file);
  }
});

test('workerd, in a Worker that imports the package', async (t) => {
  place.write(
    'worker.mjs',
    `import * as edgeseal from 'edgeseal';
    import { program } from './program.mjs';
    export default {
      fetch: async (request) => new Response(await program(edgeseal, await request.json()).catch((error) => String(error.stack))),
    };`,
  );
  const configPath = place.write('wrangler.toml', 'name = "package"\nmain = "worker.mjs"\ncompatibility_date = "2026-10-20"\n');
  const server = createTestHarness({ root: place.folder, workers: [{ configPath }] });
  t.after(() => server.close());
  const { url } = await server.listen();
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(stage.everything()) });
  assert.equal(await answer.text(), 'everything');
});
