// `edgeseal inspect`: what a cookie or a token says. Nothing is verified, no token is printed.

import { accessTokenOf, readToken, refreshTokenOf, relative, sealExpiry, utc } from '../lib/reading.js';
import { PASSWORD, options as input, valueAndPassword } from './input.js';
import { Problem } from './problem.js';
import { open } from './session.js';

export const summary = 'shows what a session cookie or a token says, without verifying it';

export const options = { ...input, json: { type: 'boolean', default: false } };

export const help = `Usage: npx edgeseal inspect [--json] [VALUE]

Shows the format of a session cookie, or the header, claims and times of a token, given as an argument or on the standard input.
Nothing is verified, and no token is printed.

  ${PASSWORD}  opens the cookie: a password, or a JSON array of them; or --password-stdin
`;

export async function run(given, core) {
  const { value, password } = await valueAndPassword(given);
  const token = readToken(value);
  const report = token ? { token } : await readSeal(value, password, core);
  if (given.values.json) return console.log(printable(report, 2));
  process.stdout.write(report.token ? tokenText(report) : sealText(report, password));
}

/** Members of a session that are never printed. */
const TOKENS = ['accessToken', 'access_token', 'refreshToken', 'refresh_token'];

async function readSeal(value, password, core) {
  const seal = core.detectSeal(value);
  if (seal === null) throw new Problem('This is neither a session cookie nor a token.');
  const expiry = sealExpiry(value, seal.format);
  const report = { seal: { ...seal, bytes: value.length, ...(expiry && { expiresAt: expiry / 1000 }) } };
  if (password === undefined) return report;
  const data = await open(value, password, core);
  const accessToken = accessTokenOf(data);
  if (accessToken === undefined) return { ...report, data };
  const session = Object.fromEntries(Object.entries(data).filter(([name]) => !TOKENS.includes(name)));
  return { ...report, session: { ...session, hasRefreshToken: Boolean(refreshTokenOf(data)) }, accessToken: readToken(accessToken) ?? null };
}

function sealText({ seal, session, accessToken, data }, password) {
  const rows = {
    format: seal.format ?? `one of ${seal.candidates.join(', ')}: only the password can tell`,
    'password id': seal.passwordId,
    length: `${seal.bytes} bytes`,
    expires: seal.expiresAt ? time(seal.expiresAt) : undefined,
  };
  const sections = [section('Sealed session', rows)];
  if (password === undefined) sections.push(`Set ${PASSWORD} to see what is in it.\n`);
  if (data !== undefined) sections.push(`${title('What it holds')}${json(data)}`);
  if (session) {
    const { user, impersonator, hasRefreshToken } = session;
    const who = {
      user: user && [user.id, user.email].filter(Boolean).join(', '),
      impersonator: impersonator && [impersonator.email, impersonator.reason].filter(Boolean).join(': '),
      method: session.authenticationMethod ?? session.authentication_method,
      'refresh token': hasRefreshToken ? 'there' : 'missing: it cannot be refreshed',
    };
    sections.push(section('What it holds', who));
    sections.push(accessToken ? tokenText({ token: accessToken }, 'Access token') : 'Its access token is no token.\n');
  }
  return sections.join('\n');
}

function tokenText({ token: { header, claims } }, name = 'Token') {
  const rows = {
    algorithm: header.alg,
    key: header.kid,
    issuer: claims.iss,
    subject: claims.sub,
    session: claims.sid,
    organization: claims.org_id,
    issued: time(claims.iat),
    'not before': time(claims.nbf),
    expires: time(claims.exp) ?? 'never: no session has such a token',
  };
  const text = section(`${name}, its signature not verified`, rows);
  const said = ['iss', 'sub', 'sid', 'org_id', 'iat', 'nbf', 'exp'];
  const rest = Object.fromEntries(Object.entries(claims).filter(([claim]) => !said.includes(claim)));
  return Object.keys(rest).length > 0 ? `${text}\n${title('Its other claims')}${json(rest)}` : text;
}

/** A heading and its rows; what is not there is left out. */
function section(heading, rows) {
  const there = Object.entries(rows).filter(([, value]) => value !== undefined);
  return title(heading) + there.map(([name, value]) => `  ${name.padEnd(14)} ${printable(value).replace(/^"(.*)"$/, '$1')}\n`).join('');
}

const title = (text) => (process.stdout.isTTY ? `\u001b[1m${text}\u001b[22m\n` : `${text}\n`);

const json = (value) => `${printable(value, 2).replaceAll(/^/gm, '  ')}\n`;

/**
 * JSON that shows every character: whoever wrote a token may have meant to write to the terminal. JSON itself escapes the controls up to
 * U+001F; here come those beyond, and what turns the direction of a line.
 */
const printable = (value, indent) =>
  JSON.stringify(value, null, indent).replaceAll(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** `2026-11-21 12:05:00 UTC (in 4 minutes)`; undefined for what is no time. */
function time(seconds) {
  const text = utc(seconds);
  return text && `${text} (${relative(seconds - Date.now() / 1000)})`;
}
