// `edgeseal/stytch` as people get it: in an Express app of which only an import was changed, in Workers of two ages beside the SDK, in
// Node by either way of loading, and in browsers, where it has no place.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import { after, before, beforeEach, describe, test } from 'node:test';

import { startProvider } from '../../dev/src/provider.mjs';
import { createTestHarness } from '../worker/support/gateway.mjs';
import { project, runBeside } from './support/installed.mjs';

const APP = fs.readFileSync(new URL('support/express_app.mjs', import.meta.url), 'utf8');
const IMPORT = "from 'stytch'";

let place;
let provider;
let config;
before(async () => {
  place = project();
  provider = await startProvider({ provider: 'stytch' });
  config = { project_id: provider.projectId, secret: provider.secret, env: provider.url };
});
beforeEach(() => provider.reset());
after(async () => {
  await provider.close();
  place.remove();
});

const asked = (endpoint) => provider.requests().filter((request) => request.endpoint === endpoint).length;

function forgedOf(session_jwt) {
  const [header, payload, signature] = session_jwt.split('.');
  return [header, payload, signature.replace(/^..../, 'AAAA')].join('.');
}

for (const [name, source] of Object.entries({ 'as it was': APP, 'with one import changed': APP.replace(IMPORT, "from 'edgeseal/stytch'") })) {
  describe(`an Express app, ${name}`, () => {
    const isOurs = source !== APP;
    let server;
    before(async () => {
      const { createApp } = await import(place.write(`app_${isOurs ? 'ours' : 'sdk'}.mjs`, source));
      server = createApp(config).listen(0, '127.0.0.1');
      await once(server, 'listening');
    });
    after(() => {
      server.closeAllConnections();
      server.close();
    });

    async function visit(jwt) {
      const headers = jwt === undefined ? {} : { cookie: `theme=dark; stytch_session_jwt=${jwt}` };
      const answer = await fetch(`http://127.0.0.1:${server.address().port}/dashboard`, { headers });
      return { status: answer.status, text: await answer.text(), cookies: answer.headers.getSetCookie() };
    }

    test('lets a session in', async () => {
      const { sessionJwt, response } = provider.mintSession();
      const { status, text, cookies } = await visit(sessionJwt);
      assert.deepEqual([status, text], [200, `${response.session.user_id}: stytch_user,admin`]);
      assert.match(cookies[0], new RegExp(`^stytch_session_jwt=${sessionJwt}; Path=/`));
      assert.equal(asked('authenticate'), 0);
    });

    test('gives a new token for one that has expired', async () => {
      const { sessionJwt } = provider.mintSession({ lifetimeSeconds: -60 });
      const { status, cookies } = await visit(sessionJwt);
      assert.deepEqual([status, asked('authenticate')], [200, 1]);
      const next = /^stytch_session_jwt=([^;]+)/.exec(cookies[0])[1];
      assert.notEqual(next, sessionJwt);
      assert.equal((await visit(next)).status, 200);
      assert.equal(asked('authenticate'), 1);
    });

    test('knows that a session was revoked once its token has expired', async () => {
      const { sessionJwt, sessionToken } = provider.mintSession({ lifetimeSeconds: -60 });
      const credentials = Buffer.from(`${config.project_id}:${config.secret}`).toString('base64');
      const headers = { authorization: `Basic ${credentials}`, 'content-type': 'application/json' };
      await fetch(`${provider.url}/v1/sessions/revoke`, { method: 'POST', headers, body: JSON.stringify({ session_token: sessionToken }) });
      assert.equal((await visit(sessionJwt)).status, 401);
    });

    test(`refuses forged tokens, and garbage, and none: ${isOurs ? 'without asking' : 'by asking the API each time'}`, async () => {
      const forged = forgedOf(provider.mintSession().sessionJwt);
      for (const jwt of [forged, 'garbage', 'a.b.c', undefined]) {
        const { status, cookies } = await visit(jwt);
        assert.deepEqual([status, cookies], [401, []]);
      }
      assert.equal(asked('authenticate'), isOurs ? 0 : 4);
    });

    test('says that a Stytch that fails fails', async () => {
      provider.knobs.set({ fail: { status: 500, endpoints: ['authenticate'] } });
      assert.equal((await visit(provider.mintSession({ lifetimeSeconds: -60 }).sessionJwt)).status, 503);
    });
  });
}

const WORKER = `import * as edgeseal from 'edgeseal/stytch';
import * as sdk from 'stytch';

const called = (call) => call.then(
  (value) => value.source ?? 'resolved',
  ({ message, detail }) => detail ?? message,
);

export default {
  async fetch(request) {
    const { config, good, expired, forged, token } = await request.json();
    const sessionsOf = ({ Client }) => new Client(config).sessions;
    const ours = sessionsOf(edgeseal);
    const results = [];
    for (const call of [
      () => ours.authenticateJwt({ session_jwt: good }),
      () => ours.authenticateJwt({ session_jwt: good, authorization_check: { resource_id: 'posts', action: 'read' } }),
      () => ours.authenticateJwt({ session_jwt: expired }),
      () => ours.authenticateJwt({ session_jwt: forged }),
      () => ours.authenticate({ session_token: token }),
      () => ours.revoke({ session_token: token }),
      () => ours.authenticateJwt({ session_jwt: good, max_token_age_seconds: 0 }),
    ]) results.push(await called(call()));
    const theirs = sessionsOf(sdk);
    return Response.json({ ours: results, sdk: [await called(theirs.authenticateJwt({ session_jwt: good })), await called(theirs.authenticateJwt({ session_jwt: expired }))] });
  },
};
`;

describe('workerd', () => {
  // In the older one, \`fetch\` knows no \`cache\`, and each of the SDK's calls to the API fails.
  for (const [date, sdkAnswers] of [['2026-10-20', true], ['2023-10-02', false]]) {
    test(`compatibility date ${date}`, async (t) => {
      place.write('stytch_worker.mjs', WORKER);
      const configPath = place.write(`wrangler.${date}.toml`, `name = "stytch-${date}"\nmain = "stytch_worker.mjs"\ncompatibility_date = "${date}"\n`);
      const server = createTestHarness({ root: place.folder, workers: [{ configPath }] });
      t.after(() => server.close());
      const { url } = await server.listen();
      const { sessionJwt: good, sessionToken: token } = provider.mintSession();
      const expired = provider.mintSession({ lifetimeSeconds: -60 }).sessionJwt;
      const answer = await fetch(url, { method: 'POST', body: JSON.stringify({ config, good, expired, forged: forgedOf(good), token }) });
      const text = await answer.text();
      const { ours, sdk } = JSON.parse(text);
      assert.deepEqual(ours, ['local', 'local', 'remote', 'bad_signature', 'resolved', 'resolved', 'session_not_found']);
      assert.equal(sdk[0], 'resolved');
      if (sdkAnswers) assert.equal(sdk[1], 'resolved');
      else assert.match(sdk[1], /cache/);
    });
  }
});

describe('Node', () => {
  const program = (given) => `const client = new stytch.Client(${JSON.stringify(given.config)});
client.sessions.authenticateJwt({ session_jwt: '${given.jwt}' }).then(({ source, session }) => console.log(source, session.user_id));
`;
  const given = () => ({ config, jwt: provider.mintSession().sessionJwt });
  const node = (name, text) => runBeside(process.execPath, ['--no-warnings', place.write(name, text)], { cwd: place.folder });

  test('by import', async () => assert.match(await node('stytch.mjs', `import * as stytch from 'edgeseal/stytch';\n${program(given())}`), /^local user-test-/));

  test('by require', async () => assert.match(await node('stytch.cjs', `const stytch = require('edgeseal/stytch');\n${program(given())}`), /^local user-test-/));

  test('beside `edgeseal`, over one core', async () => {
    const text = `import { WorkOS } from 'edgeseal';\nnew WorkOS('sk_test', { clientId: 'client_1' });\nimport * as stytch from 'edgeseal/stytch';\n${program(given())}`;
    assert.match(await node('beside.mjs', text), /^local user-test-/);
  });
});

test('browsers: a secret has no place there, and no core is loaded for it', async () => {
  const file = place.installed('entries', 'stytch-browser.js');
  const { Client, B2BClient, StytchError } = await import(file);
  for (const Class of [Client, B2BClient]) assert.throws(() => new Class(config), { name: 'TypeError', message: /^`secret` has no place in a browser/ });
  assert.ok(new StytchError({ status_code: 404 }) instanceof Error);
  assert.doesNotMatch(fs.readFileSync(file, 'utf8'), /wasm/);
});

test('what the types of edgeseal/stytch export is what the module exports, in every runtime', async () => {
  const types = fs.readFileSync(place.installed('stytch.d.ts'), 'utf8');
  const declared = Array.from(types.matchAll(/^export declare (?:class|namespace|function|const) (\w+)/gm), ([, name]) => name).sort();
  for (const entry of ['node', 'browser']) assert.deepEqual(Object.keys(await import(place.installed('entries', `stytch-${entry}.js`))).sort(), declared, entry);
});
