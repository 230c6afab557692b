// Stytch sessions: authenticate by token and by JWT, prolong, carry claims, be checked, end; in both verticals.

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, test } from 'node:test';

import { VERTICALS, authenticate, call, checkOf, errorOf, keySet, partsOf, stytchProvider } from './stytch_support.mjs';

const START = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;

for (const vertical of VERTICALS) {
  const { sessionMember, idMember, prefix } = vertical;

  describe(vertical.name, () => {
    test('a session is authenticated by token, by JWT, and by a JWT that has expired', async (context) => {
      let now = START;
      const started = await stytchProvider(context, vertical, { now: () => now });
      const { sessionId, sessionToken, sessionJwt } = started.mintSession({ person: 'grace', lifetimeSeconds: 5 });
      now += MINUTE;
      for (const named of [{ session_token: sessionToken }, { session_jwt: sessionJwt }]) {
        const { status, body } = await authenticate(started, vertical, named);
        assert.equal(status, 200);
        assert.equal(body.status_code, 200);
        assert.match(body.request_id, /^request-id-test-/);
        assert.equal(body[sessionMember][idMember], sessionId);
        assert.equal(body.session_token, sessionToken);
        assert.notEqual(body.session_jwt, sessionJwt);
        assert.equal(body[sessionMember].last_accessed_at, '2026-01-01T00:01:00.000673Z');
        assert.equal(body[sessionMember].expires_at, '2026-01-01T01:00:00.000673Z', 'not prolonged');
        assert.equal(body.verdict, undefined);
      }
    });

    test('the token is 44 characters, and the JWT has the shape of Stytch', async (context) => {
      const started = await stytchProvider(context, vertical, { now: () => START });
      const { sessionId, sessionToken, sessionJwt, response } = started.mintSession({ customClaims: { plan: 'gold' } });
      assert.match(sessionToken, /^[\w-]{44}$/);
      const { header, claims } = partsOf(sessionJwt);
      assert.match(header.kid, /^jwk-test-[0-9a-f-]{36}$/);
      assert.deepEqual(header, { alg: 'RS256', kid: header.kid, typ: 'JWT' });
      const { 'https://stytch.com/session': session, 'https://stytch.com/organization': organization, ...standard } = claims;
      const issuedAt = START / 1000;
      assert.deepEqual(standard, {
        aud: [started.projectId], iss: `stytch.com/${started.projectId}`, sub: standard.sub,
        iat: issuedAt, nbf: issuedAt, exp: issuedAt + 300, plan: 'gold',
      });
      assert.equal(session.id, sessionId);
      assert.equal(session.expires_at, '2026-01-01T01:00:00.000673Z');
      assert.equal(session.authentication_factors[0].email_factor.email_address, 'ada@example.com');
      if (vertical.name === 'stytch') {
        assert.equal(standard.sub, response.user.user_id);
        assert.deepEqual(session.roles, ['stytch_user', 'admin']);
        assert.deepEqual(session.attributes, { ip_address: '', user_agent: '' });
        assert.equal(organization, undefined);
      } else {
        assert.equal(standard.sub, response.member.member_id);
        assert.deepEqual(session.roles, ['stytch_member', 'stytch_admin', 'admin']);
        assert.equal(session.attributes, undefined);
        assert.deepEqual(organization, { organization_id: response.organization.organization_id, slug: 'acme' });
      }
    });

    test('session_duration_minutes prolongs, from 5 to 527040', async (context) => {
      let now = START;
      const started = await stytchProvider(context, vertical, { now: () => now });
      const { sessionToken } = started.mintSession({ durationMinutes: 5 });
      for (const minutes of [4, 527_041, 5.5, '60', true, -5]) {
        const answer = await authenticate(started, vertical, { session_token: sessionToken, session_duration_minutes: minutes });
        assert.deepEqual(errorOf(answer), [400, 'invalid_session_duration_minutes'], String(minutes));
      }
      for (const minutes of [5, 527_040]) {
        const { body } = await authenticate(started, vertical, { session_token: sessionToken, session_duration_minutes: minutes });
        assert.equal(Date.parse(body[sessionMember].expires_at), now + minutes * MINUTE);
      }
      now += 527_040 * MINUTE;
      assert.deepEqual(errorOf(await authenticate(started, vertical, { session_token: sessionToken })), [404, 'session_not_found']);
    });

    test('custom claims are merged, null deletes, reserved names are ignored, 4 KB is the end', async (context) => {
      const started = await stytchProvider(context, vertical);
      const { sessionToken } = started.mintSession();
      const claims = async (changes) => {
        const answer = await authenticate(started, vertical, { session_token: sessionToken, session_custom_claims: changes });
        return answer.status === 200 ? answer.body[sessionMember].custom_claims : errorOf(answer);
      };
      assert.deepEqual(await claims({ a: 1, b: { c: null } }), { a: 1, b: { c: null } });
      assert.deepEqual(await claims({ a: null, d: 'x' }), { b: { c: null }, d: 'x' });
      assert.deepEqual(await claims({ sub: 'evil', exp: 1, 'https://stytch.com/session': {}, 'https://stytch.com/organization': {} }), { b: { c: null }, d: 'x' });
      assert.deepEqual(await claims({ big: 'x'.repeat(4100) }), [400, 'custom_claims_too_large']);
      assert.deepEqual(await claims({ b: null, d: null, big: 'x'.repeat(4096 - '{"big":""}'.length) }).then(Object.keys), ['big']);
      assert.deepEqual(await claims({ big: null }), undefined);
      assert.deepEqual(await claims('no'), [400, 'invalid_request_value']);
      assert.deepEqual(await claims([]), [400, 'invalid_request_value']);
    });

    test('an authorization check answers with the verdict, or 403', async (context) => {
      const started = await stytchProvider(context, vertical);
      const { sessionToken, response } = started.mintSession({ person: 'grace' });
      const check = (resource, action) =>
        authenticate(started, vertical, { session_token: sessionToken, authorization_check: checkOf(vertical, response, resource, action) });
      assert.deepEqual((await check('posts', 'read')).body.verdict, { authorized: true, granting_roles: ['member'] });
      assert.deepEqual(errorOf(await check('posts', 'write')), [403, vertical.denied]);
      assert.deepEqual(errorOf(await check('nothing', 'read')), [403, vertical.denied]);
      started.setRoles({ person: 'grace', roles: ['member', 'editor'] });
      assert.deepEqual((await check('posts', 'read')).body.verdict.granting_roles, ['editor', 'member']);
      assert.deepEqual((await check('posts', 'write')).body[sessionMember].roles, ['member', 'editor']);
      const half = await authenticate(started, vertical, { session_token: sessionToken, authorization_check: { resource_id: 'posts' } });
      assert.deepEqual(errorOf(half), [400, 'invalid_request_value']);
    });

    test('exactly one way to name the session', async (context) => {
      const started = await stytchProvider(context, vertical);
      const { sessionToken, sessionJwt } = started.mintSession();
      const error = async (body) => errorOf(await authenticate(started, vertical, body));
      assert.deepEqual(await error({ session_token: sessionToken, session_jwt: sessionJwt }), [400, 'too_many_session_arguments']);
      assert.deepEqual(await error({}), [400, 'no_session_arguments']);
      assert.deepEqual(await error({ session_token: '', session_jwt: null }), [400, 'no_session_arguments']);
      assert.deepEqual(await error({ session_token: 7 }), [400, 'invalid_request_value']);
      assert.deepEqual(await error({ session_token: 'x'.repeat(9000) }), [400, 'invalid_session_token']);
      assert.deepEqual(await error({ session_token: 'unknown' }), [404, 'session_not_found']);
      assert.deepEqual(await error({ session_jwt: 'no.jwt' }), [400, 'unable_to_parse_session_jwt']);
      assert.deepEqual(await error('{'), [400, 'bad_request']);
    });

    test('a JWT must be ours, and of a session', async (context) => {
      const started = await stytchProvider(context, vertical);
      const other = await stytchProvider(context, vertical);
      const elsewhere = await stytchProvider(context, vertical, { projectId: 'project-test-other' });
      const { sessionJwt } = started.mintSession();
      const [header, , signature] = sessionJwt.split('.');
      const forged = `${header}.${Buffer.from(JSON.stringify({ ...partsOf(sessionJwt).claims, plan: 'gold' })).toString('base64url')}.${signature}`;
      const error = async (jwt) => errorOf(await authenticate(started, vertical, { session_jwt: jwt }));
      assert.deepEqual(await error(forged), [404, 'session_not_found']);
      assert.deepEqual(await error(other.mintSession().sessionJwt), [404, 'session_not_found']);
      assert.deepEqual(await error(elsewhere.mintSession().sessionJwt), [404, 'session_not_found']);
      assert.deepEqual(await error(started.mintM2mToken()), [400, 'jwt_invalid_claims']);
      assert.deepEqual(await error(started.mintAccessToken()), [400, 'jwt_invalid_claims']);
    });

    test('only the project with its secret may ask', async (context) => {
      const started = await stytchProvider(context, vertical, { secret: 'secret-test-other' });
      const { sessionToken } = started.mintSession();
      const wrong = [{ secret: 'wrong' }, { projectId: 'project-test-wrong' }];
      for (const credentials of wrong) {
        for (const [path, body] of [['/sessions/authenticate', { session_token: sessionToken }], ['/sessions/revoke', { session_token: sessionToken }], ['/sessions'], ['/rbac/policy']]) {
          const answer = await call({ ...started, ...credentials }, `${prefix}${path}`, body);
          assert.deepEqual(errorOf(answer), [401, 'unauthorized_credentials'], path);
        }
      }
      assert.deepEqual(errorOf(await call(started, `${prefix}/sessions/authenticate`, {}, { authorization: '' })), [401, 'unauthorized_credentials']);
      const { status, body } = await authenticate(started, vertical, { session_token: sessionToken });
      assert.equal(status, 200, JSON.stringify(body));
    });

    test('the key set is public, cacheable, and in the form of Stytch', async (context) => {
      const started = await stytchProvider(context, vertical);
      const path = `${prefix}/sessions/jwks/${started.projectId}`;
      const { headers, body } = await call(started, path, undefined, { authorization: '' });
      assert.equal(headers.get('cache-control'), 'public, max-age=900');
      assert.deepEqual(Object.keys(body).sort(), ['keys', 'request_id', 'status_code']);
      const [{ kid, n, x5c, x5tS256: thumbprint, ...members }] = body.keys;
      assert.match(kid, /^jwk-test-/);
      assert.equal(Buffer.from(n, 'base64url').length, 256);
      const certificate = new X509Certificate(Buffer.from(x5c[0], 'base64'));
      assert.equal(certificate.publicKey.export({ format: 'jwk' }).n, n);
      assert.ok(certificate.verify(certificate.publicKey));
      assert.equal(thumbprint, Buffer.from(certificate.fingerprint256.replaceAll(':', ''), 'hex').toString('base64'));
      assert.deepEqual(members, { kty: 'RSA', e: 'AQAB', use: 'sig', key_ops: ['verify'], alg: 'RS256' });
      assert.deepEqual(errorOf(await call(started, `${prefix}/sessions/jwks/project-test-other`)), [404, 'project_not_found']);
      assert.equal((await keySet(started, vertical)).keys.length, 1);
    });
  });
}
