// A visitor: keeps cookies as a browser does, and signs in through the local provider. Holds no test.

import assert from 'node:assert/strict';

import { SESSION_COOKIE } from './gateway.mjs';
import { DOCUMENT, SCRIPT, parseSetCookie } from './http.mjs';

export class Visitor {
  /** @type {Map<string, string>} */
  cookies = new Map();
  #gateway;

  constructor(gateway, cookies = {}) {
    this.#gateway = gateway;
    for (const [name, value] of Object.entries(cookies)) this.cookies.set(name, value);
  }

  /** The value of the session cookie, if there is one. */
  get session() {
    return this.cookies.get(SESSION_COOKIE);
  }

  /** The names of the session's cookies: one, or its parts. */
  get sessionCookies() {
    return [...this.cookies.keys()].filter((name) => name === SESSION_COOKIE || name.startsWith(`${SESSION_COOKIE}.`)).sort();
  }

  /** One request with the cookies, which the answer may change. */
  async request(target, { headers = {}, ...options } = {}) {
    const cookie = Array.from(this.cookies, ([name, value]) => `${name}=${value}`).join('; ');
    const answer = await this.#gateway.request(target, { ...options, headers: { ...(cookie && { cookie }), ...headers } });
    for (const line of answer.setCookies) this.keep(parseSetCookie(line));
    return answer;
  }

  /** Opens a page, as from the address bar. */
  open(target, { headers = {}, ...options } = {}) {
    return this.request(target, { ...options, headers: { ...DOCUMENT, ...headers } });
  }

  /** A `fetch` by a script of the site. */
  fetch(target, { headers = {}, ...options } = {}) {
    return this.request(target, { ...options, headers: { ...SCRIPT, ...headers } });
  }

  /** Starts a sign-in and lets the provider decide; returns the callback's target, path and query. */
  async reachCallback({ choice = 'ada-acme', returnTo, query = '' } = {}) {
    const parameters = returnTo === undefined ? query : `return_to=${encodeURIComponent(returnTo)}${query && `&${query}`}`;
    const started = await this.open(`/auth/login${parameters && `?${parameters}`}`);
    assert.equal(started.status, 302, started.body);
    const decided = await fetch(`${started.headers.location}&choice=${choice}`, { redirect: 'manual' });
    assert.equal(decided.status, 302, await decided.text());
    const back = new URL(decided.headers.get('location'));
    return back.pathname + back.search;
  }

  /** Signs in; returns the answer of the callback. */
  async signIn(options) {
    const finished = await this.open(await this.reachCallback(options));
    assert.equal(finished.status, 302, finished.body);
    return finished;
  }

  /** Takes a cookie as a browser does. */
  keep({ name, value, attributes }) {
    if (Number(attributes['max-age']) <= 0) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}
