// What `edgeseal/stytch` does beyond the SDK: refusals as values, wrong arguments by name, what is remembered, what an outage and a flood
// cost.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';

import { startProvider } from '../../../dev/src/provider.mjs';
import { Ours, startScripted } from './support/stytch.mjs';

const POSTS = { resource_id: 'posts', action: 'read' };

let provider;
let config;
before(async () => {
  provider = await startProvider({ provider: 'stytch', requestsKept: 5_000 });
  config = { project_id: provider.projectId, secret: provider.secret, env: provider.url };
});
afterEach(() => provider.reset());
after(() => provider.close());

const endpoints = () => provider.requests().map(({ endpoint }) => endpoint);
const asked = (endpoint) => endpoints().filter((other) => other === endpoint).length;

describe('check', () => {
  test('gives what authenticateJwt gives, or why not', async () => {
    const { sessions } = new Ours.Client(config);
    const good = await sessions.check({ session_jwt: provider.mintSession().sessionJwt });
    assert.equal(good.authenticated, true);
    assert.equal(good.source, 'local');
    assert.ok(good.session.session_id);
    const remote = await sessions.check({ session_jwt: provider.mintSession({ lifetimeSeconds: -5 }).sessionJwt });
    assert.deepEqual([remote.authenticated, remote.source, remote.fallback_reason], [true, 'remote', 'token_expired']);
    assert.ok(remote.user.user_id);
    for (const [session_jwt, detail] of [[undefined, 'cookie_missing'], [null, 'cookie_missing'], ['', 'cookie_missing'], ['x', 'token_malformed']]) {
      const reason = detail === 'cookie_missing' ? 'no_session_cookie_provided' : 'invalid_jwt';
      assert.deepEqual(await sessions.check({ session_jwt }), { authenticated: false, reason, detail, retryable: false });
    }
  });

  test('an outage is no logout', async () => {
    const { sessions } = new Ours.Client(config);
    const { sessionJwt: session_jwt } = provider.mintSession({ lifetimeSeconds: -5 });
    const meaning = async (knobs) => {
      provider.knobs.set(knobs);
      const { authenticated, detail, retryable, fallback_reason, retry_after } = await sessions.check({ session_jwt });
      provider.knobs.reset();
      return [authenticated, detail, retryable, fallback_reason, retry_after];
    };
    const endpoints = ['authenticate'];
    assert.deepEqual(await meaning({ down: { endpoints } }), [false, 'provider_unreachable', true, 'token_expired', undefined]);
    assert.deepEqual(await meaning({ fail: { status: 500, endpoints } }), [false, 'provider_unavailable', true, 'token_expired', undefined]);
    assert.deepEqual(await meaning({ fail: { status: 502, endpoints } }), [false, 'provider_unavailable', true, 'token_expired', undefined]);
    assert.deepEqual(await meaning({ fail: { status: 429, endpoints, retryAfterSeconds: 7 } }), [false, 'provider_rate_limited', true, 'token_expired', 7]);
    // A secret that was rotated is no person's fault.
    assert.deepEqual(await meaning({ fail: { errorType: 'unauthorized_credentials', endpoints } }), [false, 'provider_refused_client', true, 'token_expired', undefined]);
    assert.deepEqual(await meaning({ fail: { errorType: 'session_not_found', endpoints } }), [false, 'session_not_found', false, 'token_expired', undefined]);
    assert.equal((await sessions.check({ session_jwt })).authenticated, true);
  });
});

describe('a flood', () => {
  test('1 000 garbage tokens cause no call, 200 forged ones one load of keys', async () => {
    const { sessions } = new Ours.Client(config);
    for (let index = 0; index < 1_000; index += 1) {
      const session_jwt = ['', 'x', 'a.b.c', 'e30.e30.e30', `${'A'.repeat(index)}.${index}.A`][index % 5];
      await assert.rejects(sessions.authenticateJwt({ session_jwt }));
    }
    assert.deepEqual(endpoints(), []);
    const [header, payload, signature] = provider.mintSession().sessionJwt.split('.');
    for (let index = 0; index < 200; index += 1) {
      const forged = `${index.toString(36).padStart(4, 'A')}${signature.slice(4)}`;
      await assert.rejects(sessions.authenticateJwt({ session_jwt: [header, payload, forged].join('.') }), { detail: 'bad_signature' });
    }
    assert.ok(asked('jwks') <= 1, endpoints().join());
    assert.equal(asked('authenticate'), 0);
  });

  test('300 key ids that do not exist cause one reload and one question', async () => {
    const { sessions } = new Ours.Client(config);
    await sessions.authenticateJwt({ session_jwt: provider.mintSession().sessionJwt });
    provider.clearRequests();
    const [, payload, signature] = provider.mintSession().sessionJwt.split('.');
    for (let index = 0; index < 300; index += 1) {
      const header = Buffer.from(JSON.stringify({ alg: 'RS256', typ: 'JWT', kid: `key_${index}` })).toString('base64url');
      await assert.rejects(sessions.authenticateJwt({ session_jwt: [header, payload, signature].join('.') }));
    }
    assert.ok(asked('jwks') <= 1 && asked('authenticate') <= 1, endpoints().join());
  });
});

describe('what is remembered', () => {
  const SECOND = 1_000;
  let now;
  const clock = () => now;
  const client = (more) => new Ours.Client({ ...config, now: clock, ...more });

  test('ends with the token, and is asked anew about age, tolerance and roles', async () => {
    now = Date.now();
    const { sessions } = client();
    const { sessionJwt: session_jwt, sessionToken } = provider.mintSession({ person: 'thordis' });
    const details = async (options = {}) => {
      const { authenticated, detail, source } = await sessions.check({ session_jwt, ...options });
      return authenticated ? source : detail;
    };
    await sessions.revoke({ session_token: sessionToken });
    assert.equal(await details(), 'local');
    assert.equal(await details(), 'local');
    assert.equal(await details({ authorization_check: POSTS }), 'local');
    assert.equal(await details({ authorization_check: { ...POSTS, action: 'shred' } }), 'permission_denied');
    now += 60 * SECOND;
    assert.equal(await details({ max_token_age_seconds: 62 }), 'local');
    // Stytch is asked, and knows that the session was revoked.
    assert.equal(await details({ max_token_age_seconds: 60 }), 'session_not_found');
    now += 250 * SECOND;
    assert.equal(await details(), 'session_not_found');
    assert.equal(await details({ clock_tolerance_seconds: 60 }), 'local', 'a tolerance bridges the end');
    assert.equal(await details(), 'session_not_found', 'for that call alone');
  });

  test('a tolerance at the beginning is that call\'s alone', async () => {
    now = Date.now() - 10 * SECOND;
    const { sessions } = client();
    const { sessionJwt: session_jwt } = provider.mintSession();
    for (let attempt = 0; attempt < 2; attempt += 1) {
      assert.equal((await sessions.check({ session_jwt, clock_tolerance_seconds: 30 })).source, 'local');
      assert.equal((await sessions.check({ session_jwt })).fallback_reason, 'token_not_yet_valid');
    }
  });

  test('is nobody else\'s to change, and neither another project\'s', async () => {
    now = Date.now() + SECOND;
    const { sessionJwt: session_jwt } = provider.mintSession({ customClaims: { plan: 'pro' } });
    const { sessions } = client();
    const first = await sessions.authenticateJwt({ session_jwt });
    first.session.roles.push('root');
    first.session.custom_claims.plan = 'free';
    const second = await client().sessions.authenticateJwt({ session_jwt });
    assert.deepEqual([second.session.custom_claims, second.session.roles.includes('root')], [{ plan: 'pro' }, false]);
    const other = new Ours.Client({ ...config, project_id: 'project-test-other', now: clock });
    assert.equal((await other.sessions.check({ session_jwt })).authenticated, false);
    const b2b = new Ours.B2BClient({ ...config, now: clock });
    assert.equal((await b2b.sessions.check({ session_jwt })).authenticated, false);
  });

  test('and nothing, where memoSize is 0', async () => {
    now = Date.now() + SECOND;
    const { sessionJwt: session_jwt } = provider.mintSession();
    const { sessions } = client({ memoSize: 0 });
    for (let attempt = 0; attempt < 3; attempt += 1) assert.equal((await sessions.check({ session_jwt })).source, 'local');
  });
});

describe('a client', () => {
  test('that cannot work is a TypeError that names the option', () => {
    for (const [options, message] of [
      [undefined, /`options`/], ['x', /`options`/], [{}, /`project_id`/], [{ project_id: 'project-test-1' }, /`secret`/],
      [{ ...config, project_id: 'a/b' }, /`project_id`/], [{ ...config, secret: 1 }, /`secret`/], [{ ...config, env: 'http://stytch.example' }, /`env`/],
      [{ ...config, env: 'https://stytch.example/path' }, /`env`/], [{ ...config, custom_base_url: 'http://127.0.0.1' }, /`custom_base_url`/],
      [{ ...config, now: 1 }, /`now`/], [{ ...config, fetch: {} }, /`fetch`/], [{ ...config, memoSize: -1 }, /`memoSize`/],
    ]) {
      for (const Client of Object.values(Ours)) assert.throws(() => new Client(options), { name: 'TypeError', message });
    }
  });

  test('asks where it is told to', async () => {
    const urls = [];
    const caches = [];
    const fetch = async (url, { cache }) => {
      urls.push(url);
      caches.push(cache);
      return new Response('{"keys":[]}');
    };
    const { sessionJwt: session_jwt } = provider.mintSession();
    const ask = (options) => new Ours.Client({ project_id: 'project-test-a', secret: 's', fetch, ...options }).sessions.check({ session_jwt });
    for (const options of [{}, { project_id: 'project-live-a' }, { env: 'https://test.stytch.com/' }, { env: 'x', custom_base_url: 'https://login.example.com/' }]) await ask(options);
    const hosts = urls.filter((url) => url.includes('/jwks/')).map((url) => new URL(url).origin);
    // Next.js would keep answers otherwise.
    assert.deepEqual(new Set(caches), new Set(['no-store']));
    assert.deepEqual(new Set(hosts), new Set(['https://test.stytch.com', 'https://api.stytch.com', 'https://login.example.com']));
  });

  test('may be made for every request: keys and policies are the module\'s', async () => {
    const { sessionJwt: session_jwt } = provider.mintSession();
    for (let index = 0; index < 20; index += 1) {
      await new Ours.Client(config).sessions.authenticateJwt({ session_jwt, authorization_check: POSTS });
    }
    assert.ok(asked('jwks') <= 1 && asked('policy') <= 1, endpoints().join());
  });

  test('says in an error what it means, and holds no token in it', async () => {
    const { sessions } = new Ours.Client(config);
    provider.knobs.set({ down: { endpoints: ['authenticate'] } });
    const { sessionJwt: session_jwt } = provider.mintSession({ lifetimeSeconds: -5 });
    await assert.rejects(sessions.authenticateJwt({ session_jwt }), (error) => {
      assert.deepEqual([error.constructor.name, error.reason, error.detail, error.retryable, error.fallback_reason], ['RequestError', 'network_error', 'provider_unreachable', true, 'token_expired']);
      assert.ok(!JSON.stringify(Object.values(error)).includes(session_jwt.slice(0, 40)));
      return true;
    });
  });
});

test('wrong arguments are TypeErrors that name them, from check too', async () => {
  const { sessions, m2m, idp } = new Ours.Client(config);
  const { sessions: members } = new Ours.B2BClient(config);
  const session_jwt = 'x.y.z';
  const jwt = [
    [undefined, 'options'], [{ session_jwt: 1 }, 'session_jwt'], [{ session_jwt: {} }, 'session_jwt'],
    [{ session_jwt, max_token_age_seconds: '60' }, 'max_token_age_seconds'], [{ session_jwt, max_token_age_seconds: -1 }, 'max_token_age_seconds'],
    [{ session_jwt, max_token_age_seconds: NaN }, 'max_token_age_seconds'], [{ session_jwt, clock_tolerance_seconds: -1 }, 'clock_tolerance_seconds'],
    [{ session_jwt, clock_tolerance_seconds: Infinity }, 'clock_tolerance_seconds'], [{ session_jwt, current_date: 5 }, 'current_date'],
    [{ session_jwt, current_date: new Date(NaN) }, 'current_date'], [{ session_jwt, authorization_check: null }, 'authorization_check'],
    [{ session_jwt, authorization_check: {} }, 'resource_id'], [{ session_jwt, authorization_check: { resource_id: 'posts' } }, 'action'],
    [{ session_jwt, session_duration_minutes: 1.5 }, 'session_duration_minutes'], [{ session_jwt, session_custom_claims: [] }, 'session_custom_claims'],
    [{ session_jwt, custom_claims: 'x' }, 'custom_claims'], [{ session_jwt, ask_when_denied: 1 }, 'ask_when_denied'],
  ];
  const calls = [
    ...jwt.flatMap(([options, name]) => [[() => sessions.authenticateJwt(options), name], [() => sessions.check(options), name], [() => members.check(options), name === 'resource_id' || name === 'action' ? 'organization_id' : name]]),
    [() => members.check({ session_jwt, authorization_check: POSTS }), 'organization_id'],
    [() => sessions.authenticate({ session_token: 5 }), 'session_token'],
    [() => sessions.revoke({ session_id: 5 }), 'session_id'],
    [() => members.revoke({ member_session_id: 'x' }, { authorization: { session_token: 'x' } }), 'authorization'],
    [() => sessions.get({}), 'user_id'],
    [() => members.get({ organization_id: 'x' }), 'member_id'],
    [() => members.exchange({}), 'organization_id'],
    [() => sessions.getJWKS({}), 'project_id'],
    [() => m2m.authenticateToken({ access_token: 1 }), 'access_token'],
    [() => m2m.authenticateToken({ access_token: 'x', required_scopes: 'a' }), 'required_scopes'],
    [() => idp.introspectTokenLocal(1), 'token'],
    [() => idp.introspectTokenLocal('x', { current_date: 'now' }), 'current_date'],
  ];
  for (const [call, name] of calls) await assert.rejects(call(), { name: 'TypeError', message: new RegExp(`^\`${name}\``) }, name);
  for (const keyCache of [7, {}, { get() {} }]) {
    assert.throws(() => new Ours.Client({ ...config, keyCache }), { name: 'TypeError', message: /^`keyCache`/ });
  }
});

test('custom_claims is session_custom_claims by another name', async () => {
  const { sessions } = new Ours.Client(config);
  for (const name of ['custom_claims', 'session_custom_claims']) {
    const { session } = await sessions.authenticate({ session_token: provider.mintSession().sessionToken, [name]: { plan: 'pro' } });
    assert.deepEqual(session.custom_claims, { plan: 'pro' });
  }
});

test('a Stytch that never answers is not waited for longer than the timeout', async (t) => {
  const scripted = await startScripted();
  t.after(() => scripted.close());
  const { ours } = scripted.clients();
  const session_jwt = await scripted.mint(scripted.claims({}, { exp: Math.floor(Date.now() / 1000) - 5 }));
  scripted.script.answer = { hang: true };
  const begin = Date.now();
  await assert.rejects(ours.sessions.authenticateJwt({ session_jwt }), { detail: 'provider_timeout', retryable: true, fallback_reason: 'token_expired' });
  const seconds = (Date.now() - begin) / 1000;
  assert.ok(seconds > 9 && seconds < 13, `${seconds} s`);
});
