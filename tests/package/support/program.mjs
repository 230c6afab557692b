// What every runtime runs: the parts, a session that goes its whole way, and hostile input. Takes the package as an argument, since how
// it is loaded is what the tests are about, and `edgeseal/fetch` where it is to be tried. Throws where something is not as it should be;
// needs nothing of Node.

export async function program({ WorkOS, detectSeal, generateCookiePassword, sealData, unsealData, verifyJwt }, { options, apiKey, session, jwks }, guard) {
  const expect = (holds, what) => {
    if (!holds) throw new Error(`not as it should be: ${what}`);
  };
  const password = generateCookiePassword();
  for (const format of ['iron', 'fernet', 'ruby', 'go', 'php', 'dotnet', 'edgeseal']) {
    const sealed = await sealData({ format }, { password, format });
    const opened = await unsealData(sealed, { password, acceptFormats: [format] });
    expect(opened.format === format, format);
    expect(detectSeal(sealed) !== null, `${format}, detected`);
  }
  const verified = verifyJwt(session.accessToken, { keys: jwks });
  expect(verified.valid, `a good token: ${verified.detail}`);
  expect(verifyJwt(`${session.accessToken.slice(0, -8)}AAAAAAAA`, { keys: jwks }).detail === 'bad_signature', 'a forged token');

  if (options === undefined) return 'parts';
  const { userManagement } = new WorkOS(apiKey, { ...options, cookiePassword: password });
  const sessionData = await sealData(session, { password, ttl: 0 });
  const loaded = userManagement.loadSealedSession({ sessionData });
  for (const attempt of ['with keys that are loaded', 'verified', 'remembered']) {
    const result = await loaded.authenticate();
    expect(result.authenticated, `a session, ${attempt}: ${result.detail}`);
  }
  const next = await loaded.refresh();
  expect(next.authenticated && next.sealedSession !== sessionData, `a refresh: ${next.detail}`);
  const url = await loaded.getLogoutUrl();
  expect(url.includes(`session_id=${next.sessionId}`), 'a way out');
  const refused = await userManagement.authenticateWithSessionCookie({ sessionData: 'garbage' });
  expect(refused.reason === 'invalid_session_cookie', 'garbage');

  if (guard === undefined) return 'everything';
  const auth = guard({ workos: new WorkOS(apiKey, { ...options, cookiePassword: password }), routes: [{ path: '/public', require: 'public' }] });
  const visit = (path, cookie) =>
    auth(new Request(`https://site.example${path}`, { headers: { cookie } }), undefined, (request, who) => new Response(who?.user.id ?? 'nobody'));
  expect((await (await visit('/app', `wos-session=${sessionData}`)).text()) === session.user.id, 'a session behind the middleware');
  expect((await visit('/app', 'wos-session=garbage')).status === 401, 'garbage before it');
  expect((await (await visit('/public', '')).text()) === 'nobody', 'nobody');
  return 'everything';
}
