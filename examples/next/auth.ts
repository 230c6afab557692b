// The client, and who may see what.

import { WorkOS } from 'edgeseal';
import { edgeseal } from 'edgeseal/next';

/** Made when it is needed: building the site needs no key. What it learns belongs to the module. */
export function workosOf(env: Record<string, string | undefined>): WorkOS {
  const { protocol, hostname, port } = new URL(env.WORKOS_BASE_URL ?? 'https://api.workos.com');
  return new WorkOS(env.WORKOS_API_KEY, {
    clientId: env.WORKOS_CLIENT_ID!,
    cookiePassword: env.WORKOS_COOKIE_PASSWORD,
    apiHostname: hostname,
    https: protocol === 'https:',
    port: port === '' ? undefined : Number(port),
  });
}

/** What no rule names needs a session. */
export const auth = edgeseal({
  workos: workosOf,
  loginUrl: '/login',
  routes: [
    { path: '/', require: 'public' },
    { path: '/callback', require: 'public' },
    { path: '/admin', require: { role: 'admin' } },
    { path: '/admin/*', require: { role: 'admin' } },
  ],
});
