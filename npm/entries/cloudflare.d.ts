/**
 * The Durable Object that sees to it that a session is refreshed once, however many isolates ask: export it from your Worker, bind it
 * as a SQLite class, and give the namespace to the client as `sessions`. Its environment holds `WORKOS_CLIENT_ID`, `WORKOS_API_KEY` and
 * `WORKOS_COOKIE_PASSWORD` (a password, or a JSON array of them, newest first), and `WORKOS_BASE_URL` where the API is elsewhere.
 *
 * Throws a TypeError that names the variable that cannot work.
 */
export class SessionObject {
  // What the types of Cloudflare know an object by.
  __DURABLE_OBJECT_BRAND: never;
  constructor(state: any, environment: any);
  fetch(request: Request): Promise<Response>;
  alarm(): Promise<void>;
}
