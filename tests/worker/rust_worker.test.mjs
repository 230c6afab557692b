// `gateway::guard` in a Worker of one's own, as examples/rust-worker has it: the rules decide, the site is that Worker's code, and whoever is signed
// in is handed to it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { startProvider } from '../../dev/src/provider.mjs';
import { Visitor } from './support/browser.mjs';
import { SESSION_COOKIE, startGateway } from './support/gateway.mjs';
import { DOCUMENT, SCRIPT } from './support/http.mjs';
import { expired, requestsTo } from './support/sessions.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const ADMIN_TOKEN = 'the admin token of the tests, 32 or more';

const provider = await startProvider();
let site;
before(async () => {
  const build = spawn('cargo', ['xtask', 'rust-worker'], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  const output = [];
  build.stderr.on('data', (piece) => output.push(piece));
  const [code] = await once(build, 'close');
  assert.equal(code, 0, Buffer.concat(output).toString());
  // Its own wrangler.toml, but for how it is built: worker-build downloads what no test may wait for.
  const toml = fs.readFileSync(new URL('../../examples/rust-worker/wrangler.toml', import.meta.url), 'utf8');
  const main = path.join(root, 'build', 'rust-worker', 'index.js');
  const editConfig = () => toml.replace('"build/index.js"', JSON.stringify(main)).replace(/\[build\]\n.*\n/, '');
  site = await startGateway(provider, { settings: { ADMIN_TOKEN }, editConfig });
});
after(async () => {
  await site?.close();
  await provider.close();
});
beforeEach(() => provider.reset());

test('a public page is everybody’s, all else leads to sign-in and back', async () => {
  const answer = await site.request('/', { headers: DOCUMENT });
  assert.deepEqual([answer.status, /Everybody may read this/.test(answer.body)], [200, true]);
  const visitor = new Visitor(site);
  const refused = await visitor.open('/account');
  assert.deepEqual([refused.status, refused.headers.location], [302, '/auth/login?return_to=%2Faccount']);
  assert.equal((await site.request('/account', { headers: SCRIPT })).status, 401);
  await visitor.signIn({ returnTo: '/account' });
  const account = await visitor.open('/account');
  assert.deepEqual([account.status, account.json().user.email, account.headers['cache-control']], [200, 'ada@example.com', 'private, no-cache']);
  assert.equal((await visitor.open('/elsewhere')).status, 404);
  const out = await visitor.fetch('/auth/logout', { method: 'POST' });
  assert.deepEqual([out.status, visitor.cookies.has(SESSION_COOKIE)], [200, false]);
});

test('an expired session is refreshed before the site is asked, and its cookie goes out with the site’s answer', async () => {
  const visitor = expired(site, provider);
  const { session } = visitor;
  const account = await visitor.open('/account');
  assert.deepEqual([account.status, account.json().session_id], [200, visitor.sessionId]);
  assert.notEqual(visitor.session, session);
  assert.equal(requestsTo(provider, 'authenticate').length, 1);
});

test('while the provider is down an expired session is 503, and keeps its cookie', async () => {
  const visitor = expired(site, provider);
  provider.knobs.set({ down: {} });
  const answer = await visitor.fetch('/account');
  assert.deepEqual([answer.status, answer.setCookies], [503, []], answer.body);
});

test('GET /auth/ready knows that the site is this Worker itself', async () => {
  const answer = await site.request('/auth/ready', { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
  assert.deepEqual([answer.status, answer.json().bindings.upstream], [200, 'worker'], answer.body);
});
