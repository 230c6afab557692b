#!/usr/bin/env node
// The command `edgeseal-dev`: starts the local provider and prints where it is. Reads arguments and environment, nothing more.

import { parseArgs } from 'node:util';

import { DEFAULT_PORT, LOOPBACK } from '../src/limits.mjs';
import { startProvider } from '../src/provider.mjs';

const USAGE = `Usage: edgeseal-dev [--port ${DEFAULT_PORT}]`;

try {
  const port = readPort();
  const provider = await start(port);
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

function readPort() {
  let text;
  try {
    text = parseArgs({ options: { port: { type: 'string', default: String(DEFAULT_PORT) } } }).values.port;
  } catch (error) {
    throw new Error(`${error.message}\n${USAGE}`);
  }
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535) throw new Error(`--port must be a number from 0 to 65535.\n${USAGE}`);
  return Number(text);
}

async function start(port) {
  const { EDGESEAL_DEV_CLIENT_ID: clientId, EDGESEAL_DEV_API_KEY: apiKey } = process.env;
  try {
    // An empty variable is an unset one.
    return await startProvider({ port, clientId: clientId || undefined, apiKey: apiKey || undefined });
  } catch (error) {
    if (error.code === 'EADDRINUSE') {
      throw new Error(`Port ${port} on ${LOOPBACK} is in use: stop what runs there, or choose another with --port.`);
    }
    if (error.code === 'EACCES') throw new Error(`Port ${port} needs more rights: choose one above 1023 with --port.`);
    throw error;
  }
}
