// What the middleware does for one request after another, in every framework that there is an entry for.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startProvider } from '../../dev/src/provider.mjs';
import { DOCUMENT, IMAGE, SCRIPT, parseSetCookie } from '../worker/support/http.mjs';
import { SITES } from './support/sites.mjs';
import { PASSWORD, SESSION_COOKIE, Visitor, clientOf, expired, mint, requestsTo, signedIn } from './support/stage.mjs';

const ROUTES = [
  { path: '/public/*', require: 'public' },
  { path: '/guarded/*', require: 'public' },
  { path: '/admin', require: { role: 'admin' } },
  { path: '/admin/*', require: { role: 'admin' } },
  { path: '/writers', require: { permission: 'posts:write' } },
];

// What a handler throws is written there when it is answered for it.
console.error = () => {};

for (const [name, start] of Object.entries(SITES)) {
  describe(name, () => {
    let provider;
    let site;
    const enter = (options) => signedIn(site, provider, options);
    const returnLate = (options) => expired(site, provider, options);
    const refreshes = () => requestsTo(provider, 'authenticate').length;
    const storing = (answer) => answer.setCookies.map(parseSetCookie).filter((cookie) => cookie.name === SESSION_COOKIE);

    before(async () => {
      provider = await startProvider();
      site = await start({ workos: clientOf(provider), routes: ROUTES, loginUrl: '/login' });
    });
    beforeEach(() => {
      provider.reset();
      provider.knobs.set({ refreshGraceSeconds: 0 });
    });
    after(async () => {
      site?.close();
      await provider?.close();
    });

    test('a session is told to the handler, and the answer is for one person', async () => {
      const visitor = await enter();
      const answer = await visitor.request('/who', { headers: SCRIPT });
      assert.deepEqual([answer.status, answer.json()], [200, { email: 'ada@example.com', id: visitor.sessionId }]);
      assert.deepEqual(answer.setCookies, []);
      assert.equal(answer.headers['cache-control'], 'private, no-store');
      assert.equal(answer.headers.vary, 'Cookie, Authorization');
      assert.equal(refreshes(), 0);
    });

    test('nobody: a document goes to sign-in and comes back, all else gets 401', async () => {
      const visitor = new Visitor(site);
      const page = await visitor.request('/who?x=1&y=%2f', { headers: DOCUMENT });
      assert.deepEqual([page.status, page.headers.location], [302, `/login?return_to=${encodeURIComponent('/who?x=1&y=%2f')}`]);
      assert.equal(page.headers['cache-control'], 'private, no-store');
      for (const headers of [SCRIPT, IMAGE, {}, { accept: '*/*' }, { ...DOCUMENT, 'sec-purpose': 'prefetch' }]) {
        const answer = await visitor.request('/who', { headers });
        assert.equal(answer.status, 401);
        assert.deepEqual(answer.json(), { authenticated: false, reason: 'no_session_cookie_provided', detail: 'cookie_missing', retryable: false, loginUrl: '/login' });
        assert.equal(answer.headers['www-authenticate'], 'Bearer realm="edgeseal"');
        assert.match(answer.headers['content-type'], /^application\/json/);
      }
      assert.equal((await visitor.request('/who', { method: 'POST', headers: DOCUMENT })).status, 401);
    });

    test('an address that would lead elsewhere is not come back to', async () => {
      for (const target of ['//evil.example/', '/a//evil.example']) {
        const answer = await site.request(target, { headers: DOCUMENT });
        assert.ok([302, 400].includes(answer.status), `${target}: ${answer.status}`);
        if (answer.status === 302) assert.ok(['/login', '/login?return_to=%2Fevil.example%2F'].includes(answer.headers.location), answer.headers.location);
      }
    });

    for (const [what, target, status] of [
      ['a plain answer', '/who', 200],
      ['a stream', '/stream', 200],
      ['a redirect that cannot be changed', '/redirect', 302],
      ['an error that the handler answers', '/fault', 418],
      ['an answer without a body', '/empty', 204],
      ['a handler that throws', '/throw', 500],
      ['what is not there', '/nowhere', 404],
      ['a person who may not', '/writers-only', 404],
    ]) {
      test(`an expired token is refreshed once, and ${what} brings the cookie`, async () => {
        const visitor = await returnLate();
        const answer = await visitor.request(target, { headers: SCRIPT });
        assert.equal(answer.status, status, answer.body);
        const [cookie, ...others] = storing(answer);
        assert.deepEqual(others, []);
        assert.deepEqual(cookie.attributes, { 'max-age': '34560000', path: '/', httponly: true, samesite: 'Lax' });
        assert.equal(answer.headers['cache-control'], 'private, no-store');
        assert.match(answer.headers.vary, /Cookie/);
        assert.equal(refreshes(), 1);
        if (what === 'a stream') assert.equal(answer.body, 'one two three');
        // And it is the next generation: nothing more is asked for it.
        assert.equal((await visitor.request('/who', { headers: SCRIPT })).json().id, visitor.sessionId);
        assert.equal(refreshes(), 1);
      });
    }

    test('three tabs with ten requests each, over tokens that expire, lose nothing', async () => {
      provider.knobs.set({ tokenLifetimeSeconds: 2 });
      const visitor = await returnLate();
      const tab = async () => {
        for (let round = 0; round < 10; round += 1) {
          const { status, body } = await visitor.request('/who', { headers: SCRIPT });
          assert.equal(status, 200, body);
          await sleep(300);
        }
      };
      await Promise.all([tab(), tab(), tab()]);
      const outcomes = requestsTo(provider, 'authenticate').map(({ outcome }) => outcome);
      assert.deepEqual([...new Set(outcomes)], ['rotated'], outcomes.join());
      assert.ok(outcomes.length >= 2, `${outcomes.length} refreshes`);
    });

    test('cookies of the handler stay, and the session is beside them', async () => {
      const answer = await (await returnLate()).request('/own-cookie', { headers: SCRIPT });
      assert.deepEqual(answer.setCookies.map((line) => parseSetCookie(line).name), ['theme', 'lang', SESSION_COOKIE]);
    });

    for (const [what, target, value] of [['sets', '/switched', 'of-the-handler'], ['deletes', '/signed-out', '']]) {
      test(`a handler that ${what} the session's cookie wins`, async () => {
        const visitor = await returnLate();
        const answer = await visitor.request(target, { headers: SCRIPT });
        assert.deepEqual(storing(answer).map((cookie) => cookie.value), [value]);
        assert.equal(answer.headers['cache-control'], 'private, no-store');
      });
    }

    test('an outage is no sign-out: 503, and the cookie stays', async () => {
      const visitor = await returnLate();
      const before = visitor.session;
      provider.knobs.set({ fail: { status: 429, retryAfterSeconds: 2, endpoints: ['authenticate'] } });
      const answer = await visitor.request('/who', { headers: SCRIPT });
      const { reason, detail, retryable, authenticated } = answer.json();
      assert.deepEqual([answer.status, reason, detail, retryable, authenticated], [503, 'rate_limit_exceeded', 'provider_rate_limited', true, false]);
      assert.equal(answer.headers['retry-after'], '2');
      const page = await visitor.request('/who', { headers: DOCUMENT });
      assert.equal(page.status, 503);
      assert.match(page.headers['content-type'], /^text\/html/);
      assert.match(page.body, /<h1>Please try again in a moment<\/h1>.*provider_rate_limited/s);
      assert.ok(Number(page.headers['retry-after']) >= 1);
      assert.equal(visitor.session, before);
      provider.knobs.set({ fail: null });
      // The provider is spared for a moment.
      for (const deadline = Date.now() + 15_000; ; await sleep(200)) {
        const { status } = await visitor.request('/who', { headers: SCRIPT });
        if (status === 200) break;
        assert.ok(status === 503 && Date.now() < deadline, `${status}`);
      }
    });

    test('a definite answer ends the session: the cookie goes', async () => {
      for (const [headers, status] of [[DOCUMENT, 302], [SCRIPT, 401]]) {
        const visitor = await returnLate();
        await fetch(`${provider.url}/dev/end-session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ sessionId: visitor.sessionId }) });
        const answer = await visitor.request('/who', { headers });
        assert.equal(answer.status, status, answer.body);
        assert.equal(visitor.session, undefined);
        if (status === 401) assert.deepEqual([answer.json().reason, answer.json().detail], ['invalid_grant', 'invalid_grant']);
      }
    });

    test('what is no session is refused, costs no call, and keeps its cookie', async () => {
      const { sealed } = await mint(provider);
      for (const [value, detail] of [['garbage', 'seal_unknown_format'], [sealed.slice(0, -10), 'seal_malformed'], [sealed.replace(/\*(.)/, (_, letter) => `*${letter === 'a' ? 'b' : 'a'}`), 'seal_']]) {
        const visitor = new Visitor(site, { [SESSION_COOKIE]: value });
        const answer = await visitor.request('/who', { headers: SCRIPT });
        assert.equal(answer.status, 401);
        assert.match(answer.json().detail, new RegExp(`^${detail}|session_malformed|seal_bad_mac`));
        assert.equal(visitor.session, value);
      }
      assert.equal(refreshes(), 0);
    });

    test('a page that anybody may see: with a session, without one, and never sent to sign-in', async () => {
      const nobody = await new Visitor(site).request('/public/who', { headers: DOCUMENT });
      assert.deepEqual([nobody.status, nobody.json().email, nobody.headers['cache-control']], [200, null, undefined]);
      assert.equal(nobody.headers.vary, 'Cookie, Authorization');
      const ada = await (await enter()).request('/public/who', { headers: DOCUMENT });
      assert.deepEqual([ada.json().email, ada.headers['cache-control']], ['ada@example.com', 'private, no-store']);
      // Shared by everybody, says the handler.
      const kept = await (await enter()).request('/public/kept', { headers: SCRIPT });
      assert.equal(kept.headers['cache-control'], 'public, max-age=60');
      const late = await returnLate();
      assert.equal((await late.request('/public/kept', { headers: SCRIPT })).headers['cache-control'], 'private, no-store', 'not with a cookie in it');
    });

    test('on such a page an expired session is refreshed for documents and scripts, and for nothing that a page loads by itself', async () => {
      for (const [headers, email, count] of [[IMAGE, null, 0], [{ ...DOCUMENT, 'sec-purpose': 'prefetch' }, null, 0], [{ ...DOCUMENT, 'if-none-match': '"1"' }, null, 0], [DOCUMENT, 'ada@example.com', 1], [SCRIPT, 'ada@example.com', 1]]) {
        const visitor = await returnLate();
        const before = refreshes();
        const answer = await visitor.request('/public/who', { headers });
        assert.deepEqual([answer.status, answer.json().email, refreshes() - before], [200, email, count]);
      }
      const late = await returnLate();
      provider.knobs.set({ fail: { status: 403, endpoints: ['authenticate'] } });
      const answer = await late.request('/public/who', { headers: DOCUMENT });
      assert.deepEqual([answer.status, answer.json().email, answer.setCookies], [200, null, []]);
    });

    test('what a browser fetches ahead of time, and a connection of another kind, use no refresh token up', async () => {
      const visitor = await returnLate();
      for (const headers of [{ ...DOCUMENT, 'sec-purpose': 'prefetch;prerender' }, { connection: 'Upgrade', upgrade: 'websocket' }]) {
        const answer = await visitor.request('/who', { headers });
        assert.deepEqual([answer.status, answer.json().detail], [401, 'token_expired'], JSON.stringify(headers));
      }
      assert.equal(refreshes(), 0);
      assert.equal((await visitor.request('/who', { headers: SCRIPT })).status, 200);
    });

    test('a preflight passes without identity; what only looks like one does not', async () => {
      const preflight = { origin: 'https://app.example', 'access-control-request-method': 'POST' };
      const visitor = await enter();
      const passed = await visitor.request('/who', { method: 'OPTIONS', headers: preflight });
      // Whatever the handler would show to those whom the rules let in: no browser reads it, and anybody can ask.
      assert.deepEqual([passed.status, passed.body], [200, '']);
      for (const target of ['/stream', '/admin/who', '/kept', '/nowhere']) assert.equal((await site.request(target, { method: 'OPTIONS', headers: preflight })).body, '', target);
      assert.equal((await site.request('/who', { method: 'OPTIONS' })).status, 401);
      assert.equal((await site.request('/who', { method: 'OPTIONS', headers: { origin: 'https://app.example' } })).status, 401);
      assert.equal((await site.request('/who', { headers: preflight })).status, 401);
      assert.equal((await site.request('/guarded/who', { method: 'OPTIONS', headers: preflight })).status, 200);
    });

    test('role and permission: by a rule, and by one route', async () => {
      for (const target of ['/admin', '/admin/who', '/guarded/who']) {
        assert.equal((await (await enter({ person: 'ada' })).request(target, { headers: SCRIPT })).status, 200, target);
        const grace = await returnLate({ person: 'grace' });
        const refused = await grace.request(target, { headers: SCRIPT });
        assert.deepEqual([refused.status, refused.json()], [403, { authenticated: true, reason: 'invalid_permissions', detail: 'permission_denied', retryable: false }], target);
        assert.equal(storing(refused).length, 1, 'the refresh is not lost');
        const page = await grace.request(target, { headers: DOCUMENT });
        assert.equal(page.status, 403);
        assert.match(page.body, /permission_denied/);
        assert.equal((await site.request(target, { headers: SCRIPT })).status, 401, target);
      }
      assert.equal((await (await enter({ person: 'grace' })).request('/writers', { headers: SCRIPT })).status, 403);
      assert.equal((await (await enter({ person: 'ada' })).request('/writers', { headers: SCRIPT })).status, 404, 'there is nothing, but she may');
    });

    test('one route refreshes what the page need not have', async () => {
      const visitor = await returnLate();
      assert.equal((await visitor.request('/guarded/who', { headers: { ...DOCUMENT, 'if-none-match': '"1"' } })).status, 200);
      assert.equal(refreshes(), 1);
    });

    test('what is shared stays with nobody but the person', async () => {
      const answer = await (await enter()).request('/kept', { headers: SCRIPT });
      assert.equal(answer.headers['cache-control'], 'private, max-age=60');
      assert.equal(answer.headers['cdn-cache-control'], undefined);
      assert.equal(answer.headers.vary, 'Accept, Cookie, Authorization');
      assert.equal((await (await enter()).request('/guarded/kept', { headers: SCRIPT })).headers['cache-control'], 'private, max-age=60');
    });

    test('the page for signing in is for everybody', async () => {
      const answer = await site.request('/login?return_to=%2Fwho', { headers: DOCUMENT });
      assert.deepEqual([answer.status, answer.json().path], [404, '/login']);
    });

    test('a bearer token, where the client accepts one and there is no cookie', async () => {
      const client = clientOf(provider, { acceptFormats: ['iron', 'json'] });
      const api = await start({ workos: client, cookiePassword: PASSWORD, routes: ROUTES });
      try {
        const { access_token: token } = provider.mintSession().response;
        const ask = (authorization, headers) => api.request('/who', { headers: { authorization, ...headers } });
        assert.equal((await ask(`bearer  ${token}`)).status, 200);
        assert.deepEqual((await ask(`Bearer ${token}`)).setCookies, []);
        const late = await ask(`Bearer ${provider.mintSession({ lifetimeSeconds: -60 }).response.access_token}`);
        assert.deepEqual([late.status, late.json().detail], [401, 'token_expired']);
        assert.equal(late.headers['www-authenticate'], 'Bearer realm="edgeseal", error="invalid_token"');
        assert.equal((await ask(`Bearer ${token.slice(0, -6)}AAAAAA`)).json().detail, 'bad_signature');
        assert.equal((await ask(`Bearer ${token}`, { cookie: `${SESSION_COOKIE}=garbage` })).status, 401, 'a cookie decides');
        assert.equal(refreshes(), 0);
      } finally {
        api.close();
      }
      const { access_token: token } = provider.mintSession().response;
      assert.equal((await site.request('/who', { headers: { authorization: `Bearer ${token}` } })).json().detail, 'cookie_missing');
    });
  });
}
