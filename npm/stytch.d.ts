// The types of `edgeseal/stytch`. Names, members and parameters are those of the `stytch` package.

import type { KeyCache } from './wasm/edgeseal.js';

/** Stytch's own hosts, for `env`. */
export declare namespace envs {
  const test: 'https://test.stytch.com/';
  const live: 'https://api.stytch.com/';
}

export interface ClientConfig {
  /** `project-test-…` or `project-live-…`. */
  project_id: string;
  /** `secret-…`. Checking a token needs none; policies of roles, and everything that asks Stytch, do. */
  secret: string;
  /** The API's address: `envs.test`, `envs.live`, or a local provider's. Default: by the project's id. */
  env?: string;
  /** A domain of your own, `https://…`. Comes before `env`. */
  custom_base_url?: string;
  /** Keys and policies that isolates share: a KV namespace fits as it is. */
  keyCache?: KeyCache;
  /** In the place of the runtime's own. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** The time, in milliseconds since 1970. For tests. */
  now?: () => number;
  /** How many verified tokens are remembered, for each project. Default: 512; 0: none. */
  memoSize?: number;
}

/** Custom claims where nothing is said about them. */
export type CustomClaims = Record<string, any>;

/** How a person signed in. */
export interface AuthenticationFactor {
  /** `magic_link`, `otp`, `oauth`, `webauthn`, `totp`, `crypto`, `password`, `sso`, `imported`, `impersonated`, … */
  type: string;
  /** `email`, `sms`, `knowledge`, `oauth_google`, … */
  delivery_method: string;
  last_authenticated_at?: string;
  created_at?: string;
  updated_at?: string;
  /** `email_factor`, `phone_number_factor`, `google_oauth_factor`, …: the one that the type says. */
  [member: string]: any;
}

/** The session of a user. */
export interface Session<Claims = CustomClaims> {
  session_id: string;
  user_id: string;
  authentication_factors: AuthenticationFactor[];
  /** The person's roles. */
  roles: string[];
  /** RFC 3339, UTC. */
  started_at?: string;
  last_accessed_at?: string;
  /** When the session ends; its token ends after five minutes. */
  expires_at?: string;
  attributes?: { ip_address?: string; user_agent?: string };
  /** The claims of your own. A session that has none: `{}` where it was checked here, missing where Stytch was asked. */
  custom_claims?: Claims;
}

/** The session of a member of an organization. */
export interface MemberSession<Claims = CustomClaims> {
  member_session_id: string;
  member_id: string;
  organization_id: string;
  organization_slug: string;
  authentication_factors: AuthenticationFactor[];
  roles: string[];
  /** RFC 3339, UTC. */
  started_at: string;
  last_accessed_at: string;
  /** When the session ends; its token ends after five minutes. */
  expires_at: string;
  /** The claims of your own. A session that has none: `{}` where it was checked here, missing where Stytch was asked. */
  custom_claims?: Claims;
}

/** What a user has to be allowed. */
export interface SessionsAuthorizationCheck {
  /** What is acted on, as the policy names it. There is no wildcard. */
  resource_id: string;
  action: string;
}

/** What a member has to be allowed, in the organization that the session is of. */
export interface AuthorizationCheck extends SessionsAuthorizationCheck {
  organization_id: string;
}

/** By which roles Stytch allows it. */
export interface AuthorizationVerdict {
  authorized: boolean;
  granting_roles: string[];
}

interface TokenTimes {
  /** How far clocks may differ for `exp` and `nbf`, in seconds. Default: 0. */
  clock_tolerance_seconds?: number;
  /** How long ago the token may have been made, in seconds. One that is exactly so old is too old; 0: every one is. */
  max_token_age_seconds?: number;
}

interface JwtRequest<Check> extends TokenTimes {
  /** The cookie `stytch_session_jwt`; a visitor need not have one. */
  session_jwt?: string | null;
  /** What the roles in the token have to allow. */
  authorization_check?: Check;
  /** The time, where it is not now. */
  current_date?: Date;
}

interface Extension {
  /** How long the session lives from now on, in minutes, 5 to 527040. */
  session_duration_minutes?: number;
  /** Members to set in the session's claims; `null` deletes one. */
  session_custom_claims?: CustomClaims;
  /** The same. */
  custom_claims?: CustomClaims;
}

interface AuthenticateJwtRequest<Check> extends JwtRequest<Check>, Extension {
  /**
   * Where the roles in the token do not allow it, ask Stytch whether newer ones do. Default: false; a refusal then costs no call.
   */
  ask_when_denied?: boolean;
}

export type SessionsAuthenticateJwtRequest = AuthenticateJwtRequest<SessionsAuthorizationCheck>;
export type B2BSessionsAuthenticateJwtRequest = AuthenticateJwtRequest<AuthorizationCheck>;
export type SessionsAuthenticateJwtLocalRequest = JwtRequest<SessionsAuthorizationCheck>;
export type B2BSessionsAuthenticateJwtLocalRequest = JwtRequest<AuthorizationCheck>;

/** Exactly one of the two tokens. */
interface SessionTokens {
  /** The cookie `stytch_session`. */
  session_token?: string;
  /** The cookie `stytch_session_jwt`. It may have expired, as long as the session has not. */
  session_jwt?: string;
}

export interface SessionsAuthenticateRequest extends SessionTokens, Extension {
  authorization_check?: SessionsAuthorizationCheck;
}

export interface B2BSessionsAuthenticateRequest extends SessionTokens, Extension {
  authorization_check?: AuthorizationCheck;
}

/** What Stytch says of every call. */
interface Answer {
  request_id: string;
  status_code: number;
}

/** A user, as Stytch writes it. */
export interface User {
  user_id: string;
  [member: string]: any;
}

/** A member, as Stytch writes it. */
export interface Member {
  organization_id: string;
  member_id: string;
  [member: string]: any;
}

/** An organization, as Stytch writes it. */
export interface Organization {
  organization_id: string;
  [member: string]: any;
}

export interface SessionsAuthenticateResponse<Claims = CustomClaims> extends Answer {
  session: Session<Claims>;
  session_token: string;
  /** A new one: set it as the cookie. */
  session_jwt: string;
  user: User;
  verdict?: AuthorizationVerdict;
}

export interface B2BSessionsAuthenticateResponse<Claims = CustomClaims> extends Answer {
  member_session: MemberSession<Claims>;
  session_token: string;
  /** A new one: set it as the cookie. */
  session_jwt: string;
  member: Member;
  organization: Organization;
  verdict?: AuthorizationVerdict;
}

/** Why Stytch was asked, although there was a token to check. */
export type FallbackReason =
  | 'max_age_zero'
  | 'token_expired'
  | 'token_too_old'
  | 'token_not_yet_valid'
  | 'unknown_key'
  | 'keys_unavailable'
  | 'permission_denied'
  | 'policy_unavailable';

/** The token was enough. */
interface Local {
  source: 'local';
  /** The one that was given. */
  session_jwt: string;
  fallback_reason?: undefined;
}

/** Stytch was asked: what it has answered, and why. */
interface Remote {
  source: 'remote';
  fallback_reason: FallbackReason;
}

export type Authentication<Claims = CustomClaims> =
  | (Local & { session: Session<Claims> })
  | (Remote & SessionsAuthenticateResponse<Claims>);

export type MemberAuthentication<Claims = CustomClaims> =
  | (Local & { member_session: MemberSession<Claims> })
  | (Remote & B2BSessionsAuthenticateResponse<Claims>);

/** What a refusal means. */
export interface Meaning {
  /** Why, coarsely: `invalid_jwt`, `session_not_found`, `invalid_permissions`, `server_error`, … */
  reason: string;
  /** Why, finely: a stable code. */
  detail: string;
  /** Whether the same call may succeed later. If so, the cookies have to be kept: an outage is not a logout. */
  retryable: boolean;
  /** Why Stytch was asked, where it need not have been. */
  fallback_reason?: FallbackReason;
  /** How long Stytch asks to wait, in seconds. */
  retry_after?: number;
}

/** A refusal, as a value. */
export type Refusal = Meaning & { authenticated: false };

export interface SessionsRevokeRequest extends SessionTokens {
  session_id?: string;
}

export interface B2BSessionsRevokeRequest extends SessionTokens {
  member_session_id?: string;
  /** All sessions of this member. */
  member_id?: string;
}

export type SessionsRevokeResponse = Answer;
export type B2BSessionsRevokeResponse = Answer;

export interface SessionsGetRequest {
  user_id: string;
}

export interface B2BSessionsGetRequest {
  organization_id: string;
  member_id: string;
}

export interface SessionsGetResponse extends Answer {
  sessions: Session[];
}

export interface B2BSessionsGetResponse extends Answer {
  member_sessions: MemberSession[];
}

export interface SessionsGetJWKSRequest {
  project_id: string;
}

/** A public key. */
export interface JWK {
  kty: string;
  kid: string;
  use: string;
  key_ops: string[];
  alg: string;
  n: string;
  e: string;
  x5c?: string[];
  x5tS256?: string;
}

export interface SessionsGetJWKSResponse extends Answer {
  keys: JWK[];
}

export interface B2BSessionsExchangeRequest extends SessionTokens, Extension {
  /** The organization to go to. */
  organization_id: string;
  /** Language of a message that Stytch may have to send: `en`, `es`, `pt-br`, … */
  locale?: string;
}

export interface B2BSessionsExchangeResponse<Claims = CustomClaims> extends Answer {
  member_id: string;
  session_token: string;
  session_jwt: string;
  member: Member;
  organization: Organization;
  /** False where another step is needed first: see `mfa_required` and `primary_required`. */
  member_authenticated: boolean;
  intermediate_session_token: string;
  member_session?: MemberSession<Claims>;
  mfa_required?: any;
  primary_required?: { allowed_auth_methods: string[] };
  intermediate_session_token_expires_at?: string;
}

export interface AuthenticateTokenRequest extends TokenTimes {
  access_token: string;
  /** All of them have to be there, as `action:resource`; `action:*` covers every resource. */
  required_scopes?: readonly string[];
}

export interface AuthenticateTokenResponse<Claims = CustomClaims> {
  client_id: string;
  scopes: string[];
  custom_claims: Claims;
}

/** Decides about scopes in the place of ours. */
export type ScopeAuthorizationFunc = (scopes: { hasScopes: string[]; requiredScopes: readonly string[] }) => boolean;

export interface IntrospectTokenOptions<Check> {
  clock_tolerance_seconds?: number;
  current_date?: Date;
  /** What the token's scopes have to allow. */
  authorization_check?: Check;
}

export interface IntrospectTokenClaims<Claims = CustomClaims> {
  subject: string;
  scope: string;
  audience: string | string[];
  /** Seconds since 1970, as the two below. */
  expires_at: number;
  issued_at: number;
  not_before: number;
  issuer: string;
  token_type: string;
  custom_claims: Claims;
}

export interface B2BIntrospectTokenClaims<Claims = CustomClaims> extends IntrospectTokenClaims<Claims> {
  organization: { organization_id: string; slug: string };
}

/** The calls that both products have. All reject with a {@link StytchError}, a {@link RequestError} or a {@link ClientError}. */
interface CommonSessions<Revoke, Get, Got> {
  /** Ends a session. Its JWT is good for up to five minutes more wherever it is only checked. */
  revoke(options: Revoke): Promise<Answer>;
  /** The sessions of a person. */
  get(options: Get): Promise<Got>;
  /** The keys of a project, as Stytch publishes them. Nothing here needs them: they are loaded where they are missing. */
  getJWKS(options: SessionsGetJWKSRequest): Promise<SessionsGetJWKSResponse>;
}

/** The sessions of users. */
export interface Sessions extends CommonSessions<SessionsRevokeRequest, SessionsGetRequest, SessionsGetResponse> {
  /**
   * Who is signed in: from the token where that will do, else from Stytch, if it could know better. What is forged, malformed or of
   * another project is refused here, without a call.
   *
   * Rejects as the SDK does, with a {@link StytchError}, a {@link RequestError} or a {@link ClientError}. Where `source` is `remote`,
   * `session_jwt` is a new token: set it as the cookie.
   */
  authenticateJwt<Claims = CustomClaims>(options: SessionsAuthenticateJwtRequest): Promise<Authentication<Claims>>;
  /** The same as a value: it rejects for wrong arguments alone, with a TypeError. */
  check<Claims = CustomClaims>(
    options: SessionsAuthenticateJwtRequest,
  ): Promise<(Authentication<Claims> & { authenticated: true }) | Refusal>;
  /** Who is signed in, from the token alone. */
  authenticateJwtLocal<Claims = CustomClaims>(options: SessionsAuthenticateJwtLocalRequest): Promise<Session<Claims>>;
  /** Who is signed in, from Stytch: a call each time, and as fresh as can be. */
  authenticate<Claims = CustomClaims>(options: SessionsAuthenticateRequest): Promise<SessionsAuthenticateResponse<Claims>>;
}

/** The sessions of members. */
export interface MemberSessions extends CommonSessions<B2BSessionsRevokeRequest, B2BSessionsGetRequest, B2BSessionsGetResponse> {
  /** As for users ({@link Sessions.authenticateJwt}). */
  authenticateJwt<Claims = CustomClaims>(options: B2BSessionsAuthenticateJwtRequest): Promise<MemberAuthentication<Claims>>;
  /** As for users ({@link Sessions.check}). */
  check<Claims = CustomClaims>(
    options: B2BSessionsAuthenticateJwtRequest,
  ): Promise<(MemberAuthentication<Claims> & { authenticated: true }) | Refusal>;
  /** Who is signed in, from the token alone. */
  authenticateJwtLocal<Claims = CustomClaims>(options: B2BSessionsAuthenticateJwtLocalRequest): Promise<MemberSession<Claims>>;
  /** Who is signed in, from Stytch: a call each time, and as fresh as can be. */
  authenticate<Claims = CustomClaims>(options: B2BSessionsAuthenticateRequest): Promise<B2BSessionsAuthenticateResponse<Claims>>;
  /** A session of one organization for one of another. */
  exchange<Claims = CustomClaims>(options: B2BSessionsExchangeRequest): Promise<B2BSessionsExchangeResponse<Claims>>;
}

/** Machines. */
export interface M2M {
  /** Checks a machine's access token. Nobody is asked. A person's session is refused. */
  authenticateToken<Claims = CustomClaims>(
    options: AuthenticateTokenRequest,
    scopeAuthorizationFunc?: ScopeAuthorizationFunc,
  ): Promise<AuthenticateTokenResponse<Claims>>;
}

/** Apps that act for a person. */
export interface IDP<Check, Token> {
  /** Checks an app's access token. Nobody is asked, so a token that was revoked is good until it ends. A session is refused. */
  introspectTokenLocal(token: string, options?: IntrospectTokenOptions<Check>): Promise<Token>;
}

/** A project of users. May be made for one request only: what it learns belongs to the module. */
export declare class Client {
  /** Throws a TypeError that names what cannot work. */
  constructor(config: ClientConfig);
  readonly sessions: Sessions;
  readonly m2m: M2M;
  readonly idp: IDP<SessionsAuthorizationCheck, IntrospectTokenClaims>;
}

/** A project of organizations and their members. */
export declare class B2BClient {
  /** Throws a TypeError that names what cannot work. */
  constructor(config: ClientConfig);
  readonly sessions: MemberSessions;
  readonly m2m: M2M;
  readonly idp: IDP<AuthorizationCheck, B2BIntrospectTokenClaims>;
}

/** An error of Stytch's API. */
export interface StytchErrorJSON {
  status_code: number;
  request_id: string;
  error_type: string;
  error_message: string;
  error_url: string;
  error_details?: Record<string, any>;
}

/** The same in the words of OAuth. */
export interface OAuth2ErrorJSON {
  status_code: number;
  request_id: string;
  error: string;
  error_description: string;
  error_uri: string;
}

/** Stytch's API refuses. */
export declare class StytchError extends Error implements Meaning {
  constructor(data: StytchErrorJSON | OAuth2ErrorJSON);
  status_code: number;
  request_id: string;
  /** A stable code: `session_not_found`, … */
  error_type: string;
  error_message: string;
  error_url: string;
  error_details?: Record<string, any>;
  reason: string;
  detail: string;
  retryable: boolean;
  fallback_reason?: FallbackReason;
  retry_after?: number;
}

/** There is no answer, or none that can be understood. */
export declare class RequestError extends Error implements Meaning {
  constructor(message: string, request?: unknown);
  /** Not given: in the SDK it holds the visitor's token. */
  request?: undefined;
  reason: string;
  detail: string;
  retryable: boolean;
  fallback_reason?: FallbackReason;
  retry_after?: number;
}

/** Refused here. */
export declare class ClientError extends Error implements Meaning {
  constructor(code: string, message: string, cause?: unknown);
  /** `jwt_invalid`, `jwt_too_old`, `invalid_permissions`, `tenancy_mismatch`, `missing_scopes`, `policy_unavailable`. */
  code: string;
  cause: unknown;
  reason: string;
  detail: string;
  retryable: boolean;
  fallback_reason?: FallbackReason;
  retry_after?: number;
}
