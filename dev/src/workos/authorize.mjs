// GET /user_management/authorize: shows who can sign in, and sends the choice back as a code. Creates no session.

import { parseLoopbackUri, redirect } from '../http.mjs';
import { PARAMETER_CHARACTERS } from '../limits.mjs';
import { messagePage } from '../pages/message.mjs';
import { signInPage } from '../pages/sign_in.mjs';
import { choices, findOrganization } from '../seeds.mjs';

/** What the sign-in page carries along from the request to the choice. */
const PARAMETERS = [
  'client_id', 'redirect_uri', 'response_type', 'state', 'code_challenge', 'code_challenge_method',
  'provider', 'organization_id', 'login_hint',
];

/** The value of `choice` that declines. */
const CANCEL = 'cancel';

/** @param {import('../provider.mjs').Parts} parts @param {{ url: URL }} request */
export function authorize({ settings, codes }, { url }) {
  const parameters = readParameters(url);
  const refusal = checkReturn(settings, parameters);
  // Until client and redirect URI are known to be good, nothing may be redirected (RFC 6749 §4.1.2.1).
  if (refusal) return messagePage(400, 'This sign-in cannot start', refusal);

  const back = new URL(parameters.redirect_uri);
  if (parameters.state !== undefined) back.searchParams.set('state', parameters.state);
  const mistake = checkParameters(parameters);
  if (mistake) return sendBack(back, { error: 'invalid_request', error_description: mistake });

  const offered = offeredChoices(parameters);
  const chosen = url.searchParams.get('choice');
  if (chosen === CANCEL) {
    return sendBack(back, { error: 'access_denied', error_description: 'The sign-in was cancelled.' });
  }
  const choice = offered.all.find(({ id }) => id === chosen);
  if (choice) return sendBack(back, { code: codes.issue(grantOf(choice, parameters)) });
  const organization = findOrganization(parameters.organization_id ?? '') ?? null;
  return signInPage({ action: url.pathname, application: back.host, cancel: CANCEL, parameters, offered, organization });
}

/** The known parameters, each once. A repeated one counts as absent, so that no two readers can disagree about it. */
function readParameters({ searchParams }) {
  const entries = PARAMETERS.map((name) => [name, searchParams.getAll(name)])
    .filter(([, values]) => values.length === 1 && values[0].length <= PARAMETER_CHARACTERS)
    .map(([name, [value]]) => [name, value]);
  return Object.fromEntries(entries);
}

/** @returns {string | null} why the visitor cannot be sent back to the application */
function checkReturn(settings, { client_id: clientId, redirect_uri: redirectUri }) {
  if (clientId !== settings.clientId) {
    return `The application says another client_id than this provider has (${settings.clientId}).`;
  }
  if (redirectUri === undefined) return 'The application did not say where to return to: redirect_uri is missing.';
  const allowed = settings.redirectUris ? settings.redirectUris.includes(redirectUri) : parseLoopbackUri(redirectUri) !== null;
  if (allowed) return null;
  return settings.redirectUris
    ? 'The redirect_uri of the application is not one of those that this provider was started with.'
    : 'The redirect_uri of the application is not on this machine. A local provider returns to http://localhost and http://127.0.0.1 only.';
}

/** @returns {string | null} what the application did wrong */
function checkParameters(parameters) {
  if (parameters.response_type !== 'code') return 'response_type must be code.';
  if (parameters.code_challenge_method !== 'S256') return 'code_challenge_method must be S256.';
  // The base64url form of 32 bytes (RFC 7636 §4.2).
  if (!/^[\w-]{43}$/.test(parameters.code_challenge ?? '')) return 'code_challenge must be 43 base64url characters.';
  if (parameters.provider !== undefined && parameters.provider !== 'authkit') return 'provider must be authkit.';
  if (parameters.provider === undefined && parameters.organization_id === undefined) {
    return 'One of provider and organization_id is needed.';
  }
  return null;
}

/** All choices within the organization asked for, and those of them that the login hint prefers. */
function offeredChoices({ organization_id: organizationId, login_hint: hint }) {
  const all = choices.filter(({ organization }) => organizationId === undefined || organization?.id === organizationId);
  const hinted = all.filter(({ person }) => person.user.email === hint?.trim().toLowerCase());
  return { all, hinted };
}

/** @returns {import('./codes.mjs').Grant} */
function grantOf(choice, parameters) {
  return {
    choice,
    clientId: parameters.client_id,
    redirectUri: parameters.redirect_uri,
    challenge: parameters.code_challenge,
  };
}

function sendBack(back, values) {
  for (const [name, value] of Object.entries(values)) back.searchParams.set(name, value);
  return redirect(back.href);
}
