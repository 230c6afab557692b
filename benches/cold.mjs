// Cold starts: fresh processes of Node, and fresh workerds, one participant in each, in turns.

import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { WINDOWS } from './cold_calls.mjs';
import { OURS, PORTABLE, SDK } from './participants.mjs';
import { shuffled, summary } from './rounds.mjs';
import { bundleWorker, startWorkerd } from './workerd.mjs';

const PROGRAM = fileURLToPath(new URL('cold_process.mjs', import.meta.url));
const PACKAGES = [SDK, 'jose', 'iron-webcrypto', 'iron-session'];
const EMPTY = 'an empty Worker';

/** Milliseconds by participant, in Node: `load` (for ours with `compile` and `instantiate` in it), and the first calls. */
export async function measureColdNode({ relaxed, portable }, fixture, { options }, { coldStarts }, onProgress) {
  const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'edgeseal-bench-'));
  const participants = [
    { name: OURS, input: { folder: relaxed, fixture, options } },
    { name: PORTABLE, input: { folder: portable, fixture, options } },
    ...PACKAGES.map((name) => ({ name, input: { fixture, options } })),
  ];
  const starts = participants.map(({ name, input }, index) => {
    const file = path.join(temporary, `${index}.json`);
    fs.writeFileSync(file, JSON.stringify(input));
    const start = async () => JSON.parse((await promisify(execFile)(process.execPath, [PROGRAM, name, file])).stdout);
    return { name, start };
  });
  try {
    return await inTurns(starts, coldStarts, (round) => onProgress(`Cold starts of Node: ${round} of ${coldStarts}`));
  } finally {
    fs.rmSync(temporary, { recursive: true });
  }
}

/** Milliseconds by participant, in workerd: `answer`, from its start to the first session, and further calls. */
export async function measureColdWorkerd({ relaxed }, fixture, { options }, { coldStarts }, onProgress) {
  const bindings = { FIXTURE: fixture, OPTIONS: options };
  const alias = { 'edgeseal-relaxed': path.join(relaxed, 'edgeseal.js') };
  const workers = {
    [EMPTY]: await bundleWorker('cold_nothing.mjs'),
    [OURS]: await bundleWorker('cold_edgeseal.mjs', { alias, bindings, modules: { 'edgeseal.wasm': path.join(relaxed, 'edgeseal_bg.wasm') } }),
    [SDK]: await bundleWorker('cold_sdk.mjs', { bindings }),
  };
  const starts = Object.entries(workers).map(([name, worker]) => ({ name, start: () => startCold(worker, name !== EMPTY) }));
  try {
    return await inTurns(starts, coldStarts, (round) => onProgress(`Cold starts of workerd: ${round} of ${coldStarts}`));
  } finally {
    Object.values(workers).forEach((worker) => worker.remove());
  }
}

async function startCold(worker, hasCalls) {
  const begin = performance.now();
  const workerd = await startWorkerd(worker);
  try {
    await workerd.ask('/?count=1');
    const answer = performance.now() - begin;
    return hasCalls ? { answer, ...(await laterCalls(workerd)) } : { answer };
  } finally {
    await workerd.stop();
  }
}

async function laterCalls(workerd) {
  const milliseconds = {};
  let called = 1;
  for (const { name, from, to } of WINDOWS.slice(1)) {
    await workerd.ask(`/?count=${from - 1 - called}`);
    const asking = (await workerd.ask('/?count=0')).microseconds;
    const { microseconds } = await workerd.ask(`/?count=${to - from + 1}`);
    milliseconds[name] = (microseconds - asking) / (to - from + 1) / 1000;
    called = to;
  }
  return milliseconds;
}

async function inTurns(starts, rounds, onRound) {
  const samples = new Map(starts.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round += 1) {
    onRound(round);
    for (const { name, start } of shuffled(starts)) samples.get(name).push(await start());
  }
  return [...samples].map(([name, all]) => ({ name, ...byMeasure(all) }));
}

const byMeasure = (samples) => Object.fromEntries(Object.keys(samples[0]).map((key) => [key, summary(samples.map((sample) => sample[key]))]));
