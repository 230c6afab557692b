// The tables in workerd, whose clock stands still while code runs: the time is taken outside, as what N runs more take.

import path from 'node:path';

import { measureTables } from './rounds.mjs';
import { bundleWorker, startWorkerd } from './workerd.mjs';

export async function measureWorkerd({ relaxed, portable, stock }, fixture, options, effort, onProgress) {
  const worker = await bundleWorker('tables.mjs', {
    alias: { 'edgeseal-relaxed': path.join(relaxed, 'edgeseal.js'), 'edgeseal-portable': path.join(portable, 'edgeseal.js') },
    modules: {
      'edgeseal-relaxed.wasm': path.join(relaxed, 'edgeseal_bg.wasm'),
      'edgeseal-portable.wasm': path.join(portable, 'edgeseal_bg.wasm'),
      'stock.wasm': stock,
    },
    bindings: { FIXTURE: fixture, OPTIONS: options },
  });
  const workerd = await startWorkerd(worker);
  try {
    const tables = JSON.parse((await workerd.ask('/')).text);
    return await measureTables(tables, timeIn(workerd), effort, onProgress);
  } finally {
    await workerd.stop();
    worker.remove();
  }
}

const timeIn = (workerd) => async (table, { name }, count) =>
  (await workerd.ask(`/${table}/${encodeURIComponent(name)}?count=${count}`)).microseconds;
