#!/usr/bin/env node
// `npx edgeseal COMMAND`: reads the command line, runs the command, says in one sentence what went wrong. Exits with 1 where a command
// could not do what was asked, with 2 where it was not understood.

import fs from 'node:fs';
import { parseArgs } from 'node:util';

import * as core from '../entries/node.js';
import * as init from './init.js';
import * as inspect from './inspect.js';
import * as keygen from './keygen.js';
import { Problem, UsageProblem } from './problem.js';
import * as reseal from './reseal.js';
import * as revoke from './revoke.js';

const COMMANDS = { init, keygen, inspect, reseal, revoke };

const HELP = `Usage: npx edgeseal COMMAND

${Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(9)} ${summary}`).join('\n')}

npx edgeseal COMMAND --help says more. edgeseal --version prints the version.
`;

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  console.error(error.message);
  process.exitCode = error instanceof UsageProblem ? 2 : 1;
}

async function main([name, ...parameters]) {
  if (name === undefined) throw new UsageProblem(HELP.trimEnd());
  if (['help', '--help', '-h'].includes(name)) return process.stdout.write(HELP);
  if (['--version', '-v'].includes(name)) return console.log(version());
  if (!Object.hasOwn(COMMANDS, name)) {
    throw new UsageProblem(`There is no command "${name}": choose ${Object.keys(COMMANDS).join(', ')}.`);
  }
  const command = COMMANDS[name];
  const given = read(name, command.options, parameters);
  if (given.values.help) return process.stdout.write(command.help);
  await command.run(given, core);
}

function read(name, options, args) {
  try {
    return parseArgs({ args, options: { ...options, help: { type: 'boolean', short: 'h' } }, allowPositionals: true });
  } catch (error) {
    throw new UsageProblem(`${error.message}\nnpx edgeseal ${name} --help says what there is.`);
  }
}

function version() {
  return JSON.parse(fs.readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
}
