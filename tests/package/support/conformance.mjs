// One script for two clients: what a session call does, for the SDK's client and for the same one with our sessions. Holds no test.

import { startProvider } from '../../../dev/src/provider.mjs';

export const PASSWORD = 'a cookie password of at least 32 characters';
export const OTHER_PASSWORD = 'another password of at least 32 characters';

/**
 * A provider, and cookies of it as the SDK seals them.
 * @param sealData of the package, which the SDK's own tests are held against elsewhere
 */
export async function startStage(sealData, options) {
  const provider = await startProvider(options);
  const { hostname, port } = new URL(provider.url);
  return {
    provider,
    /** What a client of the SDK is made with. One attempt: what a retry does is the same call again. */
    options: { clientId: provider.clientId, apiHostname: hostname, port: Number(port), https: false, maxRetries: 0 },
    /** A session cookie, in the SDK's own seal; `edit` changes what is sealed. */
    async cookie({ edit = (session) => session, password = PASSWORD, ...minted } = {}) {
      const { response } = provider.mintSession(minted);
      return sealData(edit(sessionOf(response)), { password, ttl: 0 });
    },
    close: () => provider.close(),
  };
}

/** What the SDK seals of the provider's answer. */
export function sessionOf({ user, access_token: accessToken, refresh_token: refreshToken, authentication_method: authenticationMethod, impersonator }) {
  const { org_id: organizationId } = JSON.parse(Buffer.from(accessToken.split('.')[1], 'base64url').toString());
  const members = { organizationId, user: camelCase(user), accessToken, refreshToken, authenticationMethod, impersonator };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== null));
}

const camelCase = (members) =>
  Object.fromEntries(Object.entries(members).map(([name, value]) => [name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()), value]));

/** What became of a call: its result, or the error it ended with. */
export async function outcome(call) {
  try {
    return { result: await call() };
  } catch (error) {
    return { error };
  }
}

/** Whether a token was made now or a moment ago changes these; that they are there is held against the result itself. */
const VARYING = ['accessToken', 'refreshToken', 'sealedSession'];

/** A result without what differs from one token to the next, and with what cannot be printed left out as JSON leaves it out. */
export function comparable(result) {
  return JSON.parse(JSON.stringify(result, (name, value) => (VARYING.includes(name) ? `a ${typeof value}` : name === 'error' ? undefined : value)));
}

/** `ours`, as far as it says what `theirs` says. */
export function asFarAs(theirs, ours) {
  if (typeof theirs !== 'object' || theirs === null || Array.isArray(theirs)) return ours;
  return Object.fromEntries(Object.keys(theirs).map((name) => [name, asFarAs(theirs[name], ours?.[name])]));
}
