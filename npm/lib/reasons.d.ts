/** Why a session is not authenticated, coarsely; as in `@workos-inc/node`. */
export declare const AuthenticateWithSessionCookieFailureReason: {
  readonly INVALID_JWT: 'invalid_jwt';
  readonly INVALID_SESSION_COOKIE: 'invalid_session_cookie';
  readonly NO_SESSION_COOKIE_PROVIDED: 'no_session_cookie_provided';
};
export type AuthenticateWithSessionCookieFailureReason =
  (typeof AuthenticateWithSessionCookieFailureReason)[keyof typeof AuthenticateWithSessionCookieFailureReason];

/** Why a session is not refreshed, coarsely; as in `@workos-inc/node`. */
export declare const RefreshSessionFailureReason: {
  readonly INVALID_SESSION_COOKIE: 'invalid_session_cookie';
  readonly NO_SESSION_COOKIE_PROVIDED: 'no_session_cookie_provided';
  readonly INVALID_GRANT: 'invalid_grant';
  readonly MFA_ENROLLMENT: 'mfa_enrollment';
  readonly SSO_REQUIRED: 'sso_required';
  readonly RATE_LIMIT_EXCEEDED: 'rate_limit_exceeded';
  readonly TIMEOUT: 'timeout';
  readonly SERVER_ERROR: 'server_error';
  readonly NETWORK_ERROR: 'network_error';
};
export type RefreshSessionFailureReason = (typeof RefreshSessionFailureReason)[keyof typeof RefreshSessionFailureReason];
