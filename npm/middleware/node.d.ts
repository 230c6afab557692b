import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authenticated, JwtClaims } from '../wasm/edgeseal.js';
import type { MemberSession, Session } from '../stytch.js';
import type { Storable, StytchB2BClient, StytchClient, StytchDemand, StytchOptions, WorkOSDemand, WorkOSOptions } from './core.js';

export { safeReturnTo } from './core.js';

/** What `req.auth` is, where it is not WorkOS's: `declare module 'edgeseal/node' { interface Register { session: Session } }`. */
export interface Register {}

/** Who is signed in. */
export type Auth = Register extends { session: infer S } ? S : Authenticated;

declare module 'node:http' {
  interface IncomingMessage {
    /** Who is signed in: null on public pages, and for preflights, where nobody is. */
    auth?: Auth | null;
  }
}

// @ts-ignore Only where Fastify is there.
declare module 'fastify' {
  interface FastifyRequest {
    /** Who is signed in: null on public pages, and for preflights, where nobody is. */
    auth?: Auth | null;
  }
}

/** A request of Node's own, or Fastify's around one. */
type NodeRequest = IncomingMessage | { raw: IncomingMessage };
type NodeResponse = ServerResponse | { raw: ServerResponse };

/** What Express and Connect call a middleware, and Fastify a hook (`onRequest`). */
export type Handler = (request: NodeRequest, response: NodeResponse, next: (error?: any) => void) => void;

export interface Middleware<S, Demand> extends Handler {
  /** What one route demands beside the rules, behind the middleware: there is a session then. */
  require(demand: Demand): Handler;
  /** The lines of `Set-Cookie` that store a session, for a sign-in or a switch of organization. None for what four cookies do not hold. */
  setCookies(request: NodeRequest, session: Storable<S>): Promise<string[]>;
  /** The lines that delete it, for signing out. */
  deleteCookies(request: NodeRequest): string[];
}

type Environment = Record<string, string | undefined>;

/** Sessions of WorkOS. Throws a TypeError that names the option that cannot work. */
export function edgeseal<Claims = JwtClaims>(options: WorkOSOptions<Environment, any>): Middleware<Authenticated<Claims>, WorkOSDemand>;
/** Sessions of Stytch's members. */
export function edgeseal(options: StytchOptions<StytchB2BClient, Environment, any>): Middleware<MemberSession, StytchDemand>;
/** Sessions of Stytch's users. */
export function edgeseal(options: StytchOptions<StytchClient, Environment, any>): Middleware<Session, StytchDemand>;
