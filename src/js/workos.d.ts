/** A user, in the spelling of the Node SDK. Members that WorkOS adds come along. */
export interface User {
  object: 'user';
  id: string;
  email: string;
  emailVerified: boolean;
  profilePictureUrl: string | null;
  firstName: string | null;
  lastName: string | null;
  name?: string | null;
  lastSignInAt: string | null;
  locale: string | null;
  createdAt: string;
  updatedAt: string;
  externalId: string | null;
  metadata: Record<string, string>;
}

/** Who acts in a person's name. */
export interface Impersonator {
  email: string;
  reason: string | null;
}

/** Why a session is not authenticated, coarsely: the reasons of the Node SDK. */
export type AuthenticateFailureReason = 'no_session_cookie_provided' | 'invalid_session_cookie' | 'invalid_jwt';

/** Why a session is not refreshed, coarsely: the reasons of the Node SDK. */
export type RefreshFailureReason =
  | 'no_session_cookie_provided'
  | 'invalid_session_cookie'
  | 'invalid_grant'
  | 'mfa_enrollment'
  | 'sso_required'
  | 'rate_limit_exceeded'
  | 'timeout'
  | 'server_error'
  | 'network_error';

/** A refusal, as a value. */
export interface Refused<Reason extends string> {
  authenticated: false;
  reason: Reason;
  /** Why, finely: a stable code. */
  detail: string;
  /** Whether the same call may succeed later. If so, the cookie has to be kept: an outage is not a logout. */
  retryable: boolean;
}

/** What an access token says of a session. What it does not say is `undefined`. */
export interface SessionClaims {
  sessionId: string;
  organizationId?: string;
  role?: string;
  roles?: string[];
  permissions?: string[];
  entitlements?: string[];
  featureFlags?: string[];
}

/**
 * Who is signed in. Frozen through and through: the next request with the same cookie may get the same value, and nobody can change
 * what it gets.
 */
export interface Authenticated<Claims = JwtClaims> extends SessionClaims {
  authenticated: true;
  accessToken: string;
  user: User;
  impersonator?: Impersonator;
  authenticationMethod?: string;
  /** All claims of the token, those of a template too. */
  claims: Claims;
  /** When the token was made, in seconds since 1970. */
  issuedAt?: number;
  /** When the token ends, in seconds since 1970. */
  expiresAt: number;
}

export type AuthenticateResult<Claims = JwtClaims> = Authenticated<Claims> | Refused<AuthenticateFailureReason>;

/** The next generation of a session. Its seal has to reach the browser: the one before is used up. */
export interface Refreshed extends SessionClaims {
  authenticated: true;
  /** The new value of the cookie. */
  sealedSession: string;
  session: {
    accessToken: string;
    refreshToken: string;
    user: User;
    organizationId?: string;
    impersonator?: Impersonator;
    authenticationMethod?: string;
    sealedSession: string;
  };
  user: User;
  impersonator?: Impersonator;
  authenticationMethod?: string;
  /** What saw to it that the refresh token was used once: the session's Durable Object, or this isolate alone. */
  coordination: 'object' | 'isolate';
}

export type RefreshResult =
  | Refreshed
  | (Refused<RefreshFailureReason> & {
      /** How long the provider asks to wait, in seconds. */
      retryAfter?: number;
    });

export interface RefreshOptions {
  /** Seals the next generation with this password, and opens the session with it from then on. */
  cookiePassword?: Password;
  /** Switches to this organization. Default: the session stays in its own. */
  organizationId?: string;
}

/** One session cookie. */
export interface CookieSession {
  /**
   * Who is signed in. Resolves to a refusal for whatever the cookie holds; waits for nothing unless keys have to be loaded.
   *
   * Rejects with a TypeError for session data that is no string.
   */
  authenticate<Claims = JwtClaims>(): Promise<AuthenticateResult<Claims>>;
  /** The next generation, however many ask for it at once. On success this object goes on with it. */
  refresh(options?: RefreshOptions): Promise<RefreshResult>;
  /**
   * Where the browser goes so that WorkOS ends the session. An expired token will do.
   *
   * Rejects with an Error that has `reason`, `detail` and `retryable` when the cookie names no session.
   */
  getLogoutUrl(options?: { returnTo?: string }): Promise<string>;
  /** The same, in the spelling of the API reference. */
  getLogOutUrl(options?: { returnTo?: string }): Promise<string>;
}

export interface SessionOptions {
  /** The value of the session cookie. */
  sessionData?: string | null;
  /** Default: the client's. */
  cookiePassword?: Password;
}

/** Where keys are kept for other isolates: a KV namespace fits as it is. */
export interface KeyCache {
  get(key: string): Promise<string | null>;
  put(key: string, value: string, options: { expirationTtl: number }): Promise<void>;
}

/** A namespace of Durable Objects. */
export interface ObjectNamespace {
  idFromName(name: string): unknown;
  get(id: any): { fetch(url: string, init: { method: string; body: string }): Promise<Response> };
}

export interface WorkOSOptions {
  clientId: string;
  /** Host of the API. Default: `api.workos.com`. */
  apiHostname?: string;
  /** Default: true. False only on this machine. */
  https?: boolean;
  port?: number;
  /** Accepted issuers of access tokens. Default: not checked, as in the SDK. */
  issuer?: string | readonly string[];
  /** Tolerance of the time checks, in seconds. Default: 0. */
  leewaySeconds?: number;
  /** For calls that name none. */
  cookiePassword?: Password;
  /** The formats that are opened. Default: all that are sealed, but `dotnet`. */
  acceptFormats?: readonly SealFormat[];
  keyCache?: KeyCache;
  /** Durable Objects of the class `SessionObject`, of `edgeseal/cloudflare` or of the gateway, that see to it that a session is refreshed once. Default: each isolate does so for itself. */
  sessions?: ObjectNamespace;
  /**
   * Durable Objects of the gateway's class `Revocations`: what was revoked there is refused here, within some 90 seconds (`session_revoked`), or
   * has to be refreshed (`session_stale`). The list is read from `keyCache` where that is the gateway's KV namespace. Default: nothing is known
   * of what was revoked.
   */
  revocations?: ObjectNamespace;
  /** Whether they are asked about every session, so that a revocation is in force at once. Default: false. */
  strict?: boolean;
  /** In the place of the runtime's own. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** The time, in milliseconds since 1970. For tests. */
  now?: () => number;
  /** How many verified cookies are remembered, for each cookie password. Default: 512; 0: none. */
  memoSize?: number;
}

/** Tokens of the person's own identity provider. */
export interface OauthTokens {
  accessToken: string;
  refreshToken: string;
  expiresAt: number;
  scopes: string[];
}

/** What a sign-in gives. */
export interface AuthenticationResponse {
  user: User;
  organizationId?: string;
  accessToken: string;
  refreshToken: string;
  impersonator?: Impersonator;
  authenticationMethod?: string;
  oauthTokens?: OauthTokens;
  /** The value of the session cookie, where `session.sealSession` asks for it. */
  sealedSession?: string;
}

/** Whether to seal the session for a cookie, and with what. */
export interface SealOptions {
  sealSession?: boolean;
  /** Default: the client's. */
  cookiePassword?: Password;
}

interface GrantOptions {
  /** The client's own, if it is given at all. */
  clientId?: string;
  ipAddress?: string;
  userAgent?: string;
  session?: SealOptions;
}

export interface AuthenticateWithCodeOptions extends GrantOptions {
  code: string;
  /** RFC 7636 §4.1. A client without an API key needs one. */
  codeVerifier?: string;
  invitationToken?: string;
  signalsId?: string;
}

export interface AuthenticateWithRefreshTokenOptions extends GrantOptions {
  refreshToken: string;
  organizationId?: string;
}

/** Where a sign-in goes. One of `provider`, `connectionId` and `organizationId` is needed. */
export interface AuthorizationUrlOptions {
  redirectUri: string;
  /** Default: the client's. */
  clientId?: string;
  provider?: string;
  connectionId?: string;
  organizationId?: string;
  state?: string;
  codeChallenge?: string;
  codeChallengeMethod?: 'S256';
  /** For the provider `authkit`. */
  screenHint?: 'sign-up' | 'sign-in';
  loginHint?: string;
  domainHint?: string;
  invitationToken?: string;
  claimNonce?: string;
  prompt?: string;
  /** In seconds. */
  maxAge?: number;
  providerScopes?: readonly string[];
  providerQueryParams?: Readonly<Record<string, string>>;
}

/** A session as WorkOS keeps it. */
export interface Session {
  object: 'session';
  id: string;
  userId: string;
  organizationId?: string;
  status: 'active' | 'expired' | 'revoked';
  authMethod:
    | 'cross_app_auth'
    | 'external_auth'
    | 'impersonation'
    | 'magic_code'
    | 'migrated_session'
    | 'oauth'
    | 'passkey'
    | 'password'
    | 'sso'
    | 'unknown';
  ipAddress: string | null;
  userAgent: string | null;
  impersonator?: Impersonator;
  expiresAt: string;
  endedAt: string | null;
  createdAt: string;
  updatedAt: string;
}

export interface ListOptions {
  /** How many at most, 1 to 100. */
  limit?: number;
  order?: 'asc' | 'desc';
  before?: string;
  after?: string;
}

/** A page of sessions, and the pages after it. */
export interface SessionList {
  readonly object: 'list';
  readonly data: Session[];
  readonly listMetadata: { before?: string | null; after?: string | null };
  /** All sessions, page by page; those of this page alone where a `limit` was asked for. */
  autoPagination(): Promise<Session[]>;
}

/**
 * What a call that fails rejects with, named as in the Node SDK: `OauthException`, `AuthenticationException`, `UnauthorizedException`,
 * `RateLimitExceededException`, `NotFoundException`, …
 */
export interface WorkOSError extends Error {
  status?: number;
  requestID?: string;
  code?: string;
  error?: string;
  errorDescription?: string;
  rawData?: unknown;
  retryAfter?: number | null;
  reason: string;
  /** A stable code. */
  detail: string;
  /** Whether the same call may succeed later. */
  retryable: boolean;
}

/** The sessions of an environment. */
export interface UserManagement {
  /** Takes a session cookie. Nothing is opened yet. Throws a TypeError for a password that cannot be one. */
  loadSealedSession(options: SessionOptions): CookieSession;
  /** Both steps in one. */
  authenticateWithSessionCookie<Claims = JwtClaims>(options: SessionOptions): Promise<AuthenticateResult<Claims>>;
  /** Finishes a sign-in. Rejects with a {@link WorkOSError}. */
  authenticateWithCode(options: AuthenticateWithCodeOptions): Promise<AuthenticationResponse>;
  /** Exchanges a refresh token, which uses it up. Rejects with a {@link WorkOSError}. */
  authenticateWithRefreshToken(options: AuthenticateWithRefreshTokenOptions): Promise<AuthenticationResponse>;
  /** Where the browser goes to sign in. */
  getAuthorizationUrl(options: AuthorizationUrlOptions): string;
  /** The same, with a new code verifier and a new state: keep both until the callback. */
  getAuthorizationUrlWithPKCE(
    options: Omit<AuthorizationUrlOptions, 'codeChallenge' | 'codeChallengeMethod' | 'state'>,
  ): { url: string; state: string; codeVerifier: string };
  /** Where the keys of a client are. */
  getJwksUrl(clientId: string): string;
  /** Where the browser goes so that WorkOS ends a session. */
  getLogoutUrl(options: { sessionId: string; returnTo?: string }): string;
  /** Who is signed in where. Rejects with a {@link WorkOSError}. */
  listSessions(userId: string, options?: ListOptions): Promise<SessionList>;
  /** Ends a session at WorkOS; its access token lives on for up to five minutes. Rejects with a {@link WorkOSError}. */
  revokeSession(options: { sessionId: string }): Promise<void>;
}

/** An event of WorkOS, in the spelling of the Node SDK. */
export interface WebhookEvent<Data = Record<string, unknown>> {
  id: string;
  event: string;
  data: Data;
  createdAt: string;
  context?: Record<string, unknown>;
}

export interface ConstructEventOptions {
  /** The body as it arrived. */
  payload: string | Uint8Array | Record<string, unknown>;
  /** The header `WorkOS-Signature`. */
  sigHeader: string;
  secret: string;
  /** How old or young it may be, in milliseconds. Default: 180 000. */
  tolerance?: number;
}

/** Events that WorkOS sends. */
export interface Webhooks {
  /** An event, once its signature is checked. Rejects with an Error named `SignatureVerificationException`. */
  constructEvent<Data = Record<string, unknown>>(options: ConstructEventOptions): Promise<WebhookEvent<Data>>;
}

/**
 * A WorkOS environment. It may be made for one request only: what it learns belongs to the module.
 *
 * Throws a TypeError that names the argument that cannot work.
 */
export class WorkOS {
  constructor(key: string | undefined | null, options: WorkOSOptions);
  readonly userManagement: UserManagement;
  readonly webhooks: Webhooks;
}
