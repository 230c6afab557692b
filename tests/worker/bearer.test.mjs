// API clients: an access token in `Authorization: Bearer` opens what a session cookie opens, and nothing is refreshed for it.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';

import { startProvider } from '../../dev/src/provider.mjs';
import { Visitor } from './support/browser.mjs';
import { SESSION_COOKIE, startGateway } from './support/gateway.mjs';
import { requestsTo, signedIn } from './support/sessions.mjs';
import { startUpstream } from './support/upstream.mjs';

const provider = await startProvider();
const upstream = await startUpstream();
const gateway = await startGateway(provider, { settings: { UPSTREAM_URL: upstream.url, UPSTREAM_SEAL: 'iron', ROUTES: [{ path: '/public/*', require: 'public' }] } });
after(async () => {
  await gateway.close();
  await upstream.close();
  await provider.close();
});
beforeEach(() => {
  provider.reset();
  upstream.clear();
});

const mint = (options) => provider.mintSession(options);
const ask = (target, authorization, options = {}) =>
  gateway.request(target, { ...options, headers: { accept: 'application/json', ...(authorization !== undefined && { authorization }), ...options.headers } });

test('a token opens the site, which learns who it is and gets no session cookie', async () => {
  const { sessionId, response } = mint({ person: 'ada' });
  const answer = await ask('/api/things', `Bearer ${response.access_token}`, { method: 'POST', body: 'x' });
  assert.equal(answer.status, 200, answer.body);
  const { headers } = upstream.last();
  assert.equal(headers['x-edgeseal-user-id'], response.user.id);
  assert.equal(headers['x-edgeseal-session-id'], sessionId);
  assert.equal(headers['x-edgeseal-role'], 'admin');
  assert.equal(headers['x-edgeseal-email'], undefined, 'a token says nothing of it');
  assert.equal(headers.cookie, undefined);
  assert.equal(headers.authorization, `Bearer ${response.access_token}`);
  assert.deepEqual(answer.setCookies, []);
  assert.match(answer.headers['cache-control'], /private/);
  assert.match(answer.headers.vary, /authorization/i);
});

test('it is the session of /auth/session, and of no endpoint that changes something', async () => {
  const { sessionId, response } = mint({ person: 'grace' });
  const authorization = `bearer   ${response.access_token}`;
  const shown = await ask('/auth/session', authorization);
  assert.deepEqual([shown.status, shown.json().sessionId, shown.json().user], [200, sessionId, null]);
  for (const target of ['/auth/refresh', '/auth/switch']) {
    const answer = await ask(target, authorization, { method: 'POST', body: '{"organizationId":"org_1"}', headers: { 'sec-fetch-site': 'same-origin' } });
    assert.deepEqual([answer.status, answer.json().detail], [401, 'cookie_missing'], target);
  }
  assert.deepEqual(requestsTo(provider, 'authenticate'), []);
});

test('who acts in a person\'s name is told', async () => {
  const { response } = mint({ person: 'ada', impersonator: { email: 'support@example.com', reason: 'ticket 7' } });
  await ask('/api', `Bearer ${response.access_token}`);
  assert.equal(upstream.last().headers['x-edgeseal-impersonator'], 'support@example.com');
});

test('what is no good token is refused, in the words of RFC 6750, and costs the provider nothing', async () => {
  const { access_token: token } = mint().response;
  const [header, claims, signature] = token.split('.');
  const none = Buffer.from('{"alg":"none"}').toString('base64url');
  await ask('/auth/session', `Bearer ${token}`);
  const calls = provider.requests().length;
  for (const [value, detail] of [
    [`Bearer ${mint({ lifetimeSeconds: -60 }).response.access_token}`, 'token_expired'],
    ['Bearer sk_test_1234567890', 'token_malformed'],
    ['Bearer', 'cookie_missing'],
    ['Bearer ', 'cookie_missing'],
    [`Basic ${token}`, 'cookie_missing'],
    [`Bearer ${header}.${claims}.${signature.slice(0, -4)}AAAA`, 'bad_signature'],
    [`Bearer ${none}.${claims}.${signature}`, 'algorithm_not_allowed'],
    [`Bearer ${token} ${token}`, 'token_malformed'],
    [`Bearer ${'x'.repeat(17_000)}`, 'token_too_large'],
  ]) {
    const answer = await ask('/api', value);
    assert.deepEqual([answer.status, answer.json().detail], [401, detail], value.slice(0, 60));
    const expected = detail === 'cookie_missing' ? 'Bearer realm="edgeseal"' : 'Bearer realm="edgeseal", error="invalid_token"';
    assert.equal(answer.headers['www-authenticate'], expected, value.slice(0, 60));
  }
  assert.deepEqual(upstream.requests(), []);
  assert.equal(provider.requests().length, calls);
});

test('a session cookie comes first; what stands in Authorization is then the site\'s own business', async () => {
  const visitor = signedIn(gateway, provider, { person: 'grace' });
  const other = mint({ person: 'ada' }).response;
  for (const authorization of [`Bearer ${other.access_token}`, 'Bearer a-token-of-the-site', 'Basic YTpi']) {
    upstream.clear();
    const answer = await visitor.fetch('/api', { headers: { authorization } });
    assert.equal(answer.status, 200);
    assert.equal(decodeURIComponent(upstream.last().headers['x-edgeseal-email']), 'grace@example.com');
    assert.equal(upstream.last().headers.authorization, authorization);
  }
  upstream.clear();
  const broken = new Visitor(gateway, { [SESSION_COOKIE]: 'garbage' });
  const refused = await broken.fetch('/api', { headers: { authorization: `Bearer ${other.access_token}` } });
  assert.deepEqual([refused.status, refused.json().detail], [401, 'seal_unknown_format']);
  assert.deepEqual(upstream.requests(), []);
});

test('a public page passes any Authorization on, unread', async () => {
  const answer = await ask('/public/x', 'Bearer garbage');
  assert.equal(answer.status, 200);
  assert.equal(upstream.last().headers.authorization, 'Bearer garbage');
  assert.equal(upstream.last().headers['x-edgeseal-user-id'], undefined);
});

test('while the keys cannot be had it is 503, to be tried again', async (t) => {
  const cold = await startGateway(provider, { settings: { UPSTREAM_URL: upstream.url } });
  t.after(() => cold.close());
  provider.knobs.set({ down: {} });
  const answer = await cold.request('/api', { headers: { authorization: `Bearer ${mint().response.access_token}` } });
  assert.deepEqual([answer.status, answer.json().detail], [503, 'keys_unavailable']);
});
