import { withAuth } from '@workos-inc/authkit-nextjs';

export default async function Administration() {
  const { user } = await withAuth({ ensureSignedIn: true });
  return (
    <main>
      <h1>Administration</h1>
      <p>{`Welcome, ${user.email}.`}</p>
    </main>
  );
}
