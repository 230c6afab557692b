import type { NextFetchEvent, NextRequest } from 'next/server.js';
import type { Authenticated, JwtClaims } from '../wasm/edgeseal.js';
import type { MemberSession, Session } from '../stytch.js';
import type { Storable, StytchB2BClient, StytchClient, StytchOptions, WorkOSOptions } from './core.js';

export { safeReturnTo } from './core.js';

/** What a proxy of your own does with a request that was let through: nothing, for it to go on, or a `NextResponse`. */
export type Handler<S> = (request: NextRequest, session: S | null, event: NextFetchEvent) => Handled | Promise<Handled>;
type Handled = Response | undefined | void;

/** `proxy` of `proxy.ts`; in Next 15 `middleware` of `middleware.ts`, with `runtime: 'nodejs'`. */
export interface Proxy<S> {
  (request: NextRequest, event: NextFetchEvent): Promise<Response>;
  /**
   * Who is signed in, for server components, route handlers and server actions: by the cookies alone, whether the proxy has seen the request or not.
   * It refreshes nothing, which the proxy has done. Null for nobody, and while nobody can tell.
   */
  getSession(): Promise<S | null>;
  /** The lines of `Set-Cookie` that store a session, for a sign-in or a switch of organization. None for what four cookies do not hold. */
  setCookies(request: Request, session: Storable<S>): Promise<string[]>;
  /** The lines that delete it, for signing out. */
  deleteCookies(request: Request): string[];
}

type Environment = Record<string, string | undefined>;

/** Beside `@workos-inc/authkit-nextjs`, in the place of its proxy: its options of the same names. */
export interface AuthkitOptions {
  /** Default: `NEXT_PUBLIC_WORKOS_REDIRECT_URI`. */
  redirectUri?: string;
  /** Paths from which `withAuth({ ensureSignedIn: true })` leads to signing up. */
  signUpPaths?: string[];
  /** Hands the access token to the page's first script, in a cookie of 30 seconds. Default: false. */
  eagerAuth?: boolean;
}

/** Sessions of WorkOS. Throws a TypeError that names the option that cannot work. */
export function edgeseal<Claims = JwtClaims>(
  options: WorkOSOptions<Environment, NextRequest> & { authkit?: AuthkitOptions },
  handler?: Handler<Authenticated<Claims>>,
): Proxy<Authenticated<Claims>>;
/** Sessions of Stytch's members. */
export function edgeseal(options: StytchOptions<StytchB2BClient, Environment, NextRequest>, handler?: Handler<MemberSession>): Proxy<MemberSession>;
/** Sessions of Stytch's users. */
export function edgeseal(options: StytchOptions<StytchClient, Environment, NextRequest>, handler?: Handler<Session>): Proxy<Session>;
