// A site with a page for everybody, one for people who are signed in, and one for administrators.

import { Hono } from 'hono';
import { html } from 'hono/html';
import { auth } from './auth';
import { signIn } from './sign_in';
import type { Bindings } from './workos';

// Bound in wrangler.toml.
export { SessionObject } from 'edgeseal/cloudflare';

const page = (title: string, body: unknown) =>
  html`<!doctype html><meta name="viewport" content="width=device-width"><title>${title}</title><h1>${title}</h1>${body}`;
const links = html`<p><a href="/">Start</a> · <a href="/app">App</a> · <a href="/admin">Administration</a></p>`;

// Before all else: whatever comes after it knows who is signed in.
const app = new Hono<{ Bindings: Bindings }>().use(auth);
app.route('/', signIn);

app.get('/', (c) => {
  const session = c.get('session');
  const who = session ? html`<p>Signed in as ${session.user.email}.</p>` : html`<p><a href="/login">Sign in</a></p>`;
  return c.html(page('Start', html`${who}${links}`));
});

app.get('/app', auth.require('session'), (c) => {
  const { user, organizationId, role, expiresAt } = c.get('session');
  const until = new Date(expiresAt * 1000).toLocaleTimeString();
  const who = `${user.firstName} ${user.lastName}, ${role ?? 'no role'} in ${organizationId ?? 'no organization'}`;
  const signOut = html`<form method="post" action="/logout"><button>Sign out</button></form>`;
  return c.html(page('App', html`<p>${who}; this token ends at ${until}.</p>${links}${signOut}`));
});

app.get('/admin', auth.require({ role: 'admin' }), (c) => {
  return c.html(page('Administration', html`<p>Welcome, ${c.get('session').user.email}.</p>${links}`));
});

export default app;
