// The claims of an access token. Builds them from a session; signing is the keys' business.

import { identifier } from '../identifiers.mjs';
import { membershipOf } from '../seeds.mjs';

/**
 * Without an organization there is no role and no permission: the provider leaves the claims out.
 * @param {import('./sessions.mjs').Session} session
 * @param {{ issuer: string, now: number, lifetimeSeconds: number }} circumstances `now` in milliseconds
 */
export function accessTokenClaims(session, { issuer, now, lifetimeSeconds }) {
  const issuedAt = Math.floor(now / 1000);
  const membership = session.organizationId && membershipOf(session.person, session.organizationId);
  return {
    iss: issuer,
    sub: session.person.user.id,
    ...(session.impersonator && { act: { sub: session.impersonator.email } }),
    ...(membership && {
      org_id: session.organizationId,
      role: membership.role,
      roles: membership.roles,
      permissions: membership.permissions,
      entitlements: membership.entitlements,
      feature_flags: membership.featureFlags,
    }),
    sid: session.id,
    jti: identifier('jti'),
    auth_time: Math.floor(session.createdAt / 1000),
    iat: issuedAt,
    exp: issuedAt + lifetimeSeconds,
  };
}
