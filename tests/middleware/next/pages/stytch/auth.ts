// Sessions of Stytch's members, and a proxy with a handler of its own.

import { edgeseal } from 'edgeseal/next';
import { B2BClient } from 'edgeseal/stytch';
import { NextResponse } from 'next/server';

export const auth = edgeseal(
  {
    stytch: ({ STYTCH_PROJECT_ID, STYTCH_SECRET, STYTCH_BASE_URL }) =>
      new B2BClient({ project_id: STYTCH_PROJECT_ID!, secret: STYTCH_SECRET!, env: STYTCH_BASE_URL }),
    loginUrl: ({ url }) => new URL('/public/login', url).href,
    routes: [
      { path: '/public/*', require: 'public' },
      { path: '/posts', require: { authorizationCheck: { resource_id: 'posts', action: 'write' } } },
    ],
  },
  (request, session) => {
    const { pathname } = request.nextUrl;
    if (pathname === '/nothing') return undefined;
    if (pathname === '/moved') return NextResponse.redirect(new URL('/seen', request.url));
    if (pathname === '/answered') return NextResponse.json({ id: session?.member_session_id });
    if (pathname === '/thrown') throw new Error('a handler that throws');
    if (pathname === '/rewritten') return NextResponse.rewrite(new URL('/seen', request.url));
    if (pathname === '/named') {
      const headers = new Headers(request.headers);
      headers.set('x-theme', 'dark');
      return NextResponse.rewrite(new URL('/seen', request.url), { request: { headers } });
    }
    const response = NextResponse.next();
    response.cookies.set('visited', '1');
    return response;
  },
);
