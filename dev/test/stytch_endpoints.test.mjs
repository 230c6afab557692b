// The endpoints around Stytch sessions: revoke, list, policies, exchange; each in the verticals that have it.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { post } from './support.mjs';
import { VERTICALS, authenticate, call, checkOf, errorOf, partsOf, stytchProvider } from './stytch_support.mjs';

const [CONSUMER, MEMBER] = VERTICALS;

for (const vertical of VERTICALS) {
  const { sessionMember, idMember, prefix } = vertical;
  const revoke = (started, body) => call(started, `${prefix}/sessions/revoke`, body);

  describe(vertical.name, () => {
    test('a session is revoked by id, by token and by JWT, and then known no more', async (context) => {
      const started = await stytchProvider(context, vertical);
      const ways = [
        ({ sessionId }) => ({ [idMember]: sessionId }),
        ({ sessionToken }) => ({ session_token: sessionToken }),
        ({ sessionJwt }) => ({ session_jwt: sessionJwt }),
      ];
      for (const way of ways) {
        const minted = started.mintSession({ lifetimeSeconds: -10 });
        const { status, body } = await revoke(started, way(minted));
        assert.deepEqual([status, Object.keys(body).sort()], [200, ['request_id', 'status_code']]);
        assert.deepEqual(errorOf(await revoke(started, way(minted))), [404, 'session_not_found']);
        for (const named of [{ session_token: minted.sessionToken }, { session_jwt: minted.sessionJwt }]) {
          assert.deepEqual(errorOf(await authenticate(started, vertical, named)), [404, 'session_not_found']);
        }
      }
      assert.deepEqual(errorOf(await revoke(started, {})), [400, 'no_session_arguments']);
      assert.deepEqual(errorOf(await revoke(started, { [idMember]: 'a', session_token: 'b' })), [400, 'too_many_session_revoke_arguments']);
      assert.deepEqual(errorOf(await revoke(started, { [idMember]: '__proto__' })), [404, 'session_not_found']);
    });

    test('the policy is the project\'s, and changes while running', async (context) => {
      const started = await stytchProvider(context, vertical);
      const read = async () => (await call(started, `${prefix}/rbac/policy`)).body.policy;
      const initial = await read();
      assert.deepEqual(Object.keys(initial), ['roles', 'resources', 'scopes']);
      for (const { role_id: id, description, permissions } of initial.roles) assert.ok(id && description && Array.isArray(permissions));

      const { sessionToken, response } = started.mintSession({ person: 'grace' });
      const check = () => authenticate(started, vertical, { session_token: sessionToken, authorization_check: checkOf(vertical, response, 'doors', 'open') });
      assert.deepEqual(errorOf(await check()), [403, vertical.denied]);
      const roles = [{ role_id: 'member', permissions: [{ resource_id: 'doors', actions: ['*'] }] }];
      started.setPolicy({ roles });
      assert.deepEqual((await check()).body.verdict, { authorized: true, granting_roles: ['member'] });
      assert.deepEqual((await read()).roles, [{ description: '', ...roles[0] }]);
      assert.deepEqual((await read()).scopes, initial.scopes, 'what is not named stays');

      const set = await post(`${started.url}/dev/policy`, { roles: initial.roles });
      assert.equal(set.status, 200);
      assert.deepEqual(await read(), initial);
      for (const wrong of [{ rules: [] }, { roles: {} }, { roles: [{ role_id: '' }] }, { scopes: [{ scope: 'a', permissions: [{ actions: [] }] }] }, { organizations: { nowhere: [] } }]) {
        const refused = await post(`${started.url}/dev/policy`, wrong);
        assert.deepEqual([refused.status, (await refused.json()).code], [400, 'invalid_policy'], JSON.stringify(wrong));
        assert.throws(() => started.setPolicy(wrong), { name: 'Mistake' });
      }
      started.setPolicy({ roles: [] });
      started.reset();
      assert.deepEqual(await read(), initial);
    });

    test('roles change over HTTP too, and not what tokens say already', async (context) => {
      const started = await stytchProvider(context, vertical);
      const { sessionJwt } = started.mintSession({ person: 'grace' });
      const response = await post(`${started.url}/dev/roles`, { person: 'grace', roles: ['editor'] });
      assert.deepEqual(await response.json(), { roles: ['editor'] });
      const { body } = await authenticate(started, vertical, { session_jwt: sessionJwt });
      assert.deepEqual(body[sessionMember].roles, ['editor']);
      assert.deepEqual(partsOf(body.session_jwt).claims['https://stytch.com/session'].roles, ['editor']);
      assert.ok(!partsOf(sessionJwt).claims['https://stytch.com/session'].roles.includes('editor'));
      for (const wrong of [{ person: 'nobody', roles: [] }, { person: 'grace', roles: 'editor' }, {}, { person: 'grace', organization: 'globex', roles: [] }]) {
        assert.equal((await post(`${started.url}/dev/roles`, wrong)).status, 400, JSON.stringify(wrong));
      }
    });
  });
}

test('a user\'s live sessions are listed', async (context) => {
  const started = await stytchProvider(context, CONSUMER);
  const [first, second] = [started.mintSession(), started.mintSession({ customClaims: { plan: 'gold' } })];
  started.mintSession({ person: 'grace' });
  const { user_id: userId } = first.response.user;
  const list = () => call(started, `/v1/sessions?user_id=${userId}`);
  assert.deepEqual((await list()).body.sessions, [second.response.session, first.response.session]);
  await call(started, '/v1/sessions/revoke', { session_id: first.sessionId });
  assert.deepEqual((await list()).body.sessions, [second.response.session]);
  assert.deepEqual(errorOf(await call(started, '/v1/sessions')), [400, 'invalid_user_id']);
  assert.deepEqual(errorOf(await call(started, '/v1/sessions?user_id=user-test-unknown')), [404, 'user_not_found']);
});

test('a member\'s live sessions are listed, and revoked together', async (context) => {
  const started = await stytchProvider(context, MEMBER);
  const [first, second] = [started.mintSession(), started.mintSession()];
  const elsewhere = started.mintSession({ organization: 'globex' });
  const { member_id: memberId, organization_id: organizationId } = first.response.member;
  assert.notEqual(elsewhere.response.member.member_id, memberId);
  const list = (query) => call(started, `/v1/b2b/sessions?${new URLSearchParams(query)}`);
  const asked = { organization_id: organizationId, member_id: memberId };
  assert.deepEqual((await list(asked)).body.member_sessions, [second.response.member_session, first.response.member_session]);
  assert.equal((await call(started, '/v1/b2b/sessions/revoke', { member_id: memberId })).status, 200);
  assert.deepEqual((await list(asked)).body.member_sessions, []);
  assert.equal((await authenticate(started, MEMBER, { session_token: elsewhere.sessionToken })).status, 200);
  assert.deepEqual(errorOf(await list({ member_id: memberId })), [400, 'invalid_organization_id']);
  assert.deepEqual(errorOf(await list({ organization_id: 'organization-test-unknown', member_id: memberId })), [404, 'organization_not_found']);
  assert.deepEqual(errorOf(await list({ organization_id: elsewhere.response.organization.organization_id, member_id: memberId })), [404, 'member_not_found']);
  assert.deepEqual(errorOf(await call(started, '/v1/b2b/sessions/revoke', { member_id: 'member-test-unknown' })), [404, 'member_not_found']);
});

test('an organization adds roles of its own, unless the beta is off', async (context) => {
  const started = await stytchProvider(context, MEMBER);
  const { sessionToken, response } = started.mintSession({ person: 'katherine' });
  const { organization_id: organizationId } = response.organization;
  const read = (id) => call(started, `/v1/b2b/rbac/organizations/${id}`);
  const { org_policy: policy } = (await read(organizationId)).body;
  assert.deepEqual(policy.roles.map(({ role_id: id }) => id), ['auditor']);
  const check = checkOf(MEMBER, response, 'ledger', 'read');
  const { body } = await authenticate(started, MEMBER, { session_token: sessionToken, authorization_check: check });
  assert.deepEqual(body.verdict, { authorized: true, granting_roles: ['auditor'] });

  const globex = started.mintSession({ person: 'alan' });
  started.setRoles({ person: 'alan', roles: ['auditor'] });
  const there = checkOf(MEMBER, globex.response, 'ledger', 'read');
  const foreign = { session_token: globex.sessionToken, authorization_check: there };
  assert.deepEqual(errorOf(await authenticate(started, MEMBER, foreign)), [403, 'session_authorization_error'], 'Acme\'s role is nothing at Globex');
  const other = { session_token: globex.sessionToken, authorization_check: check };
  assert.deepEqual(errorOf(await authenticate(started, MEMBER, other)), [403, 'session_authorization_tenancy_error']);

  assert.deepEqual((await read(globex.response.organization.organization_id)).body.org_policy, { roles: [] });
  assert.deepEqual(errorOf(await read('organization-test-unknown')), [404, 'organization_not_found']);
  assert.deepEqual(errorOf(await read('%zz')), [404, 'organization_not_found']);
  assert.deepEqual(errorOf(await call({ ...started, secret: 'x' }, `/v1/b2b/rbac/organizations/${organizationId}`)), [401, 'unauthorized_credentials']);
  started.knobs.set({ organizationPoliciesOff: true });
  assert.deepEqual(errorOf(await read(organizationId)), [403, 'unauthorized_action']);
});

test('a member session is exchanged for one in another organization', async (context) => {
  const started = await stytchProvider(context, MEMBER);
  const { sessionId, sessionJwt, response } = started.mintSession({ customClaims: { plan: 'gold' } });
  const target = started.mintSession({ organization: 'globex' }).response;
  const exchange = (body) => call(started, '/v1/b2b/sessions/exchange', { session_jwt: sessionJwt, ...body });
  const { status, body } = await exchange({ organization_id: target.organization.organization_id, session_duration_minutes: 10 });
  assert.equal(status, 200);
  assert.equal(body.member_id, target.member.member_id);
  assert.equal(body.member_authenticated, true);
  assert.notEqual(body.member_session.member_session_id, sessionId);
  assert.equal(Date.parse(body.member_session.expires_at) - Date.parse(body.member_session.started_at), 600_000);
  assert.equal(body.member_session.custom_claims, undefined);
  assert.equal(partsOf(body.session_jwt).claims['https://stytch.com/organization'].slug, 'globex');
  assert.deepEqual(partsOf(body.session_jwt).claims['https://stytch.com/session'].roles, ['stytch_member', 'member']);
  for (const token of [body.session_token, response.session_token]) {
    assert.equal((await authenticate(started, MEMBER, { session_token: token })).status, 200);
  }
  assert.deepEqual(errorOf(await exchange({})), [400, 'invalid_organization_id']);
  assert.deepEqual(errorOf(await exchange({ organization_id: 'organization-test-unknown' })), [404, 'organization_not_found']);
  assert.deepEqual(errorOf(await exchange({ organization_id: 'lodz' })), [404, 'member_not_found']);
});

test('the endpoints of the other vertical, and of WorkOS, are not there', async (context) => {
  const started = await stytchProvider(context, CONSUMER);
  const member = await stytchProvider(context, MEMBER);
  assert.deepEqual(errorOf(await call(started, '/v1/b2b/sessions/authenticate', {})), [404, 'route_not_found']);
  assert.deepEqual(errorOf(await call(member, '/v1/sessions/authenticate', {})), [404, 'route_not_found']);
  assert.deepEqual(errorOf(await call(started, '/user_management/authenticate', {})), [404, 'route_not_found']);
  assert.deepEqual(errorOf(await call(started, '/v1/sessions/authenticate')), [405, 'method_not_allowed']);
});
