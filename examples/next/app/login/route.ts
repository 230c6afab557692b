import { sealData } from 'edgeseal';
import { safeReturnTo } from 'edgeseal/next';
import { cookies } from 'next/headers';
import type { NextRequest } from 'next/server';
import { workosOf } from '../../auth';
import { MINUTES_10, flowCookie, password, publicUrl, redirectTo, type Started } from '../../sign_in';

export async function GET(request: NextRequest) {
  const redirectUri = `${publicUrl()}/callback`;
  const { url, state, codeVerifier } = workosOf(process.env).userManagement.getAuthorizationUrlWithPKCE({ provider: 'authkit', redirectUri });
  const started: Started = { codeVerifier, returnTo: safeReturnTo(request.nextUrl.searchParams.get('return_to')) };
  const sealed = await sealData(started, { password: password(), ttl: MINUTES_10 });
  const jar = await cookies();
  jar.set(flowCookie(state), sealed, { httpOnly: true, secure: publicUrl().startsWith('https:'), sameSite: 'lax', maxAge: MINUTES_10 });
  return redirectTo(url);
}
