// A Worker that wraps a client of the SDK, with the types of Cloudflare's own platform. Compiled, never run.

import { WorkOS } from 'workos-11';
import { WorkOS as Sessions, cacheApiKeyCache, withEdgeseal } from 'edgeseal';
import { SessionObject } from 'edgeseal/cloudflare';
import { edgeseal } from 'edgeseal/fetch';
import gateway, { Revocations, SessionObject as GatewayObject } from 'edgeseal/gateway';

interface Environment {
  KV: KVNamespace;
  EDGESEAL_SESSIONS: DurableObjectNamespace<SessionObject>;
  GATEWAY_SESSIONS: DurableObjectNamespace<GatewayObject>;
  WORKOS_API_KEY: string;
  PASSWORD: string;
}

export default {
  async fetch(request, env, context): Promise<Response> {
    const client = new WorkOS(env.WORKOS_API_KEY, { clientId: 'client_1' });
    const workos = withEdgeseal(client, { keyCache: env.KV, sessions: env.EDGESEAL_SESSIONS });
    const alone = new Sessions(env.WORKOS_API_KEY, { clientId: 'client_1', keyCache: cacheApiKeyCache(caches.default), sessions: env.GATEWAY_SESSIONS });
    const sessionData = request.headers.get('x-session');
    const result = await workos.userManagement.loadSealedSession({ sessionData, cookiePassword: env.PASSWORD }).authenticate();
    if (result.authenticated) return gateway.fetch(request, env, context);
    const same = await alone.userManagement.authenticateWithSessionCookie({ sessionData, cookiePassword: env.PASSWORD });
    return new Response(same.authenticated ? same.user.id : same.detail);
  },
} satisfies ExportedHandler<Environment>;

const auth = edgeseal<Environment>({
  workos: (env) => new Sessions(env.WORKOS_API_KEY, { clientId: 'client_1', cookiePassword: env.PASSWORD, sessions: env.EDGESEAL_SESSIONS }),
  loginUrl: (request) => `/login?from=${new URL(request.url).pathname}`,
});

export const guarded = {
  fetch: (request, env) => auth(request, env, (same, session) => new Response(session?.user.email, { headers: { 'x-path': new URL(same.url).pathname } })),
} satisfies ExportedHandler<Environment>;

export { Revocations, SessionObject };
