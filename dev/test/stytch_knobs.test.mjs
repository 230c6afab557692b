// The same knobs under Stytch's endpoint names and in Stytch's forms; the control page and the log say what is there.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startProvider } from '../src/provider.mjs';
import { post, raw } from './support.mjs';
import { VERTICALS, authenticate, call, errorOf, keySet, stytchProvider } from './stytch_support.mjs';

const [CONSUMER, MEMBER] = VERTICALS;

test('fail plays every status and every error type, in Stytch\'s form', async (context) => {
  const started = await stytchProvider(context, CONSUMER);
  const answer = async (fail) => {
    started.knobs.set({ fail });
    return call(started, `/v1/sessions/jwks/${started.projectId}`);
  };
  const usual = {
    400: 'bad_request', 401: 'unauthorized_credentials', 403: 'unauthorized_action', 404: 'session_not_found',
    429: 'too_many_requests', 500: 'internal_server_error',
  };
  for (const [status, type] of Object.entries(usual)) {
    const { body } = await answer({ status: Number(status) });
    const { request_id: requestId, error_message: message, ...told } = body;
    assert.ok(requestId && message);
    assert.deepEqual(told, { status_code: Number(status), error_type: type, error_url: `https://stytch.com/docs/api/errors/${status}` });
  }
  const limited = await answer({ status: 429, retryAfterSeconds: 9 });
  assert.equal(limited.headers.get('retry-after'), '9');
  const types = ['user_unauthenticated', 'invalid_secret_authentication', 'session_authorization_tenancy_error', 'incompatible_session_type'];
  for (const errorType of types) assert.equal((await answer({ errorType })).body.error_type, errorType);
  assert.equal(started.knobs.get().fail.status, 400, 'the type decides the status');

  started.knobs.set({ fail: { status: 502 } });
  const proxy = await fetch(`${started.url}/v1/sessions/jwks/${started.projectId}`);
  assert.equal(proxy.status, 502);
  assert.match(proxy.headers.get('content-type'), /^text\/html/);
  const senseless = [
    { fail: {} }, { fail: { status: 422 } }, { fail: { errorType: 'unknown' } }, { fail: { status: 401, errorType: 'session_not_found' } },
    { refreshGraceSeconds: 1 }, { organizationPoliciesOff: true }, { down: { endpoints: ['authorize'] } }, { down: { endpoints: ['exchange'] } },
  ];
  for (const patch of senseless) assert.throws(() => started.knobs.set(patch), { name: 'KnobError' }, JSON.stringify(patch));
});

test('the other failures hit the endpoints that they name', async (context) => {
  const started = await stytchProvider(context, MEMBER);
  const { sessionToken } = started.mintSession();
  started.knobs.set({ down: { endpoints: ['authenticate'], times: 1 } });
  await assert.rejects(authenticate(started, MEMBER, { session_token: sessionToken }), TypeError);
  assert.equal((await authenticate(started, MEMBER, { session_token: sessionToken })).status, 200);
  started.knobs.set({ loseReply: { endpoints: ['revoke'], times: 1 } });
  await assert.rejects(call(started, '/v1/b2b/sessions/revoke', { session_token: sessionToken }), TypeError);
  assert.deepEqual(errorOf(await authenticate(started, MEMBER, { session_token: sessionToken })), [404, 'session_not_found']);
  started.knobs.set({ slow: { milliseconds: 300, endpoints: ['jwks'] } });
  const began = performance.now();
  await keySet(started, MEMBER);
  assert.ok(performance.now() - began >= 295);
  assert.deepEqual(started.requests().map(({ endpoint, status, outcome, knob }) => [endpoint, status, outcome, knob]), [
    ['authenticate', null, null, 'down'], ['authenticate', 200, 'authenticated', null], ['revoke', null, 'revoked', 'loseReply'],
    ['authenticate', 404, 'session_not_found', null], ['jwks', 200, null, 'slow'],
  ]);
});

test('the control page shows sessions, keys, knobs and requests, and no secret', async (context) => {
  const started = await stytchProvider(context, MEMBER);
  const { sessionId, sessionToken, sessionJwt } = started.mintSession({ person: 'thordis' });
  await authenticate(started, MEMBER, { session_token: sessionToken });
  await started.rotateKeys();
  const text = await (await fetch(started.url)).text();
  for (const shown of [
    started.projectId, started.loginUrl, 'Łódź &amp; Søn &lt;Ærø&gt;', 'organization_policy', 'name="organizationPoliciesOff"', 'name="bothSignSeconds" value="300"',
    '<option value="session_not_found">404 session_not_found</option>', 'authenticated',
  ]) assert.ok(text.includes(shown), shown);
  assert.equal(text.match(/>signs</g).length, 2);
  const log = await (await fetch(`${started.url}/dev/requests`)).text();
  for (const hidden of [sessionToken, sessionJwt, started.secret]) assert.ok(!text.includes(hidden) && !log.includes(hidden));

  const submit = (path, fields) => fetch(`${started.url}${path}`, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });
  const numbers = { tokenLifetimeSeconds: '7', bothSignSeconds: '0', keyGraceSeconds: '60', clockOffsetSeconds: '0' };
  const set = await submit('/dev/knobs', { ...numbers, 'fail.on': 'on', 'fail.status': 'user_unauthenticated', previousKeySigns: 'on' });
  assert.equal(set.status, 303);
  assert.deepEqual(started.knobs.get(), {
    tokenLifetimeSeconds: 7, clockOffsetSeconds: 0, bothSignSeconds: 0, keyGraceSeconds: 60,
    previousKeySigns: true, issuerIsUrl: false, organizationPoliciesOff: false, slow: null, down: null, loseReply: null,
    fail: { status: 401, errorType: 'user_unauthenticated', retryAfterSeconds: 2, endpoints: null, times: null },
  });
  assert.match(await (await fetch(started.url)).text(), /<option value="user_unauthenticated" selected>/);
  assert.equal((await submit('/dev/knobs', { ...numbers, 'fail.on': 'on', 'fail.status': '502' })).status, 303);
  assert.equal(started.knobs.get().fail.status, 502);

  assert.equal((await submit('/dev/end-session', { sessionId })).status, 303);
  assert.ok((await (await fetch(started.url)).text()).includes('revoked'));
  assert.equal((await submit('/dev/reset', {})).status, 303);
  assert.deepEqual([started.sessions(), started.requests(), started.knobs.get().fail], [[], [], null]);
});

test('a page of another origin changes neither policy nor roles', async (context) => {
  const started = await stytchProvider(context, CONSUMER);
  for (const path of ['/dev/policy', '/dev/roles']) {
    assert.equal((await post(`${started.url}${path}`, {}, { origin: 'https://evil.example' })).status, 403);
  }
});

test('hostile input is refused in Stytch\'s form, and the next honest request is served', async (context) => {
  const started = await stytchProvider(context, CONSUMER);
  const bodies = ['', 'null', '[]', '7', '{', '['.repeat(60_000), '{"session_token":{}}', '{"session_jwt":[]}', '{"authorization_check":7,"session_token":"x"}', '{"__proto__":{}}'];
  for (const path of ['/v1/sessions/authenticate', '/v1/sessions/revoke']) {
    for (const body of bodies) {
      const { status, body: said } = await call(started, path, body);
      assert.ok([400, 404].includes(status), `${path} ${body.slice(0, 20)}`);
      assert.equal(said.status_code, status);
    }
  }
  const large = await call(started, '/v1/sessions/authenticate', ' '.repeat(64 * 1024 + 1));
  assert.deepEqual(errorOf(large), [413, 'request_too_large']);
  const jwts = ['..', 'a.b.c', 'e30.e30.e30', `${Buffer.from('{"kid":7}').toString('base64url')}.e30.e30`, `${Buffer.from('null').toString('base64url')}.e30.e30`];
  for (const jwt of jwts) assert.ok([400, 404].includes((await authenticate(started, CONSUMER, { session_jwt: jwt })).status), jwt);
  const close = 'Host: localhost\r\nConnection: close\r\n\r\n';
  assert.match(await raw(started, `GET /v1/sessions/jwks/%zz%00 HTTP/1.1\r\n${close}`), /^HTTP\/1\.1 404 /);
  assert.match(await raw(started, `GET /login?%=%&return_to=%ff HTTP/1.1\r\n${close}`), /^HTTP\/1\.1 400 /);
  assert.equal((await authenticate(started, CONSUMER, { session_token: started.mintSession().sessionToken })).status, 200);
});

test('options and requests that make no sense are refused by name', async (context) => {
  await assert.rejects(startProvider({ provider: 'okta' }), /provider must be one of workos, stytch, stytch-b2b/);
  await assert.rejects(startProvider({ provider: '__proto__' }), /provider must be one of/);
  await assert.rejects(startProvider({ provider: 'stytch', clientId: 'x' }), /unknown option clientId/);
  await assert.rejects(startProvider({ provider: 'stytch', projectId: 'project-live-1' }), /project-test-/);
  await assert.rejects(startProvider({ provider: 'stytch', secret: 'a b' }), /secret/);
  await assert.rejects(startProvider({ projectId: 'project-test-1' }), /unknown option projectId/);
  const consumer = await stytchProvider(context, CONSUMER);
  const member = await stytchProvider(context, MEMBER);
  const mistakes = [
    () => consumer.mintSession({ person: 'nobody' }),
    () => consumer.mintSession({ organization: 'acme' }),
    () => consumer.mintSession({ durationMinutes: 4 }),
    () => consumer.mintSession({ lifetimeSeconds: 1.5 }),
    () => consumer.mintSession({ customClaims: { sub: 'x' } }),
    () => member.mintSession({ person: 'margaret' }),
    () => member.mintSession({ person: 'grace', organization: 'globex' }),
    () => member.mintM2mToken({ customClaims: { 'https://stytch.com/session': {} } }),
  ];
  for (const mistake of mistakes) assert.throws(mistake, { name: 'Mistake' }, String(mistake));
});

test('roles and policy can be changed on the control page', async (context) => {
  const started = await stytchProvider(context, MEMBER);
  const submit = (path, fields) => fetch(`${started.url}${path}`, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });
  const page = async () => (await fetch(started.url)).text();
  assert.ok((await page()).includes('Grace Hopper, Acme: stytch_member, member</option>'));
  const set = await submit('/dev/roles', { choice: 'grace-acme', roles: 'editor,  auditor' });
  assert.deepEqual([set.status, set.headers.get('location')], [303, '/#policy']);
  assert.ok((await page()).includes('Grace Hopper, Acme: editor, auditor</option>'));
  assert.equal((await submit('/dev/roles', { choice: 'nobody', roles: 'editor' })).status, 400);

  const scopes = [{ scope: '<all>', description: '', permissions: [] }];
  assert.equal((await submit('/dev/policy', { policy: JSON.stringify({ scopes }) })).status, 303);
  assert.deepEqual(started.policy().scopes, scopes);
  assert.ok((await page()).includes('&quot;scope&quot;: &quot;&lt;all&gt;&quot;'));
  for (const policy of ['{', '[]', '{"roles":1}']) {
    const refused = await submit('/dev/policy', { policy });
    assert.equal(refused.status, 400);
    assert.match(await refused.text(), /Everything is as before/);
  }
  assert.deepEqual(started.policy().scopes, scopes);
});
