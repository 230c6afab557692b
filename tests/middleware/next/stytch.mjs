// `edgeseal/next` with sessions of Stytch, and with a handler of the site's own, in a real application: pages/stytch.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import { startProvider } from '../../../dev/src/provider.mjs';
import { DOCUMENT, SCRIPT, parseSetCookie } from '../../worker/support/http.mjs';
import { Visitor, requestsTo } from '../support/stage.mjs';
import { startApplication } from './support/application.mjs';

const [JWT, TOKEN] = ['stytch_session_jwt', 'stytch_session'];

let provider;
let site;
before(async () => {
  provider = await startProvider({ provider: 'stytch-b2b' });
  const settings = { STYTCH_PROJECT_ID: provider.projectId, STYTCH_SECRET: provider.secret, STYTCH_BASE_URL: provider.url };
  site = await startApplication(['tests/middleware/next/pages/stytch'], () => settings);
});
beforeEach(() => provider.reset());
after(async () => {
  site?.close();
  await provider?.close();
});

function enter(options) {
  const minted = provider.mintSession(options);
  return Object.assign(new Visitor(site, { [JWT]: minted.sessionJwt, [TOKEN]: minted.sessionToken }), minted);
}
const late = (options) => enter({ lifetimeSeconds: -60, ...options });
const asked = () => requestsTo(provider, 'authenticate').length;
const namesIn = (answer) => answer.setCookies.map((line) => parseSetCookie(line).name).sort();
const see = async (visitor, target = '/seen') => (await visitor.request(target, { headers: SCRIPT })).json();

test('nobody, and somebody', async () => {
  const page = await site.request('/seen', { headers: DOCUMENT });
  assert.deepEqual([page.status, page.headers.location], [302, '/public/login']);
  assert.equal((await site.request('/seen', { headers: SCRIPT })).json().detail, 'cookie_missing');
  const visitor = enter();
  assert.deepEqual([(await see(visitor)).id, (await see(visitor, '/public/seen')).id, asked()], [visitor.sessionId, visitor.sessionId, 0]);
});

test('an expired JWT is renewed, and the new one is what the page sees', async () => {
  const visitor = late();
  const { id, headers } = await see(visitor);
  assert.deepEqual([id, asked()], [visitor.sessionId, 1]);
  assert.notEqual(visitor.cookies.get(JWT), visitor.sessionJwt);
  assert.equal(headers.cookie, `${JWT}=${visitor.cookies.get(JWT)}; ${TOKEN}=${visitor.sessionToken}`);
  assert.deepEqual([(await see(visitor)).id, asked()], [visitor.sessionId, 1]);
});

test('while Stytch is down: 503, and the cookies stay', async () => {
  const visitor = late();
  const before = [...visitor.cookies];
  provider.knobs.set({ down: {} });
  assert.equal((await visitor.request('/seen', { headers: SCRIPT })).status, 503);
  assert.equal((await see(visitor, '/public/seen')).id, null);
  visitor.cookies.delete('visited');
  assert.deepEqual([...visitor.cookies], before);
});

test('what a policy allows', async () => {
  const roles = [{ role_id: 'admin', permissions: [{ resource_id: 'posts', actions: ['*'] }] }];
  provider.setPolicy({ resources: [{ resource_id: 'posts', actions: ['write'] }], roles });
  assert.equal((await enter({ person: 'ada' }).request('/posts', { headers: SCRIPT })).status, 200);
  assert.equal((await enter({ person: 'grace' }).request('/posts', { headers: SCRIPT })).status, 403);
});

test("the proxy's own handler: whatever it does, the cookies go out and the page sees the new session", async () => {
  const statuses = { '/seen': 200, '/rewritten': 200, '/named': 200, '/answered': 200, '/moved': 307, '/nothing': 404, '/thrown': 500 };
  for (const [target, status] of Object.entries(statuses)) {
    const visitor = late();
    const answer = await visitor.request(target, { headers: SCRIPT });
    assert.equal(answer.status, status, `${target}: ${answer.body}`);
    assert.deepEqual(namesIn(answer), [TOKEN, JWT, ...(target === '/seen' ? ['visited'] : [])].sort(), target);
    if (status !== 200) continue;
    const { id, headers } = answer.json();
    assert.equal(id, visitor.sessionId, target);
    if (headers) assert.match(headers.cookie, new RegExp(visitor.cookies.get(JWT)), target);
    if (target === '/named') assert.equal(headers['x-theme'], 'dark');
  }
});
