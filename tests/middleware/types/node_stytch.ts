// An Express app with sessions of Stytch's. Compiled, never run.

import express from 'express';
import { edgeseal } from 'edgeseal/node';
import { Client, type Session } from 'edgeseal/stytch';

declare module 'edgeseal/node' {
  interface Register {
    session: Session;
  }
}

const auth = edgeseal({ stytch: new Client({ project_id: 'p', secret: 's' }) });
const app = express();
app.use(auth);
app.get('/', auth.require({ authorizationCheck: { resource_id: 'posts', action: 'read' } }), (req, res) => {
  const id: string | undefined = req.auth?.user_id;
  res.send(id);
});
