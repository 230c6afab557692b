// An authenticated session: what /auth/session says of it, that no token ever leaves, and that no request costs a call.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';

import { startProvider } from '../../dev/src/provider.mjs';
import { Visitor } from './support/browser.mjs';
import { PASSWORD, SESSION_COOKIE, startGateway } from './support/gateway.mjs';
import { DOCUMENT, IMAGE, SCRIPT } from './support/http.mjs';
import { openWithSdk, signedIn } from './support/sessions.mjs';

const provider = await startProvider();
const gateway = await startGateway(provider);
after(async () => {
  await gateway.close();
  await provider.close();
});
beforeEach(() => provider.reset());

const MEMBERS = [
  'authenticated', 'provider', 'user', 'sessionId', 'organizationId', 'role', 'roles', 'permissions', 'entitlements',
  'featureFlags', 'impersonator', 'authenticationMethod', 'issuedAt', 'expiresAt',
];

test('/auth/session has exactly the members of the contract', async () => {
  const visitor = new Visitor(gateway);
  await visitor.signIn({ choice: 'ada-acme' });
  const answer = await visitor.fetch('/auth/session');
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['content-type'], 'application/json');
  const session = answer.json();
  assert.deepEqual(Object.keys(session).sort(), [...MEMBERS].sort());

  const [known] = provider.sessions();
  const { issuedAt, expiresAt, user, ...rest } = session;
  assert.deepEqual(rest, {
    authenticated: true,
    provider: 'workos',
    sessionId: known.id,
    organizationId: 'org_01ACME0000000000000000000',
    role: 'admin',
    roles: ['admin'],
    permissions: ['posts:read', 'posts:write', 'billing:manage'],
    entitlements: ['audit-log'],
    featureFlags: ['beta-editor'],
    impersonator: null,
    authenticationMethod: 'Password',
  });
  assert.equal(expiresAt - issuedAt, 300);
  assert.ok(Math.abs(issuedAt - Date.now() / 1000) < 60);
  assert.equal(user.id, 'user_01ADA00000000000000000000');
  assert.equal(user.firstName, 'Ada');
  assert.equal(user.emailVerified, true);
  assert.equal(user.profilePictureUrl, null);
});

test('/auth/session agrees with what the SDK reads from the same cookie', async () => {
  for (const choice of ['ada-globex', 'margaret', 'thordis-lodz', 'support-as-ada']) {
    const visitor = new Visitor(gateway);
    await visitor.signIn({ choice });
    const ours = (await visitor.fetch('/auth/session')).json();
    const theirs = await openWithSdk(provider, visitor.session, PASSWORD);
    assert.equal(theirs.authenticated, true, choice);
    // The SDK leaves out what the token leaves out; JSON for scripts says null, or an empty list.
    for (const name of ['sessionId', 'organizationId', 'role', 'authenticationMethod']) assert.equal(ours[name], theirs[name] ?? null, `${choice} ${name}`);
    for (const name of ['roles', 'permissions', 'entitlements', 'featureFlags']) assert.deepEqual(ours[name], theirs[name] ?? [], `${choice} ${name}`);
    assert.deepEqual(ours.impersonator, theirs.impersonator ?? null, choice);
    assert.deepEqual(ours.user, JSON.parse(JSON.stringify(theirs.user)), choice);
  }
});

test('a person without an organization has nulls and empty lists', async () => {
  const session = (await signedIn(gateway, provider, { person: 'margaret' }).fetch('/auth/session')).json();
  assert.deepEqual(Object.keys(session).sort(), [...MEMBERS].sort());
  assert.deepEqual([session.organizationId, session.role, session.roles, session.permissions], [null, null, [], []]);
});

test('who acts in whose name is said', async () => {
  const visitor = new Visitor(gateway);
  await visitor.signIn({ choice: 'support-as-ada' });
  const { impersonator, user } = (await visitor.fetch('/auth/session')).json();
  assert.deepEqual(impersonator, { email: 'support@example.com', reason: 'Ticket 1815: the export stays empty' });
  assert.equal(user.email, 'ada@example.com');
});

test('without a session it is 401 with reason, detail and where to sign in, and exactly that', async () => {
  const answer = await new Visitor(gateway).fetch('/auth/session');
  assert.equal(answer.status, 401);
  assert.match(answer.headers['www-authenticate'], /^Bearer/);
  assert.deepEqual(answer.json(), {
    authenticated: false,
    reason: 'no_session_cookie_provided',
    detail: 'cookie_missing',
    retryable: false,
    loginUrl: '/auth/login',
  });
});

test('no endpoint ever answers with a token, in body or headers, but for the sealed cookie', async () => {
  const visitor = signedIn(gateway, provider);
  const tokens = [visitor.response.access_token, visitor.response.refresh_token];
  const answers = [
    await visitor.fetch('/auth/session'),
    await visitor.open('/auth/session'),
    await visitor.open('/app/'),
    await visitor.fetch('/auth/switch', { method: 'POST', body: '{"organizationId":"org_nobody"}' }),
    await visitor.fetch('/auth/refresh', { method: 'POST' }),
    await visitor.open('/auth/logout'),
    await visitor.fetch('/auth/logout', { method: 'POST' }),
    await visitor.open('/auth/callback?code=x&state=y'),
  ];
  assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200, 403, 200, 200, 200, 400]);
  for (const { body, headers } of answers) {
    const text = body + JSON.stringify(headers);
    for (const token of tokens) {
      // Each part too: claims and signature are as good as the whole.
      for (const part of token.split('.').filter((part) => part.length > 20)) assert.ok(!text.includes(part));
    }
    assert.ok(!/eyJ[\w-]{10,}/.test(text), 'anything that looks like a token');
  }
});

test('100 authenticated requests, concurrent and in a row, cause no call to the provider', async () => {
  const visitor = signedIn(gateway, provider);
  await visitor.fetch('/auth/session');
  provider.clearRequests();

  const targets = [['/auth/session', SCRIPT], ['/app/', DOCUMENT], ['/app/index.html', IMAGE], ['/nothing-here.png', IMAGE], ['/assets/js/app.js', SCRIPT]];
  const statuses = new Map();
  const count = (target, status) => statuses.set(`${target} ${status}`, (statuses.get(`${target} ${status}`) ?? 0) + 1);
  const one = async ([target, headers]) => count(target, (await visitor.request(target, { headers })).status);
  await Promise.all(Array.from({ length: 50 }, (_, index) => one(targets[index % targets.length])));
  for (let index = 0; index < 50; index += 1) await one(targets[index % targets.length]);

  assert.deepEqual(Object.fromEntries(statuses), {
    '/auth/session 200': 20,
    '/app/ 200': 20,
    '/app/index.html 307': 20,
    '/nothing-here.png 404': 20,
    '/assets/js/app.js 200': 20,
  });
  assert.deepEqual(provider.requests(), []);
});

test('a cold gateway loads the keys once, however many requests come at the same time', async (t) => {
  const cold = await startGateway(provider);
  t.after(() => cold.close());
  const visitor = signedIn(cold, provider);
  const answers = await Promise.all(Array.from({ length: 30 }, () => visitor.fetch('/auth/session')));
  assert.deepEqual(answers.map(({ status }) => status), Array(30).fill(200));
  assert.deepEqual(provider.requests().map(({ endpoint }) => endpoint), ['jwks']);
});

test('the cookie is not set again while nothing has changed', async () => {
  const visitor = signedIn(gateway, provider);
  for (const target of ['/auth/session', '/app/', '/assets/js/app.js']) {
    assert.deepEqual((await visitor.open(target)).setCookies, [], target);
  }
});

test('a session of one person is never answered to another', async () => {
  const people = ['ada', 'grace', 'alan', 'margaret', 'thordis'].map((person) => [person, signedIn(gateway, provider, { person })]);
  const answers = await Promise.all(Array.from({ length: 10 }, () => people).flat().map(async ([person, visitor]) => [
    `${person}@example.com`, (await visitor.fetch('/auth/session')).json().user.email,
  ]));
  for (const [expected, email] of answers) assert.equal(email, expected);
});

test('cookies of similar names are not the session', async () => {
  const { session } = signedIn(gateway, provider);
  for (const name of [`x${SESSION_COOKIE}`, `${SESSION_COOKIE}2`, SESSION_COOKIE.toUpperCase(), `__Host-${SESSION_COOKIE}`]) {
    const answer = await gateway.request('/auth/session', { headers: { cookie: `${name}=${session}` } });
    assert.equal(answer.json().detail, 'cookie_missing', name);
  }
  for (const cookie of [`a=b; ${SESSION_COOKIE}=${session}; c=d`, `${SESSION_COOKIE}="${session}"`, `a;;=;${SESSION_COOKIE}=${session};`]) {
    assert.equal((await gateway.request('/auth/session', { headers: { cookie } })).status, 200, cookie.slice(0, 20));
  }
});
