// `edgeseal/next`: `proxy.ts` of Next.js, which admits and refreshes, and `getSession()` for what is rendered behind it. Decides nothing.

import { cookies, headers } from 'next/headers.js';
import { NextResponse } from 'next/server.js';

import { alone, besideAuthkit, cookieOf } from './authkit.js';
import { createCore, safeReturnTo } from './core.js';
import { asCookieValue, belongsTo } from './cookies.js';
import * as limits from './limits.js';
import { finish, orFailure, responseOf } from './response.js';

export { safeReturnTo };

/** Whom the proxy has let in a moment ago. Proxy and pages have instances of their own of all that is bundled, and share this module. */
const admitted = new Map();

export function edgeseal(options, handler) {
  const { core, beside } = prepared(options);
  if (handler !== undefined && typeof handler !== 'function') {
    throw new TypeError('the second argument has to be a handler: edgeseal(options, (request, session) => NextResponse.next())');
  }

  async function proxy(request, event) {
    const dropped = beside.dropParts(request);
    const passage = await core.admit(asSent(request), process.env, request);
    const response = passage.answer ? answered(request, passage.answer) : await goOn(request, passage, event);
    for (const line of beside.cookies(request, passage, dropped)) response.headers.append('set-cookie', line);
    return response;
  }

  async function goOn(request, passage, event) {
    setHeader(request, 'cookie', core.cookieHeader(passage));
    remember(written(core.carried(passage)), passage.session);
    beside.announce(request, passage);
    const own = await orFailure(passage, () => handler?.(request, passage.session, event));
    return finish(core, passage, forwarded(request, own ?? NextResponse.next()));
  }

  /** By the cookies, and by no header of the proxy's: those a visitor could send as well, where the proxy is not in between. */
  async function getSession() {
    const [jar, sent] = await Promise.all([cookies(), headers()]);
    const own = jar.getAll().filter(({ name }) => core.names.some((ours) => belongsTo(name, ours)));
    const cookie = written(own.map(({ name, value }) => [name, asCookieValue(value)]));
    const get = (name) => (name === 'cookie' ? cookie : name === 'authorization' ? sent.get(name) : null);
    const { session, detail } = await core.authenticate({ method: 'GET', url: 'https://localhost/', headers: { get } }, process.env);
    return session ?? (detail === 'token_expired' ? recall(cookie) : null);
  }

  return Object.assign(proxy, {
    getSession,
    setCookies: (request, session) => core.setCookies(asSent(request), session, process.env),
    deleteCookies: (request) => core.deleteCookies(asSent(request), process.env),
  });
}

function prepared(options) {
  if (options?.authkit === undefined) return { core: createCore(options), beside: alone };
  const { authkit, ...others } = options;
  if (others.workos === undefined) throw new TypeError('`authkit` is for WorkOS: give `workos`');
  const core = createCore({ ...others, cookie: { ...cookieOf(process.env), ...others.cookie } });
  return { core, beside: besideAuthkit(authkit, core.names[0]) };
}

const written = (pairs) => pairs.map(([name, value]) => `${name}=${value}`).join('; ');

/** A token may end between the proxy and the page. Whoever was let in stays so for this request. */
function remember(cookie, session) {
  if (cookie === '') return;
  admitted.delete(cookie);
  admitted.set(cookie, { session, until: Date.now() + limits.RENDERING_SECONDS * 1000 });
  if (admitted.size > limits.RENDERING_SESSIONS) admitted.delete(admitted.keys().next().value);
}

function recall(cookie) {
  const { session, until } = admitted.get(cookie) ?? {};
  return session && Date.now() < until ? session : null;
}

/** The request under the name that the browser knows: `url` has the server's own. */
function asSent({ method, url, headers: sent }) {
  const { protocol, host, pathname, search } = new URL(url);
  const name = sent.get('host') ?? host;
  return { method, headers: sent, url: `${protocol}//${/^[\w.:[\]-]+$/.test(name) ? name : 'invalid'}${pathname}${search}` };
}

/** Next takes addresses for what they are only when they are whole. */
function answered(request, answer) {
  const headersOf = answer.headers.map(([name, value]) => [name, name === 'location' ? new URL(value, request.url).href : value]);
  return responseOf({ ...answer, headers: headersOf });
}

function setHeader({ headers: sent }, name, value) {
  if (value === '') sent.delete(name);
  else sent.set(name, value);
}

/**
 * Has the page see the request's headers as they are now. What of the handler's own goes on, by `NextResponse.next()` or a rewrite, does not
 * say so unless it names headers itself.
 */
function forwarded(request, response) {
  const goesOn = response.headers.has('x-middleware-next') || response.headers.has('x-middleware-rewrite');
  if (!goesOn || response.headers.has('x-middleware-override-headers')) return response;
  const carrier = NextResponse.next({ request: { headers: request.headers } });
  for (const [name, value] of carrier.headers) {
    if (name === 'x-middleware-override-headers' || name.startsWith('x-middleware-request-')) response.headers.set(name, value);
  }
  return response;
}
