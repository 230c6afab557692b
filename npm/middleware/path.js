// The path that rules are matched against, and every other way in which a router or file system behind might read it. As
// src/gateway/path.rs: a path with more than one reading is held against the rules in all of them.

/** Encodings are undone at most this often: nothing decodes more often than twice. */
const DECODINGS = 3;

/**
 * Characters that become ASCII where compatibility forms are folded (NFKC): dots and slashes in disguise, letters of formulas and in circles.
 */
const DISGUISED = /[\u2024-\u2026\u2100\u2101\u2105\u2106\u24b6-\u24e9\ufe52-\ufe6b\u{1d400}-\u{1d7ff}]/u;

const FULL_WIDTH = /[\uff01-\uff5e]/g;

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lossy = new TextDecoder('utf-8', { ignoreBOM: true });

/** Reads a path as it was sent: `clear`, decoded once, or the `readings` that are known. */
export function readPath(path) {
  const clear = canonical(path);
  return clear === undefined ? { readings: readings(path) } : { clear };
}

function canonical(path) {
  let decoded;
  try {
    decoded = decode(path, strict);
  } catch {
    return undefined; // no UTF-8
  }
  const slashes = (text) => text.split('/').length;
  return slashes(path) === slashes(decoded) && isClear(decoded) ? decoded : undefined;
}

/** Whether a path that is decoded has one reading. */
export function isClear(decoded) {
  const isOdd =
    /\/\/|[\\;%?#\p{Cc}\uff01-\uff5e]/u.test(decoded) ||
    DISGUISED.test(decoded) ||
    // Dot segments, and what becomes one or nothing where Windows drops dots and spaces at the end of a name.
    decoded.split('/').some((segment) => /^[. ]+$/.test(segment));
  return decoded.startsWith('/') && !isOdd;
}

/** What servers, frameworks and file systems make of it, one habit after another. */
function readings(path) {
  const habits = [asciiLetters, withoutTail, withoutParameters, withSingleSlashes, resolved];
  const found = new Set();
  let decoded = path;
  for (let count = 0; count <= DECODINGS; count += 1) {
    let reading = decoded;
    found.add(reading);
    for (const habit of habits) found.add((reading = habit(reading)));
    // Dots that stand between merged slashes, and slashes that resolved dots leave behind.
    found.add(resolved(decoded.replaceAll('\\', '/')));
    decoded = decode(decoded, lossy);
  }
  return [...found];
}

function decode(text, decoder) {
  const bytesOf = (run) => Uint8Array.from(run.slice(1).split('%'), (digits) => Number.parseInt(digits, 16));
  return text.replace(/(%[0-9a-f]{2})+/gi, (run) => decoder.decode(bytesOf(run)));
}

/** Backslashes and full-width letters as the ASCII that some file systems take them for. */
const asciiLetters = (path) =>
  path.replaceAll('\\', '/').replace(FULL_WIDTH, (letter) => String.fromCharCode(letter.charCodeAt(0) - 0xff01 + 0x21));

/** Up to a NUL, a line break, a query or a fragment. */
const withoutTail = (path) => path.split(/[\p{Cc}?#]/u, 1)[0];

/** Without `;parameters` of segments (RFC 3986 §3.3). */
const withoutParameters = (path) => path.replace(/;[^/]*/g, '');

const withSingleSlashes = (path) => path.replace(/\/+/g, '/');

/** Without dot segments (RFC 3986 §5.2.4). */
function resolved(path) {
  const segments = [];
  for (const segment of path.split('/').slice(1)) {
    if (segment === '..') segments.pop();
    else if (segment !== '.') segments.push(segment);
  }
  return `/${segments.join('/')}`;
}
