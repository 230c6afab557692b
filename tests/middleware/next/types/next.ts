// Proxies of sites with WorkOS and with Stytch. Compiled, never run.

import { WorkOS as SDK } from '@workos-inc/node';
import { WorkOS, withEdgeseal, type JwtClaims } from 'edgeseal';
import { edgeseal, safeReturnTo } from 'edgeseal/next';
import { B2BClient, Client } from 'edgeseal/stytch';
import { NextResponse, type NextProxy } from 'next/server.js';

const auth = edgeseal({
  workos: (env) => new WorkOS(env.WORKOS_API_KEY!, { clientId: 'client_1', cookiePassword: env.PASSWORD! }),
  loginUrl: ({ nextUrl }, { reason }) => `/login?from=${nextUrl.pathname}&why=${reason}`,
  routes: [{ path: '/admin/*', require: { role: 'admin', permission: 'users:write' } }],
});
export const proxy: NextProxy = auth;

export async function page(request: Request): Promise<Response> {
  const session = await auth.getSession();
  // @ts-expect-error there may be nobody
  session.user;
  const email: string | undefined = session?.user.email;
  const headers = new Headers({ location: safeReturnTo(null) });
  for (const line of [...(await auth.setCookies(request, 'sealed')), ...auth.deleteCookies(request)]) headers.append('set-cookie', line);
  return new Response(email, { headers });
}

export const beside = edgeseal<JwtClaims & { plan: 'free' | 'paid' }>(
  { workos: () => withEdgeseal(new SDK('sk_test', { clientId: 'client_1' })), authkit: { eagerAuth: true, signUpPaths: ['/join'], redirectUri: 'https://site.example/callback' } },
  (request, session) => {
    const plan: 'free' | 'paid' | undefined = session?.claims.plan;
    if (plan === 'free') return NextResponse.redirect(new URL('/plans', request.url));
    if (request.nextUrl.pathname === '/old') return NextResponse.rewrite(new URL('/new', request.url));
  },
);

const members = edgeseal({ stytch: () => new B2BClient({ project_id: 'p', secret: 's' }) });
export const organization = async (): Promise<string | undefined> => (await members.getSession())?.organization_id;
const users = edgeseal({ stytch: new Client({ project_id: 'p', secret: 's' }) }, async (request, session, event) => event.waitUntil(Promise.resolve(session?.user_id)));
export const user = async (): Promise<string | undefined> => (await users.getSession())?.user_id;

// @ts-expect-error AuthKit is WorkOS's
edgeseal({ stytch: new Client({ project_id: 'p', secret: 's' }), authkit: {} });
// @ts-expect-error its option is called otherwise
edgeseal({ workos: new WorkOS('k', { clientId: 'c' }), authkit: { eager: true } });
// @ts-expect-error a permission is WorkOS's
edgeseal({ stytch: new Client({ project_id: 'p', secret: 's' }), routes: [{ path: '/', require: { permission: 'x' } }] });
