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

/** A namespace of Durable Objects of the class `SessionObject`. */
export interface SessionNamespace {
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
  /** Durable Objects that see to it that a session is refreshed once. Default: each isolate does so for itself. */
  sessions?: SessionNamespace;
  /** In the place of the runtime's own. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** The time, in milliseconds since 1970. For tests. */
  now?: () => number;
  /** How many verified cookies are remembered, for each cookie password. Default: 512; 0: none. */
  memoSize?: number;
}

/** The sessions of an environment. */
export interface UserManagement {
  /** Takes a session cookie. Nothing is opened yet. Throws a TypeError for a password that cannot be one. */
  loadSealedSession(options: SessionOptions): CookieSession;
  /** Both steps in one. */
  authenticateWithSessionCookie<Claims = JwtClaims>(options: SessionOptions): Promise<AuthenticateResult<Claims>>;
}

/**
 * A WorkOS environment. It may be made for one request only: what it learns belongs to the module.
 *
 * Throws a TypeError that names the argument that cannot work.
 */
export class WorkOS {
  constructor(key: string | undefined | null, options: WorkOSOptions);
  readonly userManagement: UserManagement;
}
