// A provider of WorkOS's shape, clients of it, and visitors with session cookies. Holds no test.

import { parseSetCookie } from '../../worker/support/http.mjs';
import { sessionOf } from '../../package/support/conformance.mjs';
import { WorkOS, sealData } from './package.mjs';

export const PASSWORD = 'a cookie password of at least 32 characters';
export const SESSION_COOKIE = 'wos-session';

/** What a client of a provider is made with. */
export function clientOptions(provider) {
  const { hostname, port } = new URL(provider.url);
  return { clientId: provider.clientId, apiHostname: hostname, port: Number(port), https: false, cookiePassword: PASSWORD };
}

export const clientOf = (provider, options) => new WorkOS(provider.apiKey, { ...clientOptions(provider), ...options });

/** A session cookie, as the SDK seals it; `edit` changes what is sealed. */
export async function mint(provider, { edit = (session) => session, ...options } = {}) {
  const { sessionId, response } = provider.mintSession(options);
  const sealed = await sealData(edit(sessionOf(response)), { password: PASSWORD, ttl: 0 });
  return { sessionId, response, sealed };
}

/** A visitor with a session. Options as for `mintSession`. */
export async function signedIn(site, provider, options) {
  const minted = await mint(provider, options);
  return Object.assign(new Visitor(site, { [SESSION_COOKIE]: minted.sealed }), minted);
}

/** A visitor whose token has expired. */
export const expired = (site, provider, options = {}) => signedIn(site, provider, { lifetimeSeconds: -60, ...options });

/** Keeps cookies as a browser does. */
export class Visitor {
  #site;

  constructor(site, cookies = {}) {
    this.#site = site;
    this.cookies = new Map(Object.entries(cookies));
  }

  get session() {
    return this.cookies.get(SESSION_COOKIE);
  }

  /** One request with the cookies, which the answer may change. */
  async request(target, { headers = {}, ...options } = {}) {
    const cookie = Array.from(this.cookies, ([name, value]) => `${name}=${value}`).join('; ');
    const answer = await this.#site.request(target, { ...options, headers: { ...(cookie && { cookie }), ...headers } });
    for (const line of answer.setCookies) {
      const { name, value, attributes } = parseSetCookie(line);
      if (Number(attributes['max-age']) <= 0 || Date.parse(attributes.expires) <= Date.now()) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }
}

/** Requests to one endpoint of the provider since its log was cleared. */
export const requestsTo = (provider, endpoint) => provider.requests().filter((entry) => entry.endpoint === endpoint);
