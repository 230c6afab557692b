// `withEdgeseal` around each version of the SDK: sessions are ours, nothing else has changed.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { PASSWORD, startStage } from './support/conformance.mjs';
import { project } from './support/installed.mjs';

const SDKS = ['workos-7', 'workos-8', 'workos-9', 'workos-10', 'workos-11'];

let place;
let edgeseal;
let stage;
before(async () => {
  place = project();
  edgeseal = await import(place.installed('entries', 'node.js'));
  stage = await startStage(edgeseal.sealData);
});
after(async () => {
  await stage.close();
  place.remove();
});

/** Every name that a value answers to. */
function namesOf(value) {
  const names = new Set();
  for (let at = value; at && at !== Object.prototype; at = Object.getPrototypeOf(at)) Object.getOwnPropertyNames(at).forEach((name) => names.add(name));
  return names;
}

const isOurs = (result) => 'detail' in result || 'claims' in result;

for (const name of SDKS) {
  describe(name, () => {
    let WorkOS;
    let client;
    let workos;
    before(async () => {
      ({ WorkOS } = await import(name));
      client = new WorkOS('sk_test', stage.options);
      workos = edgeseal.withEdgeseal(client);
    });

    test('a session goes its whole way: authenticated, refreshed, out', async () => {
      const session = workos.userManagement.loadSealedSession({ sessionData: await stage.cookie(), cookiePassword: PASSWORD });
      const result = await session.authenticate();
      assert.equal(result.authenticated, true, JSON.stringify(result));
      assert.equal(result.user.email, 'ada@example.com');
      assert.ok(isOurs(result));

      // The provider takes its own key only.
      const confidential = edgeseal.withEdgeseal(new WorkOS(stage.provider.apiKey, stage.options));
      const next = await confidential.userManagement.loadSealedSession({ sessionData: await stage.cookie(), cookiePassword: PASSWORD }).refresh();
      assert.equal(next.authenticated, true, JSON.stringify(next));
      assert.equal(next.coordination, 'isolate');
      // What we sealed, the SDK opens.
      const theirs = await client.userManagement.loadSealedSession({ sessionData: next.sealedSession, cookiePassword: PASSWORD }).authenticate();
      assert.equal(theirs.sessionId, next.sessionId);

      const url = new URL(await session.getLogoutUrl({ returnTo: 'https://site.example/' }));
      assert.deepEqual([url.origin, url.searchParams.get('session_id')], [stage.provider.url, result.sessionId]);
    });

    test('a hostile cookie is a value', async () => {
      const result = await workos.userManagement.authenticateWithSessionCookie({ sessionData: 'garbage', cookiePassword: PASSWORD });
      assert.deepEqual([result.authenticated, result.reason, result.retryable], [false, 'invalid_session_cookie', false]);
    });

    test('authenticateWithSessionCookie alone takes the password from the environment, as it did', async (t) => {
      const sessionData = await stage.cookie();
      process.env.WORKOS_COOKIE_PASSWORD = PASSWORD;
      t.after(() => delete process.env.WORKOS_COOKIE_PASSWORD);
      assert.equal((await workos.userManagement.authenticateWithSessionCookie({ sessionData })).authenticated, true);
      assert.throws(() => workos.userManagement.loadSealedSession({ sessionData }), TypeError);
    });

    test('everything else is what it was', () => {
      assert.ok(workos instanceof WorkOS);
      assert.deepEqual(namesOf(workos), namesOf(client));
      assert.deepEqual(namesOf(workos.userManagement), namesOf(client.userManagement));
      for (const member of namesOf(client)) if (member !== 'userManagement') assert.equal(workos[member], client[member], member);
      const ours = ['loadSealedSession', 'authenticateWithSessionCookie'];
      for (const member of namesOf(client.userManagement)) {
        assert.equal(workos.userManagement[member] === client.userManagement[member], !ours.includes(member), member);
      }
      assert.equal(
        workos.userManagement.getLogoutUrl({ sessionId: 'session_1' }),
        client.userManagement.getLogoutUrl({ sessionId: 'session_1' }),
      );
    });

    test('calls that reach the API still do, by the SDK itself', async () => {
      const confidential = edgeseal.withEdgeseal(new WorkOS(stage.provider.apiKey, stage.options));
      const { sessionId } = stage.provider.mintSession();
      await confidential.userManagement.revokeSession({ sessionId });
      assert.equal(stage.provider.sessions().find(({ id }) => id === sessionId).status, 'revoked');
    });

    test('the client that was given is as it was', async () => {
      const sessionData = await stage.cookie();
      const result = await client.userManagement.loadSealedSession({ sessionData, cookiePassword: PASSWORD }).authenticate();
      assert.equal(result.authenticated, true);
      assert.ok(!isOurs(result));
    });
  });
}

test('what the client was made with is taken over, and what is said beside it counts', async () => {
  const { WorkOS } = await import('workos-11');
  const asked = [];
  const fetchFn = (url, init) => {
    asked.push(String(url));
    return fetch(url, init);
  };
  const sessionData = await stage.cookie();
  const client = new WorkOS('sk_test', { ...stage.options, clientId: 'client_local', issuer: 'https://somebody.else', fetchFn });
  const authenticate = (options) => edgeseal.withEdgeseal(client, options).userManagement.loadSealedSession({ sessionData, cookiePassword: PASSWORD }).authenticate();
  assert.equal((await authenticate({ memoSize: 1 })).detail, 'issuer_mismatch');
  assert.equal((await authenticate({ memoSize: 1, issuer: stage.provider.issuer })).authenticated, true);
  const elsewhere = new WorkOS('sk_test', { ...stage.options, clientId: 'client_elsewhere', fetchFn });
  const result = await edgeseal.withEdgeseal(elsewhere).userManagement.loadSealedSession({ sessionData, cookiePassword: PASSWORD }).authenticate();
  assert.equal(result.detail, 'keys_unavailable');
  assert.ok(asked.every((url) => url.startsWith(stage.provider.url)) && asked.some((url) => url.endsWith('/sso/jwks/client_elsewhere')));
});

test('what is no client, and options that cannot work, are named', async () => {
  const { WorkOS } = await import('workos-11');
  for (const wrong of [undefined, null, {}, { userManagement: {} }, 'sk_test']) {
    assert.throws(() => edgeseal.withEdgeseal(wrong), { name: 'TypeError', message: /`workos` has to be a client/ });
  }
  assert.throws(() => edgeseal.withEdgeseal(new WorkOS('sk_test', { clientId: undefined })), { name: 'TypeError', message: /`clientId`/ });
  assert.throws(() => edgeseal.withEdgeseal(new WorkOS('sk_test', stage.options), { memoSize: -1 }), { name: 'TypeError', message: /`memoSize`/ });
  assert.throws(() => edgeseal.withEdgeseal(new WorkOS('sk_test', stage.options), null), { name: 'TypeError', message: /`options`/ });
  const { userManagement } = edgeseal.withEdgeseal(new WorkOS('sk_test', stage.options));
  for (const wrong of [undefined, null, 'text']) await assert.rejects(userManagement.authenticateWithSessionCookie(wrong), { name: 'TypeError', message: /`options`|`cookiePassword`/ });
  const session = userManagement.loadSealedSession({ sessionData: 'x', cookiePassword: PASSWORD });
  for (const call of ['refresh', 'getLogoutUrl']) await assert.rejects(session[call](null), { name: 'TypeError', message: /`options`/ });
});
