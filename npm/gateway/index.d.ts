/** The gateway, ready to run on Cloudflare Workers: `export { default, Revocations, SessionObject } from 'edgeseal/gateway'`. */
declare const gateway: {
  fetch(
    request: Request,
    environment: any,
    context: { waitUntil(promise: Promise<unknown>): void; passThroughOnException(): void },
  ): Promise<Response>;
};
export default gateway;

/** The Durable Object that sees to it that a session is refreshed once. Bind it as `EDGESEAL_SESSIONS`, as a SQLite class. */
export class SessionObject {
  // What the types of Cloudflare know an object by.
  __DURABLE_OBJECT_BRAND: never;
  constructor(state: any, environment: any);
  fetch(request: Request): Promise<Response>;
  alarm(): Promise<void>;
}

/** The Durable Object that knows what was revoked, so that it is refused before its token ends. Bind it as `EDGESEAL_REVOCATIONS`, as a SQLite class. */
export class Revocations {
  constructor(state: any, environment: any);
  fetch(request: Request): Promise<Response>;
  alarm(): Promise<void>;
}
