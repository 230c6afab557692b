// The API: every request's token is checked here, on the spot; Stytch is asked only when it has expired.

import { edgeseal } from 'edgeseal/fetch';
import { Client } from 'edgeseal/stytch';

/** May be made for every request: what it learns belongs to the module. */
const clientOf = ({ STYTCH_PROJECT_ID: project_id, STYTCH_SECRET: secret, STYTCH_BASE_URL: env, KEYS: keyCache }) =>
  new Client({ project_id, secret, env, keyCache });

/** What no rule names needs a session. */
const auth = edgeseal({
  stytch: clientOf,
  routes: [
    { path: '/api/settings', require: 'public' },
    // By the roles of the project's policy, in Stytch's dashboard.
    { path: '/api/posts', methods: ['POST'], require: { authorizationCheck: { resource_id: 'posts', action: 'write' } } },
  ],
});

export default {
  fetch: (request, env) => auth(request, env, (request, session) => answer(request, env, session)),
};

async function answer(request, env, session) {
  switch (`${request.method} ${new URL(request.url).pathname}`) {
    case 'GET /api/settings':
      return Response.json({ publicToken: env.STYTCH_PUBLIC_TOKEN ?? null, loginUrl: env.LOGIN_URL ?? null });
    case 'GET /api/me':
      return Response.json({ userId: session.user_id, roles: session.roles, expiresAt: session.expires_at });
    case 'POST /api/posts':
      return Response.json({ posted: true }, { status: 201 });
    case 'POST /api/sign-out':
      await clientOf(env).sessions.revoke({ session_id: session.session_id });
      return new Response(null, { status: 204, headers: auth.deleteCookies(request, env).map((line) => ['set-cookie', line]) });
    default:
      return Response.json({ detail: 'not_found' }, { status: 404 });
  }
}
