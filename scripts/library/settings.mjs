// The gateway's settings under `npm start`: the local provider's, or those of .dev.vars.

import crypto from 'node:crypto';
import fs from 'node:fs';

import { inside } from './paths.mjs';
import { Problem } from './problem.mjs';

/** The settings without which a real provider cannot be used. */
const REQUIRED = ['WORKOS_CLIENT_ID', 'WORKOS_API_KEY', 'WORKOS_COOKIE_PASSWORD'];

/** What the local provider expects of its client; it listens on loopback only. */
export const LOCAL_CLIENT = { WORKOS_CLIENT_ID: 'client_local', WORKOS_API_KEY: 'sk_local_development_only' };

/** Whether .dev.vars names a real provider. One that is half filled in is refused. */
export function hasRealProvider() {
  const given = settingsOf(inside('.dev.vars'));
  const missing = REQUIRED.filter((name) => !given.has(name));
  if (missing.length === REQUIRED.length) return false;
  if (missing.length === 0) return true;
  const present = REQUIRED.filter((name) => given.has(name)).join(' and ');
  throw new Problem(`.dev.vars lacks ${missing.join(' and ')}: add what is missing, or remove ${present} to use the local provider.`);
}

/** Writes the settings of this start and returns the files for wrangler; the later one wins. */
export function writeSettings({ publicUrl, providerUrl }) {
  const settings = { PUBLIC_URL: publicUrl };
  if (providerUrl) Object.assign(settings, LOCAL_CLIENT, { WORKOS_BASE_URL: providerUrl, WORKOS_COOKIE_PASSWORD: localPassword() });
  // Named after the address: two starts on different ports keep apart.
  const file = inside('.edgeseal', `start-${new URL(publicUrl).port}.vars`);
  writeSecret(file, Object.entries(settings).map(([name, value]) => `${name}=${value}\n`).join(''));
  return [file, inside('.dev.vars')].filter((path) => fs.existsSync(path));
}

/** The password of the local cookies, kept so that sessions survive a restart. */
function localPassword() {
  const file = inside('.edgeseal', 'cookie-password');
  if (!fs.existsSync(file)) writeSecret(file, crypto.randomBytes(32).toString('base64url'));
  return fs.readFileSync(file, 'utf8');
}

function writeSecret(file, text) {
  fs.mkdirSync(inside('.edgeseal'), { recursive: true, mode: 0o700 });
  fs.writeFileSync(file, text, { mode: 0o600 });
}

/** Names of the settings in a .vars file that have a value. */
function settingsOf(file) {
  if (!fs.existsSync(file)) return new Set();
  const assignments = fs.readFileSync(file, 'utf8').matchAll(/^[ \t]*(?:export[ \t]+)?(\w+)[ \t]*=[ \t]*(?!""|'')[^\s#]/gm);
  return new Set(Array.from(assignments, ([, name]) => name));
}
