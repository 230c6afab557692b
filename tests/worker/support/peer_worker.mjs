// What sites do today, as a Worker: WorkOS's SDK, one exchange per refresh token *in this isolate* (as `inflightRefreshes` of
// AuthKit's session library), the new cookie with the answer, a deleted one when the SDK says that the session has ended, and
// nothing changed while it says that trying again may help. Retries are the SDK's own. Runs in workerd; holds no test.
//
// In one respect it is better than they are on Workers: what is shared is the outcome, which everybody looks for by a timer of their
// own, and an exchange goes on when the request that began it vanishes. That is how a shared promise behaves on Node; on Workers all who
// wait for it hang when that request vanishes, and so does whoever comes later with the same cookie.

import { WorkOS } from '@workos-inc/node';

/** How often an outcome is looked for, and how long: as long as the SDK tries at most. */
const POLL_MS = 20;
const PATIENCE_MS = 60_000;

/** @type {Map<string, { value?: object, error?: Error }>} */
const exchanges = new Map();
let userManagement;

export default {
  async fetch(request, environment, context) {
    userManagement ??= create(environment);
    const { COOKIE_NAME: name, PASSWORD: cookiePassword } = environment;
    const cookies = (request.headers.get('cookie') ?? '').split('; ');
    const sessionData = cookies.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
    const respond = (status, body, cookie) => {
      const headers = { 'cache-control': 'private, no-store', ...(cookie && { 'set-cookie': `${name}=${cookie}; Path=/; HttpOnly; SameSite=Lax` }) };
      const isPage = new URL(request.url).pathname !== '/auth/session';
      if (isPage && status === 401) return new Response(null, { status: 302, headers: { ...headers, location: '/auth/login' } });
      return isPage ? new Response(`<h1>${status}</h1>`, { status, headers }) : Response.json(body, { status, headers });
    };
    try {
      const session = userManagement.loadSealedSession({ sessionData, cookiePassword });
      const current = await session.authenticate();
      if (current.authenticated) return respond(200, { authenticated: true, sessionId: current.sessionId });
      if (current.reason !== 'invalid_jwt') return respond(401, current);
      const refresh = session.refresh();
      context.waitUntil(refresh.catch(() => {}));
      const next = await refresh;
      if (next.authenticated) return respond(200, { authenticated: true, sessionId: next.sessionId }, `${next.sealedSession}; Max-Age=34560000`);
      const { reason, retryable } = next;
      return retryable ? respond(503, { authenticated: false, reason, retryable }) : respond(401, { authenticated: false, reason, retryable }, '; Max-Age=0');
    } catch (error) {
      // What the SDK does not classify is no word about the session.
      return respond(503, { authenticated: false, reason: error.name, retryable: true });
    }
  },
};

function create({ API_KEY, CLIENT_ID, PROVIDER_URL }) {
  const { hostname, port } = new URL(PROVIDER_URL);
  const workos = new WorkOS(API_KEY, { clientId: CLIENT_ID, apiHostname: hostname, port: Number(port), https: false });
  const exchange = workos.userManagement.authenticateWithRefreshToken.bind(workos.userManagement);
  workos.userManagement.authenticateWithRefreshToken = (options) =>
    share(`${options.refreshToken}\0${options.organizationId ?? ''}`, () => exchange(options));
  return workos.userManagement;
}

/** One outcome for all that ask for the same meanwhile. */
async function share(key, begin) {
  const underWay = exchanges.get(key);
  const outcome = underWay ?? {};
  if (underWay) {
    for (const deadline = Date.now() + PATIENCE_MS; !outcome.value && !outcome.error && Date.now() < deadline; ) await scheduler.wait(POLL_MS);
  } else {
    exchanges.set(key, outcome);
    try {
      outcome.value = await begin();
    } catch (error) {
      outcome.error = error;
    } finally {
      exchanges.delete(key);
    }
  }
  if (outcome.value) return outcome.value;
  throw outcome.error ?? new TypeError('the exchange has vanished');
}
