// What the person said beside the cookie: passwords, keys, what is expected, the clock. Reads it, and says what cannot be read.

import { utc } from './core.js';

/**
 * @typedef {{ pasted: string, passwords: string[], keys: string, issuer: string, audience: string, leeway: string, clock: string }} Input
 */

/** @param {Input} input @returns {import('./examiner.js').Terms & { passwords: string[], problems: { keys?: string, clock?: string, leeway?: string } }} */
export function readTerms(input) {
  const problems = {};
  const keys = readKeys(input.keys, problems);
  const now = readClock(input.clock, problems);
  const leewaySeconds = readLeeway(input.leeway, problems);
  return { passwords: input.passwords.flatMap(passwordsIn), keys, issuer: words(input.issuer), audience: words(input.audience), leewaySeconds, now, problems };
}

const words = (text) => text.split(/[\s,]+/u).filter(Boolean);

/** One password, or a JSON array of them, newest first, as the gateway reads its setting. */
function passwordsIn(text) {
  if (!text.startsWith('[')) return text === '' ? [] : [text];
  const list = parsed(text);
  return Array.isArray(list) && list.every((one) => typeof one === 'string') ? list : [text];
}

/** A key set; a bare key or list of keys will do. */
function readKeys(text, problems) {
  if (text.trim() === '') return undefined;
  const value = parsed(text);
  const list = Array.isArray(value) ? value : (value?.keys ?? (value?.kty ? [value] : undefined));
  if (Array.isArray(list) && list.every((key) => typeof key === 'object' && key !== null)) return { keys: list };
  problems.keys = value === undefined ? 'This is not JSON.' : 'This is JSON, and no key set: it should begin with {"keys":[';
  return undefined;
}

/** Empty is now; seconds or milliseconds since 1970, or anything that is a date. In milliseconds. */
function readClock(text, problems) {
  const trimmed = text.trim();
  if (trimmed === '') return Date.now();
  const number = /^\d{9,13}$/u.test(trimmed) ? Number(trimmed) * (trimmed.length > 11 ? 1 : 1000) : NaN;
  const time = Number.isNaN(number) ? Date.parse(withZone(trimmed)) : number;
  if (utc(time / 1000)) return time;
  problems.clock = 'This is no time: write it like 2026-11-21T12:00:00Z.';
  return Date.now();
}

/** Without a zone it is UTC, as everything on the page. */
const withZone = (text) => (/(?:z|[+-]\d\d:?\d\d|utc|gmt)$/iu.test(text) ? text : `${text.replace(' ', 'T')}Z`);

function readLeeway(text, problems) {
  const trimmed = text.trim();
  if (trimmed === '') return 0;
  if (/^\d{1,6}$/u.test(trimmed)) return Number(trimmed);
  problems.leeway = 'Write a number of seconds.';
  return 0;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
