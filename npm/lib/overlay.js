// `withEdgeseal`: a client of `@workos-inc/node` whose session calls are ours. Everything else of it stays what it is, and so does the
// client that was given.

import { addressOptions } from './address.js';
import { derive } from './derive.js';

/** `withEdgeseal` for clients of ours of this class. */
export const overlayOf = (Client) => function withEdgeseal(workos, options = {}) {
  const { userManagement } = workos ?? {};
  if (typeof userManagement?.loadSealedSession !== 'function') {
    throw new TypeError('`workos` has to be a client of `@workos-inc/node`: new WorkOS(key, { clientId })');
  }
  if (typeof options !== 'object' || options === null) throw new TypeError('`options` has to be an object');
  const sessions = new Client(workos.key, { ...optionsOf(workos), ...options }).userManagement;
  return derive(workos, {
    userManagement: derive(userManagement, {
      loadSealedSession: (given) => sessions.loadSealedSession(given),
      // As in the SDK, this call alone takes the password from the environment where it is given none. It says itself what else is wrong.
      async authenticateWithSessionCookie(given) {
        const { cookiePassword = options.cookiePassword ?? passwordOfEnvironment() } = given ?? {};
        return sessions.authenticateWithSessionCookie(given && { sessionData: given.sessionData, cookiePassword });
      },
    }),
  });
};

/** What the client was made with, as we are told it. */
function optionsOf({ clientId, baseURL, options }) {
  return { clientId, ...addressOptions(baseURL), issuer: options?.issuer, fetch: options?.fetchFn };
}

const passwordOfEnvironment = () => globalThis.process?.env?.WORKOS_COOKIE_PASSWORD;
