import { unsealData } from 'edgeseal';
import { safeReturnTo } from 'edgeseal/next';
import { cookies } from 'next/headers';
import type { NextRequest } from 'next/server';
import { auth, workosOf } from '../../auth';
import { MINUTES_10, flowCookie, password, redirectTo, type Started } from '../../sign_in';

export async function GET(request: NextRequest) {
  const code = request.nextUrl.searchParams.get('code');
  const name = flowCookie(request.nextUrl.searchParams.get('state') ?? '');
  const jar = await cookies();
  const sealed = jar.get(name)?.value;
  // No sign-in of this browser: another one has started it, or it was finished already.
  if (!code || !sealed) return new Response('This sign-in is over. Please start again.', { status: 400 });
  const { codeVerifier, returnTo } = await unsealData<Partial<Started>>(sealed, { password: password(), ttl: MINUTES_10 });
  const { sealedSession } = await workosOf(process.env).userManagement.authenticateWithCode({ code, codeVerifier, session: { sealSession: true } });
  jar.delete(name);
  const response = redirectTo(safeReturnTo(returnTo));
  for (const line of await auth.setCookies(request, sealedSession!)) response.headers.append('set-cookie', line);
  return response;
}
