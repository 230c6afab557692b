#!/usr/bin/env node
// The command `edgeseal-dev`: starts the local provider and prints where it is. Reads arguments and environment, nothing more.

import { parseArgs } from 'node:util';

import { DEFAULT_PORT, LOOPBACK } from '../src/limits.mjs';
import { SHAPES, startProvider } from '../src/provider.mjs';

const USAGE = `Usage: edgeseal-dev [--provider ${Object.keys(SHAPES).join('|')}] [--port ${DEFAULT_PORT}]`;

/** What the environment may say, by the option that it becomes; a provider takes those that it knows. */
const ENVIRONMENT = {
  clientId: 'EDGESEAL_DEV_CLIENT_ID',
  apiKey: 'EDGESEAL_DEV_API_KEY',
  projectId: 'EDGESEAL_DEV_PROJECT_ID',
  secret: 'EDGESEAL_DEV_SECRET',
};

try {
  const provider = await start(readArguments());
  console.log(`Local provider on ${provider.url}`);
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, async () => {
      await provider.close();
      process.exit(0);
    });
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

function readArguments() {
  let values;
  try {
    const options = { provider: { type: 'string', default: 'workos' }, port: { type: 'string', default: String(DEFAULT_PORT) } };
    ({ values } = parseArgs({ options }));
  } catch (error) {
    throw new Error(`${error.message}\n${USAGE}`);
  }
  const { provider, port } = values;
  if (!Object.hasOwn(SHAPES, provider)) throw new Error(`--provider must be one of ${Object.keys(SHAPES).join(', ')}.\n${USAGE}`);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) throw new Error(`--port must be a number from 0 to 65535.\n${USAGE}`);
  return { provider, port: Number(port) };
}

async function start({ provider, port }) {
  const named = SHAPES[provider].options.filter((name) => Object.hasOwn(ENVIRONMENT, name));
  // An empty variable is an unset one.
  const names = Object.fromEntries(named.map((name) => [name, process.env[ENVIRONMENT[name]] || undefined]));
  try {
    return await startProvider({ provider, port, ...names });
  } catch (error) {
    if (error.code === 'EADDRINUSE') {
      throw new Error(`Port ${port} on ${LOOPBACK} is in use: stop what runs there, or choose another with --port.`);
    }
    if (error.code === 'EACCES') throw new Error(`Port ${port} needs more rights: choose one above 1023 with --port.`);
    throw error;
  }
}
