// Signing in and out. Between the two halves of a sign-in, the browser keeps what was agreed, sealed, in a cookie of ten minutes.

import { sealData, unsealData } from 'edgeseal';
import { safeReturnTo } from 'edgeseal/hono';
import { Hono, type Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { auth } from './auth';
import { workosOf, type Bindings } from './workos';

const MINUTES_10 = 600;

interface Started {
  codeVerifier: string;
  returnTo: string;
}

// One for each sign-in, because there may be several tabs.
const flowCookie = (state: string) => `sign-in-${state.slice(0, 16)}`;
const origin = (c: Context) => new URL(c.req.url).origin;

export const signIn = new Hono<{ Bindings: Bindings }>()
  .get('/login', async (c) => {
    const redirectUri = `${origin(c)}/callback`;
    const { url, state, codeVerifier } = workosOf(c.env).userManagement.getAuthorizationUrlWithPKCE({ provider: 'authkit', redirectUri });
    const started: Started = { codeVerifier, returnTo: safeReturnTo(c.req.query('return_to')) };
    const sealed = await sealData(started, { password: c.env.WORKOS_COOKIE_PASSWORD, ttl: MINUTES_10 });
    const secure = origin(c).startsWith('https:');
    setCookie(c, flowCookie(state), sealed, { path: '/', httpOnly: true, secure, sameSite: 'Lax', maxAge: MINUTES_10 });
    return c.redirect(url);
  })

  .get('/callback', async (c) => {
    const { code, state = '' } = c.req.query();
    const name = flowCookie(state);
    const sealed = getCookie(c, name);
    // No sign-in of this browser: another one has started it, or it was finished already.
    if (!code || !sealed) return c.text('This sign-in is over. Please start again.', 400);
    const { codeVerifier, returnTo } = await unsealData<Partial<Started>>(sealed, { password: c.env.WORKOS_COOKIE_PASSWORD, ttl: MINUTES_10 });
    const { sealedSession } = await workosOf(c.env).userManagement.authenticateWithCode({ code, codeVerifier, session: { sealSession: true } });
    deleteCookie(c, name, { path: '/' });
    for (const line of await auth.setCookies(c, sealedSession!)) c.header('set-cookie', line, { append: true });
    return c.redirect(safeReturnTo(returnTo));
  })

  // A form's POST: no page of another site can sign anybody out, because browsers send no cookie along with one.
  .post('/logout', auth.require('session'), (c) => {
    const url = workosOf(c.env).userManagement.getLogoutUrl({ sessionId: c.get('session').sessionId, returnTo: `${origin(c)}/` });
    for (const line of auth.deleteCookies(c)) c.header('set-cookie', line, { append: true });
    return c.redirect(url, 303);
  });
