// The OAuth endpoints of a project: tokens for machines (RFC 6749 §4.4) and introspection (RFC 7662). Form-encoded, without
// Basic authentication, and with errors in the form of OAuth.

import { json } from '../http.mjs';
import { testIdentifier } from '../identifiers.mjs';
import { M2M_LIFETIME_SECONDS, PARAMETER_CHARACTERS } from '../limits.mjs';
import { ERROR_PAGES, refuse, success } from './answers.mjs';
import { accessToken, readAccessToken } from './tokens.mjs';

/** POST /v1/public/<project id>/oauth2/token @param {import('../stytch.mjs').StytchParts} parts */
export function token(parts, { body, entry, identifier }) {
  requireProjectId(parts, identifier);
  const form = formOf(body);
  entry.grantType = form.grant_type === 'client_credentials' ? form.grant_type : null;
  if (form.grant_type === undefined) return refused('invalid_request', 'grant_type is missing.');
  if (form.grant_type !== 'client_credentials') return refused('unsupported_grant_type', 'grant_type must be client_credentials.');
  const { m2mClient } = parts.settings;
  if (!isClient(m2mClient, form)) return refused('invalid_client', 'Client authentication failed.', 401);
  const scopes = form.scope === undefined ? m2mClient.scopes : form.scope.split(' ').filter(Boolean);
  if (!scopes.every((scope) => m2mClient.scopes.includes(scope))) return refused('invalid_scope', 'The client may not have such a scope.');
  const signed = accessToken(parts, { subject: m2mClient.clientId, scopes });
  const answer = json(200, { access_token: signed, expires_in: M2M_LIFETIME_SECONDS, token_type: 'bearer' });
  return { ...answer, outcome: 'token' };
}

/** POST /v1/public/<project id>/oauth2/introspect: a token of the asking client; any other is not active. */
export function introspect(parts, { body, identifier }) {
  requireProjectId(parts, identifier);
  const form = formOf(body);
  const { m2mClient, connectedApp } = parts.settings;
  const client = [m2mClient, connectedApp].find((known) => isClient(known, form));
  if (!client) return refused('invalid_client', 'Client authentication failed.', 401);
  if (form.token === undefined) return refused('invalid_request', 'token is missing.');
  const claims = readAccessToken(parts, form.token);
  const owner = claims?.client_id ?? claims?.sub;
  if (owner !== client.clientId) return success({ active: false }, 'inactive');
  // The SDK takes every member that it does not know for a custom claim: the token's own id is not among them.
  const { jti: _, ...told } = claims;
  return success({ active: true, token_type: 'access_token', ...told, client_id: owner }, 'active');
}

function requireProjectId({ settings }, identifier) {
  if (identifier !== settings.projectId) refuse('project_not_found');
}

/** The parameters, each once: a repeated one counts as absent, as does one that is too long. @returns {Record<string, string>} */
function formOf(body) {
  const parameters = new URLSearchParams(body);
  const single = [...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name)])
    .filter(([, values]) => values.length === 1 && values[0].length <= PARAMETER_CHARACTERS);
  return Object.fromEntries(single.map(([name, [value]]) => [name, value]));
}

function isClient({ clientId, clientSecret }, { client_id: id, client_secret: secret }) {
  return id === clientId && secret === clientSecret;
}

/** An OAuth error (RFC 6749 §5.2), with what Stytch's SDKs read beside it. */
function refused(error, description, status = 400) {
  const body = {
    status_code: status,
    request_id: testIdentifier('request-id'),
    error,
    error_description: description,
    error_uri: `${ERROR_PAGES}/${status}`,
  };
  return { ...json(status, body), outcome: error };
}
