// A Worker, and a server of Stytch's users. Compiled, never run.

import { WorkOS as SDK } from '@workos-inc/node';
import { WorkOS, withEdgeseal, type JwtClaims } from 'edgeseal';
import { edgeseal, safeReturnTo } from 'edgeseal/fetch';
import { B2BClient, Client } from 'edgeseal/stytch';

interface Env {
  WORKOS_API_KEY: string;
  PASSWORD: string;
}

const auth = edgeseal<Env>({
  workos: (env) => new WorkOS(env.WORKOS_API_KEY, { clientId: 'client_1', cookiePassword: env.PASSWORD }),
  loginUrl: (request, { reason }) => `${new URL(request.url).origin}/login?why=${reason}`,
  routes: [{ path: '/docs/*', methods: ['GET'], require: 'public' }, { path: '/admin/*', require: { role: 'admin', permission: 'users:write' } }],
  cookie: { name: 'wos-session', sameSite: 'strict', maxAge: 3600 },
});

export default {
  fetch: (request: Request, env: Env): Promise<Response> =>
    auth(request, env, async (same, session) => {
      // @ts-expect-error on public pages there may be nobody
      session.user;
      const email: string | undefined = session?.user.email;
      const headers = new Headers();
      for (const line of [...(await auth.setCookies(same, 'sealed', env)), ...auth.deleteCookies(same, env)]) headers.append('set-cookie', line);
      return new Response(email, { headers: [...headers, ['location', safeReturnTo(new URL(same.url).searchParams.get('return_to'))]] });
    }),
};

const wrapped = edgeseal<unknown, JwtClaims & { plan: 'free' | 'paid' }>({ workos: withEdgeseal(new SDK('sk_test', { clientId: 'client_1' })), cookiePassword: ['…'] });
export const plan = wrapped(new Request('http://localhost/'), undefined, (request, session) => {
  const known: 'free' | 'paid' | undefined = session?.claims.plan;
  return new Response(known);
});

const members = edgeseal({
  stytch: new B2BClient({ project_id: 'p', secret: 's' }),
  routes: [{ path: '/posts', require: { authorizationCheck: { resource_id: 'posts', action: 'write' } } }],
  cookie: { jwtName: 'a', tokenName: 'b', httpOnly: true },
});
export const member = members(new Request('http://localhost/'), {}, (request, session) => new Response(session?.organization_id));
const users = edgeseal({ stytch: () => new Client({ project_id: 'p', secret: 's' }) });
export const user = users(new Request('http://localhost/'), {}, (request, session) => new Response(session?.user_id));

// @ts-expect-error of which provider?
edgeseal({ routes: [] });
// @ts-expect-error a permission is WorkOS's
edgeseal({ stytch: new Client({ project_id: 'p', secret: 's' }), routes: [{ path: '/', require: { permission: 'x' } }] });
// @ts-expect-error a check is Stytch's
edgeseal({ workos: new WorkOS('k', { clientId: 'c' }), routes: [{ path: '/', require: { authorizationCheck: { resource_id: 'x', action: 'y' } } }] });
// @ts-expect-error the SDK's own client does not say whether to try again
edgeseal({ workos: new SDK('sk_test', { clientId: 'client_1' }) });
