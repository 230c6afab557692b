import { auth } from '../auth';

export default async function Start() {
  const session = await auth.getSession();
  return (
    <main>
      <h1>Start</h1>
      <p>{session ? `Signed in as ${session.user.email}.` : <a href="/login">Sign in</a>}</p>
    </main>
  );
}
