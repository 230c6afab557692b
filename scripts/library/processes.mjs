// Child processes: their output line by line, and their end together with ours.

import { spawn, spawnSync } from 'node:child_process';
import readline from 'node:readline';

import { root } from './paths.mjs';
import { Problem } from './problem.mjs';

const WINDOWS = process.platform === 'win32';
const TAIL_LINES = 40;
const PATIENCE_MS = 3000;
const ORPHAN_CHECK_MS = 500;

const running = new Set();
let stopping = false;

for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]]) {
  process.on(signal, async () => {
    await stopAll();
    process.exit(code);
  });
}
// A signal to npm ends npm and its shell, but not us: their end is noticed by our new parent.
if (process.env.npm_lifecycle_event) {
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || process.kill(process.pid, 'SIGTERM'), ORPHAN_CHECK_MS).unref();
}
process.on('exit', () => running.forEach((job) => kill(job.child, 'SIGKILL')));

/**
 * Starts a program. `done` resolves to its exit code, unless it was us who stopped it; `tail` holds its last lines.
 * Its process group is its own, so that stopping it stops what it started.
 */
export function start(program, parameters, { cwd = root, env = {}, onLine = () => {} } = {}) {
  const child = spawn(program, parameters, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: !WINDOWS,
    windowsHide: true,
    // npm is a script there, which only a shell can start.
    shell: WINDOWS && program.endsWith('.cmd'),
  });
  const job = { child, tail: [], closed: new Promise((resolve) => child.once('close', resolve)) };
  running.add(job);
  for (const stream of [child.stdout, child.stderr]) {
    readline.createInterface({ input: stream }).on('line', (line) => {
      job.tail.push(line);
      if (job.tail.length > TAIL_LINES) job.tail.shift();
      onLine(line);
    });
  }
  job.done = new Promise((resolve, reject) => {
    child.once('error', (error) => {
      running.delete(job);
      reject(error.code === 'ENOENT' ? new Problem(`${program} is not installed, or not in the PATH.`) : error);
    });
    child.once('close', (code) => {
      running.delete(job);
      if (!stopping) resolve(code ?? 1);
    });
  });
  // Somebody may only wait for it later.
  job.done.catch(() => {});
  return job;
}

/** Runs a program to its end; a failure shows the end of its output. */
export async function run(program, parameters, options) {
  const job = start(program, parameters, options);
  if ((await job.done) !== 0) throw failed([program, ...parameters].join(' '), job);
}

/** The problem that a job's end is, with the end of its output. */
export function failed(what, job) {
  return new Problem(`${job.tail.map((line) => `  ${line}`).join('\n')}\n${what} failed; its last lines stand above.`);
}

/** The output of a short command, or undefined where it is missing or fails. */
export function outputOf(program, parameters, env = {}) {
  const result = spawnSync(program, parameters, { cwd: root, env: { ...process.env, ...env }, encoding: 'utf8', windowsHide: true });
  return result.status === 0 ? result.stdout.trim() : undefined;
}

/** Stops everything that was started, gently first. */
export async function stopAll() {
  stopping = true;
  const jobs = [...running];
  jobs.forEach((job) => kill(job.child, 'SIGTERM'));
  const impatient = setTimeout(() => jobs.forEach((job) => kill(job.child, 'SIGKILL')), PATIENCE_MS);
  await Promise.all(jobs.map((job) => job.closed));
  clearTimeout(impatient);
}

function kill(child, signal) {
  if (child.pid === undefined) return;
  if (WINDOWS) {
    spawnSync('taskkill', ['/pid', String(child.pid), '/t', '/f']);
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // ESRCH: it has ended by itself meanwhile.
    if (error.code !== 'ESRCH') throw error;
  }
}
