import type { Context, MiddlewareHandler } from 'hono';
import type { Authenticated, JwtClaims } from '../wasm/edgeseal.js';
import type { MemberSession, Session } from '../stytch.js';
import type { Storable, StytchB2BClient, StytchClient, StytchDemand, StytchOptions, WorkOSDemand, WorkOSOptions } from './core.js';

export { safeReturnTo } from './core.js';

/** `c.get('session')` is who is signed in: null on public pages, and for preflights, where nobody is. */
export interface Middleware<S, Demand> extends MiddlewareHandler<{ Variables: { session: S | null } }> {
  /** What one route demands beside the rules, behind the middleware: there is a session then. */
  require(demand: Demand): MiddlewareHandler<{ Variables: { session: S } }>;
  /** The lines of `Set-Cookie` that store a session, for a sign-in or a switch of organization. None for what four cookies do not hold. */
  setCookies(context: Context, session: Storable<S>): Promise<string[]>;
  /** The lines that delete it, for signing out. */
  deleteCookies(context: Context): string[];
}

/** Sessions of WorkOS. Throws a TypeError that names the option that cannot work. */
export function edgeseal<Environment = any, Claims = JwtClaims>(options: WorkOSOptions<Environment, Request>): Middleware<Authenticated<Claims>, WorkOSDemand>;
/** Sessions of Stytch's members. */
export function edgeseal<Environment = any>(options: StytchOptions<StytchB2BClient, Environment, Request>): Middleware<MemberSession, StytchDemand>;
/** Sessions of Stytch's users. */
export function edgeseal<Environment = any>(options: StytchOptions<StytchClient, Environment, Request>): Middleware<Session, StytchDemand>;
