// What a request says: who asks, which session it names, how long that shall live, which claims it shall carry. Reads and
// refuses; changes nothing.

import { parseJsonObject } from '../http.mjs';
import { CUSTOM_CLAIMS_BYTES, PARAMETER_CHARACTERS, SESSION_MINUTES_LARGEST, SESSION_MINUTES_LEAST } from '../limits.mjs';
import { refuse, serverRefusal } from './answers.mjs';
import { RESERVED_CLAIMS, readSessionJwt } from './tokens.mjs';

/** Basic authentication with project id and secret (RFC 7617). */
export function requireProject({ projectId, secret }, { authorization }) {
  const expected = `Basic ${Buffer.from(`${projectId}:${secret}`).toString('base64')}`;
  if (authorization !== expected) refuse('unauthorized_credentials');
}

/** The members of the body; null counts as absent, as some SDKs send it. @returns {Record<string, any>} */
export function readFields(body) {
  const entries = Object.entries(parseJsonObject(body, serverRefusal)).filter(([, value]) => value !== null);
  return Object.fromEntries(entries);
}

/** A field that must be text; an empty one counts as absent. @returns {string | undefined} */
export function textOf(fields, name) {
  const value = fields[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string') refuse('invalid_request_value', `${name} must be a string.`);
  if (value.length > PARAMETER_CHARACTERS) refuse(name === 'session_token' ? 'invalid_session_token' : 'invalid_request_value');
  return value;
}

/**
 * The live session that `session_token` or `session_jwt` names.
 * @param {import('../stytch.mjs').StytchParts} parts @returns {import('./sessions.mjs').Session}
 */
export function sessionOf(parts, fields, entry) {
  const token = textOf(fields, 'session_token');
  const jwt = textOf(fields, 'session_jwt');
  if (token !== undefined && jwt !== undefined) refuse('too_many_session_arguments');
  if (token === undefined && jwt === undefined) refuse('no_session_arguments');
  const session = token === undefined ? sessionOfJwt(parts, jwt) : parts.sessions.byToken(token);
  if (!session) refuse('session_not_found');
  entry.sessionId = session.id;
  return session;
}

function sessionOfJwt(parts, jwt) {
  const read = readSessionJwt(parts, jwt);
  if ('refusal' in read) refuse(read.refusal);
  return parts.sessions.byId(read.sessionId);
}

/** @returns {number | undefined} */
export function minutesOf({ session_duration_minutes: minutes }) {
  if (minutes === undefined) return undefined;
  if (!Number.isInteger(minutes) || minutes < SESSION_MINUTES_LEAST || minutes > SESSION_MINUTES_LARGEST) {
    refuse('invalid_session_duration_minutes');
  }
  return minutes;
}

/** The changes to the custom claims; checked before any session is looked up. @returns {Record<string, any>} */
export function claimChangesOf({ session_custom_claims: changes = {} }) {
  if (typeof changes !== 'object' || Array.isArray(changes)) refuse('invalid_request_value', 'session_custom_claims must be an object.');
  return changes;
}

/** The custom claims after the changes: null deletes, reserved names are ignored. @returns {Record<string, any>} */
export function changedClaims(claims, changes) {
  const entries = Object.entries({ ...claims, ...changes }).filter(([name, value]) => value !== null && !RESERVED_CLAIMS.includes(name));
  const changed = Object.fromEntries(entries);
  if (Buffer.byteLength(JSON.stringify(changed)) > CUSTOM_CLAIMS_BYTES) refuse('custom_claims_too_large');
  return changed;
}
