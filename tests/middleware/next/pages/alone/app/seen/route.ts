// What a route handler sees of a request: who it is from, and the headers.

import { headers } from 'next/headers';
import { auth } from '../../auth';

async function answer() {
  const session = await auth.getSession();
  return Response.json({ id: session?.sessionId ?? null, headers: Object.fromEntries(await headers()) });
}

export { answer as GET, answer as POST };
