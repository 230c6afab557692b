// The program that measures: `node measure.mjs PLAN.json RESULTS.json`. It prints what it is doing, line by line.

import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';

import { measureColdNode, measureColdWorkerd } from './cold.mjs';
import { createFixture, describeFixture, serveKeys } from './fixture.mjs';
import { measureNode } from './node.mjs';
import { measureSizes } from './sizes.mjs';
import { workerdVersion } from './workerd.mjs';
import { measureWorkerd } from './workerd_tables.mjs';

/** How much is measured. A batch in workerd is longer, because a request stands around it. */
const EFFORTS = {
  full: { rounds: 60, node: 5_000, workerd: 20_000, warmUpMicroseconds: 300_000, coldStarts: 15 },
  quick: { rounds: 2, node: 500, workerd: 2_000, warmUpMicroseconds: 1_000, coldStarts: 1 },
};

const [planFile, resultsFile] = process.argv.slice(2);
const plan = JSON.parse(fs.readFileSync(planFile, 'utf8'));
const results = await measure(plan, EFFORTS[plan.quick ? 'quick' : 'full']);
fs.writeFileSync(resultsFile, `${JSON.stringify(results, rounded, 2)}\n`);

/** `artefacts`: the folders of our two builds, and the module of `stock/`. */
async function measure({ artefacts }, { node, workerd, ...effort }) {
  const environment = machine();
  const fixture = await createFixture();
  const keys = await serveKeys(fixture);
  const print = (line) => console.log(line);
  const measured = (measureIn, more) => measureIn(artefacts, fixture, keys, { ...effort, ...more }, print);
  try {
    return {
      date: new Date().toISOString().slice(0, 10),
      machine: environment,
      fixture: describeFixture(fixture),
      rounds: effort.rounds,
      coldStarts: effort.coldStarts,
      cold: { node: await measured(measureColdNode), workerd: await measured(measureColdWorkerd) },
      tables: {
        node: await measured(measureNode, { batchMicroseconds: node }),
        workerd: await measured(measureWorkerd, { batchMicroseconds: workerd }),
      },
      sizes: await measureSizes(artefacts),
    };
  } finally {
    keys.close();
  }
}

function machine() {
  const cpus = os.cpus();
  const { devDependencies } = createRequire(import.meta.url)('./package.json');
  return {
    cpu: cpus[0]?.model ?? 'unknown',
    cores: cpus.length,
    os: `${os.type()} ${os.arch()}`,
    // Asked for before anything is measured: what others were doing.
    load: os.loadavg()[0],
    node: process.versions.node,
    v8: process.versions.v8,
    workerd: workerdVersion,
    packages: devDependencies,
  };
}

/** Four digits are more than any of it is good for. */
function rounded(key, value) {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}
