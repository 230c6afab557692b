// The middleware with sessions of Stytch: users and members, JWTs that are checked on the spot, cookies that Stytch renews, and what a policy of
// roles allows on one route.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startProvider } from '../../dev/src/provider.mjs';
import { DOCUMENT, IMAGE, SCRIPT, parseSetCookie } from '../worker/support/http.mjs';
import { stytch } from './support/package.mjs';
import { SITES } from './support/sites.mjs';
import { Visitor, requestsTo } from './support/stage.mjs';

const [JWT, TOKEN] = ['stytch_session_jwt', 'stytch_session'];
const check = (action, more) => ({ authorizationCheck: { resource_id: 'posts', action, ...more } });
const POLICY = {
  resources: [{ resource_id: 'posts', actions: ['read', 'write'] }],
  roles: [{ role_id: 'admin', permissions: [{ resource_id: 'posts', actions: ['*'] }] }, { role_id: 'stytch_member', permissions: [{ resource_id: 'posts', actions: ['read'] }] }],
};
const FOREIGN = 'organization-test-00000000-0000-4000-8000-000000000001';
const ROUTES = [
  { path: '/public/*', require: 'public' },
  { path: '/guarded/*', require: 'public' },
  { path: '/admin', require: { role: 'admin' } },
  { path: '/admin/*', require: check('write') },
];

console.error = () => {};

for (const product of ['stytch', 'stytch-b2b']) {
  const isB2b = product === 'stytch-b2b';
  for (const [name, start] of Object.entries(SITES)) {
    describe(`${product}, ${name}`, () => {
      let provider;
      let site;
      const clientOf = ({ projectId, secret, url }) => new (isB2b ? stytch.B2BClient : stytch.Client)({ project_id: projectId, secret, env: url });
      before(async () => {
        provider = await startProvider({ provider: product });
        site = await start({ stytch: clientOf(provider), routes: ROUTES, loginUrl: '/login', guard: check('write') });
      });
      beforeEach(() => {
        provider.reset();
        provider.setPolicy(POLICY);
      });
      after(async () => {
        site.close();
        await provider.close();
      });
      const asked = (endpoint = 'authenticate') => requestsTo(provider, endpoint).length;
      const enter = ({ jwt = true, token = true, ...options } = {}) => {
        const minted = provider.mintSession(options);
        const cookies = { ...(jwt && { [JWT]: minted.sessionJwt }), ...(token && { [TOKEN]: minted.sessionToken }) };
        return Object.assign(new Visitor(site, cookies), minted);
      };
      const late = (options) => enter({ lifetimeSeconds: -60, ...options });
      const names = (answer) => answer.setCookies.map((line) => parseSetCookie(line).name).sort();

      test('a good JWT costs no call', async () => {
        const visitor = enter();
        const answer = await visitor.request('/who', { headers: SCRIPT });
        assert.deepEqual([answer.status, answer.json().id, asked(), answer.setCookies], [200, visitor.sessionId, 0, []]);
        assert.equal(answer.headers['cache-control'], 'private, no-store');
      });

      test('an expired one is renewed, and both cookies are set as the browser SDK sets them', async () => {
        const visitor = late({ durationMinutes: 60 });
        for (const target of ['/redirect', '/throw', '/stream']) {
          const again = Object.assign(new Visitor(site, Object.fromEntries(visitor.cookies)));
          assert.deepEqual(names(await again.request(target, { headers: SCRIPT })), [TOKEN, JWT], target);
        }
        const answer = await visitor.request('/who', { headers: SCRIPT });
        assert.deepEqual([answer.status, answer.json().id, names(answer)], [200, visitor.sessionId, [TOKEN, JWT]]);
        for (const { attributes } of answer.setCookies.map(parseSetCookie)) {
          const { 'max-age': maxAge, ...others } = attributes;
          assert.deepEqual(others, { path: '/', samesite: 'Lax' });
          assert.ok(maxAge > 3500 && maxAge <= 3600, maxAge);
        }
        assert.equal(asked(), 4);
        await visitor.request('/who', { headers: SCRIPT });
        assert.equal(asked(), 4);
      });

      test('the opaque token alone will do, for a question; what cannot be one costs none', async () => {
        const visitor = enter({ jwt: false });
        assert.deepEqual([(await visitor.request('/who', { headers: SCRIPT })).status, asked()], [200, 1]);
        const garbage = new Visitor(site, { [TOKEN]: 'deleted', [JWT]: 'x.y.z' });
        const answer = await garbage.request('/who', { headers: SCRIPT });
        assert.deepEqual([answer.status, answer.json().detail, asked()], [401, 'token_malformed', 1]);
      });

      test('nobody goes to sign-in', async () => {
        const page = await site.request('/who', { headers: DOCUMENT });
        assert.deepEqual([page.status, page.headers.location], [302, '/login?return_to=%2Fwho']);
        const answer = await site.request('/who', { headers: SCRIPT });
        assert.deepEqual([answer.status, answer.json().detail], [401, 'cookie_missing']);
      });

      test('a session that is over goes, for whoever has set its cookies; an outage keeps them', async () => {
        const visitor = late();
        provider.knobs.set({ fail: { errorType: 'session_not_found', endpoints: ['authenticate'] } });
        const answer = await visitor.request('/who', { headers: SCRIPT });
        assert.deepEqual([answer.status, answer.json().detail, visitor.cookies.size], [401, 'session_not_found', 0]);
        for (const [failure, detail] of [[{ status: 401 }, 'provider_refused_client'], [{ status: 429, retryAfterSeconds: 1 }, 'provider_rate_limited']]) {
          const other = late();
          provider.knobs.set({ fail: { ...failure, endpoints: ['authenticate'] } });
          const refused = await other.request('/who', { headers: SCRIPT });
          assert.deepEqual([refused.status, refused.json().detail, other.cookies.size], [503, detail, 2]);
          assert.ok(Number(refused.headers['retry-after']) >= 1);
        }
        provider.reset();
        const kept = late();
        await untilServed(() => kept.request('/who', { headers: SCRIPT }));
      });

      test('of many cookies Stytch is asked about four, and an outage once', async () => {
        const cookie = Array.from({ length: 6 }, () => `${JWT}=${provider.mintSession({ lifetimeSeconds: -60 }).sessionJwt}`).join('; ');
        provider.knobs.set({ fail: { errorType: 'session_not_found', endpoints: ['authenticate'] } });
        const answer = await site.request('/who', { headers: { ...SCRIPT, cookie } });
        assert.deepEqual([answer.status, answer.setCookies, asked()], [401, [], 4], 'of the others nobody knows');
        provider.knobs.set({ fail: { status: 429, retryAfterSeconds: 1, endpoints: ['authenticate'], times: 1 } });
        assert.deepEqual([(await site.request('/who', { headers: { ...SCRIPT, cookie } })).status, asked()], [503, 5]);
        provider.reset();
        await untilServed(() => late().request('/who', { headers: SCRIPT }));
      });

      test('on a page that anybody may see Stytch is not asked for what a page loads by itself', async () => {
        const visitor = late();
        assert.deepEqual([(await visitor.request('/public/who', { headers: IMAGE })).json().id, asked()], [null, 0]);
        assert.deepEqual([(await visitor.request('/public/who', { headers: DOCUMENT })).json().id, asked()], [visitor.sessionId, 1]);
      });

      test('two people at once are refused', async () => {
        for (const lifetimeSeconds of [300, -60]) {
          const [ada, grace] = ['ada', 'grace'].map((person) => provider.mintSession({ person, lifetimeSeconds }).sessionJwt);
          const answer = await site.request('/who', { headers: { ...SCRIPT, cookie: `${JWT}=${ada}; ${JWT}=${grace}` } });
          assert.deepEqual([answer.status, answer.json().detail], [401, 'cookie_conflict'], `${lifetimeSeconds}`);
          assert.ok(names(answer).includes(JWT) && names(answer).includes(TOKEN));
        }
        assert.equal(asked(), 0);
      });

      test('a role of the token, and what the policy allows, by a rule and by one route', async () => {
        for (const target of ['/admin', '/admin/who', '/guarded/who']) {
          const ada = await enter({ person: 'ada' }).request(target, { headers: SCRIPT });
          assert.equal(ada.status, 200, `${target}: ${ada.body}`);
          const grace = late({ person: 'grace' });
          const refused = await grace.request(target, { headers: SCRIPT });
          assert.deepEqual([refused.status, refused.json().detail], [403, 'permission_denied'], target);
          assert.deepEqual(names(refused), [TOKEN, JWT], 'the renewed session is not lost');
          assert.equal((await site.request(target, { headers: SCRIPT })).status, 401);
        }
        const page = await enter({ person: 'grace' }).request('/guarded/who', { headers: DOCUMENT });
        assert.equal(page.status, 403);
        assert.match(page.body, /<h1>This page is not for you<\/h1>.*permission_denied/s);
      });

      test('a policy that cannot be had is 503, and never 403', async () => {
        // Policies are kept by project: one that nobody has asked about yet.
        const fresh = await startProvider({ provider: product, projectId: `project-test-${randomUUID()}` });
        const other = await start({ stytch: clientOf(fresh), routes: ROUTES, guard: check('write') });
        try {
          fresh.knobs.set({ down: { endpoints: ['policy', ...(isB2b ? ['organization_policy'] : [])] } });
          const { sessionJwt } = fresh.mintSession({ person: 'grace' });
          const visitor = new Visitor(other, { [JWT]: sessionJwt });
          for (const target of ['/admin/who', '/guarded/who']) {
            const answer = await visitor.request(target, { headers: SCRIPT });
            assert.deepEqual([answer.status, answer.json().detail, visitor.cookies.size], [503, 'policy_unavailable', 1], target);
          }
          const renewed = new Visitor(other, { [JWT]: fresh.mintSession({ person: 'grace', lifetimeSeconds: -60 }).sessionJwt });
          const answer = await renewed.request('/admin/who', { headers: SCRIPT });
          assert.deepEqual([answer.status, names(answer)], [503, [TOKEN, JWT]], 'the renewed session is not lost');
        } finally {
          other.close();
          await fresh.close();
        }
      });

      if (isB2b) {
        test('the organization of a check is the session\'s own, unless it names one', async () => {
          const other = await start({ stytch: clientOf(provider), guard: check('write', { organization_id: FOREIGN }), routes: [{ path: '/guarded/*', require: 'public' }] });
          try {
            const { sessionJwt } = provider.mintSession({ person: 'ada' });
            const answer = await other.request('/guarded/who', { headers: { ...SCRIPT, cookie: `${JWT}=${sessionJwt}` } });
            assert.deepEqual([answer.status, answer.json().detail], [403, 'tenancy_mismatch']);
          } finally {
            other.close();
          }
        });
      }

      test('a bearer JWT does what a cookie does, and brings none', async () => {
        const ask = (jwt, headers) => site.request('/who', { headers: { authorization: `Bearer ${jwt}`, ...headers } });
        const { sessionJwt, sessionId } = provider.mintSession();
        assert.equal((await ask(sessionJwt)).json().id, sessionId);
        const old = await ask(provider.mintSession({ lifetimeSeconds: -60 }).sessionJwt);
        assert.deepEqual([old.status, old.setCookies, asked()], [200, [], 1]);
        const forged = await ask(`${sessionJwt.slice(0, -6)}AAAAAA`);
        assert.deepEqual([forged.status, forged.json().detail, asked()], [401, 'bad_signature', 1]);
        assert.match(forged.headers['www-authenticate'], /invalid_token/);
        assert.equal((await ask(sessionJwt, { cookie: `${JWT}=x.y.z` })).status, 401, 'a cookie decides');
      });
    });
  }
}

async function untilServed(ask) {
  for (const deadline = Date.now() + 15_000; ; await sleep(100)) {
    const { status, body } = await ask();
    if (status === 200) return;
    assert.ok(status === 503 && Date.now() < deadline, `${status}: ${body}`);
  }
}
