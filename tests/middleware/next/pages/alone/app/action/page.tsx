// A server action that signs out, and the page that is rendered again with its answer.

import { cookies } from 'next/headers';
import { auth } from '../../auth';

async function leave() {
  'use server';
  (await cookies()).delete('wos-session');
}

export default async function Action() {
  const session = await auth.getSession();
  return (
    <form action={leave}>
      <p id="who">{`who:${session?.user.email ?? 'nobody'}:${session?.sessionId ?? ''}:`}</p>
      <button>Sign out</button>
    </form>
  );
}
