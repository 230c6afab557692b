// Settings that cannot work: one page that names the setting, on every path, with no secret in it. Nothing is served.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { startProvider } from '../../dev/src/provider.mjs';
import { PASSWORD, startGateway } from './support/gateway.mjs';
import { DOCUMENT } from './support/http.mjs';
import { signedIn } from './support/sessions.mjs';

const provider = await startProvider();
after(() => provider.close());

/** One setting each; the others are as they should be. Every kind once, for each costs a start. */
const MISTAKES = {
  'no password': ['WORKOS_COOKIE_PASSWORD', undefined],
  'a password that is too short': ['WORKOS_COOKIE_PASSWORD', 'secret-but-short'],
  'an address that is none': ['PUBLIC_URL', 'user:secret-in-url@site.example'],
  'rules that are none': ['ROUTES', [{ path: '/app/*', require: 'secret-rule' }]],
};

for (const [name, [setting, value]] of Object.entries(MISTAKES)) {
  test(`${name}: the page names ${setting}, says what to write, and shows no secret`, async (t) => {
    const gateway = await startGateway(provider, { settings: { [setting]: value } });
    t.after(() => gateway.close());
    for (const target of ['/', '/app/', '/assets/favicon.svg', '/auth/login', '/auth/session', '/auth/health']) {
      const answer = await gateway.request(target, { headers: DOCUMENT });
      assert.equal(answer.status, 500, target);
      assert.equal(answer.headers['cache-control'], 'private, no-store');
      assert.match(answer.headers['content-type'], /text\/html/);
      assert.ok(answer.body.includes(setting), target);
      assert.match(answer.body, /write/);
      for (const secret of [PASSWORD, provider.apiKey, 'secret']) {
        assert.ok(!answer.body.includes(secret) && !JSON.stringify(answer.headers).includes(secret), `${target} shows ${secret}`);
      }
      assert.deepEqual(answer.setCookies, []);
    }
    assert.ok(!gateway.logs().includes(PASSWORD) && !gateway.logs().includes('secret-'));
    assert.deepEqual(provider.requests(), []);
  });
}

test('without KV the gateway works all the same', async (t) => {
  const gateway = await startGateway(provider, { editConfig: (toml) => toml.replace('[[kv_namespaces]]\nbinding = "EDGESEAL_KV"', '') });
  t.after(() => gateway.close());
  assert.ok(!('EDGESEAL_KV' in (await gateway.environment())));
  assert.equal((await signedIn(gateway, provider).open('/app/')).status, 200);
});
