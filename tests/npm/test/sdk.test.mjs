// Sessions against five versions of the WorkOS SDK: each reads the cookies of the other.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { sealData, unsealData, verifyJwt } from './support/edgeseal.mjs';
import { CLIENT_ID, PASSWORD, claimsOf, startProvider } from './support/provider.mjs';
import { Random, SESSIONS } from './support/random.mjs';

const VERSIONS = { 7: 'workos-7', 8: 'workos-8', 9: 'workos-9', 10: 'workos-10', 11: 'workos-11' };

let provider;
before(async () => (provider = await startProvider()));
after(() => provider.close());

for (const [version, name] of Object.entries(VERSIONS)) {
  describe(`@workos-inc/node ${version}`, () => {
    let userManagement;
    before(async () => {
      const { WorkOS } = await import(name);
      ({ userManagement } = new WorkOS('sk_test', provider.options));
    });

    test(`authenticates ${SESSIONS} cookies of ours`, async () => {
      const random = new Random(`ours to ${name}`);
      for (let index = 0; index < SESSIONS; index += 1) {
        const claims = claimsOf(random);
        const session = {
          organizationId: claims.org_id,
          user: random.user(),
          accessToken: await provider.mint(claims),
          refreshToken: `rt_${index}`,
          authenticationMethod: 'Password',
          impersonator: random.pick([undefined, { email: 'admin@example.com', reason: random.text(20) }]),
        };
        const sessionData = await sealData(session, { password: PASSWORD, ttl: 0 });
        const result = await userManagement.loadSealedSession({ sessionData, cookiePassword: PASSWORD }).authenticate();
        assert.equal(result.authenticated, true, JSON.stringify(result));
        assert.equal(result.sessionId, claims.sid);
        assert.equal(result.organizationId, claims.org_id);
        assert.deepEqual(result.permissions, claims.permissions);
        assert.deepEqual(result.user, session.user);
        assert.deepEqual(result.impersonator, session.impersonator);
      }
    });

    for (const grant of ['refresh token', 'code']) {
      const count = SESSIONS / 2;
      test(`seals ${count} sessions of a ${grant} that open and verify here`, async () => {
        const random = new Random(`${name} to ours by ${grant}`);
        for (let index = 0; index < count; index += 1) {
          const claims = claimsOf(random);
          const answer = {
            user: random.user(),
            organization_id: claims.org_id,
            access_token: await provider.mint(claims),
            refresh_token: `next_${index}`,
            authentication_method: 'Password',
          };
          provider.answer(`grant_${index}`, answer);
          const { sealedSession, user } = await exchange(userManagement, grant, `grant_${index}`);
          const opened = await unsealData(sealedSession, { password: PASSWORD });
          assert.equal(opened.accessToken, answer.access_token);
          assert.equal(opened.refreshToken, answer.refresh_token);
          assert.equal(opened.user.firstName, answer.user.first_name);
          assert.deepEqual(opened.user, JSON.parse(JSON.stringify(user)));
          const verified = verifyJwt(opened.accessToken, { keys: provider.jwks, issuer: claims.iss });
          assert.equal(verified.valid, true, verified.detail);
          assert.equal(verified.claims.sid, claims.sid);
          assert.deepEqual(verified.claims.permissions, claims.permissions);
        }
      });
    }

    test('refuses what we sealed with another password or tampered with, as we do', async () => {
      const session = { user: { id: 'user_1' }, accessToken: await provider.mint(claimsOf(new Random('x'))) };
      const sealed = await sealData(session, { password: PASSWORD, ttl: 0 });
      const middle = Math.floor(sealed.length / 2);
      const tampered = `${sealed.slice(0, middle)}${sealed[middle] === 'A' ? 'B' : 'A'}${sealed.slice(middle + 1)}`;
      const foreign = await sealData(session, { password: 'another password of at least 32 characters', ttl: 0 });
      for (const sessionData of [tampered, foreign, 'garbage']) {
        const result = await userManagement.loadSealedSession({ sessionData, cookiePassword: PASSWORD }).authenticate();
        assert.deepEqual(result, { authenticated: false, reason: 'invalid_session_cookie' });
        assert.deepEqual(await unsealData(sessionData, { password: PASSWORD }), {});
      }
    });
  });
}

function exchange(userManagement, grant, value) {
  const options = { clientId: CLIENT_ID, session: { sealSession: true, cookiePassword: PASSWORD } };
  return grant === 'code'
    ? userManagement.authenticateWithCode({ ...options, code: value })
    : userManagement.authenticateWithRefreshToken({ ...options, refreshToken: value });
}
