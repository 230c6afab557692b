// The peers that python_peer.py plays. One process for each batch of seals, because starting one takes longer than sealing.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('python_peer.py', import.meta.url));

/** A peer in the sense of `peers.mjs`. */
export function pythonPeer(python, name, format) {
  return {
    name,
    format,
    missing: python.missing,
    seal: async (items) => (await run(python, format, items)).map(({ sealed }) => sealed),
    open: async (items) => (await run(python, format, items)).map(({ data }) => data),
  };
}

async function run(python, format, items) {
  const child = spawn(python.program, [SCRIPT, format], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  child.stdin.end(items.map((item) => `${JSON.stringify(item)}\n`).join(''));
  const answers = (await text(child.stdout)).trimEnd().split('\n').map((line) => JSON.parse(line));
  const [code] = await ended;
  if (code !== 0 || answers.length !== items.length) throw new Error(`python_peer.py gave ${answers.length} of ${items.length} answers, and the code ${code}`);
  return answers;
}
