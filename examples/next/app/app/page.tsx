import { auth } from '../../auth';

export default async function App() {
  const session = await auth.getSession();
  if (!session) return null; // The proxy lets nobody else in.
  const { user, organizationId, role, expiresAt } = session;
  return (
    <main>
      <h1>App</h1>
      <p>{`${user.firstName} ${user.lastName}, ${role ?? 'no role'} in ${organizationId ?? 'no organization'}; this token ends at ${new Date(expiresAt * 1000).toLocaleTimeString()}.`}</p>
      <form method="post" action="/logout">
        <button>Sign out</button>
      </form>
    </main>
  );
}
