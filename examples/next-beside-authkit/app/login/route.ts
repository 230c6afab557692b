import { getSignInUrl } from '@workos-inc/authkit-nextjs';
import { safeReturnTo } from 'edgeseal/next';
import { redirect } from 'next/navigation';
import type { NextRequest } from 'next/server';

export async function GET(request: NextRequest) {
  redirect(await getSignInUrl({ returnTo: safeReturnTo(request.nextUrl.searchParams.get('return_to')) }));
}
