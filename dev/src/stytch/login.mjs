// GET /login plays the application's own sign-in page: shows who can sign in, sets Stytch's cookies as its browser SDK would,
// and returns to the application.

import { parseLoopbackUri, redirect } from '../http.mjs';
import { PARAMETER_CHARACTERS } from '../limits.mjs';
import { messagePage } from '../pages/message.mjs';
import { signInPage } from '../pages/sign_in.mjs';
import { organizations } from '../seeds.mjs';
import { organizationId, organizationSlug } from './directory.mjs';
import { sessionJwt } from './tokens.mjs';

/** What the page carries along from the request to the choice. */
const PARAMETERS = ['return_to', 'organization_id', 'login_hint'];

/** @param {import('../stytch.mjs').StytchParts} parts */
export function login(parts, { url, headers, entry }) {
  const parameters = readParameters(url);
  const target = parseLoopbackUri(parameters.return_to ?? '');
  if (!target) {
    return messagePage(400, 'This sign-in cannot start', parameters.return_to === undefined
      ? 'The application did not say where to return to: return_to is missing.'
      : 'The return_to of the application is not on this machine. A local provider returns to http://localhost and http://127.0.0.1 only.');
  }
  // Cookies are for the name in the address bar: the page must stand on the application's name to set them.
  const host = `${target.hostname}:${new URL(parts.settings.url).port}`;
  if (headers.host.toLowerCase() !== host) return redirect(`http://${host}${url.pathname}${url.search}`);

  const offered = offeredChoices(parts.vertical, parameters);
  const choice = offered.all.find(({ id }) => id === url.searchParams.get('choice'));
  if (!choice) {
    return signInPage({ action: '/login', parameters, application: target.host, offered, organization: organizationAsked(parameters), cancel: null });
  }
  const session = parts.sessions.begin({ ...choice, attributes: { ip_address: '127.0.0.1', user_agent: headers['user-agent'] ?? '' } });
  entry.sessionId = session.id;
  const answer = redirect(target.href);
  answer.headers['set-cookie'] = sessionCookies(session, sessionJwt(parts, session));
  return { ...answer, outcome: 'signed_in' };
}

/**
 * As the browser SDK sets them on localhost: for this host and every path, readable by script, and both for as long as the
 * session lives, so that the JWT in its cookie is mostly one that has expired.
 */
function sessionCookies(session, jwt) {
  const attributes = `; Path=/; SameSite=Lax; Expires=${new Date(session.expiresAt).toUTCString()}`;
  return [`stytch_session=${session.token}${attributes}`, `stytch_session_jwt=${jwt}${attributes}`];
}

/** The known parameters, each once. A repeated one counts as absent, so that no two readers can disagree about it. */
function readParameters({ searchParams }) {
  const entries = PARAMETERS.map((name) => [name, searchParams.getAll(name)])
    .filter(([, values]) => values.length === 1 && values[0].length <= PARAMETER_CHARACTERS)
    .map(([name, [value]]) => [name, value]);
  return Object.fromEntries(entries);
}

/** All choices within the organization asked for, and those of them that the login hint prefers. */
function offeredChoices({ choices, hasOrganizations }, parameters) {
  const asked = hasOrganizations && parameters.organization_id !== undefined;
  const wanted = organizationAsked(parameters);
  const all = choices.filter(({ organization }) => !asked || (wanted && organization === wanted));
  const hinted = all.filter(({ person }) => person.user.email === parameters.login_hint?.trim().toLowerCase());
  return { all, hinted };
}

function organizationAsked({ organization_id: asked }) {
  return organizations.find((known) => [organizationId(known), organizationSlug(known)].includes(asked)) ?? null;
}
