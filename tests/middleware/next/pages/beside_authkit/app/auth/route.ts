// What AuthKit says of a request, and its refresh.

import { refreshSession, withAuth } from '@workos-inc/authkit-nextjs';
import { headers } from 'next/headers';

export async function GET() {
  return Response.json({ ...(await withAuth()), url: (await headers()).get('x-url') });
}

export async function POST() {
  return Response.json(await refreshSession());
}
