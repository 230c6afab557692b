// Beside `@workos-inc/authkit-nextjs`, in the place of its proxy: the request headers that its `withAuth()` and `refreshSession()` read, and cookies
// as it sets and deletes them. Of version 4.3, src/session.ts and src/cookie.ts. Decides nothing about a session.

import { belongsTo, deleteLine, nameIn, replaced, setLine, valueIn, values } from './cookies.js';
import * as limits from './limits.js';

const TOKEN_COOKIE = 'workos-access-token';

/** As long as the page's first script needs to take it over. */
const TOKEN_SECONDS = 30;

/**
 * AuthKit knows the whole cookie alone, and signs out and in by it. So one stands beside the parts of a session that is split, with this value:
 * parts without it are of a session that AuthKit has ended, or put another one in the place of.
 */
const SPLIT = 'split';

const OPTIONS = ['redirectUri', 'signUpPaths', 'eagerAuth'];

/** What only the proxy may say. */
const isOwn = (name) => name.startsWith('x-workos-') || ['x-url', 'x-redirect-uri', 'x-sign-up-paths'].includes(name);

/** What a proxy does that is alone. */
export const alone = { dropParts: () => [], announce() {}, cookies: () => [] };

/** The attributes of AuthKit's cookie, by the variables that it reads. */
export function cookieOf({ WORKOS_COOKIE_NAME: name, WORKOS_COOKIE_DOMAIN: domain, WORKOS_COOKIE_MAX_AGE: age, WORKOS_COOKIE_SAMESITE: sameSite }) {
  const seconds = Number.parseInt(age ?? '', 10);
  return {
    ...(name && { name }),
    ...(domain && { domain }),
    ...(seconds > 0 && { maxAge: Math.min(seconds, limits.COOKIE_MAX_AGE_SECONDS) }),
    ...(sameSite && { sameSite: sameSite.toLowerCase() }),
  };
}

/**
 * @param {string} name the session's cookie
 * @throws {TypeError} for options that cannot work
 */
export function besideAuthkit(authkit, name) {
  const { redirectUri, signUpPaths = [], eagerAuth = false } = read(authkit);
  const isPart = (other) => other !== name && belongsTo(other, name);
  return {
    /** Leaves out parts that do not count any more; their names. */
    dropParts({ headers }) {
      const cookie = headers.get('cookie') ?? '';
      const parts = cookie.split(';').map((pair) => nameIn(pair)).filter(isPart);
      const whole = values(cookie, name);
      if (parts.length === 0 || whole.includes(SPLIT)) return [];
      headers.set('cookie', replaced(cookie, [name], whole.map((value) => [name, value])));
      return parts;
    },
    /** Tells AuthKit who is signed in; what a visitor has said goes. */
    announce({ headers, url }, { sealed }) {
      for (const header of [...headers.keys()].filter(isOwn)) headers.delete(header);
      headers.set('x-workos-middleware', 'true');
      headers.set('x-url', url);
      if (redirectUri) headers.set('x-redirect-uri', redirectUri);
      if (signUpPaths.length > 0) headers.set('x-sign-up-paths', signUpPaths.join(','));
      if (sealed) headers.set('x-workos-session', sealed);
    },
    /** Lines of `Set-Cookie` beside the session's own. */
    cookies(request, passage, dropped) {
      const { cookie } = passage.gate ?? {};
      const isSplit = passage.cookies.some((line) => isPart(nameIn(line)) && valueIn(line) !== '');
      const gone = cookie && !isSplit ? dropped.map((part) => deleteLine({ ...cookie, name: part })) : [];
      return [...gone, ...(isSplit ? [setLine(cookie, SPLIT, cookie.maxAge)] : []), ...(eagerAuth ? tokenLines(request, passage) : [])];
    },
  };
}

/** The access token for the page's first script: with documents alone, and gone with the session. */
function tokenLines(request, { session, cookies }) {
  const present = request.cookies.get(TOKEN_COOKIE)?.value;
  if (!session) return cookies.length > 0 && present !== undefined ? [tokenLine(request, '', 0)] : [];
  const isDocument = (request.headers.get('accept') ?? '').includes('text/html');
  return isDocument && present !== session.accessToken ? [tokenLine(request, session.accessToken, TOKEN_SECONDS)] : [];
}

/** Without a path, as the page deletes it. */
function tokenLine({ nextUrl, headers }, value, seconds) {
  const isLocal = /^(localhost|127\.0\.0\.1)(:\d+)?$/.test(headers.get('host') ?? '');
  const secure = nextUrl.protocol === 'http:' && isLocal ? '' : '; Secure';
  return `${TOKEN_COOKIE}=${value}; SameSite=Lax; Max-Age=${seconds}${secure}`;
}

function read(authkit) {
  const isObject = typeof authkit === 'object' && authkit !== null && !Array.isArray(authkit);
  check(isObject, '`authkit` has to be an object: { eagerAuth: true }, or {}');
  const unknown = Object.keys(authkit).find((name) => !OPTIONS.includes(name));
  const known = OPTIONS.map((name) => `\`${name}\``).join(', ');
  check(unknown === undefined, `\`authkit.${unknown}\` is not known here: there is ${known}`);
  const { redirectUri, signUpPaths = [], eagerAuth = false } = authkit;
  check(redirectUri === undefined || URL.canParse(redirectUri), '`authkit.redirectUri` has to be an address');
  const arePaths = Array.isArray(signUpPaths) && signUpPaths.every((path) => typeof path === 'string');
  check(arePaths, "`authkit.signUpPaths` has to be a list of paths: ['/sign-up']");
  check(typeof eagerAuth === 'boolean', '`authkit.eagerAuth` has to be true or false');
  return authkit;
}

function check(isRight, message) {
  if (!isRight) throw new TypeError(message);
}
