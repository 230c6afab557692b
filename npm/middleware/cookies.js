// Cookies on the wire (RFC 6265): values out of a `Cookie` header, lines of `Set-Cookie`, and values that are split over several cookies. The
// format is a contract: docs/cookies.md. As src/cookie.rs and src/cookie/parts.rs.

import * as limits from './limits.js';

/** Characters of the tag: 48 bits tell generations apart; authenticity is the seal's affair. */
const TAG_CHARACTERS = 8;

/**
 * White space is SP and HTAB alone: Unicode's would let ` __Host-x` pass as `__Host-x`. By hand: a regular expression takes the square of the
 * time.
 */
function trim(text) {
  let [start, end] = [0, text.length];
  while (start < end && ' \t'.includes(text[start])) start += 1;
  while (end > start && ' \t'.includes(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

/** Name and value of each pair. Two header lines reach us joined by `, `. */
function pairs(header) {
  const pieces = header.split(';').flatMap((text) => text.split(', ').map((piece, index) => ({ piece, followsComma: index > 0 })));
  return pieces.flatMap(({ piece, followsComma }) => {
    const at = piece.indexOf('=');
    return at === -1 ? [] : [{ name: trim(piece.slice(0, at)), value: trim(piece.slice(at + 1)), followsComma }];
  });
}

/**
 * The values of a cookie, in the order in which the browser sent them. A name with a prefix (`__Host-`) is not looked for behind a comma:
 * there it may as well stand in the value of another cookie, which any host of the domain can set.
 */
export function values(header, name) {
  return pairs(header)
    .filter((pair) => pair.name === name && !(pair.followsComma && name.startsWith('__')))
    .map(({ value }) => value.replace(/^"(.*)"$/s, '$1'))
    .filter((value) => value !== '')
    .slice(0, limits.COOKIE_VALUES);
}

/** The values of a name, whole ones first, then those whose parts are complete and of one generation; undefined for parts that are not. */
export async function read(header, name) {
  const split = values(header, `${name}.0`).map((first) => join(header, name, first));
  return [...new Set([...values(header, name), ...(await Promise.all(split))])].slice(0, limits.COOKIE_VALUES);
}

async function join(header, name, first) {
  const [, count, tag, data] = /^([2-4])\.([^.]*)\.(.*)$/s.exec(first) ?? [];
  const partOf = (index) => values(header, `${name}.${index}`).find((part) => part.startsWith(`${tag}.`));
  const rest = Array.from({ length: Number(count ?? 0) - 1 }, (_, index) => partOf(index + 1));
  if (data === undefined || rest.includes(undefined)) return undefined;
  const value = data + rest.map((part) => part.slice(tag.length + 1)).join('');
  return (await tagOf(value)) === tag ? value : undefined;
}

/** Whether a cookie is the session's, whole or in parts. */
export const belongsTo = (name, own) => name === own || (name.startsWith(`${own}.`) && /^[0-3]$/.test(name.slice(own.length + 1)));

/** The name in a line of `Set-Cookie`. */
export const nameIn = (line) => trim(line.slice(0, Math.max(line.indexOf('='), 0)));

/**
 * @typedef {{
 *   name: string, path: string, domain?: string, sameSite: 'lax' | 'strict' | 'none', secure: boolean, httpOnly: boolean,
 * }} Attributes
 */

/** The line that sets a cookie for so many seconds. @param {Attributes} attributes */
export const setLine = (attributes, value, maxAge) => `${attributes.name}=${value}; Max-Age=${maxAge}${written(attributes)}`;

/** The line that deletes it. @param {Attributes} attributes */
export const deleteLine = (attributes) => `${attributes.name}=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT${written(attributes)}`;

function written({ path, httpOnly, sameSite, domain, secure }) {
  const restriction = `SameSite=${sameSite[0].toUpperCase()}${sameSite.slice(1)}`;
  const attributes = [`Path=${path}`, httpOnly && 'HttpOnly', restriction, domain && `Domain=${domain}`, secure && 'Secure'];
  return attributes.filter(Boolean).map((attribute) => `; ${attribute}`).join('');
}

/**
 * The lines that store a value, in one cookie or in parts, and delete those of the request that would be left over; none for what four parts
 * do not hold.
 * @param {Attributes} attributes
 */
export async function set(attributes, value, maxAge, present) {
  const whole = setLine(attributes, value, maxAge);
  if (whole.length <= limits.SET_COOKIE_BYTES) return [whole, ...deleteParts(attributes, 0, present)];
  const part = (index) => ({ ...attributes, name: `${attributes.name}.${index}` });
  // Every part gets the room that the longest prefix leaves.
  const room = limits.SET_COOKIE_BYTES - setLine(part(0), '', maxAge).length - '0..'.length - TAG_CHARACTERS;
  const count = Math.ceil(value.length / room);
  if (room <= 0 || count > limits.COOKIE_PARTS) return [];
  const tag = await tagOf(value);
  const piece = (index) => `${index === 0 ? `${count}.` : ''}${tag}.${value.slice(index * room, (index + 1) * room)}`;
  const lines = Array.from({ length: count }, (_, index) => setLine(part(index), piece(index), maxAge));
  const isWholePresent = values(present, attributes.name).length > 0;
  return [...lines, ...deleteParts(attributes, count, present), ...(isWholePresent ? [deleteLine(attributes)] : [])];
}

/** The lines that delete a value, however it is stored. @param {Attributes} attributes */
export const remove = (attributes, present) => [deleteLine(attributes), ...deleteParts(attributes, 0, present)];

/** The lines that delete the parts from one on, as far as the request has them. @param {Attributes} attributes */
export function deleteParts(attributes, from, present) {
  const names = new Set(pairs(present).map(({ name }) => name));
  const parts = Array.from({ length: limits.COOKIE_PARTS }, (_, index) => `${attributes.name}.${index}`).slice(from);
  return parts.filter((name) => names.has(name)).map((name) => deleteLine({ ...attributes, name }));
}

/** What a cookie may hold as it is (RFC 6265 §4.1.1). A sealed session is that; JSON is not. */
export const asCookieValue = (value) => (/^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/.test(value) ? value : encodeURIComponent(value));

async function tagOf(value) {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(value)));
  const base64 = btoa(String.fromCharCode(...hash));
  return base64.replaceAll('+', '-').replaceAll('/', '_').slice(0, TAG_CHARACTERS);
}
