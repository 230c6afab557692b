// The page: who is signed in, what they may do, or the way in.

import { Suspense, lazy, useCallback, useEffect, useState } from 'react';
import { ask } from './api.js';

/** With all of Stytch's page for signing in: only for those who need it. */
const SignIn = lazy(() => import('./SignIn.jsx'));

export function App() {
  const [state, setState] = useState({ is: 'loading' });
  const look = useCallback(async () => {
    try {
      setState({ is: 'signed-in', me: await ask('me') });
    } catch (error) {
      setState(error.status === 401 ? { is: 'signed-out' } : { is: 'unavailable', detail: error.message });
    }
  }, []);
  useEffect(() => void look(), [look]);

  return (
    <main>
      <h1>Stytch, React and Workers</h1>
      {state.is === 'signed-in' && <Home me={state.me} onSignedOut={look} />}
      {state.is === 'signed-out' && (
        <Suspense fallback={<p>…</p>}>
          <SignIn onSignedIn={look} />
        </Suspense>
      )}
      {state.is === 'unavailable' && (
        <p>
          We cannot tell right now whether you are signed in ({state.detail}). <button onClick={look}>Try again</button>
        </p>
      )}
    </main>
  );
}

function Home({ me, onSignedOut }) {
  const [said, setSaid] = useState('');
  const post = () => ask('posts', 'POST').then(() => setSaid('Posted.'), (error) => setSaid(`Refused: ${error.message}`));
  const signOut = () => ask('sign-out', 'POST').then(onSignedOut, (error) => setSaid(`Not signed out: ${error.message}`));
  return (
    <>
      <p>
        Signed in as {me.userId}, {me.roles.join(', ')}.
      </p>
      <p>
        <button onClick={post}>Post something</button> <button onClick={signOut}>Sign out</button>
      </p>
      <p role="status">{said}</p>
    </>
  );
}
