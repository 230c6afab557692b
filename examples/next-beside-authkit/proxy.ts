// In the place of authkitProxy(): authenticates, refreshes, and tells AuthKit's withAuth() who is signed in.

import { getWorkOS } from '@workos-inc/authkit-nextjs';
import { withEdgeseal } from 'edgeseal';
import { edgeseal } from 'edgeseal/next';

/** What no rule names needs a session. */
export const proxy = edgeseal({
  workos: ({ WORKOS_COOKIE_PASSWORD: cookiePassword }) => withEdgeseal(getWorkOS(), { cookiePassword }),
  authkit: {},
  loginUrl: '/login',
  routes: [
    { path: '/', require: 'public' },
    { path: '/callback', require: 'public' },
    { path: '/admin', require: { role: 'admin' } },
    { path: '/admin/*', require: { role: 'admin' } },
  ],
});

export const config = { matcher: '/((?!_next/static/|_next/image).*)' };
