// The gateway's settings under `npm start`: the local provider's, or those of .dev.vars.

import crypto from 'node:crypto';
import fs from 'node:fs';

import { inside } from './paths.mjs';
import { Problem } from './problem.mjs';

const STYTCH = {
  required: ['STYTCH_PROJECT_ID', 'STYTCH_SECRET', 'LOGIN_URL'],
  client: {
    EDGESEAL_DEV_PROJECT_ID: 'project-test-00000000-0000-4000-8000-000000000000',
    EDGESEAL_DEV_SECRET: 'secret-test-local-development-only',
  },
  local: (providerUrl, client) => ({
    STYTCH_PROJECT_ID: client.EDGESEAL_DEV_PROJECT_ID,
    STYTCH_SECRET: client.EDGESEAL_DEV_SECRET,
    STYTCH_BASE_URL: providerUrl,
    // By the name of the gateway's own address: the page sets cookies for both.
    LOGIN_URL: `${providerUrl.replace('127.0.0.1', 'localhost')}/login`,
  }),
};

/**
 * Each provider: the settings without which a real one cannot be used, what the local one is told to expect of its client, and
 * what the gateway is told then. The local one listens on loopback only.
 */
const PROVIDERS = {
  workos: {
    required: ['WORKOS_CLIENT_ID', 'WORKOS_API_KEY', 'WORKOS_COOKIE_PASSWORD'],
    client: { EDGESEAL_DEV_CLIENT_ID: 'client_local', EDGESEAL_DEV_API_KEY: 'sk_local_development_only' },
    local: (providerUrl, client) => ({
      WORKOS_CLIENT_ID: client.EDGESEAL_DEV_CLIENT_ID,
      WORKOS_API_KEY: client.EDGESEAL_DEV_API_KEY,
      WORKOS_BASE_URL: providerUrl,
      WORKOS_COOKIE_PASSWORD: localPassword(),
    }),
  },
  stytch: STYTCH,
  'stytch-b2b': STYTCH,
};

export const PROVIDER_NAMES = Object.keys(PROVIDERS);

/** The provider to use: the one that was asked for, the one of .dev.vars, or WorkOS. */
export function chooseProvider(asked) {
  const given = settingsOf(inside('.dev.vars')).get('PROVIDER');
  const provider = asked ?? given ?? PROVIDER_NAMES[0];
  if (!PROVIDER_NAMES.includes(provider)) {
    throw new Problem(`${asked === undefined ? 'PROVIDER in .dev.vars' : '--provider'} must be one of ${PROVIDER_NAMES.join(', ')}.`);
  }
  // wrangler would believe the file.
  if (given !== undefined && given !== provider) throw new Problem(`.dev.vars says PROVIDER=${given}: remove the line to use ${provider}.`);
  return provider;
}

/** Whether .dev.vars names a real provider of that kind. One that is half filled in is refused. */
export function hasRealProvider(provider) {
  const { required } = PROVIDERS[provider];
  const given = settingsOf(inside('.dev.vars'));
  const missing = required.filter((name) => !given.has(name));
  if (missing.length === required.length) return false;
  if (missing.length === 0) return true;
  const present = required.filter((name) => given.has(name)).join(' and ');
  throw new Problem(`.dev.vars lacks ${missing.join(' and ')}: add what is missing, or remove ${present} to use the local provider.`);
}

/** What the local provider is told in its environment. */
export const localEnvironment = (provider) => PROVIDERS[provider].client;

/** Writes the settings of this start and returns the files for wrangler; the later one wins. */
export function writeSettings({ provider, publicUrl, providerUrl }) {
  const { client, local } = PROVIDERS[provider];
  const settings = { PROVIDER: provider, PUBLIC_URL: publicUrl, ...(providerUrl && local(providerUrl, client)) };
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

/** The settings in a .vars file that have a value. @returns {Map<string, string>} */
function settingsOf(file) {
  if (!fs.existsSync(file)) return new Map();
  const assignments = fs.readFileSync(file, 'utf8').matchAll(/^[ \t]*(?:export[ \t]+)?(\w+)[ \t]*=[ \t]*(?!""|'')(["']?)([^\s#].*?)\2[ \t]*(?:#.*)?$/gm);
  return new Map(Array.from(assignments, ([, name, , value]) => [name, value]));
}
