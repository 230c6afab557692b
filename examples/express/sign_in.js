// Signing in and out. Between the two halves of a sign-in, the browser keeps what was agreed, sealed, in a cookie of ten minutes.

import { sealData, unsealData } from 'edgeseal';
import { safeReturnTo } from 'edgeseal/node';
import express from 'express';
import { auth, cookiePassword, workos } from './workos.js';

// Never from the request: anybody can send a `Host`.
const PUBLIC_URL = process.env.PUBLIC_URL ?? 'http://localhost:3000';
const SECONDS = 600;

// One for each sign-in, because there may be several tabs.
const flowCookie = (state) => `sign-in-${state.slice(0, 16)}`;
const attributes = { path: '/', httpOnly: true, secure: PUBLIC_URL.startsWith('https:'), sameSite: 'lax' };
const cookieIn = (req, name) => req.headers.cookie?.split('; ').find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);

export const signIn = express.Router();

signIn.get('/login', async (req, res) => {
  const redirectUri = `${PUBLIC_URL}/callback`;
  const { url, state, codeVerifier } = await workos.userManagement.getAuthorizationUrlWithPKCE({ provider: 'authkit', redirectUri });
  const started = { codeVerifier, returnTo: safeReturnTo(req.query.return_to) };
  const sealed = await sealData(started, { password: cookiePassword, ttl: SECONDS });
  res.cookie(flowCookie(state), sealed, { ...attributes, maxAge: SECONDS * 1000, encode: String });
  res.redirect(url);
});

signIn.get('/callback', async (req, res) => {
  const { code, state } = req.query;
  const name = flowCookie(String(state));
  const sealed = cookieIn(req, name);
  // No sign-in of this browser: another one has started it, or it was finished already.
  if (!code || !sealed) return res.status(400).send('This sign-in is over. Please start again.');
  const { codeVerifier, returnTo } = await unsealData(sealed, { password: cookiePassword, ttl: SECONDS });
  const session = { sealSession: true, cookiePassword };
  const { sealedSession } = await workos.userManagement.authenticateWithCode({ code: String(code), codeVerifier, session });
  res.clearCookie(name, attributes);
  res.append('set-cookie', await auth.setCookies(req, sealedSession));
  return res.redirect(safeReturnTo(returnTo));
});

// A form's POST: no page of another site can sign anybody out, because browsers send no cookie along with one.
signIn.post('/logout', auth.require('session'), (req, res) => {
  res.append('set-cookie', auth.deleteCookies(req));
  res.redirect(303, workos.userManagement.getLogoutUrl({ sessionId: req.auth.sessionId, returnTo: `${PUBLIC_URL}/` }));
});
