// The signed tokens: session JWTs and access tokens (of M2M clients and of connected apps). Builds and reads claims; the keys sign.

import { M2M_LIFETIME_SECONDS } from '../limits.mjs';

const SESSION_CLAIM = 'https://stytch.com/session';

/** Claims that the provider sets itself: custom ones of these names are ignored. */
export const RESERVED_CLAIMS = ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', SESSION_CLAIM, 'https://stytch.com/organization'];

/** @param {import('../stytch.mjs').StytchParts} parts @param {import('./sessions.mjs').Session} session */
export function sessionJwt(parts, session, lifetimeSeconds = parts.knobs.get().tokenLifetimeSeconds) {
  const { vertical, keys } = parts;
  return keys.sign({
    ...standardClaims(parts, vertical.subjectOf(session), lifetimeSeconds),
    ...vertical.sessionClaims(session, parts.rolesOf(session)),
    ...session.customClaims,
  });
}

/**
 * @param {import('../stytch.mjs').StytchParts} parts
 * @param {{ subject: string, scopes: string[], claims?: Record<string, any>, lifetimeSeconds?: number }} token
 */
export function accessToken(parts, { subject, scopes, claims = {}, lifetimeSeconds = M2M_LIFETIME_SECONDS }) {
  return parts.keys.sign({ ...standardClaims(parts, subject, lifetimeSeconds), scope: scopes.join(' '), ...claims });
}

/**
 * The claims of a session JWT of ours, expired ones included: whether the session lives is another question.
 * @param {import('../stytch.mjs').StytchParts} parts @param {string} jwt
 * @returns {{ sessionId: string } | {
 *   refusal: 'unable_to_parse_session_jwt' | 'session_not_found' | 'jwt_invalid_issuer' | 'jwt_invalid_audience' | 'jwt_invalid_claims',
 * }}
 */
export function readSessionJwt({ keys, settings }, jwt) {
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(jwt)) return { refusal: 'unable_to_parse_session_jwt' };
  const claims = keys.verify(jwt);
  if (!claims) return { refusal: 'session_not_found' };
  if (!settings.issuers.includes(claims.iss)) return { refusal: 'jwt_invalid_issuer' };
  if (!claims.aud?.includes(settings.projectId)) return { refusal: 'jwt_invalid_audience' };
  const sessionId = claims[SESSION_CLAIM]?.id;
  return sessionId === undefined ? { refusal: 'jwt_invalid_claims' } : { sessionId };
}

/**
 * The claims of an access token of ours that is good now; a session JWT is none.
 * @param {import('../stytch.mjs').StytchParts} parts @param {string} token @returns {Record<string, any> | null}
 */
export function readAccessToken({ keys, settings, now }, token) {
  const claims = keys.verify(token);
  const good = claims && settings.issuers.includes(claims.iss) && now() < claims.exp * 1000 && claims[SESSION_CLAIM] === undefined;
  return good ? claims : null;
}

function standardClaims({ settings, knobs, now }, subject, lifetimeSeconds) {
  const issuedAt = Math.floor(now() / 1000);
  const [named, url] = settings.issuers;
  return {
    aud: [settings.projectId],
    exp: issuedAt + lifetimeSeconds,
    iat: issuedAt,
    iss: knobs.get().issuerIsUrl ? url : named,
    nbf: issuedAt,
    sub: subject,
  };
}
