// PROVIDER=stytch: what its settings change, the ones that cannot work, and the compatibility dates that Stytch's own SDK fails with.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';

import { startProvider } from '../../dev/src/provider.mjs';
import { PUBLIC_URL, startGateway } from './support/gateway.mjs';
import { DOCUMENT, parseSetCookie } from './support/http.mjs';
import { JWT, StytchVisitor, TOKEN, asked, claimsOf, linesOf, stytchExpired, stytchSignedIn } from './support/stytch.mjs';
import { startUpstream } from './support/upstream.mjs';

const provider = await startProvider({ provider: 'stytch' });
const upstream = await startUpstream();
after(async () => {
  await upstream.close();
  await provider.close();
});
beforeEach(() => {
  provider.reset();
  upstream.clear();
});

async function start(t, settings, options) {
  const gateway = await startGateway(provider, { settings, ...options });
  t.after(() => gateway.close());
  return gateway;
}

test('names, domain, path, HttpOnly and the length of sessions are the operator\'s', async (t) => {
  const gateway = await start(t, {
    PUBLIC_URL: 'https://app.example.com', COOKIE_NAME_JWT: 'jwt', COOKIE_NAME_TOKEN: 'opaque', COOKIE_DOMAIN: 'example.com', COOKIE_PATH: '/auth',
    COOKIE_HTTP_ONLY: 'true', COOKIE_SAMESITE: 'Strict', SESSION_DURATION_MINUTES: '120',
  });
  const { sessionJwt, sessionToken } = provider.mintSession({ lifetimeSeconds: -60, durationMinutes: 10 });
  const visitor = new StytchVisitor(gateway, { jwt: sessionJwt, opaque: sessionToken });
  const answer = await visitor.fetch('/auth/session');
  assert.equal(answer.status, 200);
  assert.deepEqual(asked(provider), ['authenticate extended']);
  const lines = linesOf(answer);
  assert.deepEqual(Object.keys(lines), ['jwt', 'opaque']);
  for (const { attributes: { 'max-age': seconds, ...rest } } of Object.values(lines)) {
    assert.ok(Math.abs(seconds - 7200) < 30);
    assert.deepEqual(rest, { domain: 'example.com', path: '/auth', httponly: true, samesite: 'Strict', secure: true });
  }
  assert.equal((await stytchSignedIn(gateway, provider).fetch('/auth/session')).json().detail, 'cookie_missing', 'the usual names are none of ours');
  const out = await visitor.request('/auth/logout', { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' } });
  const places = out.setCookies.map(parseSetCookie).map(({ name, attributes }) => `${name} ${attributes.domain ?? '-'} ${attributes.path}`);
  for (const name of ['jwt', 'opaque']) {
    for (const domain of ['-', 'app.example.com', 'example.com']) for (const path of ['/', '/auth']) assert.ok(places.includes(`${name} ${domain} ${path}`));
  }
});

test('MAX_TOKEN_AGE_SECONDS: an older JWT is asked about, and 0 asks every time', async (t) => {
  const young = await start(t, { MAX_TOKEN_AGE_SECONDS: '60' });
  // Of two minutes ago, good for another three.
  provider.knobs.set({ clockOffsetSeconds: -120 });
  const visitor = stytchSignedIn(young, provider, { lifetimeSeconds: 300 });
  provider.knobs.set({ clockOffsetSeconds: 0 });
  assert.equal((await visitor.fetch('/auth/session')).status, 200);
  assert.equal((await visitor.fetch('/auth/session')).status, 200);
  assert.deepEqual(asked(provider), ['authenticate authenticated']);

  const always = await start(t, { MAX_TOKEN_AGE_SECONDS: '0' });
  provider.clearRequests();
  const watched = stytchSignedIn(always, provider);
  for (let index = 0; index < 3; index += 1) assert.equal((await watched.fetch('/auth/session')).status, 200);
  assert.equal(asked(provider).length, 3);
});

test('an upstream that reads the JWT gets it under its name, the renewed one, and no other cookie of the session', async (t) => {
  const gateway = await start(t, { UPSTREAM_URL: upstream.url, UPSTREAM_COOKIE_NAME: JWT, ROUTES: [{ path: '/public', require: 'public' }] });
  const visitor = stytchSignedIn(gateway, provider);
  visitor.cookies.set('theme', 'dark');
  await visitor.open('/app/');
  assert.equal(upstream.last().headers.cookie, `${JWT}=${visitor.jwt}; theme=dark`);
  const expired = stytchExpired(gateway, provider);
  const old = expired.jwt;
  await expired.open('/app/');
  assert.notEqual(expired.jwt, old);
  assert.equal(upstream.last().headers.cookie, `${JWT}=${expired.jwt}`);
  await visitor.open('/public');
  assert.equal(upstream.last().headers.cookie, 'theme=dark', 'public pages get none');
  await gateway.request('/app/', { headers: { cookie: `${JWT}=forged; ${JWT}=${visitor.jwt}` } });
  assert.equal(upstream.last().headers.cookie, `${JWT}=${visitor.jwt}`);
});

test('a sign-in or sign-out of the site itself is the last word about the cookies', async (t) => {
  const gateway = await start(t, { UPSTREAM_URL: upstream.url, LOGIN_URL: '/login', ROUTES: [{ path: '/login', require: 'public' }] });
  const { sessionJwt, sessionToken, sessionId } = provider.mintSession();
  upstream.answerWith((received, response) => {
    response.writeHead(302, { location: '/app/', 'set-cookie': [`${JWT}=${sessionJwt}; Path=/`, `${TOKEN}=${sessionToken}; Path=/`] });
    response.end();
  });
  const visitor = new StytchVisitor(gateway);
  const started = await visitor.open('/auth/login?return_to=/app/');
  assert.equal(started.headers.location, `${PUBLIC_URL}/login?return_to=${encodeURIComponent(`${PUBLIC_URL}/app/`)}`);
  const signedIn = await visitor.open('/login');
  assert.match(signedIn.headers['cache-control'], /private/);
  assert.equal((await visitor.fetch('/auth/session')).json().sessionId, sessionId);

  upstream.answerWith((received, response) => {
    response.writeHead(200, { 'set-cookie': [`${JWT}=; Max-Age=0; Path=/`, `${TOKEN}=; Max-Age=0; Path=/`] });
    response.end();
  });
  const expired = stytchExpired(gateway, provider);
  const signedOut = await expired.open('/sign-out');
  assert.deepEqual(signedOut.setCookies.map((line) => parseSetCookie(line).value), ['', ''], 'the renewed ones are not set behind them');
  assert.deepEqual([expired.jwt, expired.token], [undefined, undefined]);
});

const SECRET = 'secret-test-of-the-tests';
const MISTAKES = {
  'no project': ['STYTCH_PROJECT_ID', undefined],
  'no secret': ['STYTCH_SECRET', undefined],
  'no sign-in page': ['LOGIN_URL', undefined],
  'a sign-in page that needs a session': ['LOGIN_URL', '/sign-in'],
  'a provider that is none': ['PROVIDER', 'stytch-b2c'],
  'one name for both cookies': ['COOKIE_NAME_TOKEN', JWT],
};

for (const [name, [setting, value]] of Object.entries(MISTAKES)) {
  test(`${name}: the page names ${setting}, says what to write, and shows no secret`, async (t) => {
    const gateway = await start(t, { STYTCH_SECRET: SECRET, [setting]: value });
    for (const target of ['/', '/auth/login', '/auth/session', '/auth/health']) {
      const answer = await gateway.request(target, { headers: DOCUMENT });
      assert.equal(answer.status, 500, target);
      assert.ok(answer.body.includes(setting), target);
      assert.match(answer.body, /write|make it/);
      assert.ok(!answer.body.includes(SECRET));
    }
    assert.ok(!gateway.logs().includes(SECRET));
    assert.deepEqual(provider.requests(), []);
  });
}

test('settings of WorkOS are not asked for, nor looked at', async (t) => {
  const gateway = await start(t, { WORKOS_COOKIE_PASSWORD: 'short', SEAL_FORMAT: 'rot13', COOKIE_MAX_AGE: 'x' });
  assert.equal((await stytchSignedIn(gateway, provider).fetch('/auth/session')).status, 200);
});

for (const date of ['2023-10-02', '2024-11-10', '2026-10-20']) {
  test(`compatibility date ${date}: checked here, renewed by Stytch, signed out`, async (t) => {
    // Dates from before SQLite classes and KV without an id run without objects, which Stytch's sessions do not need.
    const editConfig = (toml) => `${toml.replace('compatibility_date = "2026-10-20"', `compatibility_date = "${date}"`)}\n# ${date}\n`;
    const gateway = await start(t, {}, { editConfig });
    assert.equal((await stytchSignedIn(gateway, provider).open('/app/')).status, 200);
    const visitor = stytchExpired(gateway, provider);
    assert.equal((await visitor.open('/app/')).status, 200);
    assert.ok(claimsOf(visitor.jwt).exp > Date.now() / 1000);
    assert.equal((await visitor.fetch('/auth/logout', { method: 'POST' })).status, 200);
    assert.ok(asked(provider).includes('authenticate authenticated') && asked(provider).includes('revoke revoked'));
  });
}
