// The suites on Node: `worker` (real workerd), `npm` (the package, the local provider and the bench) and `browser` (Chromium).

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { add, nothing } from '../library/counts.mjs';
import { install } from '../library/packages.mjs';
import { inside } from '../library/paths.mjs';
import { start } from '../library/processes.mjs';

/** The folders of each suite. The local provider has no suite of its own: it is the package that the others test against. */
const FOLDERS = { worker: ['tests/worker'], npm: ['tests/npm', 'tests/package', 'tests/middleware', 'dev', 'benches'], browser: ['tests/browser'] };

/** Node runs one file at a time on two cores; most of them wait for workerd. */
const CONCURRENCY = 2;

const TEST_FILES = '**/*.test.mjs';
const REPORTER = new URL('./summary_reporter.mjs', import.meta.url);

export async function runNodeSuite(suite, node, prepare, print) {
  const counts = nothing();
  for (const folder of FOLDERS[suite]) add(counts, await runFolder(suite, folder, node, prepare, print));
  return counts;
}

async function runFolder(suite, folder, node, prepare, print) {
  if (!fs.existsSync(inside(folder, 'package.json'))) return skip(`${folder} is not there yet`, print);
  const chromium = suite === 'browser' ? findChromium() : undefined;
  if (suite === 'browser' && !chromium) return skip('no Chromium found: install one, or set CHROMIUM to its path', print);

  await prepare();
  if (fs.existsSync(inside(folder, 'package-lock.json'))) await install(inside(folder), print);
  return runTests(folder, node, chromium ? { CHROMIUM: chromium } : {}, print);
}

async function runTests(folder, node, env, print) {
  const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'edgeseal-'));
  const summary = path.join(temporary, 'summary.json');
  const parameters = ['--test', `--test-concurrency=${CONCURRENCY}`, '--test-reporter=spec', '--test-reporter-destination=stdout'];
  parameters.push(`--test-reporter=${REPORTER}`, `--test-reporter-destination=${summary}`, TEST_FILES);
  print(`\n--- node --test in ${folder}`);
  try {
    const code = await start(node, parameters, { cwd: inside(folder), env, onLine: print }).done;
    return countsOf(summary, code, folder);
  } finally {
    fs.rmSync(temporary, { recursive: true });
  }
}

function countsOf(summary, code, folder) {
  const text = fs.existsSync(summary) ? fs.readFileSync(summary, 'utf8') : '';
  const counts = text === '' ? nothing() : JSON.parse(text);
  const ranNothing = counts.passed + counts.failed + counts.skipped === 0;
  if (code === 0 && !ranNothing) return counts;
  // A run that crashed, or found no test, has no failure of its own to count.
  const failure = `node --test in ${folder}${ranNothing ? ' ran no test' : ''}`;
  return { ...counts, failed: Math.max(counts.failed, 1), failures: [failure] };
}

function skip(reason, print) {
  print(`skipped: ${reason}`);
  return { skipped: 1 };
}

function findChromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  return names.flatMap((name) => folders.map((folder) => path.join(folder, name))).find((file) => fs.existsSync(file));
}
