// Sessions and tokens without a page or a request, for tests. Checks what it is asked for.

import { testIdentifier } from '../identifiers.mjs';
import { SESSION_MINUTES_LARGEST, SESSION_MINUTES_LEAST } from '../limits.mjs';
import { Mistake } from '../mistake.mjs';
import { sessionAnswer } from './authenticate.mjs';
import { subjectNamed } from './directory.mjs';
import { RESERVED_CLAIMS, accessToken } from './tokens.mjs';

/**
 * @typedef {{
 *   person?: string, organization?: string, lifetimeSeconds?: number, durationMinutes?: number, customClaims?: Record<string, any>,
 *   impersonator?: import('../seeds.mjs').Impersonator | null,
 * }} MintOptions `lifetimeSeconds` is the JWT's and may be negative, `durationMinutes` the session's
 */

/**
 * @param {import('../stytch.mjs').StytchParts} parts @param {MintOptions} [options]
 * @returns {{ sessionId: string, sessionToken: string, sessionJwt: string, response: Record<string, any> }} `response` is what
 *   `authenticate` would have answered
 */
export function mintSession(parts, options = {}) {
  const { person: name = 'ada', organization: wanted, lifetimeSeconds, durationMinutes, customClaims = {}, impersonator = null } = options;
  const { person, organization } = subjectNamed('mintSession', { person: name, organization: wanted }, parts.vertical.hasOrganizations);
  checkLifetime('mintSession', lifetimeSeconds);
  if (durationMinutes !== undefined && !(durationMinutes >= SESSION_MINUTES_LEAST && durationMinutes <= SESSION_MINUTES_LARGEST)) {
    throw new Mistake(`mintSession: durationMinutes must be a number from ${SESSION_MINUTES_LEAST} to ${SESSION_MINUTES_LARGEST}`);
  }
  checkClaims('mintSession', customClaims);
  const session = parts.sessions.begin({ person, organization, impersonator, minutes: durationMinutes, customClaims });
  const response = { status_code: 200, request_id: testIdentifier('request-id'), ...sessionAnswer(parts, session, lifetimeSeconds) };
  return { sessionId: session.id, sessionToken: session.token, sessionJwt: response.session_jwt, response };
}

/** An access token of the M2M client. @param {{ scopes?: string[], customClaims?: Record<string, any>, lifetimeSeconds?: number }} [options] */
export function mintM2mToken(parts, { scopes, customClaims = {}, lifetimeSeconds } = {}) {
  const { m2mClient } = parts.settings;
  checkLifetime('mintM2mToken', lifetimeSeconds);
  checkClaims('mintM2mToken', customClaims);
  return accessToken(parts, { subject: m2mClient.clientId, scopes: scopes ?? m2mClient.scopes, claims: customClaims, lifetimeSeconds });
}

/**
 * An access token of the connected app, for a person.
 * @param {{ person?: string, organization?: string, scopes?: string[], customClaims?: Record<string, any>, lifetimeSeconds?: number }} [options]
 */
export function mintAccessToken(parts, { person: name = 'ada', organization: wanted, scopes, customClaims = {}, lifetimeSeconds } = {}) {
  const { vertical, settings } = parts;
  const subject = subjectNamed('mintAccessToken', { person: name, organization: wanted }, vertical.hasOrganizations);
  checkLifetime('mintAccessToken', lifetimeSeconds);
  checkClaims('mintAccessToken', customClaims);
  const { clientId, scopes: allowed } = settings.connectedApp;
  const claims = { client_id: clientId, jti: testIdentifier('access-token'), ...vertical.accessClaims(subject), ...customClaims };
  return accessToken(parts, { subject: vertical.subjectOf(subject), scopes: scopes ?? allowed, claims, lifetimeSeconds });
}

function checkLifetime(caller, lifetimeSeconds) {
  if (lifetimeSeconds !== undefined && !Number.isInteger(lifetimeSeconds)) {
    throw new Mistake(`${caller}: lifetimeSeconds must be a whole number`);
  }
}

function checkClaims(caller, claims) {
  const reserved = Object.keys(claims).find((name) => RESERVED_CLAIMS.includes(name));
  if (reserved !== undefined) throw new Mistake(`${caller}: customClaims must not hold ${reserved}`);
}
