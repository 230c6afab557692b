// Identity headers: who is signed in, as the upstream reads it; and nothing that a visitor can say about themselves.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';

import { startProvider } from '../../dev/src/provider.mjs';
import { Visitor } from './support/browser.mjs';
import { PUBLIC_URL, SESSION_COOKIE, startGateway } from './support/gateway.mjs';
import { expired, sealSession, signedIn } from './support/sessions.mjs';
import { startUpstream } from './support/upstream.mjs';

const provider = await startProvider();
const upstream = await startUpstream();
const gateway = await startGateway(provider, { settings: { UPSTREAM_URL: upstream.url, ROUTES: [{ path: '/public/*', require: 'public' }] } });
after(async () => {
  await gateway.close();
  await upstream.close();
  await provider.close();
});
beforeEach(() => {
  provider.reset();
  upstream.clear();
});

const identityOf = ({ headers }) => Object.fromEntries(Object.entries(headers).filter(([name]) => /^x.edgeseal/.test(name)));

test('the upstream is told who is signed in', async () => {
  const visitor = signedIn(gateway, provider, { person: 'ada', organization: 'acme' });
  await visitor.open('/app/');
  assert.deepEqual(identityOf(upstream.last()), {
    'x-edgeseal-provider': 'workos',
    'x-edgeseal-user-id': 'user_01ADA00000000000000000000',
    'x-edgeseal-email': 'ada@example.com',
    'x-edgeseal-session-id': visitor.sessionId,
    'x-edgeseal-organization-id': 'org_01ACME0000000000000000000',
    'x-edgeseal-role': 'admin',
    'x-edgeseal-roles': 'admin',
    'x-edgeseal-permissions': 'posts:read,posts:write,billing:manage',
  });
});

test('what a session does not have has no header, and impersonation has one', async () => {
  const nobody = signedIn(gateway, provider, { person: 'margaret' });
  await nobody.open('/app/');
  assert.deepEqual(Object.keys(identityOf(upstream.last())).sort(), ['x-edgeseal-email', 'x-edgeseal-provider', 'x-edgeseal-session-id', 'x-edgeseal-user-id']);
  await signedIn(gateway, provider, { impersonator: { email: 'støtte@example.com', reason: 'Ticket 1' } }).open('/app/');
  assert.equal(upstream.last().headers['x-edgeseal-impersonator'], 'st%C3%B8tte@example.com');
});

test('identity is that of the refreshed session, on the very request that refreshes it', async () => {
  await expired(gateway, provider, { person: 'grace' }).open('/app/');
  assert.equal(upstream.last().headers['x-edgeseal-email'], 'grace@example.com');
});

test('values of any characters stay one header, and decode to what they were', async () => {
  const { response } = provider.mintSession({ person: 'thordis' });
  for (const email of ['łódź@example.com', 'a,b@example.com', '100%@example.com', 'x\r\nx-edgeseal-role: admin', ' "quoted" ', '\u0000\u007f', '💥', 'a'.repeat(2000)]) {
    const visitor = new Visitor(gateway, { [SESSION_COOKIE]: sealSession({ ...response, user: { ...response.user, email } }) });
    assert.equal((await visitor.fetch('/app/')).status, 200, JSON.stringify(email));
    const received = upstream.last().headers;
    assert.match(received['x-edgeseal-email'], /^[\x20-\x7e]+$/);
    // A header has no white space at its ends, so the gateway may not leave any there plain.
    assert.equal(decodeURIComponent(received['x-edgeseal-email']), email, JSON.stringify(email));
    assert.equal(received['x-edgeseal-role'], 'editor');
  }
});

const SPELLINGS = [
  'X-EDGESEAL-USER-ID', 'x-edgeseal-user-id', 'x_edgeseal_user_id', 'X-Edgeseal_Role', 'x.edgeseal.role', 'x-edgeseal-anything-else', 'X_EDGESEAL-ASSERTION',
  'x-edgeseal-impersonator', 'x~edgeseal~email', "x'edgeseal|role",
];

test('every spelling of an identity header from outside is removed, signed in or not', async () => {
  const headers = Object.fromEntries(SPELLINGS.map((name) => [name, 'admin']));
  await gateway.request('/public/x', { headers });
  assert.deepEqual(identityOf(upstream.last()), {});
  await signedIn(gateway, provider, { person: 'margaret' }).request('/app/', { headers });
  const names = Object.keys(identityOf(upstream.last()));
  assert.deepEqual(names.sort(), ['x-edgeseal-email', 'x-edgeseal-provider', 'x-edgeseal-session-id', 'x-edgeseal-user-id']);
  assert.ok(!JSON.stringify(upstream.last().rawHeaders).includes('admin'));
});

test('an identity header that is sent twice, or named in Connection, is no way around', async () => {
  await gateway.request('/public/x', { headers: ['x-edgeseal-role', 'a', 'X-EDGESEAL-ROLE', 'b', 'connection', 'x-edgeseal-email', 'host', 'x'] });
  assert.deepEqual(identityOf(upstream.last()), {});
  const visitor = signedIn(gateway, provider);
  await visitor.request('/app/', { headers: { connection: 'close, x-edgeseal-user-id, x-edgeseal-role' } });
  assert.equal(upstream.last().headers['x-edgeseal-role'], 'admin', 'ours is not dropped at the visitor\'s wish');
});

test('a public path gets no identity, with or without a session', async () => {
  await signedIn(gateway, provider).request('/public/x');
  assert.deepEqual(identityOf(upstream.last()), {});
});

test('the session cookie, its parts and the flow cookies stay here, other cookies go on', async () => {
  const visitor = signedIn(gateway, provider);
  const own = { 'edgeseal-flow-abcdefgh': 'f', '__Host-edgeseal-flow-abcdefgh': 'f', [`${SESSION_COOKIE}.0`]: '2.x.y', [`${SESSION_COOKIE}.3`]: 'x.y' };
  for (const [name, value] of Object.entries({ first: '1', ...own, theme: 'dark=yes', last: '"a b"', [`x${SESSION_COOKIE}`]: 'z', [`${SESSION_COOKIE}-2`]: 'k' })) visitor.cookies.set(name, value);
  for (const target of ['/app/', '/public/x']) {
    assert.equal((await visitor.request(target)).status, 200, target);
    assert.equal(upstream.last().headers.cookie, `first=1; theme=dark=yes; last="a b"; x${SESSION_COOKIE}=z; ${SESSION_COOKIE}-2=k`, target);
    assert.ok(!JSON.stringify(upstream.last().rawHeaders).includes(visitor.session));
  }
  const alone = signedIn(gateway, provider);
  await alone.request('/app/');
  assert.equal(upstream.last().headers.cookie, undefined);
});

test('no token reaches the upstream', async () => {
  const visitor = signedIn(gateway, provider);
  await visitor.request('/app/');
  const text = JSON.stringify(upstream.last());
  for (const token of [visitor.response.access_token, visitor.response.refresh_token, visitor.session]) assert.ok(!text.includes(token));
});

test('how the request came is what the gateway knows, not what the visitor says', async () => {
  const claims = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'gopher', forwarded: 'host=evil.example', 'x-original-url': '/admin', 'x-rewrite-url': '/admin', x_forwarded_host: 'evil.example' };
  for (const target of ['/app/', '/public/x']) {
    await signedIn(gateway, provider).request(target, { headers: claims });
    const { headers } = upstream.last();
    assert.equal(headers['x-forwarded-host'], new URL(PUBLIC_URL).host);
    assert.equal(headers['x-forwarded-proto'], 'http');
    assert.ok(!JSON.stringify(headers).includes('evil') && !JSON.stringify(headers).includes('/admin'), JSON.stringify(headers));
  }
});
