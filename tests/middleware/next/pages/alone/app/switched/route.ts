// Handlers that set the session's cookie themselves, in both of Next's ways.

import { cookies } from 'next/headers';

export async function GET() {
  (await cookies()).set('wos-session', 'of-the-handler');
  return new Response(null, { status: 204 });
}

export function POST() {
  return new Response('', { headers: { 'set-cookie': 'wos-session=of-the-handler; Path=/' } });
}
