// A site with a page for everybody, one for people who are signed in, and one for administrators.

import express from 'express';
import { signIn } from './sign_in.js';
import { auth } from './workos.js';

const app = express();
// Before all else: whatever comes after it knows who is signed in.
app.use(auth);
app.use(signIn);

const escape = (text) => String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
const links = '<p><a href="/">Start</a> · <a href="/app">App</a> · <a href="/admin">Administration</a></p>';
const page = (title, body) =>
  `<!doctype html><meta name="viewport" content="width=device-width"><title>${title}</title><h1>${title}</h1>${body}${links}`;

app.get('/', (req, res) => {
  res.send(page('Start', req.auth ? `<p>Signed in as ${escape(req.auth.user.email)}.</p>` : '<p><a href="/login">Sign in</a></p>'));
});

app.get('/app', (req, res) => {
  const { user, organizationId, role, expiresAt } = req.auth;
  const until = new Date(expiresAt * 1000).toLocaleTimeString();
  const who = escape(`${user.firstName} ${user.lastName}, ${role ?? 'no role'} in ${organizationId ?? 'no organization'}`);
  res.send(page('App', `<p>${who}; this token ends at ${until}.</p><form method="post" action="/logout"><button>Sign out</button></form>`));
});

app.get('/admin', auth.require({ role: 'admin' }), (req, res) => {
  res.send(page('Administration', `<p>Welcome, ${escape(req.auth.user.email)}.</p>`));
});

const server = app.listen(process.env.PORT ?? 3000, () => console.log(`http://localhost:${server.address().port}`));
