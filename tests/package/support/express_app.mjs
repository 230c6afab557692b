// A site on Express that signs people in with Stytch, as Stytch's documentation has it: a middleware authenticates the session's cookie.
// The tests run it as it stands, and with its one import of `stytch` changed. Holds no test.

import express from 'express';
import * as stytch from 'stytch';

export function createApp(config) {
  const client = new stytch.Client(config);
  const app = express();

  const authenticate = async (req, res, next) => {
    try {
      const { session, session_jwt } = await client.sessions.authenticateJwt({ session_jwt: cookieOf(req, 'stytch_session_jwt') });
      // It may be a new one.
      res.cookie('stytch_session_jwt', session_jwt, { path: '/', sameSite: 'lax' });
      req.session = session;
      next();
    } catch (error) {
      if (error instanceof stytch.StytchError && error.status_code >= 500) return res.status(503).send('Please try again.');
      res.status(401).send('Please sign in.');
    }
  };

  app.get('/', (req, res) => res.send('Welcome.'));
  app.get('/dashboard', authenticate, (req, res) => res.send(`${req.session.user_id}: ${req.session.roles.join()}`));
  return app;
}

function cookieOf(req, name) {
  const pair = (req.headers.cookie ?? '').split('; ').find((text) => text.startsWith(`${name}=`));
  return pair?.slice(name.length + 1);
}
