// A protected file of the site is never served without the Worker: assets come after it, not before.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { startProvider } from '../../dev/src/provider.mjs';
import { startGateway } from './support/gateway.mjs';
import { DOCUMENT, IMAGE } from './support/http.mjs';
import { signedIn } from './support/sessions.mjs';

const provider = await startProvider();
const gateway = await startGateway(provider);
after(async () => {
  await gateway.close();
  await provider.close();
});

const site = fileURLToPath(new URL('../../www', import.meta.url));
const page = fs.readFileSync(path.join(site, 'app', 'index.html'), 'utf8');
const MARK = '<title>Your session';

/** Every way to ask for the protected page that an assets server might understand. */
const SPELLINGS = [
  '/app/', '/app', '/app/index.html', '/app/index', '/app/index/', '/app//', '//app/', '/app/.', '/./app/', '/x/../app/',
  '/assets/../app/', '/assets/..%2fapp/', '/assets/%2e%2e/app/', '/assets/%2e%2e%2fapp%2findex.html', '/assets/..%5capp/',
  '/assets\\..\\app\\', '/%61pp/', '/%2561pp/', '/APP/', '/App/index.html', '/app;x=1/', '/app/index.html;a.css', '/app%2f',
  '/app%2findex.html', '/app/?x', '/app/index.html?/assets/x.css', '/app/%00', '/app/index.html%00.css', '/app/%20', '/app/index.html%23',
  '/docs/../app/', '/docs/..;/app/', '/doctor/..%2fapp/', '/assets//../app/', '/assets/x/../../app/', '/assets%2f..%2fapp/', '/app/index.html/',
];

test('the mark of the protected page is in it', () => assert.ok(page.includes(MARK)));

test('without a session no spelling of a protected path gives the page', async () => {
  const { etag } = (await signedIn(gateway, provider).open('/app/')).headers;
  assert.ok(etag);
  for (const target of SPELLINGS) {
    for (const headers of [DOCUMENT, { 'if-none-match': etag, range: 'bytes=0-100' }]) {
      const answer = await gateway.request(target, { headers });
      assert.ok([302, 307, 400, 401, 404].includes(answer.status), `${target}: ${answer.status}`);
      assert.ok(!answer.body.includes(MARK), target);
      assert.notEqual(answer.headers.etag, etag, `${target}: not even its tag`);
    }
  }
});

test('no file of the site outside the public paths is served without a session, whatever the method', async () => {
  const files = fs.readdirSync(site, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const targets = files.map(({ parentPath, name }) => `/${path.relative(site, path.join(parentPath, name)).split(path.sep).join('/')}`);
  const hidden = targets.filter((target) => !/^\/(assets|docs|doctor)\//.test(target));
  assert.ok(hidden.includes('/app/index.html') && hidden.includes('/_headers'));
  for (const target of hidden) {
    for (const method of ['GET', 'HEAD', 'POST', 'PROPFIND']) {
      const answer = await gateway.request(target, { method });
      assert.equal(answer.status, 401, `${method} ${target}`);
    }
  }
});

test('with a session the page is there, and public files are there for everybody', async () => {
  const visitor = signedIn(gateway, provider);
  assert.equal((await visitor.open('/app/')).body, page);
  for (const target of ['/', '/assets/js/start.js', '/assets/favicon.svg']) {
    assert.equal((await gateway.request(target)).status, 200, target);
  }
});

test('the test can fail: without run_worker_first the page leaks', async (t) => {
  const leaking = await startGateway(provider, { editConfig: (toml) => toml.replace('run_worker_first = true', 'run_worker_first = false') });
  t.after(() => leaking.close());
  const answer = await leaking.request('/app/', { headers: DOCUMENT });
  assert.deepEqual([answer.status, answer.body.includes(MARK)], [200, true]);
});
