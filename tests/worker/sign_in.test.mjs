// Sign-in end to end: PKCE, state, the cookies and their attributes, where it lands.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, beforeEach, test } from 'node:test';

import { startProvider } from '../../dev/src/provider.mjs';
import { Visitor } from './support/browser.mjs';
import { PASSWORD, PUBLIC_URL, SESSION_COOKIE, startGateway } from './support/gateway.mjs';
import { DOCUMENT, SCRIPT, parseSetCookie } from './support/http.mjs';
import { requestsTo } from './support/sessions.mjs';

const SITE = 'https://site.example';

const provider = await startProvider({ redirectUris: [`${PUBLIC_URL}/auth/callback`, `${SITE}/auth/callback`] });
const gateway = await startGateway(provider);
after(async () => {
  await gateway.close();
  await provider.close();
});
beforeEach(() => provider.reset());

test('sign-in asks the provider with PKCE, a state and our callback', async () => {
  const answer = await gateway.request('/auth/login?return_to=/app/', { headers: DOCUMENT });
  assert.equal(answer.status, 302);
  const url = new URL(answer.headers.location);
  assert.equal(url.origin + url.pathname, `${provider.url}/user_management/authorize`);
  assert.equal(url.searchParams.get('redirect_uri'), `${PUBLIC_URL}/auth/callback`);
  assert.equal(url.searchParams.get('response_type'), 'code');
  assert.equal(url.searchParams.get('code_challenge_method'), 'S256');
  assert.match(url.searchParams.get('code_challenge'), /^[\w-]{43}$/);
  assert.match(url.searchParams.get('state'), /^[\w-]{43}$/);
  assert.equal(url.searchParams.has('code_verifier'), false);
});

test('every sign-in has a state and a challenge of its own', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => gateway.request('/auth/login', { headers: DOCUMENT })));
  for (const name of ['state', 'code_challenge']) {
    const values = answers.map(({ headers }) => new URL(headers.location).searchParams.get(name));
    assert.equal(new Set(values).size, 20, name);
  }
});

test('the flow cookie is for this host and ten minutes, HttpOnly and Lax, and tells nothing', async () => {
  const answer = await gateway.request('/auth/login', { headers: DOCUMENT });
  assert.equal(answer.setCookies.length, 1);
  const { name, value, attributes } = parseSetCookie(answer.setCookies[0]);
  const state = new URL(answer.headers.location).searchParams.get('state');
  assert.equal(name, `edgeseal-flow-${state.slice(0, 8)}`);
  assert.deepEqual(attributes, { 'max-age': '600', path: '/', httponly: true, samesite: 'Lax' });
  assert.ok(!value.includes(state) && value.startsWith('Fe26.2*'));
});

test('organization, hint and screen are handed on, and nothing else', async () => {
  const query = 'organization_id=org_1&login_hint=ada%40example.com&screen_hint=sign-up&redirect_uri=https://evil.example&state=x&prompt=none';
  const answer = await gateway.request(`/auth/login?${query}`, { headers: DOCUMENT });
  const { searchParams } = new URL(answer.headers.location);
  assert.equal(searchParams.get('organization_id'), 'org_1');
  assert.equal(searchParams.get('login_hint'), 'ada@example.com');
  assert.equal(searchParams.get('screen_hint'), 'sign-up');
  assert.deepEqual(searchParams.getAll('redirect_uri'), [`${PUBLIC_URL}/auth/callback`]);
  assert.notEqual(searchParams.get('state'), 'x');
  assert.equal(searchParams.has('prompt'), false);
});

test('a script is told the address instead of being redirected', async () => {
  const answer = await gateway.request('/auth/login', { headers: SCRIPT });
  assert.equal(answer.status, 200);
  assert.ok(answer.json().url.startsWith(`${provider.url}/user_management/authorize?`));
  assert.equal(answer.setCookies.length, 1);
});

test('a protected page leads through sign-in back to itself', async () => {
  const visitor = new Visitor(gateway);
  const refused = await visitor.open('/app/?tab=2&q=a%20b');
  assert.equal(refused.status, 302);
  const returnTo = new URL(refused.headers.location, PUBLIC_URL).searchParams.get('return_to');
  assert.equal(returnTo, '/app/?tab=2&q=a%20b');
  const finished = await visitor.signIn({ returnTo });
  assert.equal(finished.headers.location, '/app/?tab=2&q=a%20b');
  const page = await visitor.open(finished.headers.location);
  assert.equal(page.status, 200);
  assert.match(page.body, /<title>Your session/);
});

test('the callback sets the session cookie and deletes the flow cookie', async () => {
  const visitor = new Visitor(gateway);
  const callback = await visitor.reachCallback({ returnTo: '/app/' });
  const [flowCookie] = visitor.cookies.keys();
  assert.match(flowCookie, /^edgeseal-flow-/);
  const finished = await visitor.open(callback);
  const cookies = finished.setCookies.map(parseSetCookie);
  assert.deepEqual(cookies.map(({ name }) => name).filter((name) => name !== 'edgeseal-sign-ins').sort(), [flowCookie, SESSION_COOKIE].sort());

  const flow = cookies.find(({ name }) => name === flowCookie);
  assert.equal(flow.value, '');
  assert.equal(flow.attributes['max-age'], '0');
  assert.equal(flow.attributes.path, '/');
  const session = cookies.find(({ name }) => name === SESSION_COOKIE);
  assert.match(session.value, /^Fe26\.2\*1\*.+~2$/);
  assert.deepEqual(session.attributes, { 'max-age': '34560000', path: '/', httponly: true, samesite: 'Lax' });
  assert.deepEqual([visitor.sessionCookies, visitor.cookies.has(flowCookie)], [[SESSION_COOKIE], false]);
});

test('the sign-in proves itself with the verifier of its challenge', async () => {
  await new Visitor(gateway).signIn();
  const exchanges = requestsTo(provider, 'authenticate');
  assert.deepEqual(exchanges.map(({ grantType, status, outcome }) => [grantType, status, outcome]), [['authorization_code', 200, 'signed_in']]);
});

test('signing in twice in two tabs works in either order', async () => {
  const visitor = new Visitor(gateway);
  const first = await visitor.reachCallback({ returnTo: '/app/?first' });
  const second = await visitor.reachCallback({ returnTo: '/app/?second' });
  assert.equal((await visitor.open(second)).headers.location, '/app/?second');
  assert.equal((await visitor.open(first)).headers.location, '/app/?first');
});

test('everybody can sign in, with any name and without an organization', async () => {
  for (const [choice, email] of [['margaret', 'margaret@example.com'], ['thordis-lodz', 'thordis@example.com'], ['support-as-ada', 'ada@example.com']]) {
    const visitor = new Visitor(gateway);
    await visitor.signIn({ choice });
    const { authenticated, user } = (await visitor.fetch('/auth/session')).json();
    assert.deepEqual([authenticated, user.email], [true, email], choice);
  }
});

test('a browser that keeps no session is not sent round in circles', async () => {
  const visitor = new Visitor(gateway);
  const statuses = [];
  for (let round = 0; round < 3; round += 1) {
    statuses.push((await visitor.open(await visitor.reachCallback())).status);
    visitor.cookies.delete(SESSION_COOKIE);
  }
  assert.deepEqual(statuses, [302, 302, 400]);
  const answer = await visitor.open(await visitor.reachCallback());
  assert.ok(answer.body.includes('sign_in_loop'));
  assert.equal((await visitor.fetch('/auth/session')).status, 200, 'should it keep one now, it is signed in');
});

test('on an https site both cookies are Secure, and the flow cookie is bound to the host by its name', async (t) => {
  const secure = await startGateway(provider, {
    settings: { PUBLIC_URL: SITE, COOKIE_NAME: '__Host-session', COOKIE_MAX_AGE: '86400', COOKIE_SAMESITE: 'Strict' },
  });
  t.after(() => secure.close());
  const visitor = new Visitor(secure);
  const started = await visitor.open('/auth/login');
  const flow = parseSetCookie(started.setCookies[0]);
  assert.match(flow.name, /^__Host-edgeseal-flow-/);
  assert.deepEqual(flow.attributes, { 'max-age': '600', path: '/', httponly: true, samesite: 'Lax', secure: true });

  // A cookie that is Strict is not sent along on a way that began at the provider, so a page of the site goes on.
  const finished = await visitor.open(await visitor.reachCallback({ returnTo: '/app/' }));
  assert.equal(finished.status, 200);
  assert.equal(finished.headers.refresh, '0;url=/app/');
  const session = finished.setCookies.map(parseSetCookie).find(({ name }) => name === '__Host-session');
  assert.deepEqual(session.attributes, { 'max-age': '86400', path: '/', httponly: true, samesite: 'Strict', secure: true });
});

test('a new password seals, an old one still opens', async (t) => {
  const visitor = new Visitor(gateway);
  await visitor.signIn();
  const rotated = await startGateway(provider, {
    settings: { WORKOS_COOKIE_PASSWORD: JSON.stringify(['another password of 32 characters or more', PASSWORD]) },
  });
  t.after(() => rotated.close());
  const elsewhere = new Visitor(rotated, { [SESSION_COOKIE]: visitor.session });
  assert.equal((await elsewhere.fetch('/auth/session')).status, 200);
  const refreshed = await elsewhere.fetch('/auth/refresh', { method: 'POST' });
  assert.equal(refreshed.status, 200);
  const before = await gateway.request('/auth/session', { headers: { cookie: `${SESSION_COOKIE}=${elsewhere.session}` } });
  assert.equal(before.json().detail, 'seal_bad_mac', 'the gateway with the old password alone cannot open it');
});

test('the challenge is the hash of a verifier that never leaves the gateway but for the exchange', async () => {
  // The provider refuses a verifier that does not fit; here is that the gateway does not send a plain one.
  const visitor = new Visitor(gateway);
  const started = await visitor.open('/auth/login');
  const challenge = new URL(started.headers.location).searchParams.get('code_challenge');
  const text = JSON.stringify([started.headers, started.body]);
  for (const candidate of text.match(/[\w-]{43}/g)) {
    assert.notEqual(createHash('sha256').update(candidate).digest('base64url'), challenge);
  }
});
