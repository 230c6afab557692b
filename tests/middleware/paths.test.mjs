// Attack 14, behind the middleware: paths that rules and routers might read differently. The cases are the gateway's (src/gateway/path.rs,
// src/gateway/route.rs); what they come to has to be the same.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, describe, test } from 'node:test';

import express from 'express';

import { startProvider } from '../../dev/src/provider.mjs';
import { sendRaw } from '../worker/support/raw.mjs';
import { forNode, part } from './support/package.mjs';
import { SITES } from './support/sites.mjs';
import { clientOf, signedIn } from './support/stage.mjs';

const { readPath } = await part('path');
const { matches, routesOf } = await part('routes');

test('plain paths are decoded once', () => {
  for (const [path, clear] of [['/', '/'], ['/app/', '/app/'], ['/%61pp', '/app'], ['/caf%C3%A9', '/café'], ['/a.b/..c/d...', '/a.b/..c/d...'], ['/a%20b+c', '/a b+c']]) {
    assert.deepEqual(readPath(path), { clear }, path);
  }
});

test('every other reading is known', () => {
  for (const [path, reading] of [
    ['//app', '/app'], ['/a//b', '/a/b'], ['/docs/..%2fapp', '/app'], ['/docs/%2e%2e/app', '/app'], ['/docs/../app', '/app'], ['/docs/..;/app', '/app'],
    ['/docs/..;x=1/app', '/app'], ['/./app', '/app'], ['/docs%5c..%5capp', '/app'], ['/docs\\..\\app', '/app'], ['/docs/..//app', '/app'], ['/app;x=1', '/app'],
    ['/app%00.css', '/app'], ['/app%0d%0a', '/app'], ['/app%3F.css', '/app'], ['/app%23.css', '/app'], ['/%2561pp', '/app'], ['/docs/%252e%252e/app', '/app'],
    ['/docs/%25252e%25252e%25252fapp', '/app'], ['/\uff41pp', '/app'], ['/docs\uff0f..\uff0fapp', '/app'],
  ]) {
    assert.ok(readPath(path).readings?.includes(reading), `${path}: ${JSON.stringify(readPath(path))}`);
  }
  for (const path of ['/%ff', '/a%25', '', 'app', '/docs/\u2025/app', '/\u{1d41a}pp', '/\ufe52\ufe52/app', '/docs/...', '/docs/.. /app', '/docs/%20/app', '/docs/app/%20', '/%EF%BB%BF%ff']) {
    assert.ok(readPath(path).readings, path);
  }
});

test('a star is any text and the rest stands as it is', () => {
  for (const [pattern, fitting, others] of [
    ['/a', ['/a'], ['', '/', '/a/', '/ab', '/A']],
    ['/a/*', ['/a/', '/a/b', '/a/b/c', '/a/*'], ['/a', '/b/a/']],
    ['*', ['', '/', '/a/é'], []],
    ['/**', ['/', '/a'], ['', 'a']],
    ['/*.js', ['/.js', '/a/b.js', '/a.js.js'], ['/a.jsx', '.js', '/js']],
    ['/a*b*a', ['/aba', '/abba', '/axbxa', '/ababa'], ['/a', '/ab', '/aab', '/abab']],
    ['/ab*ba', ['/abba', '/ab/ba'], ['/aba', '/ab', '/ba']],
    ['*aab*', ['/aaab', 'aab'], ['/aaa']],
  ]) {
    for (const text of fitting) assert.ok(matches(pattern, text), `${pattern} ${text}`);
    for (const text of others) assert.ok(!matches(pattern, text), `${pattern} ${text}`);
  }
});

const [PUBLIC, SESSION, AMBIGUOUS] = ['public', 'session', undefined];
const asGateway = (demands) => (demands?.length === 0 ? PUBLIC : demands?.length === 1 ? demands[0] : demands && JSON.stringify(demands));

function decisions(rules, cases) {
  const demandsOn = routesOf(rules);
  for (const [path, expected, method = 'GET'] of cases) assert.deepEqual(asGateway(demandsOn(method, path)), expected, `${method} ${path}`);
}

test('the first rule that fits wins and the rest needs a session', () => {
  const rules = [{ path: '/', require: PUBLIC }, { path: '/docs/private/*', require: SESSION }, { path: '/docs/*', methods: ['get'], require: PUBLIC }];
  decisions(rules, [
    ['/', PUBLIC], ['/docs/a/b', PUBLIC], ['/docs/a', PUBLIC, 'HEAD'], ['/docs/a', SESSION, 'POST'], ['/docs/private/a', SESSION], ['/docs', SESSION], ['/Docs/a', SESSION], ['/x/docs/a', SESSION], ['/app/', SESSION],
    ['/docs/a', SESSION, 'PROPFIND'],
  ]);
  decisions([], [['/', SESSION]]);
});

test('a path with several readings meets no rule or is refused', () => {
  decisions([{ path: '/docs/private/*', require: SESSION }, { path: '/docs/*', require: PUBLIC }], [
    ['/app//x', SESSION], ['/app/a;v=1', SESSION], ['/app/%2f', SESSION], ['/app/%ff', SESSION], ['/docs/..%2fapp', AMBIGUOUS], ['/app/..%2fdocs/a', AMBIGUOUS], ['/docs//private/a', AMBIGUOUS],
    ['/docs/%2570rivate/a', AMBIGUOUS], ['/docs/Private/a', AMBIGUOUS], ['/docs/Public/a', PUBLIC], ['/DOCS/a', SESSION],
  ]);
});

test('what routers take for one is under the stricter rule', () => {
  const rules = [{ path: '/docs/Private/*', require: SESSION }, { path: '/docs/admin', require: SESSION }, { path: '/docs/Beta.*', require: SESSION }, { path: '/docs/*', require: PUBLIC }];
  decisions(rules, [
    ['/docs/private/a', AMBIGUOUS], ['/docs/PRIVATE/a', AMBIGUOUS], ['/docs/Private./a', AMBIGUOUS], ['/docs/Private%20/a', AMBIGUOUS], ['/docs/admin.', AMBIGUOUS], ['/docs/Admin/', AMBIGUOUS],
    ['/docs/admin/%20', AMBIGUOUS], ['/docs/beta.', AMBIGUOUS], ['/docs/beta.2', AMBIGUOUS], ['/docs/pr\u0131vate', AMBIGUOUS], ['/docs/admin/', SESSION], ['/docs/Private', SESSION],
    ['/docs/administrators', PUBLIC], ['/docs/v1.', PUBLIC], ['/docs/', PUBLIC],
  ]);
});

test('a demand that goes further holds under every spelling, or the path is refused', () => {
  const [admin, owner] = [{ role: 'admin' }, { role: 'owner' }];
  const rules = [{ path: '/admin', require: admin }, { path: '/admin/', require: owner }, { path: '/admin/*', require: admin }, { path: '/users/*', methods: ['DELETE'], require: admin }, { path: '/open/*', require: PUBLIC }];
  decisions(rules, [
    ['/admin/x', admin], ['/admin', JSON.stringify([admin, owner])], ['/admin/', JSON.stringify([owner, admin])], ['/Admin/x', AMBIGUOUS], ['/ADMIN', AMBIGUOUS], ['/admin./x', AMBIGUOUS], ['/admin%20/x', AMBIGUOUS],
    ['//admin/x', AMBIGUOUS], ['/%2561dmin/x', AMBIGUOUS], ['/%61dmin/x', admin], ['/open/../admin/x', AMBIGUOUS], ['/open/..%2fadmin/x', AMBIGUOUS], ['/admin;x/y', AMBIGUOUS], ['/x/admin', SESSION],
    ['/users/1', SESSION], ['/users/1', admin, 'DELETE'], ['/Users/1', AMBIGUOUS, 'DELETE'], ['/Users/1', SESSION],
  ]);
});

test('hostile paths cost no more than others', () => {
  const demandsOn = routesOf([{ path: `/${'*a'.repeat(500)}`, require: PUBLIC }, { path: '/docs/*', require: PUBLIC }]);
  const started = performance.now();
  for (const path of [`/${'.'.repeat(16_000)}x`, `/docs/${' '.repeat(16_000)}x`, `/${'%25'.repeat(5_000)}`, `/${'/'.repeat(16_000)}`, `/${'a'.repeat(16_000)}b`, `/${';'.repeat(16_000)}`]) demandsOn('GET', path);
  assert.ok(performance.now() - started < 1_000, `${performance.now() - started} ms`);
});

const RULES = [
  { path: '/docs/private/*', require: 'session' },
  { path: '/docs/Reports', require: { role: 'admin' } },
  { path: '/docs/*', require: 'public' },
  { path: '/public/*', require: 'public' },
];

/** What has to come to 400, 401 or 403 for a visitor whom no rule lets in, as it goes on the wire. */
const TRICKS = [
  '//docs/private/x', '/docs//private/x', '/docs/./private/x', '/docs/a/../private/x', '/public/../docs/private/x', '/docs/a/%2e%2e/private/x', '/docs/..%2fwho', '/docs/%2e%2e/who', '/docs/../who', '/docs%2fprivate%2fx',
  '/docs/private%2fx', '/docs\\private\\x', '/docs/a%5c..%5cprivate/x', '/docs/private;x=1/x', '/docs/..;/who', '/docs/private%00/x', '/docs/private%0a', '/docs/%2570rivate/x', '/docs/%50RIVATE/x', '/docs/PRIVATE/x',
  '/docs/reports', '/docs/REPORTS', '/docs/Reports/', '/docs/reports/', '/docs/Reports.', '/docs/Reports%20', '/docs/private', '/docs/private./x', '/docs/%EF%BD%90rivate/x', '/docs/pr%C4%B1vate/x', '/docs/\xef\xbd\x90rivate/x',
  'http://localhost/docs/private/x', 'http://evil.example/docs//private/x', 'docs/private/x', '/docs/private?/docs/a', '/docs/private%3f/x', '/docs/private#/a', '/who#/docs/a', '/who?/docs/a', '/who%23/docs/a', '/%64ocs/%70rivate/x',
];

test('a router that is mounted somewhere has rules for whole paths', async (t) => {
  const provider = await startProvider();
  const app = express();
  app.use('/app', forNode({ workos: clientOf(provider), routes: [{ path: '/app/open', require: 'public' }, { path: '/shut', require: 'public' }] }));
  app.use((req, res) => res.send('let in'));
  const server = app.listen(0, '127.0.0.1');
  t.after(() => {
    server.close();
    return provider.close();
  });
  await once(server, 'listening');
  const statusOf = async (path) => (await fetch(`http://127.0.0.1:${server.address().port}${path}`)).status;
  assert.deepEqual([await statusOf('/app/open'), await statusOf('/app/shut'), await statusOf('/elsewhere')], [200, 401, 200]);
});

describe('on a server', async () => {
  const provider = await startProvider();
  after(() => provider.close());
  for (const [name, start] of Object.entries(SITES)) {
    test(`no trick gets past the rules, and what is plain passes: ${name}`, async () => {
      const site = await start({ workos: clientOf(provider), routes: RULES });
      try {
        const address = new URL(`http://127.0.0.1:${site.port}`);
        const grace = `wos-session=${(await signedIn(site, provider, { person: 'grace' })).session}`;
        for (const target of TRICKS) {
          const { status } = await sendRaw(address, target);
          assert.ok([400, 401].includes(status), `${JSON.stringify(target)}: ${status}`);
        }
        for (const target of ['/docs/reports', '/docs/REPORTS', '/docs/Reports', '/docs/Reports/', '/docs/Reports.', '//docs/Reports', '/docs/Reports;x', 'http://localhost/docs/Reports', 'http://evil.example\\docs/Reports']) {
          const { status } = await sendRaw(address, target, { headers: [['cookie', grace]] });
          assert.ok([400, 403].includes(status), `${JSON.stringify(target)}: ${status}`);
        }
        // Nothing is there, which only those are told who got through.
        for (const target of ['/docs/a', '/docs/a/b.html', '/docs/a%20b', '/docs/caf%C3%A9', '/docs/privately', '/docs/a?x=/../private', '/docs/%61']) {
          assert.equal((await sendRaw(address, target)).status, 404, target);
        }
      } finally {
        site.close();
      }
    });
  }
});
