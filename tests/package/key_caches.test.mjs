// The caches for `keyCache`, and that a client fills and reads one: keys come from memory, then the cache, then the provider.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { PASSWORD, startStage } from './support/conformance.mjs';
import { project, run } from './support/installed.mjs';

let place;
let edgeseal;
before(async () => {
  place = project();
  edgeseal = await import(place.installed('entries', 'node.js'));
});
after(() => place.remove());

/** As much of the Cache API as an adapter needs, with what it was given. */
function fakeCache() {
  const answers = new Map();
  return {
    answers,
    match: async (address) => answers.get(address)?.clone(),
    put: async (address, answer) => void answers.set(new Request(address).url, answer),
  };
}

test('in memory, until the time is up', async () => {
  let now = 1_000;
  const cache = edgeseal.memoryKeyCache({ now: () => now });
  assert.equal(await cache.get('key'), null);
  await cache.put('key', 'value', { expirationTtl: 60 });
  now += 59_999;
  assert.equal(await cache.get('key'), 'value');
  now += 1;
  assert.equal(await cache.get('key'), null);
});

test('in the Cache API, under an address of its own, for as long as asked', async () => {
  const fake = fakeCache();
  const cache = edgeseal.cacheApiKeyCache(fake);
  assert.equal(await cache.get('jwks:https://api.example/a?b'), null);
  await cache.put('jwks:https://api.example/a?b', '{"keys":[]}', { expirationTtl: 86_400 });
  assert.equal(await cache.get('jwks:https://api.example/a?b'), '{"keys":[]}');
  const [[address, answer]] = fake.answers;
  assert.equal(new URL(address).hostname, 'edgeseal.invalid');
  assert.equal(answer.headers.get('cache-control'), 'max-age=86400');
});

test('one client fills it, another in a fresh module needs no provider any more', async (t) => {
  const stage = await startStage(edgeseal.sealData);
  t.after(() => stage.close());
  const entries = [];
  const keyCache = { get: async () => null, put: async (key, value, { expirationTtl }) => void entries.push([key, value, expirationTtl]) };
  const options = { ...stage.options, maxRetries: undefined };
  const sessionData = await stage.cookie();
  const first = new edgeseal.WorkOS(undefined, { ...options, keyCache });
  assert.equal((await first.userManagement.authenticateWithSessionCookie({ sessionData, cookiePassword: PASSWORD })).authenticated, true);
  assert.equal(entries.length, 1);
  const [[key, value, seconds]] = entries;
  assert.ok(seconds >= 60, 'KV takes no less');

  const program = place.write(
    'second.mjs',
    `import { WorkOS, memoryKeyCache } from 'edgeseal';
    const [key, value, options, sessionData, cookiePassword] = JSON.parse(process.argv[2]);
    const keyCache = memoryKeyCache();
    await keyCache.put(key, value, { expirationTtl: 60 });
    const fetch = () => { throw new Error('the provider was asked'); };
    const { userManagement } = new WorkOS(undefined, { ...options, keyCache, fetch });
    console.log((await userManagement.authenticateWithSessionCookie({ sessionData, cookiePassword })).authenticated);`,
  );
  const parameters = JSON.stringify([key, value, options, sessionData, PASSWORD]);
  assert.equal(run(process.execPath, [program, parameters]), 'true\n');
});
