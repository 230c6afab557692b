// What every middleware is made with, and the core that an adapter is made of. `edgeseal/fetch` is the shortest adapter.

import type { MemberSessions, Session, MemberSession, Sessions, SessionsAuthorizationCheck } from '../stytch.js';
import type { Authenticated, CookieSession, Password, SessionOptions } from '../wasm/edgeseal.js';

/** A `WorkOS` of edgeseal, or what `withEdgeseal(new WorkOS(…))` returns. */
export interface WorkOSClient {
  readonly userManagement: { loadSealedSession(options: SessionOptions): CookieSession };
}

/** A `Client` of `edgeseal/stytch`. */
export interface StytchClient {
  readonly sessions: Sessions;
}

/** A `B2BClient` of `edgeseal/stytch`. */
export interface StytchB2BClient {
  readonly sessions: MemberSessions;
}

/** A client, or what makes one from the environment of a Worker, once per request. */
type Given<Client, Environment> = Client | ((environment: Environment) => Client);

/** What a route demands of a WorkOS session. */
export type WorkOSDemand = 'session' | { role?: string; permission?: string };

/** What a route demands of a Stytch session. The organization of a check is the session's own, unless it names one. */
export type StytchDemand = 'session' | { role?: string; authorizationCheck?: SessionsAuthorizationCheck & { organization_id?: string } };

/** What a path demands. The first rule that fits wins; what none fits needs a session. */
export interface Rule<Demand> {
  /** Decoded; `*` is any text, slashes too. */
  path: string;
  /** Default: all. A rule for GET is one for HEAD. */
  methods?: readonly string[];
  require: 'public' | Demand;
}

interface Attributes {
  /** Default: none, which restricts the cookie to this host. */
  domain?: string;
  /** Default: `/`. */
  path?: string;
  /** Default: `lax`. */
  sameSite?: 'lax' | 'strict' | 'none';
  /** Default: true, but on http://localhost. */
  secure?: boolean;
}

interface Common<Demand, Native> {
  /**
   * Where people sign in: an address, to which `return_to` is added, or what finds it. Documents are redirected there; without it they get
   * 401, as everything else does. A path of this site is public by itself.
   */
  loginUrl?: string | ((request: Native, why: { reason: string; detail: string }) => string | Promise<string>);
  routes?: readonly Rule<Demand>[];
}

export interface WorkOSOptions<Environment, Native> extends Common<WorkOSDemand, Native> {
  workos: Given<WorkOSClient, Environment>;
  stytch?: undefined;
  /** Default: the client's. */
  cookiePassword?: Password;
  cookie?: Attributes & {
    /** Default: `wos-session`. */
    name?: string;
    /** In seconds. Default: 400 days. */
    maxAge?: number;
  };
}

export interface StytchOptions<Client, Environment, Native> extends Common<StytchDemand, Native> {
  stytch: Given<Client, Environment>;
  workos?: undefined;
  cookiePassword?: undefined;
  /** As Stytch's browser SDK sets them. They end with the session. */
  cookie?: Attributes & {
    /** Default: `stytch_session_jwt`. */
    jwtName?: string;
    /** Default: `stytch_session`. */
    tokenName?: string;
    /** Default: false, because the browser SDK reads them. */
    httpOnly?: boolean;
  };
}

/** What stores a session, by provider: a sealed session of WorkOS, an answer of Stytch's. */
export type Storable<S> = S extends Authenticated<any>
  ? string
  : { session_jwt: string; session_token: string; session?: Session<any>; member_session?: MemberSession<any> };

/** A path of this site that a visitor may be sent to after sign-in; `/` for everything else. */
export function safeReturnTo(path: string | null | undefined): string;

/** A request, as far as the core looks at one: a Web `Request` is one. `url` is absolute, its path as it was sent. */
export interface RequestLike {
  method: string;
  url: string;
  headers: { get(name: string): string | null | undefined };
}

/** Headers of a response, as far as the core changes them: Web `Headers` are such. */
export interface HeadersLike {
  get(name: string): string | null;
  set(name: string, value: string): void;
  append(name: string, value: string): void;
  delete(name: string): void;
  getSetCookie(): string[];
}

/** An answer of the core's own, complete with its cookies. */
export interface Answer {
  status: number;
  headers: [name: string, value: string][];
  body: string;
}

/** A request on its way through a middleware. */
export interface Passage<S> {
  /** Where there is one, the request does not go on. */
  readonly answer?: Answer;
  /** Who is signed in; null on public pages, and for preflights, where nobody is. */
  readonly session: S | null;
  /** WorkOS: the session as its cookie has it, sealed. */
  readonly sealed?: string;
  /** Nobody is known, whatever the rules demand, and anybody can send one: its answer has to go out without a body, which no browser reads. */
  readonly isPreflight: boolean;
  /** The lines of `Set-Cookie` that have to reach the browser, whatever else happens. `finish` puts them in. */
  readonly cookies: readonly string[];
}

/** What an adapter is made of. */
export interface Core<S, Environment, Native> {
  /** Of the session's cookies. A split one has parts, `name.0` and so on. */
  readonly names: readonly string[];
  /**
   * Decides about a request. `native` is what `loginUrl` is called with; default: `request`.
   *
   * Rejects with a TypeError for a client or a `loginUrl` that cannot work, which shows only now.
   */
  admit(request: RequestLike, environment: Environment, native?: Native): Promise<Passage<S>>;
  /**
   * What one route demands beside the rules. It gives the answer to a request that does not meet it; `session` of the passage may be another
   * afterwards. Throws a TypeError for a demand that cannot work.
   */
  require(demand: WorkOSDemand | StytchDemand): (passage: Passage<S>) => Promise<Answer | undefined>;
  /** The `Cookie` header that a handler behind another request is to see: with the session that was admitted, and no other one. */
  cookieHeader(passage: Passage<S>): string;
  /** Name and value of the cookies by which the session was admitted, as they are now. None for nobody, and for a bearer token. */
  carried(passage: Passage<S>): [name: string, value: string][];
  /** Who is signed in, by a request's headers alone: nothing is refreshed. `detail` is the code of a refusal. */
  authenticate(request: RequestLike, environment: Environment): Promise<{ session: S | null; detail?: string }>;
  /** Puts the cookies into a response's headers, unless its handler has set the session's itself, and keeps it out of shared caches. */
  finish(passage: Passage<S>, headers: HeadersLike): void;
  /** The lines of `Set-Cookie` that store a session, for a sign-in or a switch of organization. None for what four cookies do not hold. */
  setCookies(request: RequestLike, session: Storable<S>, environment: Environment): Promise<string[]>;
  /** The lines that delete it, for signing out. */
  deleteCookies(request: RequestLike, environment: Environment): string[];
}

/** Throws a TypeError that names the option that cannot work. */
export function createCore<S, Environment, Native>(
  options: WorkOSOptions<Environment, Native> | StytchOptions<StytchClient, Environment, Native> | StytchOptions<StytchB2BClient, Environment, Native>,
): Core<S, Environment, Native>;
