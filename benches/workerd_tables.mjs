// The tables in workerd, whose clock stands still while code runs: the time is taken outside, and what a
// request takes by itself is taken off.

import path from 'node:path';

import { measureTables } from './rounds.mjs';
import { bundleWorker, startWorkerd } from './workerd.mjs';

export async function measureWorkerd({ relaxed, portable, stock }, fixture, { options, stytch }, effort, onProgress) {
  const worker = await bundleWorker('tables.mjs', {
    alias: { 'edgeseal-relaxed': path.join(relaxed, 'edgeseal.js'), 'edgeseal-portable': path.join(portable, 'edgeseal.js') },
    modules: {
      'edgeseal-relaxed.wasm': path.join(relaxed, 'edgeseal_bg.wasm'),
      'edgeseal-portable.wasm': path.join(portable, 'edgeseal_bg.wasm'),
      'stock.wasm': stock,
    },
    bindings: { FIXTURE: fixture, OPTIONS: options, STYTCH: stytch },
  });
  const workerd = await startWorkerd(worker);
  try {
    const tables = JSON.parse((await workerd.ask('/tables')).text);
    return await measureTables(tables, clockOf(workerd), effort, onProgress);
  } finally {
    await workerd.stop();
    worker.remove();
  }
}

const clockOf = (workerd) => {
  const timeOf = async (target) => (await workerd.ask(target)).microseconds;
  return {
    time: (table, { name }, count) => timeOf(`/${table}/${encodeURIComponent(name)}?count=${count}`),
    base: () => timeOf('/nothing'),
  };
};
