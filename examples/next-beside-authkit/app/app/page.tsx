import { refreshSession, signOut, withAuth } from '@workos-inc/authkit-nextjs';

async function renew() {
  'use server';
  await refreshSession();
}

async function leave() {
  'use server';
  await signOut();
}

export default async function App() {
  const { user, organizationId, role } = await withAuth({ ensureSignedIn: true });
  return (
    <main>
      <h1>App</h1>
      <p>{`${user.firstName} ${user.lastName}, ${role ?? 'no role'} in ${organizationId ?? 'no organization'}.`}</p>
      <form action={renew}>
        <button>Refresh</button>
      </form>
      <form action={leave}>
        <button>Sign out</button>
      </form>
    </main>
  );
}
