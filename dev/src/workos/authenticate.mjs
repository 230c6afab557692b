// POST /user_management/authenticate: exchanges a code or a refresh token. Decides the answer, keeps no state itself.

import { apiError, bearerOf, json, oauthError, parseJsonObject } from '../http.mjs';
import { PARAMETER_CHARACTERS } from '../limits.mjs';

/**
 * What each refused refresh says. An end of the session is `invalid_grant`, the one definite answer; a refused
 * switch is not, because the session lives on.
 */
const REFRESH_REFUSALS = {
  unknown: () => oauthError(400, 'invalid_grant', 'Invalid refresh token.'),
  exchanged: () => oauthError(400, 'invalid_grant', 'Refresh token already exchanged.'),
  ended: () => oauthError(400, 'invalid_grant', 'Session has already ended.'),
  expired: () => oauthError(400, 'invalid_grant', 'Session has expired.'),
  not_a_member: () => apiError(403, 'organization_not_member', 'The user is not a member of this organization.'),
};

const CODE_REFUSALS = {
  unknown: 'The code has expired or is invalid.',
  verifier: 'The code verifier does not match the code challenge.',
  redirect: 'The redirect URI is not the one of the authorization request.',
};

/** @param {import('../provider.mjs').Parts} parts */
export function authenticate({ settings, codes, sessions }, { headers, body, entry }) {
  const fields = parseJsonObject(body);
  entry.grantType = knownGrantType(fields.grant_type);
  const refusal = checkFields(fields) ?? checkClient(settings, fields, headers);
  if (refusal) return refusal;

  switch (fields.grant_type) {
    case 'authorization_code':
      return exchangeCode(fields, { codes, sessions, entry });
    case 'refresh_token':
      return exchangeRefreshToken(fields, { sessions, entry });
    case undefined:
      return oauthError(400, 'invalid_request', 'grant_type is missing.');
    default:
      return oauthError(400, 'unsupported_grant_type', 'grant_type must be authorization_code or refresh_token.');
  }
}

function exchangeCode(fields, { codes, sessions, entry }) {
  const { code, code_verifier: verifier, redirect_uri: redirectUri = null, client_id: clientId } = fields;
  if (code === undefined) return oauthError(400, 'invalid_request', 'code is missing.');
  if (verifier === undefined) return oauthError(400, 'invalid_request', 'code_verifier is missing.');
  const redeemed = codes.redeem({ code, verifier, clientId, redirectUri });
  if ('refusal' in redeemed) {
    return refuse(entry, redeemed.refusal, oauthError(400, 'invalid_grant', CODE_REFUSALS[redeemed.refusal]));
  }
  const { person, organization, impersonator } = redeemed.choice;
  const { reply } = sessions.begin({ person, organizationId: organization?.id ?? null, impersonator });
  entry.outcome = 'signed_in';
  return json(200, reply);
}

function exchangeRefreshToken(fields, { sessions, entry }) {
  if (fields.refresh_token === undefined) return oauthError(400, 'invalid_request', 'refresh_token is missing.');
  const result = sessions.refresh(fields.refresh_token, fields.organization_id ?? null);
  entry.sessionId = result.sessionId;
  entry.generation = result.generation;
  if ('refusal' in result) return refuse(entry, result.refusal, REFRESH_REFUSALS[result.refusal]());
  entry.outcome = result.outcome;
  return json(200, result.reply);
}

function refuse(entry, outcome, answer) {
  entry.outcome = outcome;
  return answer;
}

/** Every field that is read must be a string of reasonable length; null counts as absent, as some SDKs send it. */
function checkFields(fields) {
  const names = [
    'grant_type', 'client_id', 'client_secret', 'code', 'code_verifier', 'redirect_uri', 'refresh_token', 'organization_id',
  ];
  for (const name of names) {
    if (fields[name] === null) fields[name] = undefined;
    const value = fields[name];
    if (value === undefined) continue;
    if (typeof value !== 'string' || value === '' || value.length > PARAMETER_CHARACTERS) {
      return oauthError(400, 'invalid_request', `${name} must be a string of 1 to ${PARAMETER_CHARACTERS} characters.`);
    }
  }
  return null;
}

/**
 * The client proves itself with `client_secret`, a Bearer header, or both: whichever it shows must be right.
 * @param {Record<string, any>} fields @param {import('node:http').IncomingHttpHeaders} headers
 */
function checkClient(settings, fields, { authorization }) {
  const { client_id: clientId, client_secret: clientSecret } = fields;
  const bearer = authorization === undefined ? undefined : bearerOf(authorization);
  const shown = [clientSecret, bearer].filter((value) => value !== undefined);
  if (shown.length === 0 || !shown.every((value) => value === settings.apiKey)) {
    return oauthError(401, 'invalid_client', 'Invalid client secret.');
  }
  return clientId === settings.clientId ? null : oauthError(400, 'invalid_client', 'Invalid client ID.');
}

/** For the log, which must not repeat what a stranger sent. */
function knownGrantType(grantType) {
  return ['authorization_code', 'refresh_token'].includes(grantType) ? grantType : null;
}
