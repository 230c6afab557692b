// `npm run bench`, as a smoke run over the builds that the other tests use: every case runs and answers rightly. It judges no number.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { ALGORITHMS, IRON_SESSION, IRON_WEBCRYPTO, JOSE, JOSE_SET, NODE_CRYPTO, OURS, PORTABLE, SDK, STOCK, STYTCH, WEBCRYPTO } from '../participants.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BUILD = path.join(ROOT, 'build', 'js');

let temporary;
let output;
let results;

// The first time, the crates of stock/ are compiled as well.
before(
  async () => {
    temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'edgeseal-bench-test-'));
    const file = path.join(temporary, 'results.json');
    const parameters = ['scripts/run.mjs', 'bench', '--quick', '--relaxed', BUILD, '--portable', BUILD, '--json', file];
    ({ stdout: output } = await promisify(execFile)(process.execPath, parameters, { cwd: ROOT, maxBuffer: 1e8 }));
    results = JSON.parse(fs.readFileSync(file, 'utf8'));
  },
  { timeout: 600_000 },
);
after(() => fs.rmSync(temporary, { recursive: true }));

const namesIn = (runtime, id) => results.tables[runtime].find((table) => table.id === id).cases.map(({ name }) => name);

for (const runtime of ['node', 'workerd']) {
  test(`authenticates and unseals in ${runtime}, and so do the peers`, () => {
    assert.deepEqual(namesIn(runtime, 'authenticate'), [OURS, PORTABLE, STOCK, SDK]);
    assert.deepEqual(namesIn(runtime, 'authenticate-64'), [OURS, PORTABLE, SDK]);
    assert.deepEqual(namesIn(runtime, 'authenticate-warm'), [OURS, PORTABLE, SDK]);
    assert.deepEqual(namesIn(runtime, 'unseal'), [OURS, PORTABLE, STOCK, IRON_WEBCRYPTO, IRON_SESSION]);
  });

  test(`checks a session's JWT in ${runtime}, and so does Stytch's SDK`, () => {
    for (const id of ['stytch', 'stytch-warm']) assert.deepEqual(namesIn(runtime, id), [OURS, PORTABLE, STYTCH]);
  });

  for (const algorithm of ALGORITHMS) {
    test(`verifies ${algorithm} in ${runtime}, and so do the peers`, () => {
      const sets = algorithm === 'HS256' ? [] : [JOSE_SET];
      const own = runtime === 'node' ? [NODE_CRYPTO, WEBCRYPTO] : [WEBCRYPTO];
      assert.deepEqual(namesIn(runtime, `verify-${algorithm}`), [OURS, PORTABLE, STOCK, JOSE, ...sets, ...own]);
    });
  }
}

test('starts cold, in Node and in workerd', () => {
  for (const entries of [results.cold.node, results.cold.workerd]) {
    for (const name of [OURS, SDK]) assert.ok(entries.find((entry) => entry.name === name).call300);
  }
});

test('says what was measured, where and with what', () => {
  const { fixture, machine } = results;
  assert.ok(fixture.cookieBytes > 3400 && fixture.cookieBytes < 3800, `the cookie has ${fixture.cookieBytes} bytes`);
  for (const text of [machine.cpu, machine.workerd, machine.packages.jose, 'to ours', 'A smoke run']) assert.ok(output.includes(text), text);
});
