// The client of WorkOS's own SDK, its sessions edgeseal's, and who may see what.

import { WorkOS } from '@workos-inc/node';
import { withEdgeseal } from 'edgeseal';
import { edgeseal } from 'edgeseal/node';

const { WORKOS_API_KEY, WORKOS_CLIENT_ID: clientId, WORKOS_BASE_URL = 'https://api.workos.com' } = process.env;
const { protocol, hostname, port } = new URL(WORKOS_BASE_URL);
const address = { apiHostname: hostname, https: protocol === 'https:', port: port === '' ? undefined : Number(port) };

export const cookiePassword = process.env.WORKOS_COOKIE_PASSWORD;
export const workos = withEdgeseal(new WorkOS(WORKOS_API_KEY, { clientId, ...address }), { cookiePassword });

/** What no rule names needs a session. */
export const auth = edgeseal({
  workos,
  loginUrl: '/login',
  routes: [
    { path: '/', require: 'public' },
    { path: '/callback', require: 'public' },
  ],
});
