// The middleware in real workerd: `edgeseal/fetch` with the session's Durable Object in several isolates, and `edgeseal/hono`.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startProvider } from '../../dev/src/provider.mjs';
import { createTestHarness, settingsFor } from '../worker/support/gateway.mjs';
import { DOCUMENT, SCRIPT, parseSetCookie, send } from '../worker/support/http.mjs';
import { place, sealData } from './support/package.mjs';
import { SESSION_COOKIE, Visitor, requestsTo } from './support/stage.mjs';
import { sessionOf } from '../package/support/conformance.mjs';

const COMPATIBILITY_DATE = '2026-10-20';

const CLIENT = `
import { WorkOS } from 'edgeseal';

export const workos = ({ WORKOS_API_KEY, WORKOS_CLIENT_ID: clientId, WORKOS_BASE_URL, WORKOS_COOKIE_PASSWORD: cookiePassword, SESSIONS: sessions }) => {
  const { hostname, port } = new URL(WORKOS_BASE_URL);
  return new WorkOS(WORKOS_API_KEY, { clientId, apiHostname: hostname, https: false, port: Number(port), cookiePassword, sessions });
};
export const routes = [{ path: '/public/*', require: 'public' }, { path: '/admin/*', require: { role: 'admin' } }];

/** A connection that says who opened it. */
export function connect(email) {
  const [client, server] = Object.values(new WebSocketPair());
  server.accept();
  server.send(String(email));
  return new Response(null, { status: 101, webSocket: client, headers: { 'x-own': 'kept' } });
}
`;

const FETCH = `
import { edgeseal } from 'edgeseal/fetch';
import { connect, routes, workos } from './client.mjs';

const auth = edgeseal({ workos, routes, loginUrl: '/login' });

export default {
  fetch: (request, env) =>
    auth(request, env, async (request, session) => {
      const { pathname } = new URL(request.url);
      switch (pathname) {
        case '/socket': return connect(session?.user.email);
        case '/throw': throw new Error('a handler that throws');
        case '/redirect': return Response.redirect('https://site.example/', 302);
        case '/passed': return env.SELF_ASSETS.fetch(request);
      }
      return Response.json({ id: session?.sessionId ?? null, email: session?.user?.email ?? null });
    }),
};
`;

const HONO = `
import { Hono } from 'hono';
import { edgeseal } from 'edgeseal/hono';
import { connect, routes, workos } from './client.mjs';

const app = new Hono();
const auth = edgeseal({ workos, routes, loginUrl: '/login' });
app.use(auth);
app.get('/socket', (c) => connect(c.get('session')?.user.email));
app.get('/throw', () => { throw new Error('a handler that throws'); });
app.get('/redirect', (c) => c.redirect('https://site.example/'));
app.get('/passed', (c) => c.env.SELF_ASSETS.fetch(c.req.raw));
app.use('/admin/*', auth.require({ role: 'admin' }));
app.all('*', (c) => c.json({ id: c.get('session')?.sessionId ?? null, email: c.get('session')?.user?.email ?? null }));
export default app;
`;

const OBJECTS = `
export { SessionObject } from 'edgeseal/cloudflare';
export default { fetch: () => new Response(null, { status: 404 }) };
`;

/** A service whose answers have headers that cannot be changed. */
const SERVICE = "export default { fetch: () => new Response('from a service', { headers: { 'cache-control': 'public, max-age=60' } }) };";

/** Two copies of a Worker in isolates of their own, which share the objects. */
async function startWorkers(provider, name, source) {
  const settings = settingsFor(provider);
  const script = (script, main, more = {}, secrets = settings) => ({ config: { name: script, main, compatibility_date: COMPATIBILITY_DATE, routes: [`${script}.example/*`], ...more }, secrets });
  place.write('client.mjs', CLIENT);
  const main = place.write(`${name}.mjs`, source);
  const bindings = {
    durable_objects: { bindings: [{ name: 'SESSIONS', class_name: 'SessionObject', script_name: 'objects' }] },
    services: [{ binding: 'SELF_ASSETS', service: 'service' }],
  };
  const own = { durable_objects: { bindings: [{ name: 'SESSIONS', class_name: 'SessionObject' }] }, migrations: [{ tag: 'v1', new_sqlite_classes: ['SessionObject'] }] };
  const server = createTestHarness({
    root: place.folder,
    workers: [
      ...[0, 1].map((copy) => script(`copy-${copy}`, main, bindings)),
      script('objects', place.write('objects.mjs', OBJECTS), own),
      script('service', place.write('service.mjs', SERVICE), {}, {}),
    ],
  });
  const { url } = await server.listen();
  let asked = 0;
  const site = (copy) => ({ request: (target, { headers, ...options } = {}) => send(url, target, { ...options, headers: { ...headers, host: `copy-${copy ?? (asked += 1) % 2}.example` } }) });
  return { site, close: () => server.close() };
}

for (const [name, source] of Object.entries({ fetch: FETCH, hono: HONO })) {
  describe(`edgeseal/${name}`, () => {
    let provider;
    let workers;
    before(async () => {
      provider = await startProvider();
      workers = await startWorkers(provider, name, source);
    });
    beforeEach(() => {
      provider.reset();
      provider.knobs.set({ refreshGraceSeconds: 0 });
    });
    after(async () => {
      await workers?.close();
      await provider?.close();
    });
    async function visitor(options) {
      const { sessionId, response } = provider.mintSession(options);
      const sealed = await sealData(sessionOf(response), { password: settingsFor(provider).WORKOS_COOKIE_PASSWORD, ttl: 0 });
      return Object.assign(new Visitor(workers.site(), { [SESSION_COOKIE]: sealed }), { sessionId });
    }
    const late = (options) => visitor({ lifetimeSeconds: -60, ...options });
    const outcomes = () => requestsTo(provider, 'authenticate').map(({ outcome }) => outcome);

    test('a session, nobody, and a role', async () => {
      const ada = await visitor();
      assert.deepEqual((await ada.request('/who', { headers: SCRIPT })).json(), { id: ada.sessionId, email: 'ada@example.com' });
      const page = await workers.site().request('/who', { headers: DOCUMENT });
      assert.deepEqual([page.status, page.headers.location], [302, '/login?return_to=%2Fwho']);
      assert.equal((await (await visitor({ person: 'grace' })).request('/admin/x', { headers: SCRIPT })).status, 403);
      assert.equal((await workers.site().request('/public/x')).status, 200);
      assert.equal((await workers.site().request('/docs/..%2fadmin/x')).status, 400);
    });

    for (const [target, status] of [['/who', 200], ['/throw', 500], ['/redirect', 302], ['/passed', 200]]) {
      test(`a refreshed cookie comes with ${target}`, async () => {
        const ada = await late();
        const answer = await ada.request(target, { headers: SCRIPT });
        assert.equal(answer.status, status);
        const [cookie, ...others] = answer.setCookies.map(parseSetCookie);
        assert.deepEqual([cookie.name, others, cookie.attributes.secure], [SESSION_COOKIE, [], true]);
        assert.equal(answer.headers['cache-control'], 'private, no-store');
      });
    }

    test('three tabs with ten requests each, in two isolates, over tokens that expire: nothing is lost', async () => {
      provider.knobs.set({ tokenLifetimeSeconds: 2 });
      const ada = await late();
      const tab = async () => {
        for (let round = 0; round < 10; round += 1) {
          const answer = await ada.request('/who', { headers: SCRIPT });
          assert.deepEqual([answer.status, answer.json().id], [200, ada.sessionId], answer.body);
          await sleep(300);
        }
      };
      await Promise.all([tab(), tab(), tab()]);
      assert.deepEqual([...new Set(outcomes())], ['rotated'], outcomes().join());
      assert.ok(outcomes().length >= 2);
    });

    test('a connection of another kind is passed on as it is, and uses no refresh token up', async () => {
      const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==', 'sec-websocket-version': '13' };
      const answer = await (await visitor()).request('/socket', { headers: upgrade });
      assert.deepEqual([answer.status, answer.headers['x-own'], answer.headers['cache-control'], answer.setCookies], [101, 'kept', undefined, []]);
      const refused = await (await late()).request('/socket', { headers: upgrade });
      assert.deepEqual([refused.status, refused.json().detail, outcomes()], [401, 'token_expired', []]);
    });
  });
}

describe('with Stytch', () => {
  const WORKER = `
import { edgeseal } from 'edgeseal/fetch';
import { B2BClient } from 'edgeseal/stytch';

const auth = edgeseal({
  stytch: (env) => new B2BClient({ project_id: env.STYTCH_PROJECT_ID, secret: env.STYTCH_SECRET, env: env.STYTCH_BASE_URL }),
  routes: [{ path: '/posts', methods: ['POST'], require: { authorizationCheck: { resource_id: 'posts', action: 'write' } } }],
});
export default { fetch: (request, env) => auth(request, env, (request, session) => Response.json(session.member_id)) };
`;

  test('tokens are checked in the Worker, and what the policy of the own organization allows', async (t) => {
    const provider = await startProvider({ provider: 'stytch-b2b' });
    t.after(() => provider.close());
    provider.setPolicy({ resources: [{ resource_id: 'posts', actions: ['write'] }], roles: [{ role_id: 'admin', permissions: [{ resource_id: 'posts', actions: ['write'] }] }] });
    const main = place.write('stytch.mjs', WORKER);
    const server = createTestHarness({ root: place.folder, workers: [{ config: { name: 'stytch', main, compatibility_date: COMPATIBILITY_DATE }, secrets: settingsFor(provider) }] });
    t.after(() => server.close());
    const { url } = await server.listen();
    const ask = (options, method) => {
      const { sessionJwt, response } = provider.mintSession(options);
      return send(url, '/posts', { method, headers: { cookie: `stytch_session_jwt=${sessionJwt}` } }).then((answer) => ({ ...answer, response }));
    };
    const read = await ask({ person: 'grace' }, 'GET');
    assert.deepEqual([read.status, read.json()], [200, read.response.member_session.member_id]);
    assert.equal((await ask({ person: 'ada' }, 'POST')).status, 200);
    assert.deepEqual(await ask({ person: 'grace' }, 'POST').then(({ status, json }) => [status, json().detail]), [403, 'permission_denied']);
    const late = await ask({ person: 'ada', lifetimeSeconds: -60 }, 'POST');
    assert.deepEqual([late.status, late.setCookies.length, requestsTo(provider, 'authenticate').length], [200, 2, 1]);
  });
});

