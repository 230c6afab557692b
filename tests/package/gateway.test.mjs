// From nothing to a gateway without Rust: `edgeseal init` writes it, npm installs the package into it, workerd runs it, and somebody
// signs in with the local provider.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';

import { startProvider } from '../../dev/src/provider.mjs';
import { Visitor } from '../worker/support/browser.mjs';
import { SESSION_COOKIE, createTestHarness, settingsFor } from '../worker/support/gateway.mjs';
import { DOCUMENT, send } from '../worker/support/http.mjs';
import { install, project, run } from './support/installed.mjs';

let place;
let folder;
before(() => {
  place = project();
  run(process.execPath, [place.installed('cli', 'edgeseal.js'), 'init', 'gateway'], { cwd: place.folder });
  folder = path.join(place.folder, 'gateway');
  // In the place of `npm install`: from the tarball, and without wrangler, which the repository has.
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  install(folder);
});
after(() => place.remove());

/** Starts what was written; the settings that are not given come from its .dev.vars. */
async function start(t, secrets) {
  const server = createTestHarness({ root: folder, workers: [{ configPath: path.join(folder, 'wrangler.toml'), secrets }] });
  t.after(() => server.close());
  const { url } = await server.listen();
  return { address: url, request: (target, options) => send(url, target, options) };
}

test('before the settings are there, a page says what is missing', async (t) => {
  const gateway = await start(t, {});
  const answer = await gateway.request('/', { headers: DOCUMENT });
  assert.equal(answer.status, 500);
  assert.match(answer.body, /Not set up yet/);
  assert.match(answer.body, /WORKOS_API_KEY is missing; write/);
});

test('with them, people sign in, see what needs a session, and sign out', async (t) => {
  const provider = await startProvider();
  t.after(() => provider.close());
  // The password is the one that init made.
  const { WORKOS_COOKIE_PASSWORD: _, ...settings } = settingsFor(provider);
  const gateway = await start(t, settings);
  assert.match((await gateway.request('/', { headers: DOCUMENT })).body, /It runs/);
  assert.equal((await gateway.request('/app/', { headers: DOCUMENT })).status, 302);

  const visitor = new Visitor(gateway);
  await visitor.signIn({ returnTo: '/app/' });
  assert.match(visitor.session, /^Fe26\.2\*/);
  assert.match((await visitor.open('/app/')).body, /You are signed in/);
  assert.equal((await visitor.fetch('/auth/session')).json().user.email, 'ada@example.com');
  // The object of the package refreshes it.
  const refreshed = await visitor.fetch('/auth/refresh', { method: 'POST' });
  assert.equal(refreshed.status, 200);
  assert.equal((await visitor.fetch('/auth/ready')).status, 200);

  const out = await visitor.fetch('/auth/logout', { method: 'POST' });
  assert.equal(out.status, 200);
  assert.ok(!visitor.cookies.has(SESSION_COOKIE));
});

test('`edgeseal revoke` ends a session in it', async (t) => {
  const provider = await startProvider();
  t.after(() => provider.close());
  const { WORKOS_COOKIE_PASSWORD: _, ...settings } = settingsFor(provider);
  const ADMIN_TOKEN = 'the admin token of the tests, 32 or more';
  const gateway = await start(t, { ...settings, ADMIN_TOKEN, REVOCATION: 'strict' });
  const visitor = new Visitor(gateway);
  await visitor.signIn({ returnTo: '/app/' });
  const { sessionId } = (await visitor.fetch('/auth/session')).json();
  const parameters = ['revoke', '--url', gateway.address.origin, '--session', sessionId];
  const child = spawn(process.execPath, [place.installed('cli', 'edgeseal.js'), ...parameters], { env: { ...process.env, ADMIN_TOKEN }, stdio: ['ignore', 'pipe', 'inherit'] });
  assert.equal(await text(child.stdout), `The session ${sessionId}: refused from now on, and ended at the provider.\n`);
  const refused = await visitor.fetch('/auth/session');
  assert.deepEqual([refused.status, refused.json().detail, visitor.session], [401, 'session_revoked', undefined]);
});
