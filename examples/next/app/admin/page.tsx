import { auth } from '../../auth';

export default async function Administration() {
  const session = await auth.getSession();
  return (
    <main>
      <h1>Administration</h1>
      <p>{`Welcome, ${session?.user.email}.`}</p>
    </main>
  );
}
