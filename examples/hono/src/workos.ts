// The client, and what the Worker is given to make it.

import { WorkOS, type WorkOSOptions } from 'edgeseal';

export interface Bindings {
  WORKOS_CLIENT_ID: string;
  WORKOS_API_KEY: string;
  WORKOS_COOKIE_PASSWORD: string;
  WORKOS_BASE_URL?: string;
  SESSIONS: WorkOSOptions['sessions'];
  KEYS: WorkOSOptions['keyCache'];
}

/** May be made for every request: what it learns belongs to the module. */
export function workosOf(env: Bindings): WorkOS {
  const { protocol, hostname, port } = new URL(env.WORKOS_BASE_URL ?? 'https://api.workos.com');
  return new WorkOS(env.WORKOS_API_KEY, {
    clientId: env.WORKOS_CLIENT_ID,
    cookiePassword: env.WORKOS_COOKIE_PASSWORD,
    sessions: env.SESSIONS,
    keyCache: env.KEYS,
    apiHostname: hostname,
    https: protocol === 'https:',
    port: port === '' ? undefined : Number(port),
  });
}
