// What commands are given: a value as an argument or on the standard input, passwords from the environment or there. Never a password
// as an argument: those are seen by everybody on the machine, and kept in the shell's history.

import { text } from 'node:stream/consumers';

import { Problem, UsageProblem } from './problem.js';

/** The variable from which cookies are opened, as the gateway's. */
export const PASSWORD = 'WORKOS_COOKIE_PASSWORD';

/** The options of `valueAndPassword`. */
export const options = { 'password-stdin': { type: 'boolean', default: false } };

/** The value that the command is about, and the password if there is one. */
export async function valueAndPassword({ values, positionals }) {
  if (positionals.length > 1) throw new UsageProblem('More than one value was given: put it in quotation marks.');
  const isPasswordPiped = values['password-stdin'];
  const [argument] = positionals;
  if (isPasswordPiped && argument === undefined) {
    throw new UsageProblem('With --password-stdin, the value has to be an argument: the standard input holds the password.');
  }
  const piped = argument === undefined || isPasswordPiped ? await standardInput() : undefined;
  const value = (argument ?? piped).trim();
  if (value === '') throw new UsageProblem('No value was given, neither as an argument nor on the standard input.');
  return { value, password: isPasswordPiped ? passwordFrom('the standard input', piped.trim()) : passwordOf(PASSWORD) };
}

/** The passwords of an environment variable, or undefined. */
export function passwordOf(name) {
  const given = process.env[name]?.trim();
  return given ? passwordFrom(name, given) : undefined;
}

/** One password, or a JSON array of them, newest first, as the gateway reads it. */
function passwordFrom(source, given) {
  if (!given.startsWith('[')) return given;
  try {
    return JSON.parse(given);
  } catch {
    throw new Problem(`${source} begins like a JSON array of passwords, and is none.`);
  }
}

function standardInput() {
  if (process.stdin.isTTY) console.error('Type or paste it, then press Enter and Ctrl+D:');
  return text(process.stdin);
}
