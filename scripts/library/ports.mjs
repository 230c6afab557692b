// Ports of this machine: whether they are free, and when something answers there.

import net from 'node:net';

import { Problem } from './problem.mjs';

const POLL_MS = 50;

/** Refuses a port that something else listens on. */
export function checkPort(port, option) {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', () => {
      reject(new Problem(`Port ${port} is in use: stop what runs there, or choose another with \`npm start -- ${option} ${port + 10}\`.`));
    });
    server.listen(port, '127.0.0.1', () => server.close(resolve));
  });
}

/** Resolves to true once the address answers 200, to false when `job` ends or the time is up. */
export async function answers(url, job, patienceMs) {
  let ended = false;
  job.done.finally(() => (ended = true)).catch(() => {});
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline && !ended; ) {
    if ((await statusOf(url)) === 200) return true;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return false;
}

async function statusOf(url) {
  try {
    const response = await fetch(url, { redirect: 'manual' });
    await response.body?.cancel();
    return response.status;
  } catch {
    // Nothing listens there yet.
    return undefined;
  }
}
