// Beside `@workos-inc/authkit-nextjs`, in the place of its proxy: the request headers that its `withAuth()` and `refreshSession()` read, and the
// cookie of its `eagerAuth`. Its own of these: 4.3, src/session.ts and src/cookie.ts. Decides nothing.

const TOKEN_COOKIE = 'workos-access-token';

/** As long as the page needs to take it over. */
const TOKEN_SECONDS = 30;

const OPTIONS = ['redirectUri', 'signUpPaths', 'eagerAuth'];

/** What only the proxy may say. */
const isOwn = (name) => name.startsWith('x-workos-') || ['x-url', 'x-redirect-uri', 'x-sign-up-paths'].includes(name);

export const withoutAuthkit = { announce() {}, cookies: () => [] };

/** @throws {TypeError} for options that cannot work */
export function besideAuthkit(authkit, { workos }) {
  const { redirectUri, signUpPaths = [], eagerAuth = false } = read(authkit, workos);
  return {
    /** Tells it who is signed in; what a visitor has said goes. */
    announce(request, { sealed }) {
      for (const name of [...request.headers.keys()].filter(isOwn)) request.headers.delete(name);
      const said = { 'x-workos-middleware': 'true', 'x-url': request.url, 'x-redirect-uri': redirectUri, 'x-sign-up-paths': signUpPaths.join(','), 'x-workos-session': sealed };
      for (const [name, value] of Object.entries(said)) if (value) request.headers.set(name, value);
    },
    /** The access token for the page's first script: on documents alone, and gone with the session. */
    cookies(request, { session, cookies }) {
      if (!eagerAuth) return [];
      if (!session) return cookies.length > 0 && request.cookies.has(TOKEN_COOKIE) ? [tokenLine(request, '', 0)] : [];
      const isDocument = (request.headers.get('accept') ?? '').includes('text/html');
      const isThere = request.cookies.get(TOKEN_COOKIE)?.value === session.accessToken;
      return isDocument && !isThere ? [tokenLine(request, session.accessToken, TOKEN_SECONDS)] : [];
    },
  };
}

/** Without a path, as the page deletes it. */
function tokenLine({ nextUrl, headers }, value, seconds) {
  const isLocal = /^(localhost|127\.0\.0\.1)(:\d+)?$/.test(headers.get('host') ?? '');
  return `${TOKEN_COOKIE}=${value}; SameSite=Lax; Max-Age=${seconds}${nextUrl.protocol === 'http:' && isLocal ? '' : '; Secure'}`;
}

function read(authkit, workos) {
  check(workos !== undefined, '`authkit` is for WorkOS: give `workos`');
  check(typeof authkit === 'object' && authkit !== null && !Array.isArray(authkit), '`authkit` has to be an object: { eagerAuth: true }, or {}');
  const unknown = Object.keys(authkit).find((name) => !OPTIONS.includes(name));
  check(unknown === undefined, `\`authkit.${unknown}\` is not known here: there is ${OPTIONS.map((name) => `\`${name}\``).join(', ')}`);
  const { redirectUri, signUpPaths = [], eagerAuth = false } = authkit;
  check(redirectUri === undefined || URL.canParse(redirectUri), '`authkit.redirectUri` has to be an address');
  check(Array.isArray(signUpPaths) && signUpPaths.every((path) => typeof path === 'string'), "`authkit.signUpPaths` has to be a list of paths: ['/sign-up']");
  check(typeof eagerAuth === 'boolean', '`authkit.eagerAuth` has to be true or false');
  return authkit;
}

function check(isRight, message) {
  if (!isRight) throw new TypeError(message);
}
