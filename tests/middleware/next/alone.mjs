// `edgeseal/next` in a real application, built and started: examples/next with pages of the tests' own.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startProvider } from '../../../dev/src/provider.mjs';
import { settingsFor } from '../../worker/support/gateway.mjs';
import { DOCUMENT, SCRIPT, parseSetCookie } from '../../worker/support/http.mjs';
import { PASSWORD, SESSION_COOKIE, Visitor, expired, mint, requestsTo, signedIn } from '../support/stage.mjs';
import { NAVIGATION, ROUTER_PREFETCH, endSession, navigate, startApplication, submit } from './support/application.mjs';
import { takeTheTour } from './support/tour.mjs';

const PUBLIC = "{ path: '/', require: 'public' },";

let provider;
let site;
before(async () => {
  provider = await startProvider();
  const settingsAt = (address) => ({ ...settingsFor(provider), WORKOS_COOKIE_PASSWORD: PASSWORD, PUBLIC_URL: address });
  const edits = [['auth.ts', PUBLIC, `${PUBLIC} { path: '/public/*', require: 'public' },`]];
  site = await startApplication(['examples/next', 'tests/middleware/next/pages/alone'], settingsAt, edits);
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
/** As a browser opens a page, the router follows a link, and a script asks. */
const open = (visitor, target, headers) => (headers.rsc ? navigate(visitor, target, headers) : visitor.request(target, { headers }));
const refreshes = () => requestsTo(provider, 'authenticate').length;
const storing = (answer) => answer.setCookies.map(parseSetCookie).filter((cookie) => cookie.name === SESSION_COOKIE);
/** Who a page takes the visitor for, rendered as HTML or as what the router gets. */
const whoOn = ({ status, body }) => /who:([^:]*):([^:]*):/.exec(body)?.slice(1) ?? assert.fail(`${status} ${body}`);

test('the example, from the first visit to the last', async () => {
  const visitor = new Visitor(site);
  await takeTheTour({ site, visitor, provider });
  const out = await visitor.request('/logout', { method: 'POST', headers: DOCUMENT });
  assert.equal(out.status, 303);
  assert.match(out.headers.location, /\/user_management\/sessions\/logout\?session_id=/);
  assert.equal(visitor.cookies.size, 0);
});

test('nobody: a document goes to sign-in and comes back, all else gets 401', async () => {
  const page = await site.request('/who?x=1', { headers: DOCUMENT });
  assert.deepEqual([page.status, page.headers.location], [302, `/login?return_to=${encodeURIComponent('/who?x=1')}`]);
  for (const options of [{ headers: SCRIPT }, { headers: NAVIGATION }, { headers: DOCUMENT, method: 'POST' }]) {
    const answer = await site.request('/who', options);
    assert.deepEqual([answer.status, answer.json().detail], [401, 'cookie_missing']);
  }
});

test('a session reaches server components, the router and route handlers', async () => {
  const visitor = await enter();
  for (const headers of [DOCUMENT, NAVIGATION]) {
    const answer = await open(visitor, '/who', headers);
    assert.deepEqual(whoOn(answer), ['ada@example.com', visitor.sessionId]);
    assert.match(answer.headers['cache-control'], /private/);
  }
  assert.equal((await visitor.request('/seen', { headers: SCRIPT })).json().id, visitor.sessionId);
  assert.equal(refreshes(), 0);
});

for (const [what, target, headers] of [
  ['a document', '/who', DOCUMENT],
  ['a click on a link', '/who', NAVIGATION],
  ['a route handler', '/seen', SCRIPT],
]) {
  test(`an expired token is refreshed once: ${what} has the session, and brings the cookie`, async () => {
    const visitor = await returnLate();
    const { session: before, sessionId } = visitor;
    const answer = await open(visitor, target, headers);
    assert.equal(answer.status, 200, answer.body);
    assert.equal(target === '/seen' ? answer.json().id : whoOn(answer)[1], sessionId);
    const [cookie, ...others] = storing(answer);
    assert.deepEqual([others, cookie.attributes], [[], { 'max-age': '34560000', path: '/', httponly: true, samesite: 'Lax' }]);
    assert.equal(answer.headers['cache-control'], 'private, no-store');
    assert.notEqual(visitor.session, before);
    await open(visitor, target, headers);
    assert.equal(refreshes(), 1);
  });
}

test('what is forwarded is the new session, and nothing of the old one', async () => {
  const visitor = await returnLate();
  const { session: before } = visitor;
  visitor.cookies.set('theme', 'dark%20blue');
  const seen = (await visitor.request('/seen', { headers: SCRIPT })).json().headers;
  assert.equal(seen.cookie, `theme=dark%20blue; ${SESSION_COOKIE}=${visitor.session}`);
  // A browser has one for each path and domain.
  const doubled = await site.request('/seen', { headers: { ...SCRIPT, cookie: `${SESSION_COOKIE}=${visitor.session}; ${SESSION_COOKIE}=garbage` } });
  assert.equal(doubled.json().headers.cookie, `${SESSION_COOKIE}=${visitor.session}`);
  assert.notEqual(visitor.session, before);
});

test('a session that does not fit one cookie', async () => {
  const visitor = await returnLate({ person: 'katherine' });
  for (let count = 0; count < 2; count += 1) {
    const answer = await visitor.request('/who', { headers: DOCUMENT });
    assert.deepEqual(whoOn(answer), ['katherine@example.com', visitor.sessionId]);
    assert.deepEqual([...visitor.cookies.keys()], [0, 1].map((part) => `${SESSION_COOKIE}.${part}`));
  }
});

test('what a browser fetches ahead of time uses no refresh token up; what the router does brings its cookie', async () => {
  const visitor = await returnLate();
  const ahead = await visitor.request('/who', { headers: { ...DOCUMENT, 'sec-purpose': 'prefetch;prerender' } });
  assert.deepEqual([ahead.status, ahead.json().detail, refreshes()], [401, 'token_expired', 0]);
  const { session: before } = visitor;
  const answer = await navigate(visitor, '/who', ROUTER_PREFETCH);
  assert.equal(answer.status, 200, answer.body);
  assert.notEqual(visitor.session, before);
});

test('three tabs with ten requests each, over tokens that expire, lose nothing', async () => {
  // Tokens say whole seconds: one of a single second may have ended when it arrives.
  provider.knobs.set({ tokenLifetimeSeconds: 2 });
  const visitor = await returnLate();
  const tab = async () => {
    for (let round = 0; round < 10; round += 1) {
      const [target, headers] = [['/who', DOCUMENT], ['/who', NAVIGATION], ['/seen', SCRIPT]][round % 3];
      const answer = await open(visitor, target, headers);
      assert.equal(answer.status, 200, answer.body);
      assert.equal(target === '/seen' ? answer.json().id : whoOn(answer)[1], visitor.sessionId);
      await sleep(300);
    }
  };
  await Promise.all([tab(), tab(), tab()]);
  const outcomes = requestsTo(provider, 'authenticate').map(({ outcome }) => outcome);
  assert.deepEqual([...new Set(outcomes)], ['rotated'], outcomes.join());
  assert.ok(outcomes.length >= 2, `${outcomes.length} refreshes`);
});

for (const [what, method] of [['cookies()', 'GET'], ['its response', 'POST']]) {
  test(`a handler that sets the session's cookie by ${what} wins`, async () => {
    const visitor = await returnLate();
    await visitor.request('/switched', { method, headers: SCRIPT });
    assert.equal(visitor.session, 'of-the-handler');
  });
}

test('a server action that signs out: the page is rendered again for nobody, and the cookie goes', async () => {
  const visitor = await returnLate();
  const { page, send } = await submit(site, visitor, '/action', 'Sign out');
  assert.deepEqual(whoOn(page), ['ada@example.com', visitor.sessionId]);
  const answer = await send();
  assert.deepEqual([answer.status, whoOn(answer)[0], visitor.session], [200, 'nobody', undefined]);
});

test('while the provider is down: 503 and no sign-out; who needs no refresh goes on', async () => {
  const late = await returnLate();
  const fresh = await enter();
  assert.equal((await fresh.request('/who', { headers: DOCUMENT })).status, 200, 'the keys are there');
  const before = late.session;
  provider.knobs.set({ down: {} });
  for (const headers of [DOCUMENT, SCRIPT, NAVIGATION]) {
    const answer = await late.request('/who', { headers });
    assert.equal(answer.status, 503);
    assert.ok(Number(answer.headers['retry-after']) >= 1);
    assert.match(answer.body, headers === DOCUMENT ? /Please try again in a moment/ : /"retryable":true/);
  }
  const start = await late.request('/public/who', { headers: DOCUMENT });
  assert.deepEqual([start.status, whoOn(start)[0], late.session], [200, 'nobody', before]);
  assert.equal((await fresh.request('/who', { headers: DOCUMENT })).status, 200);
  provider.knobs.set({ down: null });
  for (const deadline = Date.now() + 30_000; ; await sleep(300)) {
    const answer = await late.request('/who', { headers: DOCUMENT });
    if (answer.status === 200) break;
    assert.ok(answer.status === 503 && Date.now() < deadline, `${answer.status} ${answer.body}`);
  }
});

test('a definite answer ends the session: the cookie goes, and no page sees it', async () => {
  const end = async () => {
    const visitor = await returnLate();
    await endSession(provider, visitor);
    return visitor;
  };
  const visitor = await end();
  assert.equal((await visitor.request('/who', { headers: DOCUMENT })).status, 302);
  assert.equal(visitor.session, undefined);
  const other = await end();
  const seen = (await other.request('/public/seen', { headers: SCRIPT })).json();
  assert.deepEqual([seen.id, seen.headers.cookie, other.session], [null, undefined, undefined]);
});

test('a role, by a rule; however the path is written', async () => {
  const [ada, grace] = [await enter({ person: 'ada' }), await returnLate({ person: 'grace' })];
  assert.match((await ada.request('/admin', { headers: DOCUMENT })).body, /Welcome, ada@example\.com/);
  const page = await grace.request('/admin', { headers: DOCUMENT });
  assert.deepEqual([page.status, storing(page).length], [403, 1], 'the refresh is not lost');
  assert.equal((await grace.request('/admin', { headers: NAVIGATION })).status, 403);
  const odd = ['/admin/', '/admin/x', '//admin', '/admin//x', '/./admin/x', '/%61dmin/x', '/ADMIN/x', '/admin%2fx', '/admin;x', '/admin?__nextLocale=en'];
  const dotted = ['/public/../admin/x', '/public/%2e%2e/admin/x', '/public/..%2fadmin/x', '/public\\..\\admin\\x', '/index/../admin/x'];
  const tree = ['/admin.segments/_tree.segment.rsc', '/admin.segments/admin/__PAGE__.segment.rsc'];
  const paths = [...odd, ...dotted, ...tree, '/admin.rsc', '/admin/x.rsc', '/_next/data/x/admin.json'];
  for (const path of paths) {
    for (const headers of [DOCUMENT, NAVIGATION, { ...SCRIPT, 'x-nextjs-data': '1' }]) {
      const answer = await grace.request(path, { headers });
      assert.ok([308, 400, 403, 404].includes(answer.status), `${path}: ${answer.status}`);
      assert.doesNotMatch(answer.body, /Welcome|for administrators/, path);
    }
  }
});

test('a preflight is let through, and tells nothing', async () => {
  const preflight = { origin: 'https://app.example', 'access-control-request-method': 'GET' };
  for (const target of ['/admin', '/admin/x', '/who', '/seen', '/public/fixed']) {
    for (const headers of [preflight, { ...preflight, rsc: '1' }, { ...preflight, 'next-action': 'x' }]) {
      const first = await site.request(target, { method: 'OPTIONS', headers });
      const answer = first.status === 307 ? await site.request(first.headers.location, { method: 'OPTIONS', headers }) : first;
      assert.ok([204, 400, 404, 405].includes(answer.status), `${target}: ${answer.status} ${answer.body}`);
      assert.doesNotMatch(answer.body, /who:|Welcome|administrators|fixed|"id"/, target);
    }
  }
});

test('headers of a visitor say nothing', async () => {
  const names = ['middleware', 'src/middleware', 'proxy', 'src/proxy', 'pages/_middleware'];
  const { sealed } = await mint(provider);
  const forged = names.map((name) => ({ 'x-middleware-subrequest': Array(5).fill(name).join(':') }));
  forged.push(
    { 'x-middleware-override-headers': 'cookie', 'x-middleware-request-cookie': 'a=b' },
    { 'x-middleware-next': '1' },
    { 'x-middleware-invoke': '1', 'x-middleware-rewrite': '/admin', 'x-invoke-path': '/admin', 'x-matched-path': '/admin', 'x-nextjs-data': '1' },
    { 'x-workos-middleware': 'true', 'x-workos-session': sealed, 'x-edgeseal-user-id': 'user_1' },
    { 'x-forwarded-uri': '/public', 'x-original-url': '/public', 'x-rewrite-url': '/public' },
  );
  for (const headers of forged) {
    for (const target of ['/who', '/admin', '/seen']) {
      const answer = await site.request(target, { headers: { ...SCRIPT, ...headers } });
      assert.equal(answer.status, 401, `${target} ${JSON.stringify(headers)}`);
    }
    assert.equal((await site.request('/public/seen', { headers: { ...SCRIPT, ...headers } })).json().id, null);
  }
});

test('a page that is the same for everybody stays in shared caches, but not with a session on its way', async () => {
  assert.match((await site.request('/public/fixed', { headers: DOCUMENT })).headers['cache-control'], /s-maxage/);
  const late = await returnLate();
  const answer = await late.request('/public/fixed', { headers: DOCUMENT });
  assert.deepEqual([storing(answer).length, answer.headers['cache-control']], [1, 'private, no-store']);
});
