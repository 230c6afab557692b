// `edgeseal/next` beside authkit-nextjs in a real application, built and started: examples/next-beside-authkit with pages of the tests' own, in which
// AuthKit's own functions are called.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startProvider } from '../../../dev/src/provider.mjs';
import { DOCUMENT, SCRIPT, parseSetCookie } from '../../worker/support/http.mjs';
import { PASSWORD, SESSION_COOKIE, Visitor, expired, mint, requestsTo, signedIn } from '../support/stage.mjs';
import { NAVIGATION, endSession, navigate, startApplication, submit } from './support/application.mjs';
import { takeTheTour } from './support/tour.mjs';

const PUBLIC = "{ path: '/', require: 'public' },";
const TOKEN_COOKIE = 'workos-access-token';

let provider;
let site;
before(async () => {
  provider = await startProvider();
  const { hostname, port } = new URL(provider.url);
  const settingsAt = (address) => ({
    WORKOS_CLIENT_ID: provider.clientId,
    WORKOS_API_KEY: provider.apiKey,
    WORKOS_COOKIE_PASSWORD: PASSWORD,
    WORKOS_API_HOSTNAME: hostname,
    WORKOS_API_PORT: port,
    WORKOS_API_HTTPS: 'false',
    NEXT_PUBLIC_WORKOS_REDIRECT_URI: `${address}/callback`,
  });
  const edits = [
    ['proxy.ts', PUBLIC, `${PUBLIC} { path: '/public/*', require: 'public' },`],
    ['proxy.ts', 'authkit: {},', "authkit: { eagerAuth: true, signUpPaths: ['/public/join'] },"],
  ];
  site = await startApplication(['examples/next-beside-authkit', 'tests/middleware/next/pages/beside_authkit'], settingsAt, edits);
});
beforeEach(() => {
  provider.reset();
  provider.knobs.set({ refreshGraceSeconds: 0 });
});
after(async () => {
  site?.close();
  await provider?.close();
});

const enter = (options) => signedIn(site, provider, options);
const returnLate = (options) => expired(site, provider, options);
const refreshes = () => requestsTo(provider, 'authenticate').length;
const cookiesOf = (answer, name) => answer.setCookies.map(parseSetCookie).filter((cookie) => cookie.name === name);
const who = async (visitor, target = '/auth', options = {}) => (await visitor.request(target, { headers: SCRIPT, ...options })).json();

test("the example, from the first visit to AuthKit's own sign-out", async () => {
  const visitor = new Visitor(site);
  await takeTheTour({ site, visitor, provider });
  const { send } = await submit(site, visitor, '/app', 'Sign out');
  const out = await send();
  assert.equal(out.status, 303, out.body);
  assert.match(out.headers.location, /\/user_management\/sessions\/logout\?session_id=session_/);
  assert.equal(visitor.session, undefined);
  assert.equal((await visitor.request('/app', { headers: DOCUMENT })).status, 302);
});

test('withAuth() is told all that AuthKit tells it', async () => {
  const visitor = await enter();
  const { user, sessionId, role, permissions, accessToken, url } = await who(visitor, '/auth?x=1');
  assert.deepEqual([user.email, sessionId, role, permissions.length > 0], ['ada@example.com', visitor.sessionId, 'admin', true]);
  assert.equal(accessToken, visitor.response.access_token);
  assert.match(url, /^http:\/\/localhost:\d+\/auth\?x=1$/);
  assert.deepEqual(await who(new Visitor(site), '/public/auth'), { user: null, url: `${site.origin}/public/auth` });
});

for (const [what, headers] of [['a document', DOCUMENT], ['a click on a link', NAVIGATION]]) {
  test(`an expired token is refreshed before withAuth(): ${what}`, async () => {
    const visitor = await returnLate();
    const { session: before } = visitor;
    const answer = await (headers.rsc ? navigate(visitor, '/app', headers) : visitor.request('/app', { headers }));
    assert.match(answer.body, /Ada Lovelace, admin in org_/);
    const [{ attributes }] = cookiesOf(answer, SESSION_COOKIE);
    assert.deepEqual(attributes, { 'max-age': '34560000', path: '/', httponly: true, samesite: 'Lax' }, 'as AuthKit sets it');
    assert.notEqual(visitor.session, before);
    assert.deepEqual([(await who(visitor)).sessionId, refreshes()], [visitor.sessionId, 1]);
  });
}

test('refreshSession() after a refresh of the proxy has the new token, and its cookie is the one that stays', async () => {
  const visitor = await returnLate();
  const { session: before } = visitor;
  const answer = await visitor.request('/auth', { method: 'POST', headers: SCRIPT });
  assert.deepEqual([answer.status, answer.json().sessionId], [200, visitor.sessionId], answer.body);
  assert.deepEqual(requestsTo(provider, 'authenticate').map(({ outcome }) => outcome), ['rotated', 'rotated']);
  assert.equal(cookiesOf(answer, SESSION_COOKIE).length, 2);
  assert.notEqual(visitor.session, before);
  // It is the last generation: the next refresh is let through.
  assert.equal((await visitor.request('/auth', { method: 'POST', headers: SCRIPT })).status, 200);
});

test('refreshSession() in a server action', async () => {
  const visitor = await returnLate();
  const { send } = await submit(site, visitor, '/app', 'Refresh');
  const answer = await send();
  assert.match(answer.body, /Ada Lovelace/);
  assert.equal((await visitor.request('/auth', { method: 'POST', headers: SCRIPT })).status, 200);
});

test('three tabs with ten requests each, over tokens that expire, lose nothing', async () => {
  provider.knobs.set({ tokenLifetimeSeconds: 2 });
  const visitor = await returnLate();
  const tab = async () => {
    for (let round = 0; round < 10; round += 1) {
      if (round % 2 === 0) assert.equal((await who(visitor)).sessionId, visitor.sessionId);
      else assert.match((await visitor.request('/app', { headers: DOCUMENT })).body, /Ada Lovelace/);
      await sleep(300);
    }
  };
  await Promise.all([tab(), tab(), tab()]);
  const outcomes = requestsTo(provider, 'authenticate').map(({ outcome }) => outcome);
  assert.deepEqual([...new Set(outcomes)], ['rotated'], outcomes.join());
  assert.ok(outcomes.length >= 2, `${outcomes.length} refreshes`);
});

test('refreshSession() between requests of other tabs loses nothing', async () => {
  provider.knobs.set({ tokenLifetimeSeconds: 2 });
  const visitor = await returnLate();
  const reading = async () => {
    for (let round = 0; round < 10; round += 1) {
      assert.equal((await who(visitor)).sessionId, visitor.sessionId);
      await sleep(300);
    }
  };
  const renewing = async () => {
    for (let round = 0; round < 3; round += 1) {
      await sleep(1_000);
      assert.equal((await who(visitor, '/auth', { method: 'POST' })).sessionId, visitor.sessionId);
    }
  };
  await Promise.all([reading(), reading(), renewing()]);
});

test('a session that does not fit one cookie: AuthKit sees it, and signs out of it', async () => {
  const parts = [0, 1].map((part) => `${SESSION_COOKIE}.${part}`);
  const visitor = await returnLate({ person: 'katherine' });
  assert.equal((await who(visitor)).user.email, 'katherine@example.com');
  assert.deepEqual([...visitor.cookies.keys()].sort(), [SESSION_COOKIE, ...parts]);
  assert.deepEqual([(await who(visitor)).sessionId, refreshes()], [visitor.sessionId, 1]);

  const other = Object.assign(new Visitor(site, Object.fromEntries(visitor.cookies)), { sessionId: visitor.sessionId });
  const { send } = await submit(site, visitor, '/app', 'Sign out');
  assert.equal((await send()).status, 303);
  assert.equal((await visitor.request('/auth', { headers: SCRIPT })).status, 401, 'the parts alone let nobody in');
  assert.deepEqual(parts.filter((part) => visitor.cookies.has(part)), []);

  // As AuthKit's callback sets it, for somebody else.
  const { sealed, sessionId } = await mint(provider);
  other.cookies.set(SESSION_COOKIE, sealed);
  assert.equal((await who(other)).sessionId, sessionId);
  assert.deepEqual([...other.cookies.keys()], [SESSION_COOKIE]);
});

test('while the provider is down: 503, and AuthKit has lost nothing afterwards', async () => {
  const visitor = await returnLate();
  const before = visitor.session;
  provider.knobs.set({ down: {} });
  assert.equal((await visitor.request('/app', { headers: DOCUMENT })).status, 503);
  assert.deepEqual([(await who(visitor, '/public/auth')).user, visitor.session], [null, before]);
  provider.knobs.set({ down: null });
  for (const deadline = Date.now() + 30_000; ; await sleep(300)) {
    const { status } = await visitor.request('/app', { headers: DOCUMENT });
    if (status === 200) break;
    assert.ok(status === 503 && Date.now() < deadline, `${status}`);
  }
});

test('headers of a visitor say nothing', async () => {
  const { sealed } = await mint(provider);
  const grace = await enter({ person: 'grace' });
  const elsewhere = 'https://evil.example/';
  const said = { 'x-url': elsewhere, 'x-redirect-uri': elsewhere, 'x-sign-up-paths': '/' };
  const forged = { 'x-workos-middleware': 'true', 'x-workos-session': sealed, 'X-WorkOS-Other': '1', ...said };
  assert.equal((await site.request('/auth', { headers: { ...SCRIPT, ...forged } })).status, 401);
  assert.equal((await who(new Visitor(site), '/public/auth', { headers: { ...SCRIPT, ...forged } })).user, null);
  const { user, url } = await who(grace, '/auth', { headers: { ...SCRIPT, ...forged } });
  assert.deepEqual([user.email, url], ['grace@example.com', `${site.origin}/auth`]);
  for (const name of ['proxy', 'src/proxy', 'middleware']) {
    const headers = { ...SCRIPT, ...forged, 'x-middleware-subrequest': Array(5).fill(name).join(':') };
    assert.equal((await site.request('/auth', { headers })).status, 401, name);
    assert.equal((await who(new Visitor(site), '/public/auth', { headers })).user, null, name);
  }
});

test('ensureSignedIn and signUpPaths lead where AuthKit leads', async () => {
  for (const [target, hint] of [['/public/ensured', 'sign-in'], ['/public/join', 'sign-up']]) {
    const answer = await site.request(target, { headers: DOCUMENT });
    assert.ok([302, 307].includes(answer.status), answer.body);
    const url = new URL(answer.headers.location);
    assert.deepEqual([url.pathname, url.searchParams.get('screen_hint')], ['/user_management/authorize', hint]);
    assert.equal(url.searchParams.get('redirect_uri'), `${site.origin}/callback`);
  }
});

test('eagerAuth: the token for the first script, with documents alone, and gone with the session', async () => {
  const visitor = await enter();
  assert.deepEqual(cookiesOf(await visitor.request('/auth', { headers: SCRIPT }), TOKEN_COOKIE), []);
  const [eager] = cookiesOf(await visitor.request('/app', { headers: DOCUMENT }), TOKEN_COOKIE);
  assert.deepEqual([eager.value, eager.attributes], [visitor.response.access_token, { samesite: 'Lax', 'max-age': '30' }]);
  assert.deepEqual(cookiesOf(await visitor.request('/app', { headers: DOCUMENT }), TOKEN_COOKIE), [], 'it is there');

  const late = await returnLate();
  late.cookies.set(TOKEN_COOKIE, late.response.access_token);
  const [renewed] = cookiesOf(await late.request('/app', { headers: DOCUMENT }), TOKEN_COOKIE);
  assert.equal(renewed.value, (await who(late)).accessToken);

  const over = await returnLate();
  over.cookies.set(TOKEN_COOKIE, over.response.access_token);
  await endSession(provider, over);
  assert.equal((await over.request('/app', { headers: DOCUMENT })).status, 302);
  assert.equal(over.cookies.size, 0);
});
