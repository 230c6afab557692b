// The control page and its endpoints: forms do what the JSON does, foreign pages do nothing, nothing secret is shown.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { post, provider, refresh, signIn } from './support.mjs';

const submit = (started, path, fields, headers = {}) =>
  fetch(`${started.url}${path}`, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual', headers });

test('the form of the page sets every knob', async (context) => {
  const started = await provider(context);
  const time = [['tokenLifetimeSeconds', '5'], ['refreshGraceSeconds', '0'], ['clockOffsetSeconds', '-10']];
  const response = await submit(started, '/dev/knobs', [
    ...time,
    ['slow.milliseconds', '2000'], ['slow.times', ''],
    ['down.times', ''],
    ['fail.on', 'on'], ['fail.status', '429'], ['fail.retryAfterSeconds', ''], ['fail.times', '3'],
    ['fail.endpoints', 'jwks'], ['fail.endpoints', 'authenticate'],
    ['loseReply.times', ''], ['newSessionIdAtRefresh', 'on'],
  ]);
  assert.deepEqual([response.status, response.headers.get('location')], [303, '/#knobs']);
  assert.deepEqual(started.knobs.get(), {
    tokenLifetimeSeconds: 5, refreshGraceSeconds: 0, clockOffsetSeconds: -10, newSessionIdAtRefresh: true,
    slow: null, down: null, loseReply: null,
    fail: { status: 429, retryAfterSeconds: 2, endpoints: ['jwks', 'authenticate'], times: 3 },
  });
  // What the page shows afterwards is what was set.
  const page = await (await fetch(started.url)).text();
  assert.match(page, /name="fail.on" value="on" checked/);
  assert.match(page, /name="fail.endpoints" value="jwks" checked/);
  assert.match(page, /<option selected>429/);
  assert.match(page, /name="newSessionIdAtRefresh" value="on" checked/);

  const wrong = await submit(started, '/dev/knobs', [...time, ['slow.on', 'on'], ['slow.milliseconds', 'soon']]);
  assert.equal(wrong.status, 400);
  assert.match(await wrong.text(), /slow\.milliseconds must be a whole number/);
});

test('the other forms rotate, end and reset', async (context) => {
  const started = await provider(context);
  const { sessionId, response } = started.mintSession();
  assert.equal((await submit(started, '/dev/end-session', { sessionId })).status, 303);
  assert.equal((await refresh(started, response.refresh_token)).body.error, 'invalid_grant');
  assert.equal((await submit(started, '/dev/end-session', { sessionId: 'session_x' })).status, 404);
  assert.equal((await submit(started, '/dev/rotate-keys', { keepPrevious: 'true' })).status, 303);
  started.knobs.set({ down: {} });
  assert.equal((await submit(started, '/dev/reset', {})).status, 303);
  assert.equal(started.knobs.get().down, null);
  assert.equal(started.sessions().length, 0);
  assert.equal(started.requests().length, 0);
  assert.equal((await (await fetch(`${started.url}/sso/jwks/${started.clientId}`)).json()).keys.length, 1);
});

test('a page of another origin cannot change anything', async (context) => {
  const started = await provider(context);
  const foreign = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://localhost:1' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site', origin: started.url },
  ];
  for (const headers of foreign) {
    for (const path of ['/dev/knobs', '/dev/rotate-keys', '/dev/reset', '/dev/end-session']) {
      assert.equal((await post(`${started.url}${path}`, {}, headers)).status, 403, path);
      assert.equal((await submit(started, path, {}, headers)).status, 403, path);
    }
    assert.equal((await fetch(`${started.url}/dev/requests`, { method: 'DELETE', headers })).status, 403);
  }
  const own = { origin: started.url, 'sec-fetch-site': 'same-origin' };
  assert.equal((await post(`${started.url}/dev/knobs`, {}, own)).status, 200);
  const { headers } = await fetch(`${started.url}/dev/knobs`, { headers: { origin: 'https://evil.example' } });
  assert.equal(headers.get('access-control-allow-origin'), null);
});

test('the log says what happened and never a secret', async (context) => {
  const started = await provider(context);
  const signedIn = (await signIn(started, 'ada-acme')).body;
  await refresh(started, signedIn.refresh_token);
  await fetch(`${started.url}/unknown/${signedIn.refresh_token}`);
  const response = await fetch(`${started.url}/dev/requests`);
  const text = await response.text();
  assert.deepEqual(
    JSON.parse(text).requests.map(({ endpoint, method, status, grantType, outcome, generation }) => [endpoint, method, status, grantType, outcome, generation]),
    [
      ['authorize', 'GET', 302, null, null, null],
      ['authenticate', 'POST', 200, 'authorization_code', 'signed_in', null],
      ['authenticate', 'POST', 200, 'refresh_token', 'rotated', 1],
      ['unknown', 'GET', 404, null, null, null],
    ],
  );
  const page = await (await fetch(started.url)).text();
  assert.ok(page.includes('Ada Lovelace'));
  for (const shown of [text, page]) {
    for (const hidden of [signedIn.refresh_token, signedIn.access_token, started.apiKey]) assert.ok(!shown.includes(hidden));
  }
  const cleared = await fetch(`${started.url}/dev/requests`, { method: 'DELETE' });
  assert.deepEqual(await cleared.json(), { requests: [] });
  assert.deepEqual(started.requests(), []);
});

test('no failure reaches the control endpoints', async (context) => {
  const started = await provider(context);
  started.knobs.set({ down: {}, fail: { status: 500 } });
  assert.equal((await fetch(started.url)).status, 200);
  assert.equal((await post(`${started.url}/dev/knobs`, { down: null })).status, 200);
});
