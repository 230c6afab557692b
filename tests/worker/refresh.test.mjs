// Refresh: an expired token is exchanged on whatever request comes next, and the new cookie is one that the SDK reads.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';

import { startProvider } from '../../dev/src/provider.mjs';
import { Visitor } from './support/browser.mjs';
import { PASSWORD, SESSION_COOKIE, startGateway } from './support/gateway.mjs';
import { DOCUMENT, IMAGE, SCRIPT, parseSetCookie } from './support/http.mjs';
import { expired, openWithSdk, requestsTo, sdk, signedIn } from './support/sessions.mjs';

const provider = await startProvider();
const gateway = await startGateway(provider);
after(async () => {
  await gateway.close();
  await provider.close();
});
beforeEach(() => provider.reset());

const REQUESTS = {
  'a page': ['/app/', { headers: DOCUMENT }, 200],
  'an image that is missing': ['/logo.png', { headers: IMAGE }, 404],
  'a POST to the site': ['/app/', { method: 'POST', headers: SCRIPT, body: 'x=1' }, 405],
  '/auth/session': ['/auth/session', { headers: SCRIPT }, 200],
  'a HEAD': ['/app/', { method: 'HEAD', headers: DOCUMENT }, 200],
};

for (const [name, [target, options, status]] of Object.entries(REQUESTS)) {
  test(`an expired token is refreshed on ${name}, and the SDK opens the new cookie`, async () => {
    const visitor = expired(gateway, provider);
    const before = visitor.session;
    const answer = await visitor.request(target, options);
    assert.equal(answer.status, status, answer.body);
    assert.equal(answer.setCookies.length, 1);
    const { name: cookie, attributes } = parseSetCookie(answer.setCookies[0]);
    assert.equal(cookie, SESSION_COOKIE);
    assert.deepEqual(attributes, { 'max-age': '34560000', path: '/', httponly: true, samesite: 'Lax' });
    assert.equal(answer.headers['cache-control'], 'private, no-store');
    assert.notEqual(visitor.session, before);

    const opened = await openWithSdk(provider, visitor.session);
    assert.equal(opened.authenticated, true, JSON.stringify(opened));
    assert.equal(opened.user.id, visitor.response.user.id);
    assert.equal(opened.user.email, 'ada@example.com');
    assert.equal(opened.sessionId, visitor.sessionId);
    assert.equal(opened.organizationId, visitor.response.organization_id);
    assert.equal(opened.authenticationMethod, 'Password');
    assert.deepEqual(requestsTo(provider, 'authenticate').map(({ outcome }) => outcome), ['rotated']);
  });
}

test('the SDK can refresh what the gateway has refreshed, and the gateway what the SDK has', async () => {
  const visitor = expired(gateway, provider);
  await visitor.fetch('/auth/session');
  const { userManagement } = sdk(provider);
  const refreshed = await userManagement.loadSealedSession({ sessionData: visitor.session, cookiePassword: PASSWORD }).refresh();
  assert.equal(refreshed.authenticated, true, JSON.stringify(refreshed));
  const next = new Visitor(gateway, { [SESSION_COOKIE]: refreshed.sealedSession });
  assert.equal((await next.fetch('/auth/session')).json().sessionId, visitor.sessionId);
  assert.equal((await next.fetch('/auth/refresh', { method: 'POST' })).status, 200);
  assert.equal((await openWithSdk(provider, next.session)).authenticated, true);
});

test('a cookie that the SDK sealed at a refresh is accepted', async () => {
  const { response } = provider.mintSession({ person: 'thordis' });
  const { sealedSession } = await sdk(provider).userManagement.authenticateWithRefreshToken({
    refreshToken: response.refresh_token,
    session: { sealSession: true, cookiePassword: PASSWORD },
  });
  const session = (await new Visitor(gateway, { [SESSION_COOKIE]: sealedSession }).fetch('/auth/session')).json();
  assert.equal(session.user.email, 'thordis@example.com');
  assert.equal(session.user.firstName, response.user.first_name);
});

test('a cookie that the SDK sealed at a sign-in is accepted', async () => {
  const { userManagement } = sdk(provider);
  const redirectUri = 'http://localhost:4321/elsewhere';
  const { url, codeVerifier } = await userManagement.getAuthorizationUrlWithPKCE({ provider: 'authkit', redirectUri });
  const decided = await fetch(`${url}&choice=grace-acme`, { redirect: 'manual' });
  const code = new URL(decided.headers.get('location')).searchParams.get('code');
  const { sealedSession } = await userManagement.authenticateWithCode({
    code, codeVerifier, session: { sealSession: true, cookiePassword: PASSWORD },
  });
  const visitor = new Visitor(gateway, { [SESSION_COOKIE]: sealedSession });
  assert.equal((await visitor.fetch('/auth/session')).json().user.email, 'grace@example.com');
  assert.equal((await visitor.open('/app/')).status, 200);
});

test('everything that was sealed beside the tokens survives a refresh', async () => {
  const visitor = expired(gateway, provider, { impersonator: { email: 'support@example.com', reason: 'Ticket 1' } });
  const session = (await visitor.fetch('/auth/session')).json();
  assert.deepEqual(session.impersonator, { email: 'support@example.com', reason: 'Ticket 1' });
  assert.equal(session.authenticationMethod, 'Impersonation');
  assert.deepEqual((await openWithSdk(provider, visitor.session)).impersonator, session.impersonator);
});

test('many requests with the same expired token at once all succeed, and every cookie they bring is good', async () => {
  const visitor = expired(gateway, provider);
  const stale = visitor.session;
  const targets = ['/auth/session', '/app/', '/auth/session', '/logo.png'];
  const answers = await Promise.all(Array.from({ length: 20 }, (_, index) =>
    gateway.request(targets[index % 4], { headers: { cookie: `${SESSION_COOKIE}=${stale}` } })));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200, 404]));
  for (const { setCookies } of answers) {
    const { value } = parseSetCookie(setCookies[0]);
    const next = await gateway.request('/auth/session', { headers: { cookie: `${SESSION_COOKIE}=${value}` } });
    assert.equal(next.json().sessionId, visitor.sessionId);
  }
});

test('a token is used until it ends, and refreshed from then on', async () => {
  for (const [lifetimeSeconds, refreshes] of [[60, 0], [5, 0], [-1, 1], [-2, 1], [-10, 1]]) {
    provider.reset();
    assert.equal((await signedIn(gateway, provider, { lifetimeSeconds }).fetch('/auth/session')).status, 200);
    assert.equal(requestsTo(provider, 'authenticate').length, refreshes, `${lifetimeSeconds} s left`);
  }
});

test('the leeway of a few seconds bridges a provider that is down, and no more', async () => {
  for (const [lifetimeSeconds, status] of [[-2, 200], [-10, 503]]) {
    provider.reset();
    await signedIn(gateway, provider).fetch('/auth/session');
    provider.knobs.set({ down: { endpoints: ['authenticate'] } });
    const answer = await signedIn(gateway, provider, { lifetimeSeconds }).fetch('/auth/session');
    assert.equal(answer.status, status, `${lifetimeSeconds} s left`);
    assert.deepEqual(answer.setCookies, []);
  }
});

test('POST /auth/refresh refreshes a token that has not expired, and says the session', async () => {
  const visitor = signedIn(gateway, provider);
  const before = visitor.session;
  const answer = await visitor.fetch('/auth/refresh', { method: 'POST' });
  assert.equal(answer.status, 200);
  assert.equal(answer.json().sessionId, visitor.sessionId);
  assert.notEqual(visitor.session, before);
  assert.equal((await openWithSdk(provider, visitor.session)).authenticated, true);
  assert.equal(requestsTo(provider, 'authenticate').length, 1);
});

test('refresh is refused to other sites, and to whoever does not say where they come from', async () => {
  const visitor = signedIn(gateway, provider);
  for (const headers of [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://localhost:4321.evil.example' },
    { 'sec-fetch-site': 'cross-site', origin: 'http://localhost:4321' },
    {},
  ]) {
    const answer = await visitor.request('/auth/refresh', { method: 'POST', headers });
    assert.deepEqual([answer.status, answer.json().detail, answer.setCookies], [403, 'cross_site', []], JSON.stringify(headers));
  }
  assert.deepEqual(requestsTo(provider, 'authenticate'), []);
  const old = await visitor.request('/auth/refresh', { method: 'POST', headers: { origin: 'http://localhost:4321' } });
  assert.equal(old.status, 200, 'a browser without fetch metadata says its origin');
});
