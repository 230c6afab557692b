// The WorkOS-shaped provider: its endpoints, names and failures. Assembles what is its own; people, keys, knobs, log and
// clock are shared with the other shapes and are not decided here.

import { apiError } from './http.mjs';
import { identifier } from './identifiers.mjs';
import { DEFAULT_API_KEY, DEFAULT_CLIENT_ID, KNOB_LIFETIME_LARGEST, REFRESH_GRACE_SECONDS } from './limits.mjs';
import { choices } from './seeds.mjs';
import { accessTokenClaims } from './workos/access_token.mjs';
import { authenticate } from './workos/authenticate.mjs';
import { authorize } from './workos/authorize.mjs';
import { Codes } from './workos/codes.mjs';
import { mintSession } from './workos/mint.mjs';
import { jwks, listSessions, logout, revokeSession } from './workos/session_endpoints.mjs';
import { Sessions } from './workos/sessions.mjs';

/** The provider's endpoints: what a knob can break. A group in the path is the request's `identifier`. */
const ROUTES = [
  { endpoint: 'authorize', method: 'GET', path: /^\/user_management\/authorize$/, handle: authorize },
  { endpoint: 'authenticate', method: 'POST', path: /^\/user_management\/authenticate$/, handle: authenticate },
  { endpoint: 'jwks', method: 'GET', path: /^\/sso\/jwks\/([^/]+)$/, handle: jwks },
  { endpoint: 'logout', method: 'GET', path: /^\/user_management\/sessions\/logout$/, handle: logout },
  { endpoint: 'sessions', method: 'GET', path: /^\/user_management\/users\/([^/]+)\/sessions$/, handle: listSessions },
  { endpoint: 'revoke', method: 'POST', path: /^\/user_management\/sessions\/revoke$/, handle: revokeSession },
];

/** @type {import('./provider.mjs').Shape} */
export const workos = {
  options: ['clientId', 'apiKey', 'redirectUris', 'logoutUris'],
  checkOptions,
  routes: ROUTES,
  controlRoutes: [],
  error: apiError,
  playedFailure,
  knobs: {
    endpoints: ROUTES.map(({ endpoint }) => endpoint),
    // 502 is HTML: what a proxy in front of a dead provider says.
    failStatuses: [401, 403, 422, 429, 500, 502],
    errorTypes: null,
    numbers: {
      refreshGraceSeconds: {
        label: 'Grace of an exchanged refresh token, seconds', least: 0, most: KNOB_LIFETIME_LARGEST, initial: REFRESH_GRACE_SECONDS,
      },
    },
    switches: { newSessionIdAtRefresh: 'A refresh gives the session a new id' },
  },
  keys: {
    identifier: () => identifier('sso_oidc_key_pair'),
    header: {},
    members: () => ({ alg: 'RS256', use: 'sig' }),
    schedule: () => ({ bothSignSeconds: 0, graceSeconds: Infinity, previousSigns: false }),
  },
  sessionDetail: 'Generation',
  sections: () => '',
  assemble,
};

/** @param {import('./provider.mjs').Shared} shared */
function assemble({ url, now, keys, knobs }, options) {
  const clientId = options.clientId ?? DEFAULT_CLIENT_ID;
  const settings = {
    url,
    issuer: `${url}/user_management/${clientId}`,
    clientId,
    apiKey: options.apiKey ?? DEFAULT_API_KEY,
    redirectUris: options.redirectUris ?? null,
    logoutUris: options.logoutUris ?? null,
  };
  const mintAccessToken = (session, lifetimeSeconds) =>
    keys.sign(accessTokenClaims(session, { issuer: settings.issuer, now: now(), lifetimeSeconds }));
  const codes = new Codes(now);
  const sessions = new Sessions({ now, knobs, mintAccessToken });
  const keySet = `/sso/jwks/${clientId}`;
  return {
    settings,
    codes,
    sessions,
    stores: [codes, sessions],
    facts: [
      { label: 'Client ID', value: clientId },
      { label: 'Issuer', value: settings.issuer },
      { label: 'Key set', value: `${url}${keySet}`, href: keySet },
    ],
    api: {
      issuer: settings.issuer,
      clientId,
      apiKey: settings.apiKey,
      choices,
      /** A session without the sign-in page. @param {import('./workos/mint.mjs').MintOptions} [wanted] */
      mintSession: (wanted) => mintSession(sessions, wanted),
    },
  };
}

/** The answers of the `fail` knob, each in the form in which the real provider (or the proxy before it) says it. */
function playedFailure({ status, retryAfterSeconds }) {
  switch (status) {
    case 401:
      return apiError(401, 'unauthorized', 'Unauthorized');
    case 403:
      return apiError(403, 'access_denied', 'Forbidden');
    case 422:
      return apiError(422, 'unprocessable_entity', 'Validation failed', { errors: [{ code: 'played_failure' }] });
    case 429: {
      const answer = apiError(429, 'rate_limit_exceeded', 'Rate limit exceeded.');
      answer.headers['retry-after'] = String(retryAfterSeconds);
      return answer;
    }
    default:
      return apiError(500, 'internal_server_error', 'Internal server error');
  }
}

function checkOptions(options) {
  for (const name of ['clientId', 'apiKey']) {
    // Both travel in URLs and headers; the client id is also a path segment.
    if (options[name] !== undefined && !/^[\w.~-]+$/.test(options[name])) {
      throw new TypeError(`startProvider: ${name} must consist of letters, digits and _ . ~ -`);
    }
  }
  for (const name of ['redirectUris', 'logoutUris']) {
    if (options[name] !== undefined && !options[name]?.every?.((uri) => URL.canParse(uri))) {
      throw new TypeError(`startProvider: ${name} must be a list of absolute URIs`);
    }
  }
}
