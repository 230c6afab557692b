import { withAuth } from '@workos-inc/authkit-nextjs';

export default async function Start() {
  const { user } = await withAuth();
  return (
    <main>
      <h1>Start</h1>
      <p>{user ? `Signed in as ${user.email}.` : <a href="/login">Sign in</a>}</p>
    </main>
  );
}
