// Stytch's answers: successes with their request id, and every error type with its status. Knows no endpoint.

import { Refusal, json } from '../http.mjs';
import { testIdentifier } from '../identifiers.mjs';

/**
 * Status and message of each error type. Documented: those of 401, 403, 404, 429 and 500. Of the 400s the names are known, the
 * status is not: a mistake of the request is what each of them says.
 */
const ERRORS = {
  bad_request: [400, 'The request could not be read.'],
  invalid_request_value: [400, 'A value in the request is invalid.'],
  no_session_arguments: [400, 'Please include one of session_token or session_jwt in the request.'],
  too_many_session_arguments: [400, 'Please include at most one of session_token or session_jwt in the request, not multiple.'],
  too_many_session_revoke_arguments: [400, 'Please include exactly one way to name the session, not multiple.'],
  invalid_session_token: [400, 'The session token format is invalid.'],
  unable_to_parse_session_jwt: [400, 'The session JWT could not be parsed.'],
  invalid_session_duration_minutes: [400, 'session_duration_minutes must be between 5 and 527040.'],
  custom_claims_too_large: [400, 'The custom claims of a session must not exceed 4 KB.'],
  incompatible_session_type: [400, 'The session is of a kind that this endpoint does not take.'],
  jwt_invalid_issuer: [400, 'The JWT has an invalid issuer.'],
  jwt_invalid_audience: [400, 'The JWT has an invalid audience.'],
  jwt_invalid_claims: [400, 'The JWT has invalid claims.'],
  invalid_user_id: [400, 'user_id format is invalid.'],
  invalid_organization_id: [400, 'organization_id format is invalid.'],
  unauthorized_credentials: [401, 'Unauthorized credentials.'],
  unauthorized_project_id_test: [401, 'The project ID is not one of the test environment.'],
  unauthorized_project_id_live: [401, 'The project ID is not one of the live environment.'],
  invalid_secret_authentication: [401, 'The secret is invalid.'],
  invalid_project_id_authentication: [401, 'The project ID is invalid.'],
  user_unauthenticated: [401, 'The user is not authenticated.'],
  unauthorized_action: [403, 'The action is not allowed for this project.'],
  session_authorization_error: [403, 'The Member is not authorized to perform the requested action on that resource.'],
  consumer_session_authorization_error: [403, 'The User is not authorized to perform the requested action on that resource.'],
  session_authorization_tenancy_error: [403, 'The Member belongs to a different Organization.'],
  route_not_found: [404, 'The requested route was not found.'],
  session_not_found: [404, 'Session could not be found.'],
  user_not_found: [404, 'User could not be found.'],
  member_not_found: [404, 'Member could not be found.'],
  organization_not_found: [404, 'Organization could not be found.'],
  project_not_found: [404, 'Project could not be found.'],
  method_not_allowed: [405, 'The method is not allowed.'],
  request_too_large: [413, 'The request is too large.'],
  too_many_requests: [429, 'Too many requests have been made.'],
  internal_server_error: [500, 'Oops, something seems to have gone wrong.'],
};

/** Where every error says that it is explained. */
export const ERROR_PAGES = 'https://stytch.com/docs/api/errors';

/** Error types that the `fail` knob plays, each with its status. */
export const ERROR_TYPES = Object.fromEntries(Object.entries(ERRORS).map(([type, [status]]) => [type, status]));

/** What the `fail` knob says when it was told a status alone. */
const USUAL_TYPES = {
  400: 'bad_request', 401: 'unauthorized_credentials', 403: 'unauthorized_action', 404: 'session_not_found',
  429: 'too_many_requests', 500: 'internal_server_error',
};

/** The statuses of that knob; 502 is a proxy's. */
export const FAIL_STATUSES = [...Object.keys(USUAL_TYPES).map(Number), 502];

/** @param {Record<string, unknown>} members @param {string} [outcome] what the log says of it @returns {import('../http.mjs').Answer} */
export function success(members, outcome) {
  return { ...json(200, { status_code: 200, request_id: testIdentifier('request-id'), ...members }), outcome };
}

/** @param {keyof typeof ERRORS} type @param {string} [message] @returns {import('../http.mjs').Answer} */
export function failure(type, message) {
  const [status, usual] = ERRORS[type];
  const body = {
    status_code: status,
    request_id: testIdentifier('request-id'),
    error_type: type,
    error_message: message ?? usual,
    error_url: `${ERROR_PAGES}/${status}`,
  };
  return { ...json(status, body), outcome: type };
}

/** Ends the request. @param {keyof typeof ERRORS} type @param {string} [message] @returns {never} */
export function refuse(type, message) {
  throw new Refusal(failure(type, message));
}

/** The server's own refusals, which it words for any provider. @returns {import('../http.mjs').Answer} */
export function serverRefusal(status, code, message) {
  const types = { 400: 'bad_request', 404: 'route_not_found', 405: 'method_not_allowed', 413: 'request_too_large' };
  return failure(types[status] ?? 'internal_server_error', message);
}

/** @returns {import('../http.mjs').Answer} */
export function playedFailure({ status, errorType, retryAfterSeconds }) {
  const answer = failure(errorType ?? USUAL_TYPES[status]);
  if (status === 429) answer.headers['retry-after'] = String(retryAfterSeconds);
  // A played failure is no outcome: no work was done.
  return { ...answer, outcome: undefined };
}
