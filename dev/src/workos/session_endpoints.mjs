// The endpoints around a session: the key set, log out, list, revoke. Each is one function from request to answer.

import { Refusal, apiError, bearerOf, json, parseJsonObject, parseLoopbackUri, redirect } from '../http.mjs';
import { LIST_DEFAULT, LIST_LARGEST } from '../limits.mjs';
import { messagePage } from '../pages/message.mjs';
import { people } from '../seeds.mjs';

/** GET /sso/jwks/<client id> */
export function jwks({ settings, keys }, { identifier }) {
  if (identifier !== settings.clientId) return notFound('Client');
  return json(200, keys.keySet());
}

/** GET /user_management/sessions/logout. Needs no key: knowing the session id is the right to end the session. */
export function logout({ settings, sessions }, { url, entry }) {
  const sessionId = url.searchParams.get('session_id');
  if (!sessionId) return messagePage(400, 'Nothing to sign out of', 'The application did not name a session: session_id is missing.');
  entry.outcome = sessions.end(sessionId, { revoked: false }) ? 'ended' : 'unknown';
  const returnTo = url.searchParams.get('return_to');
  const target = returnTo === null ? null : allowedReturn(settings, returnTo);
  if (target) return redirect(target);
  return messagePage(200, 'You are signed out', returnTo === null ? '' : 'The return address of the application is not allowed here, so the way ends on this page.');
}

/** GET /user_management/users/<id>/sessions, newest first unless `order=asc`. */
export function listSessions({ settings, sessions }, { headers, url, identifier }) {
  requireApiKey(settings, headers);
  if (!people.some(({ user }) => user.id === identifier)) return notFound('User');
  const { limit, order, after, before } = readPaging(url.searchParams);
  const ordered = sessions.list().filter(({ person }) => person.user.id === identifier);
  if (order === 'asc') ordered.reverse();
  const ids = ordered.map(({ id }) => id);
  const start = after === null ? 0 : indexOrEnd(ids, after) + 1;
  const end = before === null ? ids.length : indexOrEnd(ids, before);
  const page = before !== null && after === null ? ordered.slice(Math.max(0, end - limit), end) : ordered.slice(start, end).slice(0, limit);
  const first = page.length > 0 && ids[0] !== page[0].id ? page[0].id : null;
  const last = page.length > 0 && ids.at(-1) !== page.at(-1).id ? page.at(-1).id : null;
  return json(200, {
    object: 'list',
    data: page.map((session) => sessions.resource(session)),
    list_metadata: { before: first, after: last },
  });
}

/** POST /user_management/sessions/revoke */
export function revokeSession({ settings, sessions }, { headers, body, entry }) {
  requireApiKey(settings, headers);
  const { session_id: sessionId } = parseJsonObject(body);
  if (typeof sessionId !== 'string' || sessionId === '') {
    return apiError(400, 'invalid_request_parameters', 'session_id must be a string.');
  }
  const session = sessions.end(sessionId, { revoked: true });
  entry.outcome = session ? 'revoked' : 'unknown';
  return session ? json(200, sessions.resource(session)) : notFound('Session');
}

function requireApiKey(settings, { authorization }) {
  if (bearerOf(authorization) !== settings.apiKey) throw new Refusal(apiError(401, 'unauthorized', 'Unauthorized'));
}

/** @returns {string | null} where to send the browser */
function allowedReturn({ logoutUris }, returnTo) {
  if (logoutUris) return logoutUris.includes(returnTo) ? new URL(returnTo).href : null;
  return parseLoopbackUri(returnTo)?.href ?? null;
}

function readPaging(parameters) {
  const limit = Number(parameters.get('limit') ?? LIST_DEFAULT);
  const order = parameters.get('order') ?? 'desc';
  if (!Number.isInteger(limit) || limit < 1 || limit > LIST_LARGEST) {
    throw new Refusal(apiError(400, 'invalid_request_parameters', `limit must be a whole number from 1 to ${LIST_LARGEST}.`));
  }
  if (order !== 'asc' && order !== 'desc') {
    throw new Refusal(apiError(400, 'invalid_request_parameters', 'order must be asc or desc.'));
  }
  return { limit, order, after: parameters.get('after'), before: parameters.get('before') };
}

/** An unknown cursor is past the end: an empty page rather than a wrong one. */
function indexOrEnd(ids, id) {
  const index = ids.indexOf(id);
  return index === -1 ? ids.length : index;
}

function notFound(what) {
  return apiError(404, 'entity_not_found', `${what} not found.`);
}
