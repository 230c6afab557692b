// What a middleware is made with: a mistake is a TypeError that names the setting and says what to write instead, when the site starts.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import { WorkOS as Sdk } from '@workos-inc/node';

import { startProvider } from '../../dev/src/provider.mjs';
import { DOCUMENT, SCRIPT } from '../worker/support/http.mjs';
import { WorkOS, forFetch, forHono, forNode, part, safeReturnTo, stytch, withEdgeseal } from './support/package.mjs';
import { expressSite, honoSite } from './support/sites.mjs';
import { PASSWORD, clientOf, mint } from './support/stage.mjs';

const workos = new WorkOS('sk_test', { clientId: 'client_1', cookiePassword: PASSWORD });
const user = new stytch.Client({ project_id: 'project-test-00000000-0000-4000-8000-000000000000', secret: 'secret-test-x' });

const route = (rule) => ({ workos, routes: [rule] });
const demand = (require) => route({ path: '/', require });
const cookie = (given) => ({ workos, cookie: given });
const MISTAKES = [
  [undefined, /`edgeseal`/],
  [{}, /`workos` or `stytch`/],
  [{ workos, stytch: user }, /`workos` or `stytch`/],
  [{ workos, secret: 'x' }, /`secret` is not known here: there is `workos`, /],
  [{ workos: {} }, /`workos` has to be/],
  [{ workos: null }, /`workos` has to be/],
  [{ workos: new Sdk('sk_test', { clientId: 'client_1' }), cookiePassword: PASSWORD }, /`withEdgeseal\(new WorkOS\(…\)\)`/],
  [{ workos: new WorkOS('sk_test', { clientId: 'client_1' }) }, /`cookiePassword`/],
  [{ workos, cookiePassword: 'short' }, /`cookiePassword`/],
  [{ stytch: workos }, /`stytch` has to be/],
  [{ stytch: user, cookiePassword: PASSWORD }, /`cookiePassword` is for WorkOS/],
  [{ workos, loginUrl: 1 }, /`loginUrl`/],
  [{ workos, loginUrl: '' }, /`loginUrl`/],
  [{ workos, loginUrl: 'login' }, /`loginUrl` has to be an address such as `\/login`/],
  [{ workos, loginUrl: '//sign-in.example/' }, /`loginUrl`/],
  [{ workos, loginUrl: 'javascript:alert(1)' }, /`loginUrl`/],
  [{ workos, loginUrl: '/a/*' }, /`loginUrl`/],
  [{ workos, loginUrl: '/a//b' }, /`loginUrl`/],
  [cookie('wos'), /`cookie` has to be an object/],
  [cookie({ nam: 'x' }), /`cookie.nam` is not known here: there is `name`, /],
  [cookie({ name: 'a b' }), /`cookie.name`/],
  [cookie({ name: 'a;b' }), /`cookie.name`/],
  [cookie({ domain: 'a;b' }), /`cookie.domain`/],
  [cookie({ path: 'x' }), /`cookie.path`/],
  [cookie({ path: '/;Domain=x' }), /`cookie.path`/],
  [cookie({ sameSite: 'Lax' }), /`cookie.sameSite` has to be 'lax', 'strict' or 'none'/],
  [cookie({ sameSite: 'none', secure: false }), /`cookie.sameSite`/],
  [cookie({ secure: 'yes' }), /`cookie.secure`/],
  [cookie({ maxAge: 40_000_000 }), /`cookie.maxAge`.*400 days/],
  [cookie({ maxAge: 0.5 }), /`cookie.maxAge`/],
  [cookie({ name: '__Host-s', domain: 'example.com' }), /`cookie.name`.*`cookie.domain`/],
  [cookie({ name: '__Secure-s', secure: false }), /`cookie.name`.*`cookie.secure`/],
  [cookie({ httpOnly: false }), /`cookie.httpOnly` is not known/],
  [{ stytch: user, cookie: { name: 'x' } }, /`cookie.name` is not known here: there is `jwtName`/],
  [{ stytch: user, cookie: { jwtName: 'x', tokenName: 'x' } }, /`cookie.jwtName`/],
  [{ workos, routes: {} }, /`routes` has to be a list/],
  [route('/x'), /`routes\[0\]` has to be a rule/],
  [route({ path: 'x', require: 'public' }), /`routes\[0\].path`/],
  [route({ path: '/x?y', require: 'public' }), /`routes\[0\].path`/],
  ...['/caf%C3%A9/*', '/a//*', '/a;b', '/a/../b', '/a\\b', '/a#b', '/a/*/./b', '*'].map((path) => [route({ path, require: { role: 'admin' } }), /`routes\[0\].path` can never fit/]),
  [route({ path: '/x', method: 'GET', require: 'public' }), /`routes\[0\].method` is not known here/],
  [route({ path: '/x', methods: 'GET', require: 'public' }), /`routes\[0\].methods`/],
  [route({ path: '/x' }), /`routes\[0\].require`/],
  [demand('nobody'), /`routes\[0\].require`/],
  [demand({}), /`routes\[0\].require`/],
  [demand({ role: 1 }), /`routes\[0\].require.role`/],
  [demand({ roles: 'x' }), /`routes\[0\].require.roles` is not known here: there is `role`, `permission`/],
  [demand({ authorizationCheck: { resource_id: 'x', action: 'y' } }), /`routes\[0\].require.authorizationCheck` is not for WorkOS/],
  [{ stytch: user, routes: [{ path: '/', require: { permission: 'x' } }] }, /`routes\[0\].require.permission` is not for Stytch: use `role`, `authorizationCheck`/],
  [{ stytch: user, routes: [{ path: '/', require: { authorizationCheck: { resource: 'x' } } }] }, /`routes\[0\].require.authorizationCheck` has to be \{ resource_id, action \}/],
];

test('a mistake is named', () => {
  for (const [options, message] of MISTAKES) {
    for (const edgeseal of [forFetch, forHono, forNode]) assert.throws(() => edgeseal(options), (error) => error instanceof TypeError && message.test(error.message), String(message));
  }
});

test('what one route demands is checked when it is written', () => {
  for (const edgeseal of [forHono, forNode]) {
    assert.throws(() => edgeseal({ workos }).require({ rôle: 'admin' }), /TypeError: `require.rôle` is not known here/);
    assert.throws(() => edgeseal({ workos }).require('public'), /TypeError: `require`/);
  }
});

test('what can work is taken', () => {
  for (const options of [
    { workos: () => workos },
    { workos: withEdgeseal(new Sdk('sk_test', { clientId: 'client_1' })), cookiePassword: [PASSWORD] },
    { stytch: user, cookie: { jwtName: 'a', tokenName: 'b', httpOnly: true } },
    cookie({ name: '__Host-s' }),
    ...['/', '/*', '/café/*', '/*.js', '/a b', '/docs/Beta.*', '/[x]/*'].map((path) => route({ path, require: { role: 'admin' } })),
    { workos, loginUrl: 'https://sign-in.example/' },
  ]) forFetch(options);
});

test('a client that is made for each request is checked then', async () => {
  const auth = forFetch({ workos: (environment) => environment.client });
  await assert.rejects(auth(new Request('http://localhost/'), { client: {} }, () => new Response()), /TypeError: `workos` has to be/);
  const { status } = await auth(new Request('http://localhost/'), { client: workos }, () => new Response());
  assert.equal(status, 401);
  await assert.rejects(auth(new Request('http://localhost/'), () => new Response()), /TypeError: the third argument has to be the handler/);
});

test('a client is made once per request', async () => {
  const provider = await startProvider();
  let made = 0;
  const auth = forFetch({ workos: (environment) => ((made += 1), clientOf(environment.provider)) });
  const { sealed } = await mint(provider, { lifetimeSeconds: -60 });
  const answer = await auth(new Request('http://localhost/', { headers: { cookie: `wos-session=${sealed}` } }), { provider }, () => new Response('let in'));
  assert.deepEqual([await answer.text(), made], ['let in', 1]);

  // Also where an app inside of another one has the same middleware again.
  for (const start of [honoSite, expressSite]) {
    made = 0;
    const site = await start({ workos: () => ((made += 1), clientOf(provider)), routes: [{ path: '/public/*', require: 'public' }] });
    assert.equal((await site.request('/public/who')).status, 200);
    assert.equal(made, 1);
    site.close();
  }
  await provider.close();
});

test('what was revoked, or is not true any more, is renewed or gone', async () => {
  const refused = (detail) => ({ authenticated: false, reason: 'invalid_jwt', detail, retryable: false });
  for (const [first, next, status, lines] of [
    ['session_stale', { authenticated: true, sealedSession: 'next' }, 200, [/^wos-session=next; /]],
    ['session_revoked', { ...refused('session_revoked'), reason: 'invalid_grant' }, 401, [/^wos-session=; Max-Age=0/, /Domain=site\.example/]],
    ['session_stale', { ...refused('revocations_unavailable'), retryable: true }, 503, []],
  ]) {
    let result = refused(first);
    const session = {
      authenticate: async () => result,
      async refresh() {
        if (next.authenticated) result = { authenticated: true, claims: { sub: 'user_1' } };
        return next;
      },
      getLogOutUrl: async () => 'https://x/',
    };
    const auth = forFetch({ workos: { userManagement: { loadSealedSession: () => session } } });
    const answer = await auth(new Request('https://site.example/', { headers: { cookie: 'wos-session=before' } }), {}, () => new Response());
    assert.equal(answer.status, status);
    const set = answer.headers.getSetCookie();
    assert.deepEqual(set.map((line, index) => lines[index].test(line)), lines.map(() => true), set.join('\n'));
  }
});

test('an older generation of a session that is good is not refreshed', async () => {
  const results = {
    good: { authenticated: true, sessionId: 'session_1', claims: { sub: 'user_1' } },
    old: { authenticated: false, reason: 'invalid_jwt', detail: 'token_expired', retryable: false },
  };
  const loadSealedSession = ({ sessionData }) => ({
    authenticate: async () => results[sessionData],
    refresh: async () => assert.fail('refreshed'),
    getLogoutUrl: async () => 'https://api.example/logout?session_id=session_1',
    getLogOutUrl() {},
  });
  const auth = forFetch({ workos: { userManagement: { loadSealedSession } } });
  const answer = await auth(new Request('https://site.example/', { headers: { cookie: 'wos-session=old; wos-session=good' } }), {}, () => new Response('let in'));
  assert.equal(await answer.text(), 'let in');
});

const visit = (options, target = '/app', headers = DOCUMENT) => forFetch({ workos, ...options })(new Request(`https://site.example${target}`, { headers }), {}, () => new Response('let in'));

test('where people sign in: an address, a function, or nowhere', async () => {
  for (const [loginUrl, location] of [
    ['/login', '/login?return_to=%2Fapp'],
    ['/login?theme=dark', '/login?theme=dark&return_to=%2Fapp'],
    ['https://sign-in.example/#top', 'https://sign-in.example/?return_to=%2Fapp#top'],
    [(request, { reason, detail }) => `/start?from=${new URL(request.url).pathname}&why=${reason},${detail}`, '/start?from=/app&why=no_session_cookie_provided,cookie_missing'],
    [async () => 'https://sign-in.example/', 'https://sign-in.example/'],
  ]) {
    const answer = await visit({ loginUrl });
    assert.deepEqual([answer.status, answer.headers.get('location')], [302, location]);
  }
  const answer = await visit({});
  assert.equal(answer.status, 401);
  assert.match(await answer.text(), /<h1>Please sign in<\/h1>.*cookie_missing/s);
  assert.deepEqual((await (await visit({}, '/app', SCRIPT)).json()).loginUrl, null);
  assert.deepEqual((await (await visit({ loginUrl: () => '/start' }, '/app', SCRIPT)).json()).loginUrl, '/start');
});

test('the page for signing in is never sent to itself', async () => {
  assert.equal(await (await visit({ loginUrl: '/login' }, '/login')).text(), 'let in');
  assert.equal(await (await visit({ loginUrl: '/login', routes: [{ path: '/*', require: 'session' }] }, '/login?x')).text(), 'let in', 'before all rules');
  await assert.rejects(visit({ loginUrl: () => '/app' }), /TypeError: `loginUrl` leads to \/app, which needs a session itself: make it `public` in `routes`/);
  await assert.rejects(visit({ loginUrl: 'https://site.example/app?x' }), /TypeError: `loginUrl` leads to \/app/);
});

test('pages allow their own style and nothing else', async () => {
  const answer = await visit({});
  const [, style] = /<style>(.*)<\/style>/s.exec(await answer.text());
  const policy = answer.headers.get('content-security-policy');
  assert.ok(policy.startsWith("default-src 'none'"));
  assert.ok(policy.includes(`'sha256-${createHash('sha256').update(style).digest('base64')}'`));
  for (const [name, value] of [['cache-control', 'private, no-store'], ['vary', 'Cookie, Authorization'], ['x-content-type-options', 'nosniff'], ['content-type', 'text/html; charset=utf-8']]) assert.equal(answer.headers.get(name), value);
});

test('where a visitor is sent after sign-in is a path of this site', () => {
  for (const path of ['/', '/app/', '/app?x=1&y=//z', '/a#b', '/%E2%9C%93', '/a..b/']) assert.equal(safeReturnTo(path), path);
  for (const path of [undefined, null, 1, '', 'app', '//evil.example', '/\\evil.example', '\\\\evil', 'https://evil.example', '/\t/evil', '/\n/evil', ' /app', '/a b', '/..//evil.example', '/./%2e%2E//evil', '/a//b', 'javascript:alert(1)', '/é', `/${'a'.repeat(2048)}`]) {
    assert.equal(safeReturnTo(path), '/', String(path));
  }
});

test('what a shared cache is told', async () => {
  const { keepPrivate } = await part('caching');
  for (const [given, expected] of [
    ['', 'private, no-store'],
    ['public, max-age=31536000, immutable', 'private, max-age=31536000, immutable'],
    ['Public, S-MaxAge=60', 'private, no-cache'],
    ['s-maxage=60, stale-while-revalidate=60, max-age=0, must-revalidate', 'private, max-age=0, must-revalidate'],
    ['no-store', 'private, no-store'],
    ['private="set-cookie", no-cache', 'private, no-cache'],
  ]) {
    const headers = new Headers(given ? { 'cache-control': given } : {});
    keepPrivate(headers, { setsCookie: false, isPublic: false, hasSession: true });
    assert.equal(headers.get('cache-control'), expected, given);
    const withCookie = new Headers({ 'cache-control': given, 'surrogate-control': 'x', vary: 'cookie' });
    keepPrivate(withCookie, { setsCookie: true, isPublic: true, hasSession: false });
    assert.deepEqual([withCookie.get('cache-control'), withCookie.get('surrogate-control'), withCookie.get('vary')], ['private, no-store', null, 'cookie, Authorization']);
  }
});
