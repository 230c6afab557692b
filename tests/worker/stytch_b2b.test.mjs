// PROVIDER=stytch-b2b: members, their organization, and the exchange of a session for one in another organization.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';

import { startProvider } from '../../dev/src/provider.mjs';
import { startGateway } from './support/gateway.mjs';
import { JWT, StytchVisitor, TOKEN, asked, claimsOf, linesOf, stytchExpired, stytchSignedIn } from './support/stytch.mjs';
import { startUpstream } from './support/upstream.mjs';

const provider = await startProvider({ provider: 'stytch-b2b' });
const upstream = await startUpstream();
const gateway = await startGateway(provider, { settings: { UPSTREAM_URL: upstream.url } });
after(async () => {
  await gateway.close();
  await upstream.close();
  await provider.close();
});
beforeEach(() => {
  provider.reset();
  upstream.clear();
});

const organizationOf = (jwt) => claimsOf(jwt)['https://stytch.com/organization'].organization_id;
const globex = organizationOf(provider.mintSession({ person: 'ada', organization: 'globex' }).sessionJwt);
const switchTo = (visitor, organizationId) =>
  visitor.fetch('/auth/switch', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ organizationId }) });

test('a member is known with organization and roles, to scripts and to the site', async () => {
  const visitor = new StytchVisitor(gateway);
  await visitor.signIn({ choice: 'ada-acme', query: `&organization_id=acme` });
  const claims = claimsOf(visitor.jwt);
  const { provider: name, user, organizationId, roles, sessionId } = (await visitor.fetch('/auth/session')).json();
  assert.deepEqual([name, user, organizationId], ['stytch-b2b', { id: claims.sub, email: 'ada@example.com' }, organizationOf(visitor.jwt)]);
  assert.deepEqual(roles, ['stytch_member', 'stytch_admin', 'admin']);
  assert.match(sessionId, /^member-session-/);
  await visitor.open('/app/');
  const { headers } = upstream.last();
  assert.equal(headers['x-edgeseal-provider'], 'stytch-b2b');
  assert.equal(headers['x-edgeseal-organization-id'], organizationId);
  assert.equal(headers['x-edgeseal-roles'], roles.join(','));
});

test('an expired member JWT is renewed', async () => {
  const visitor = stytchExpired(gateway, provider, { person: 'ada', organization: 'acme' });
  const answer = await visitor.fetch('/auth/session');
  assert.deepEqual([answer.status, answer.json().sessionId], [200, visitor.sessionId]);
  assert.deepEqual(Object.keys(linesOf(answer)).sort(), [TOKEN, JWT]);
});

for (const [kind, options] of [['good', {}], ['expired', { lifetimeSeconds: -60 }]]) {
  test(`a switch exchanges the session, with a ${kind} JWT`, async () => {
    const visitor = stytchSignedIn(gateway, provider, { person: 'ada', organization: 'acme', ...options });
    const answer = await switchTo(visitor, globex);
    assert.equal(answer.status, 200, answer.body);
    const { organizationId, sessionId, roles } = answer.json();
    assert.equal(organizationId, globex);
    assert.notEqual(sessionId, visitor.sessionId, 'a session of its own');
    assert.deepEqual(roles, ['stytch_member', 'member']);
    assert.deepEqual(asked(provider), ['exchange exchanged']);
    assert.equal(organizationOf(visitor.jwt), globex);
    assert.equal((await visitor.fetch('/auth/session')).json().organizationId, globex);
  });
}

test('with the opaque token alone a switch works too', async () => {
  const { sessionToken } = provider.mintSession({ person: 'ada', organization: 'acme' });
  assert.equal((await switchTo(new StytchVisitor(gateway, { [TOKEN]: sessionToken }), globex)).json().organizationId, globex);
});

test('an organization that the person is not of, or that there is not, refuses the switch and not the session', async () => {
  const visitor = stytchSignedIn(gateway, provider, { person: 'katherine', organization: 'acme' });
  for (const organizationId of [globex, 'organization-test-nobody', '../acme']) {
    const answer = await switchTo(visitor, organizationId);
    assert.deepEqual([answer.status, answer.json().detail, answer.setCookies], [403, 'organization_refused', []], organizationId);
  }
  assert.equal((await switchTo(visitor, '')).status, 400);
  assert.equal((await visitor.fetch('/auth/session')).json().sessionId, visitor.sessionId);
});

test('a session that is over ends with the switch, an outage does not end it, and garbage asks nobody', async () => {
  const visitor = stytchSignedIn(gateway, provider, { person: 'ada', organization: 'acme' });
  provider.knobs.set({ fail: { status: 500, endpoints: ['exchange'] } });
  const down = await switchTo(visitor, globex);
  assert.deepEqual([down.status, down.json().detail, down.setCookies], [503, 'provider_unavailable', []]);
  provider.knobs.set({ fail: { errorType: 'session_not_found', endpoints: ['exchange'] } });
  const over = await switchTo(visitor, globex);
  assert.deepEqual([over.status, over.json().detail, visitor.jwt], [401, 'session_not_found', undefined]);
  provider.clearRequests();
  assert.equal((await switchTo(new StytchVisitor(gateway, { [JWT]: 'garbage' }), globex)).json().detail, 'token_malformed');
  assert.equal((await switchTo(new StytchVisitor(gateway), globex)).json().detail, 'cookie_missing');
  assert.deepEqual(asked(provider), []);
});

test('a consumer\'s JWT of the same keys is no member\'s', async () => {
  const consumers = await startProvider({ provider: 'stytch' });
  const { sessionJwt } = consumers.mintSession();
  await consumers.close();
  const answer = await new StytchVisitor(gateway, { [JWT]: sessionJwt }).fetch('/auth/session');
  assert.equal(answer.status, 401);
});

test('signing out ends the member\'s session', async () => {
  const visitor = stytchSignedIn(gateway, provider, { person: 'ada', organization: 'acme' });
  await visitor.fetch('/auth/logout', { method: 'POST' });
  assert.ok(asked(provider).includes('revoke revoked'));
  assert.equal((await new StytchVisitor(gateway, { [TOKEN]: visitor.sessionToken }).fetch('/auth/session')).json().detail, 'session_not_found');
});
