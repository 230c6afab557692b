// Opens a seal for the commands, and spells a session as the readers of a format expect it: what the gateway does in the core, for
// values that a person holds in hand.

import { Problem } from './problem.js';

/** The formats whose readers write `accessToken`; all others write `access_token`. */
const CAMEL_CASE = ['iron', 'remix'];

/** What a session holds beside the members of other software. */
const MEMBERS = ['accessToken', 'refreshToken', 'organizationId', 'authenticationMethod', 'impersonator', 'user'];

/** What the seal holds. */
export async function open(sealed, password, { detectSeal, unsealData }) {
  // Every other format is opened without being named; this one takes long, so nobody is made to by accident.
  const acceptFormats = detectSeal(sealed)?.format === 'dotnet' ? ['dotnet'] : undefined;
  const data = await named(() => unsealData(sealed, { password, acceptFormats }));
  if (typeof data === 'object' && Object.keys(data).length === 0) {
    throw new Problem('It does not open: another password sealed it, it was changed on the way, or it has expired.');
  }
  return data;
}

/** Runs a call of the core, whose complaints about a password or a format are for whoever typed the command. */
export async function named(call) {
  try {
    return await call();
  } catch (error) {
    throw error instanceof TypeError ? new Problem(error.message.replace('`password`', 'The password')) : error;
  }
}

/** The same session in the spelling of a format; what is no session stays as it is. */
export function spelledFor(format, data) {
  if (accessTokenOf(data) === undefined) return data;
  const spell = CAMEL_CASE.includes(format) ? camelCase : snakeCase;
  const isMember = (name) => MEMBERS.includes(camelCase(name));
  const entries = Object.entries(data).map(([name, value]) => [isMember(name) ? spell(name) : name, value]);
  const session = Object.fromEntries(entries);
  if (isObject(session.user)) session.user = Object.fromEntries(Object.entries(session.user).map(([name, value]) => [spell(name), value]));
  return session;
}

/** The access token of a session, in either spelling. */
export function accessTokenOf(data) {
  const token = isObject(data) ? (data.accessToken ?? data.access_token) : undefined;
  return typeof token === 'string' ? token : undefined;
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

const camelCase = (name) => name.replace(/(?<=.)_+([a-z0-9])/g, (_, letter) => letter.toUpperCase());

const snakeCase = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
