// Tokens for machines and their introspection: OAuth's forms and errors, and classes of tokens that stay apart.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { VERTICALS, callOauth, partsOf, stytchProvider } from './stytch_support.mjs';

const [CONSUMER, MEMBER] = VERTICALS;

const credentials = ({ clientId, clientSecret }) => ({ client_id: clientId, client_secret: clientSecret });

test('a machine gets a token of an hour for scopes that it may have', async (context) => {
  const started = await stytchProvider(context, CONSUMER, { now: () => Date.UTC(2026, 0, 1) });
  const ask = (fields) => callOauth(started, 'token', { grant_type: 'client_credentials', ...credentials(started.m2mClient), ...fields });
  const { status, body } = await ask({});
  assert.deepEqual([status, body.token_type, body.expires_in], [200, 'bearer', 3600]);
  const { header, claims } = partsOf(body.access_token);
  assert.equal(header.typ, 'JWT');
  const issuedAt = Date.UTC(2026, 0, 1) / 1000;
  assert.deepEqual(claims, {
    aud: [started.projectId], iss: started.issuer, sub: started.m2mClient.clientId, scope: 'read:posts write:posts',
    iat: issuedAt, nbf: issuedAt, exp: issuedAt + 3600,
  });
  assert.equal(partsOf((await ask({ scope: 'read:posts' })).body.access_token).claims.scope, 'read:posts');

  const error = async (fields) => {
    const refused = await ask(fields);
    assert.equal(typeof refused.body.error_description, 'string');
    return [refused.status, refused.body.error];
  };
  assert.deepEqual(await error({ scope: 'read:posts delete:posts' }), [400, 'invalid_scope']);
  assert.deepEqual(await error({ client_secret: 'wrong' }), [401, 'invalid_client']);
  assert.deepEqual(await error({ client_id: 'wrong' }), [401, 'invalid_client']);
  assert.deepEqual(await error({ grant_type: 'password' }), [400, 'unsupported_grant_type']);
  assert.deepEqual(await error({ grant_type: '__proto__' }), [400, 'unsupported_grant_type']);
  const elsewhere = await callOauth({ ...started, projectId: 'project-test-other' }, 'token', {});
  assert.deepEqual([elsewhere.status, elsewhere.body.error_type], [404, 'project_not_found']);
});

test('introspection tells of the asking client\'s own live access tokens, and of nothing else', async (context) => {
  let now = Date.UTC(2026, 0, 1);
  const started = await stytchProvider(context, MEMBER, { now: () => now });
  const ask = (token, client = started.connectedApp) => callOauth(started, 'introspect', { token, ...credentials(client) });
  const token = started.mintAccessToken({ person: 'grace', customClaims: { plan: 'gold' } });
  const { status, body } = await ask(token);
  assert.equal(status, 200);
  const { request_id: requestId, ...told } = body;
  assert.match(requestId, /^request-id-test-/);
  assert.match(partsOf(token).claims.jti, /^access-token-test-/);
  const { response } = started.mintSession({ person: 'grace' });
  assert.deepEqual(told, {
    active: true, status_code: 200, token_type: 'access_token', client_id: started.connectedApp.clientId,
    sub: response.member.member_id, scope: 'openid profile read:posts', plan: 'gold',
    aud: [started.projectId], iss: started.issuer, iat: now / 1000, nbf: now / 1000, exp: now / 1000 + 3600,
    'https://stytch.com/organization': { organization_id: response.organization.organization_id, slug: 'acme' },
  });
  const machine = started.mintM2mToken({ scopes: ['read:posts'] });
  assert.equal((await ask(machine, started.m2mClient)).body.active, true);

  const inactive = async (...asked) => {
    const { request_id: _, ...said } = (await ask(...asked)).body;
    assert.deepEqual(said, { active: false, status_code: 200 });
  };
  await inactive(machine);
  await inactive(started.mintSession().sessionJwt);
  await inactive(started.mintSession({ customClaims: { client_id: started.connectedApp.clientId } }).sessionJwt);
  await inactive('garbage');
  await inactive(started.mintAccessToken({ lifetimeSeconds: 0 }));
  now += 3600_000;
  await inactive(token);
  assert.deepEqual((await ask(token, { clientId: 'x', clientSecret: 'y' })).status, 401);
  assert.equal((await callOauth(started, 'introspect', credentials(started.connectedApp))).body.error, 'invalid_request');
});
