// What a route handler sees of a request: who it is from, and the headers.

import { headers } from 'next/headers';
import { auth } from '../../auth';

export async function GET() {
  const session = await auth.getSession();
  return Response.json({ id: session?.member_session_id ?? null, headers: Object.fromEntries(await headers()) });
}
