import type {
  Authenticated,
  CookieSession,
  JwtClaims,
  RefreshOptions,
  Refreshed,
  SessionOptions,
  WorkOSOptions,
} from '../wasm/edgeseal.js';

/** What a session of `@workos-inc/node` is to us; its own types say the rest. */
interface SdkSession {
  authenticate(): Promise<{ authenticated: boolean }>;
  refresh(options?: any): Promise<{ authenticated: boolean }>;
}

/** A client of `@workos-inc/node`, of version 7 or later. */
export interface SdkClient {
  readonly baseURL: string;
  readonly userManagement: { loadSealedSession(options: any): SdkSession };
}

type SessionOf<Client extends SdkClient> = ReturnType<Client['userManagement']['loadSealedSession']>;

/** The SDK's own result of a call, where it succeeded and where it did not. */
type Succeeded<Call extends (...parameters: any[]) => Promise<unknown>> = Extract<Awaited<ReturnType<Call>>, { authenticated: true }>;
type Failed<Call extends (...parameters: any[]) => Promise<unknown>> = Extract<Awaited<ReturnType<Call>>, { authenticated: false }>;

/** What we add to the SDK's refusals. Their `reason` stays a member of its enumeration. */
interface Refinement {
  /** Why, finely: a stable code. */
  detail: string;
  /** Whether the same call may succeed later. If so, the cookie has to be kept: an outage is not a logout. */
  retryable: boolean;
}

type AuthenticateResultOf<Session extends SdkSession, Claims> =
  | (Authenticated<Claims> & Succeeded<Session['authenticate']>)
  | (Failed<Session['authenticate']> & Refinement);

type RefreshResultOf<Session extends SdkSession> =
  | (Refreshed & Succeeded<Session['refresh']>)
  | (Failed<Session['refresh']> & Refinement & { retryAfter?: number });

/** A session of ours that is one of the SDK's to the type checker. */
type OverlaidSession<Session extends SdkSession> = {
  authenticate<Claims = JwtClaims>(): Promise<AuthenticateResultOf<Session, Claims>>;
  refresh(options?: RefreshOptions): Promise<RefreshResultOf<Session>>;
} & Pick<CookieSession, 'getLogoutUrl' | 'getLogOutUrl'> &
  Session;

/** The calls that are ours. They stand before the SDK's, so that they are the ones that a call is checked against. */
interface OverlaidCalls<Session extends SdkSession> {
  loadSealedSession(options: SessionOptions): OverlaidSession<Session>;
  /** The password may also stand in the environment, as `WORKOS_COOKIE_PASSWORD`. */
  authenticateWithSessionCookie<Claims = JwtClaims>(options: SessionOptions): Promise<AuthenticateResultOf<Session, Claims>>;
}

/** The same client, its sessions ours. */
export type WithEdgeseal<Client extends SdkClient> = {
  readonly userManagement: OverlaidCalls<SessionOf<Client>> & Client['userManagement'];
} & Client;

/** What the client does not say itself: its key, client id, address, issuer and `fetchFn` are taken over. */
export type OverlayOptions = Omit<WorkOSOptions, 'clientId' | 'apiHostname' | 'https' | 'port'>;

/**
 * A client of `@workos-inc/node` whose sessions are checked and refreshed by edgeseal: `loadSealedSession`, what it gives, and
 * `authenticateWithSessionCookie`. All else is as it was, and so is the client that was given.
 *
 * Throws a TypeError that names the option that cannot work.
 */
export function withEdgeseal<Client extends SdkClient>(workos: Client, options?: OverlayOptions): WithEdgeseal<Client>;
