import type { Authenticated, JwtClaims } from '../wasm/edgeseal.js';
import type { MemberSession, Session } from '../stytch.js';
import type { Storable, StytchB2BClient, StytchClient, StytchOptions, WorkOSOptions } from './core.js';

export { safeReturnTo } from './core.js';

/**
 * Lets a request through to its handler, or answers it. The handler is told who is signed in: null on public pages, and for preflights, where
 * nobody is.
 */
export interface Middleware<S, Environment> {
  (request: Request, environment: Environment, handler: (request: Request, session: S | null) => Response | Promise<Response>): Promise<Response>;
  /** The lines of `Set-Cookie` that store a session, for a sign-in or a switch of organization. None for what four cookies do not hold. */
  setCookies(request: Request, session: Storable<S>, environment?: Environment): Promise<string[]>;
  /** The lines that delete it, for signing out. */
  deleteCookies(request: Request, environment?: Environment): string[];
}

/** Sessions of WorkOS. Throws a TypeError that names the option that cannot work. */
export function edgeseal<Environment = any, Claims = JwtClaims>(options: WorkOSOptions<Environment, Request>): Middleware<Authenticated<Claims>, Environment>;
/** Sessions of Stytch's members. */
export function edgeseal<Environment = any>(options: StytchOptions<StytchB2BClient, Environment, Request>): Middleware<MemberSession, Environment>;
/** Sessions of Stytch's users. */
export function edgeseal<Environment = any>(options: StytchOptions<StytchClient, Environment, Request>): Middleware<Session, Environment>;
