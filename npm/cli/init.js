// `edgeseal init`: a folder with a gateway that runs, from the template in this package. What is there already stays as it is, unless
// whoever asks says otherwise; secrets always stay.

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { Problem, UsageProblem } from './problem.js';

const TEMPLATE = fileURLToPath(new URL('../template/', import.meta.url));

/** The template's name, in place of which the folder's is written. */
const NAME = 'edgeseal-gateway';

/** npm leaves a .gitignore out of packages. */
const RENAMED = { gitignore: '.gitignore' };

const [SECRETS, EXAMPLE] = ['.dev.vars', '.dev.vars.example'];

const CALLBACK = 'http://localhost:8787/auth/callback';

export const summary = 'writes a gateway that runs: wrangler.toml, .dev.vars, a site to protect';

export const options = { force: { type: 'boolean', default: false } };

export const help = `Usage: npx edgeseal init [FOLDER] [--force]

Writes a gateway to a folder (default: this one): wrangler.toml, a small site, and .dev.vars with a new cookie password.
WORKOS_CLIENT_ID and WORKOS_API_KEY are taken from the environment, where they are set.

  --force  replaces files that are there; .dev.vars never
`;

export function run({ values, positionals }, { generateCookiePassword }) {
  if (positionals.length > 1) throw new UsageProblem('More than one folder was given.');
  const [folder = '.'] = positionals;
  const files = templateFiles(nameOf(folder));
  const there = Object.keys(files).filter((file) => fs.existsSync(path.join(folder, file)));
  if (there.length > 0 && !values.force) {
    throw new Problem(`${folder} has ${there.join(', ')} already: choose another folder, or replace them with --force. Nothing was written.`);
  }
  for (const [file, text] of Object.entries(files)) write(path.join(folder, file), text);
  const secrets = secretsFor(path.join(folder, SECRETS), files[EXAMPLE], generateCookiePassword);
  console.log(summaryOf(folder, there, secrets));
}

/** A name for the Worker: what is left of the folder's. */
function nameOf(folder) {
  const name = path.basename(path.resolve(folder)).toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '');
  return name || NAME;
}

/** Path → text of what the template holds. */
function templateFiles(name) {
  const entries = fs.readdirSync(TEMPLATE, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const read = (entry) => {
    const file = path.join(entry.parentPath ?? entry.path, entry.name);
    const relative = path.relative(TEMPLATE, file);
    return [RENAMED[relative] ?? relative, fs.readFileSync(file, 'utf8').replaceAll(NAME, name)];
  };
  return Object.fromEntries(entries.map(read));
}

/** Writes .dev.vars, unless it is there: nobody could bring back what it held. */
function secretsFor(file, example, generateCookiePassword) {
  if (fs.existsSync(file)) return { isKept: true, missing: [] };
  const { WORKOS_CLIENT_ID, WORKOS_API_KEY } = process.env;
  const values = { WORKOS_CLIENT_ID, WORKOS_API_KEY, WORKOS_COOKIE_PASSWORD: generateCookiePassword() };
  const text = example.replace(/^# Copy this file.*\n+/, '').replaceAll(/^(\w+)=$/gm, (line, name) => line + (values[name] ?? ''));
  write(file, `# Secrets of this machine, never to be committed.\n\n${text}`, 0o600);
  return { isKept: false, missing: Object.keys(values).filter((name) => !values[name]) };
}

function write(file, text, mode = 0o644) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text, { mode });
}

function summaryOf(folder, replaced, { isKept, missing }) {
  const steps = [
    [folder === '.' ? '' : `cd ${folder}`, 'npm install'].filter(Boolean).join(' && '),
    missing.length > 0 && `write ${missing.join(' and ')} into ${SECRETS}, from https://dashboard.workos.com/api-keys`,
    `in the WorkOS dashboard, register the redirect URI ${CALLBACK}`,
    'npm start',
  ].filter(Boolean);
  return `${replaced.length > 0 ? `Replaced ${replaced.join(', ')}.\n` : ''}Wrote a gateway to ${folder}:
  wrangler.toml  which paths need a session, and what stands behind the gateway
  ${SECRETS}      ${isKept ? 'was there, and is as it was' : 'secrets of this machine, with a new cookie password'}
  public/        a site to protect

Next:
${steps.map((step, index) => `  ${index + 1}. ${step}`).join('\n')}
`;
}
