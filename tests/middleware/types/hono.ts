// A Hono app. Compiled, never run.

import { Hono } from 'hono';
import { WorkOS } from 'edgeseal';
import { edgeseal } from 'edgeseal/hono';
import { B2BClient } from 'edgeseal/stytch';

const auth = edgeseal({ workos: (env: { KEY: string }) => new WorkOS(env.KEY, { clientId: 'client_1' }), routes: [{ path: '/', require: 'public' }] });

export const app = new Hono()
  .use(auth)
  .get('/', (c) => c.text(c.get('session')?.user.email ?? 'nobody'))
  .get('/admin', auth.require({ role: 'admin' }), (c) => {
    // Not null behind a demand.
    const email: string = c.get('session').user.email;
    return c.text(email);
  })
  .get('/sign-out', async (c) => {
    for (const line of auth.deleteCookies(c)) c.header('set-cookie', line, { append: true });
    for (const line of await auth.setCookies(c, 'sealed')) c.header('set-cookie', line, { append: true });
    return c.redirect('/');
  });

export const strict = new Hono().use(auth).get('/', (c) => {
  // @ts-expect-error on public pages there may be nobody
  return c.text(c.get('session').user.email);
});

const members = edgeseal({ stytch: new B2BClient({ project_id: 'p', secret: 's' }) });
export const posts = new Hono()
  .use(members)
  .post('/posts', members.require({ authorizationCheck: { resource_id: 'posts', action: 'write' } }), (c) => c.text(c.get('session').organization_id));
// @ts-expect-error a permission is WorkOS's
members.require({ permission: 'x' });
