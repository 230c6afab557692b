// Reads whatever people have at hand: a Cookie header, lines of Set-Cookie, `name=value`, a row of the developer tools, a bare value, a token.
// Finds the session in it, joins parts (docs/cookies.md), and notes what is odd. Opens nothing.

import { readToken } from './core.js';
import { looksSealed, plainForms } from './forms.js';

/**
 * @typedef {object} Found one value that may be the session
 * @property {string} name of its cookie, '' where none came along
 * @property {string} value as a server gets it, without quotation marks around it
 * @property {string} [line] the whole Set-Cookie line, where that is what was pasted
 * @property {string[]} attributes
 * @property {boolean} isQuoted
 * @property {number} parts 1, or of how many it was joined
 * @property {string} [broken] why its parts do not fit together
 *
 * @typedef {object} Pasted
 * @property {'nothing' | 'token' | 'value' | 'header' | 'lines'} kind
 * @property {string} what in words
 * @property {Found[]} found of one name, in the order of the header; a broken or an empty one too
 * @property {string[]} others names of the other cookies
 * @property {boolean} wasWrapped whether white space was taken out of it
 */

/** Names under which sessions are known, before any other. */
const KNOWN = [/^(?:__(?:Host|Secure)-)?wos[-_]session$/u, /^stytch_session_jwt$/u, /session/iu];

/** A header's name in front, as it is or in a command of curl. */
const HEADER = /^(?:.*?-H\s*(['"]))?(set-)?cookie:\s*/iu;

const ATTRIBUTE = /^(?:path|domain|expires|max-age|samesite|secure|httponly|partitioned|priority)$/iu;
const PART = /^(.+)\.([0-3])$/u;

/** @param {string} text @returns {Promise<Pasted>} */
export async function readPasted(text) {
  const trimmed = text.trim();
  if (trimmed === '') return nothing();
  const bare = bareValue(trimmed);
  if (bare) return bare;
  const { kind, what, cookies, wasWrapped } = readCookies(trimmed);
  const groups = await grouped(cookies);
  const name = choose(groups);
  if (name === undefined) return { ...nothing(), kind, what, others: [...new Set(cookies.map((cookie) => cookie.name))] };
  const others = [...groups.keys()].filter((other) => other !== name);
  return { kind, what, found: groups.get(name), others, wasWrapped };
}

const nothing = () => ({ kind: /** @type {const} */ ('nothing'), what: 'nothing', found: [], others: [], wasWrapped: false });

/** A token or a sealed value without a name; undefined for anything else. */
function bareValue(text) {
  const token = /^(?:(?:authorization:\s*)?bearer\s+)?([\w.=-]+)$/iu.exec(text)?.[1];
  if (token && readToken(token)) {
    const what = token === text ? 'a token' : 'a token, as an Authorization header carries it';
    return single('token', what, token);
  }
  // Terminals and mail programs break long lines.
  const joined = text.startsWith('{') ? text : text.replace(/\s+/gu, '');
  const value = unquoted(joined);
  if (/^[^=;"{]{1,80}=[^=]/u.test(value) || !plainForms(value).some(looksSealed)) return undefined;
  return { ...single('value', 'a cookie’s value, without its name', value, value !== joined), wasWrapped: joined !== text };
}

const single = (kind, what, value, isQuoted = false) => ({
  kind, what, others: [], wasWrapped: false, found: [{ name: '', value, attributes: [], isQuoted, parts: 1 }],
});

function readCookies(text) {
  const lines = text.split(/[\r\n]+/u).map((line) => line.trim()).filter(Boolean);
  const isHeader = (line) => HEADER.test(line);
  // Without a header's name in front, only the first line begins a cookie for certain: the others may be the rest of a long value.
  const joined = lines.length > 1 && !lines.some((line) => isHeader(line) || line.includes('\t') || /^[\w.-]+=/u.test(lines[1])) ? [lines.join('')] : lines;
  const cookies = joined.flatMap(readLine);
  const isSet = cookies.some(({ line }) => line !== undefined);
  const several = cookies.length > 1;
  const what = isSet
    ? `${several ? `${cookies.length} lines` : 'a line'} of Set-Cookie`
    : several ? `a Cookie header with ${cookies.length} cookies` : cookies[0]?.name ? 'a cookie with its name' : 'a text without a name';
  return { kind: isSet ? 'lines' : 'header', what, cookies, wasWrapped: joined.length < lines.length };
}

/** The cookies of one line. */
function readLine(line) {
  // A row of the developer tools: name, value, domain, path, …
  if (line.includes('\t')) {
    const [name, value] = line.split('\t');
    return [cookie(name, value)];
  }
  const [, quote, set] = HEADER.exec(line) ?? [];
  const isSetCookie = set !== undefined;
  const header = line.replace(HEADER, '');
  const content = quote ? header.split(quote)[0] : header;
  const pieces = content.split(';').map((piece) => piece.trim()).filter(Boolean);
  const names = pieces.map((piece) => piece.split('=')[0].trim());
  const rest = names.slice(1);
  if (isSetCookie || (rest.length > 0 && rest.every((name) => ATTRIBUTE.test(name)))) {
    const [first = '', ...attributes] = pieces;
    return [{ ...pair(first), line: content, attributes }];
  }
  return pieces.map(pair);
}

function pair(piece) {
  const at = piece.indexOf('=');
  return at < 0 ? cookie('', piece) : cookie(piece.slice(0, at).trim(), piece.slice(at + 1).trim());
}

const cookie = (name, raw) => {
  const value = unquoted(raw);
  return { name, value, isQuoted: value !== raw, attributes: [], line: undefined };
};

const unquoted = (value) => /^"(.*)"$/su.exec(value)?.[1] ?? value;

/** Cookies by name; those in parts under the name of the whole. @returns {Promise<Map<string, Found[]>>} */
async function grouped(cookies) {
  const groups = new Map();
  const add = (name, found) => groups.set(name, [...(groups.get(name) ?? []), found]);
  for (const one of cookies) {
    const [, base, index] = PART.exec(one.name) ?? [];
    if (base === undefined) add(one.name, { ...one, parts: 1 });
    else if (index === '0' || !cookies.some(({ name }) => name === `${base}.0`)) add(base, await joined(one, base, cookies));
  }
  return groups;
}

/** Joins the parts of one generation, of which this is the first. */
async function joined(first, base, cookies) {
  const broken = (why) => ({ ...first, name: base, parts: 1, broken: why });
  const head = /^([2-4])\.([\w-]{8})\.(.*)$/su.exec(first.value);
  if (!first.name.endsWith('.0')) return broken('the first part is missing');
  if (!head) return broken('the first part does not say how many there are');
  const [, count, tag, data] = head;
  let value = data;
  for (let index = 1; index < Number(count); index += 1) {
    const parts = cookies.filter(({ name }) => name === `${base}.${index}`);
    if (parts.length === 0) return broken(`part ${index + 1} of ${count} is missing`);
    const part = parts.find((candidate) => candidate.value.startsWith(`${tag}.`));
    if (!part) return broken(`part ${index + 1} of ${count} belongs to another generation`);
    value += part.value.slice(tag.length + 1);
  }
  if ((await tagOf(value)) !== tag) return broken('a part was changed or cut off');
  return { ...first, name: base, value, parts: Number(count) };
}

/** What ties parts together: the beginning of a hash, which proves nothing about who made them. */
async function tagOf(value) {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(value)));
  return btoa(String.fromCharCode(...hash)).replaceAll('+', '-').replaceAll('/', '_').slice(0, 8);
}

/** The name under which the session most probably is. */
function choose(groups) {
  const looks = (name) => groups.get(name).some(({ value, broken }) => broken !== undefined || plainForms(value).some((form) => looksSealed(form) || readToken(form)));
  const names = [...groups.keys()];
  for (const known of KNOWN) {
    const name = names.find((candidate) => known.test(candidate) && looks(candidate));
    if (name !== undefined) return name;
  }
  return names.find(looks) ?? KNOWN.map((known) => names.find((name) => known.test(name))).find((name) => name !== undefined) ?? (names.length === 1 ? names[0] : undefined);
}
