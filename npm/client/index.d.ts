/** Who is signed in, as the gateway's `/auth/session` says it; never a token. What it does not know is null or empty. */
export interface Session {
  authenticated: true;
  provider: 'workos' | 'stytch' | 'stytch-b2b';
  user: ({ id: string; email?: string | null } & Record<string, any>) | null;
  sessionId: string | null;
  organizationId: string | null;
  role: string | null;
  roles: string[];
  permissions: string[];
  entitlements: string[];
  featureFlags: string[];
  impersonator: { email: string; reason: string | null } | null;
  authenticationMethod: string | null;
  /** In seconds since 1970, as the one below. */
  issuedAt: number | null;
  expiresAt: number;
}

/** What calls reject with. */
export interface SessionError extends Error {
  name: 'SessionError';
  /** Missing where the gateway was not reached. */
  status?: number;
  reason: string;
  /** Why, finely: a stable code. */
  detail: string;
  /** Whether the same call may succeed later. An outage is not a sign-out. */
  retryable: boolean;
  /** In seconds. */
  retryAfter?: number;
}

interface Place {
  /** The gateway's `AUTH_PREFIX`. Default: `/auth`. */
  prefix?: string;
}

/** Who is signed in; null for nobody. An expired session is refreshed on the way. Rejects with a {@link SessionError} while nobody can tell. */
export function getSession(options?: Place): Promise<Session | null>;

/**
 * Calls back when somebody else is signed in than was said last, or nobody, or in another organization or role: here, in another tab, or after
 * the page was out of sight. Gives what ends it.
 */
export function onChange(callback: (session: Session | null) => void, options?: Place): () => void;

/** Goes to sign-in, and comes back to `returnTo`, a path of this site. Default: this page. */
export function signIn(options?: Place & { returnTo?: string; organizationId?: string; screenHint?: 'sign-up' | 'sign-in'; loginHint?: string }): void;

/** Ends the session in every tab, then leaves the page. Rejects with a {@link SessionError}. */
export function signOut(options?: Place): Promise<void>;

/** The same person in another organization. Rejects with a {@link SessionError}; the session then stays as it is. */
export function switchOrganization(organizationId: string, options?: Place): Promise<Session>;
