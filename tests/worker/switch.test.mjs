// Switching the organization: allowed, refused without harm, and never by another site.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';

import { startProvider } from '../../dev/src/provider.mjs';
import { startGateway } from './support/gateway.mjs';
import { expired, openWithSdk, requestsTo, signedIn, untilServed } from './support/sessions.mjs';

const ACME = 'org_01ACME0000000000000000000';
const GLOBEX = 'org_01GLOBEX00000000000000000';

const provider = await startProvider();
const gateway = await startGateway(provider);
after(async () => {
  await gateway.close();
  await provider.close();
});
beforeEach(() => provider.reset());

const change = (visitor, organizationId, options = {}) =>
  visitor.fetch('/auth/switch', { method: 'POST', body: JSON.stringify({ organizationId }), ...options });

test('a member switches: role and permissions are those of the other organization', async () => {
  const visitor = signedIn(gateway, provider, { person: 'ada', organization: 'acme' });
  const answer = await change(visitor, GLOBEX);
  assert.equal(answer.status, 200);
  const { organizationId, role, permissions, sessionId } = answer.json();
  assert.deepEqual([organizationId, role, permissions, sessionId], [GLOBEX, 'member', ['posts:read'], visitor.sessionId]);
  assert.equal((await visitor.fetch('/auth/session')).json().organizationId, GLOBEX);
  assert.equal((await openWithSdk(provider, visitor.session)).organizationId, GLOBEX);
});

test('the organization can come as a form as well', async () => {
  const visitor = signedIn(gateway, provider, { person: 'ada', organization: 'acme' });
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await visitor.fetch('/auth/switch', { method: 'POST', headers, body: `organizationId=${GLOBEX}` });
  assert.equal(answer.json().organizationId, GLOBEX);
});

test('a refresh after the switch stays in the new organization', async () => {
  const visitor = signedIn(gateway, provider, { person: 'ada', organization: 'acme' });
  await change(visitor, GLOBEX);
  assert.equal((await visitor.fetch('/auth/refresh', { method: 'POST' })).json().organizationId, GLOBEX);
  await change(visitor, ACME);
  assert.equal((await visitor.fetch('/auth/refresh', { method: 'POST' })).json().organizationId, ACME);
});

test('who is no member is refused with 403, and the session stands', async () => {
  const visitor = signedIn(gateway, provider, { person: 'grace' });
  const before = visitor.session;
  const answer = await change(visitor, GLOBEX);
  assert.equal(answer.status, 403);
  const { authenticated, reason, detail, retryable } = answer.json();
  assert.deepEqual([authenticated, reason, detail, retryable], [false, 'sso_required', 'organization_refused', false]);
  assert.deepEqual([answer.setCookies, visitor.session], [[], before]);
  assert.equal((await visitor.fetch('/auth/session')).json().organizationId, ACME);
  assert.equal((await visitor.fetch('/auth/refresh', { method: 'POST' })).status, 200, 'the refresh token is still good');
});

test('an expired session switches as well', async () => {
  const visitor = expired(gateway, provider, { person: 'ada', organization: 'acme' });
  assert.equal((await change(visitor, GLOBEX)).json().organizationId, GLOBEX);
});

test('without an organization, or with a body that is none, nothing is asked of the provider', async () => {
  const visitor = signedIn(gateway, provider);
  for (const body of ['', '{}', '[]', '{"organizationId":""}', '{"organizationId":7}', '{"organizationId":["x"]}', 'null', 'x', '{', '\u0000', Buffer.from([0xff, 0xfe]), 'organizationId=', `{"organizationId":"${'x'.repeat(9000)}"}`]) {
    const answer = await visitor.fetch('/auth/switch', { method: 'POST', body });
    assert.deepEqual([answer.status, answer.json().detail], [400, 'organization_missing'], String(body).slice(0, 40));
  }
  assert.deepEqual(requestsTo(provider, 'authenticate'), []);
  assert.equal((await visitor.fetch('/auth/session')).status, 200);
});

test('an organization of odd characters reaches the provider as data, and is refused there', async () => {
  const visitor = signedIn(gateway, provider);
  for (const organizationId of ['org_"},{"x":"', '../../x', 'é\n\r', 'a&b=c', 'null']) {
    const answer = await change(visitor, organizationId);
    assert.deepEqual([answer.status, answer.json().detail], [403, 'organization_refused'], organizationId);
  }
  assert.equal((await visitor.fetch('/auth/session')).status, 200);
});

test('another site cannot switch', async () => {
  const visitor = signedIn(gateway, provider, { person: 'ada', organization: 'acme' });
  for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { 'sec-fetch-site': 'none' }]) {
    const answer = await change(visitor, GLOBEX, { headers });
    assert.deepEqual([answer.status, answer.json().detail], [403, 'cross_site']);
  }
  assert.equal((await visitor.fetch('/auth/session')).json().organizationId, ACME);
});

test('a switch without a session is 401, with a revoked one it ends the cookie', async () => {
  const nobody = signedIn(gateway, provider);
  nobody.cookies.clear();
  assert.equal((await change(nobody, GLOBEX)).json().detail, 'cookie_missing');

  const visitor = signedIn(gateway, provider, { person: 'ada' });
  await fetch(`${provider.url}/dev/end-session`, { method: 'POST', body: JSON.stringify({ sessionId: visitor.sessionId }) });
  const answer = await change(visitor, GLOBEX);
  assert.deepEqual([answer.status, answer.json().reason], [401, 'invalid_grant']);
  assert.equal(visitor.session, undefined);
});

test('a switch while the provider is down is retryable, and changes nothing', async () => {
  const visitor = signedIn(gateway, provider, { person: 'ada', organization: 'acme' });
  await visitor.fetch('/auth/session');
  for (const knob of [{ down: { endpoints: ['authenticate'], times: 2 } }, { fail: { status: 500, endpoints: ['authenticate'], times: 2 } }]) {
    provider.knobs.set(knob);
    const answer = await change(visitor, GLOBEX);
    assert.deepEqual([answer.status, answer.json().retryable, answer.setCookies], [503, true, []]);
    assert.equal((await visitor.fetch('/auth/session')).json().organizationId, ACME);
  }
  assert.equal((await untilServed(() => change(visitor, GLOBEX))).json().organizationId, GLOBEX);
});
