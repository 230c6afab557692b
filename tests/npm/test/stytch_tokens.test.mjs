// Tokens that no provider would make, before `stytch` 14 and before edgeseal: what is believed, to the second and to the claim. Nothing
// that the SDK refuses is accepted; where edgeseal refuses more, the case says so, and docs/conformance.md why.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { generateKeyPair } from 'jose';

import { sign } from './support/provider.mjs';
import { startScripted } from './support/stytch.mjs';

let stytch;
let foreignKey;
before(async () => {
  stytch = await startScripted();
  foreignKey = (await generateKeyPair('RS256')).privateKey;
});
after(() => stytch.close());

const NOW = Math.floor(Date.now() / 1000);
const ORGANIZATION = { 'https://stytch.com/organization': { organization_id: 'organization-test-1', slug: 'acme' } };
const SESSION = 'https://stytch.com/session';
const at = (seconds) => new Date(seconds * 1000);

/** What both make of a token, by the local step alone: the session, or the code of the refusal. */
async function verdicts(token, options = {}, kind = 'Client') {
  const clients = stytch.clients(kind);
  const verdict = async ({ sessions }) => {
    try {
      return await sessions.authenticateJwtLocal({ session_jwt: token, ...options });
    } catch (error) {
      return { refused: error.code ?? error.constructor.name, detail: error.detail };
    }
  };
  return { sdk: await verdict(clients.sdk), ours: await verdict(clients.ours) };
}

const plain = (value) => JSON.parse(JSON.stringify(value));

/** Both accept it, and say the same of it. */
function accepted(name, claims, { options, header, kind } = {}) {
  test(name, async () => {
    const { sdk, ours } = await verdicts(await stytch.mint(claims(), header), options, kind);
    assert.equal(sdk.refused, undefined, 'the SDK refuses it');
    assert.deepEqual(plain(ours), plain(sdk));
  });
}

/** Both refuse it; we say why. */
function refused(name, token, detail, { options, code = 'jwt_invalid', kind } = {}) {
  test(name, async () => {
    const { sdk, ours } = await verdicts(await token(), options, kind);
    assert.equal(sdk.refused, code);
    assert.deepEqual(ours, { refused: code, detail });
  });
}

/** The SDK accepts it, or stumbles; we refuse it. */
function stricter(name, token, detail, { options, kind, stumbles = false } = {}) {
  test(`${name} (stricter)`, async () => {
    const { sdk, ours } = await verdicts(await token(), options, kind);
    assert.equal(sdk.refused, stumbles ? 'TypeError' : undefined);
    assert.deepEqual(ours, { refused: 'jwt_invalid', detail });
  });
}

const claims = (session, more) => () => stytch.claims(session, more);
const minted = (session, more, header) => () => stytch.mint(stytch.claims(session, more), header);
const without = (...names) => () => stytch.mint(Object.fromEntries(Object.entries(stytch.claims()).map(([name, value]) => [name, names.includes(name) ? undefined : value])));

describe('times, to the second', () => {
  const times = claims({}, { iat: NOW, nbf: NOW, exp: NOW + 300 });
  const token = () => stytch.mint(times());
  accepted('a second before the end', times, { options: { current_date: at(NOW + 299) } });
  refused('at the end', token, 'token_expired', { options: { current_date: at(NOW + 300) } });
  accepted('with a tolerance, a second before its end', times, { options: { current_date: at(NOW + 309), clock_tolerance_seconds: 10 } });
  refused('with a tolerance, at its end', token, 'token_expired', { options: { current_date: at(NOW + 310), clock_tolerance_seconds: 10 } });
  accepted('at the beginning', times, { options: { current_date: at(NOW) } });
  refused('a second before the beginning', token, 'token_not_yet_valid', { options: { current_date: at(NOW - 1) } });
  accepted('with a tolerance, before the beginning', times, { options: { current_date: at(NOW - 10), clock_tolerance_seconds: 10 } });
  refused('with a tolerance, longer before', token, 'token_not_yet_valid', { options: { current_date: at(NOW - 11), clock_tolerance_seconds: 10 } });
  accepted('a second too young to be too old', times, { options: { current_date: at(NOW + 59), max_token_age_seconds: 60 } });
  refused('exactly too old', token, 'token_too_old', { options: { current_date: at(NOW + 60), max_token_age_seconds: 60 }, code: 'jwt_too_old' });
  refused('a tolerance makes nothing younger', token, 'token_too_old', { options: { current_date: at(NOW + 60), max_token_age_seconds: 60, clock_tolerance_seconds: 30 }, code: 'jwt_too_old' });
  refused('max age 0', token, 'token_too_old', { options: { max_token_age_seconds: 0, current_date: at(NOW) }, code: 'jwt_too_old' });
  stricter('no end', minted({}, { exp: undefined }), 'expiration_missing');
});

describe('claims', () => {
  accepted('custom ones', claims({}, { plan: 'pro', seats: 3, nested: { list: [1, null, true] }, 'ä 😀': 'ä 😀', __proto__: { polluted: true } }));
  accepted('an audience that is a string', claims({}, { aud: 'project-test-1' }));
  accepted('several audiences', claims({}, { aud: ['x', 'project-test-1'] }));
  accepted('neither roles nor attributes', claims({ roles: undefined, attributes: undefined }));
  accepted('no end of the session: the token\'s', claims({ expires_at: undefined }));
  accepted('an end of the session in another zone', claims({ expires_at: '2026-01-01T02:50:00.5+02:00' }));
  accepted('a member', claims({}, ORGANIZATION), { kind: 'B2BClient' });
  refused('another audience', minted({}, { aud: ['project-test-2'] }), 'audience_mismatch');
  refused('another issuer', minted({}, { iss: 'stytch.com/project-test-2' }), 'issuer_mismatch');
  refused('no issuer', without('iss'), 'issuer_mismatch');
  refused('no audience', without('aud'), 'audience_mismatch');
  stricter('no session claim: a machine\'s or an app\'s', without(SESSION), 'token_not_of_session', { stumbles: true });
  stricter('no person', without('sub'), 'claim_missing');
  stricter('no session id', minted({ id: undefined }), 'claim_missing');
  stricter('no time of making', without('iat'), 'claim_missing');
  stricter('an end with a fraction', minted({}, { exp: NOW + 300.5 }), 'claims_malformed');
  stricter('roles that are no list of texts', minted({ roles: [1] }), 'claims_malformed');
  stricter('a user where members are', minted(), 'token_not_of_session', { kind: 'B2BClient', stumbles: true });
});

describe('header and signature', () => {
  for (const typ of ['JWT', 'jwt', 'application/jwt']) accepted(`typ ${typ}`, claims(), { header: { typ } });
  accepted('no key id, one key', claims(), { header: { kid: undefined } });
  refused('typ at+jwt', minted({}, {}, { typ: 'at+jwt' }), 'type_not_allowed');
  refused('no typ', minted({}, {}, { typ: undefined }), 'type_not_allowed');
  refused('another key', () => sign(foreignKey, stytch.claims(), { typ: 'JWT' }), 'bad_signature');
  refused('an unknown key id', minted({}, {}, { kid: 'key_2' }), 'unknown_key');
  refused('no algorithm', async () => `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${(await minted()()).split('.')[1]}.`, 'algorithm_not_allowed');
  refused('another algorithm', () => stytch.mintAs('RS512', stytch.claims()), 'algorithm_not_allowed');
  refused('two parts', async () => (await minted()()).split('.').slice(0, 2).join('.'), 'token_malformed');
  stricter('a padded signature', async () => `${await minted()()}==`, 'token_malformed');
});

describe('classes of tokens', () => {
  const access = (more) => stytch.mint(Object.fromEntries(Object.entries(stytch.claims({}, { scope: 'read:posts', ...more })).filter(([name]) => name !== SESSION)));
  const fails = (call, detail) => assert.rejects(call, { code: 'jwt_invalid', detail });
  for (const kind of ['Client', 'B2BClient']) {
    test(`${kind}: a session is no access token, an access token is no session`, async () => {
      const { ours } = stytch.clients(kind);
      const session = await stytch.mint(stytch.claims({}, ORGANIZATION));
      const token = await access(ORGANIZATION);
      assert.equal((await ours.m2m.authenticateToken({ access_token: token })).client_id, 'user-test-1');
      assert.equal((await ours.idp.introspectTokenLocal(token)).scope, 'read:posts');
      for (let attempt = 0; attempt < 2; attempt += 1) {
        await fails(ours.m2m.authenticateToken({ access_token: session }), 'token_of_session');
        await fails(ours.idp.introspectTokenLocal(session), 'token_of_session');
        await fails(ours.sessions.authenticateJwt({ session_jwt: token }), 'token_not_of_session');
        await fails(ours.sessions.authenticateJwtLocal({ session_jwt: token }), 'token_not_of_session');
        // It stays no session, however old: nobody is asked whether it might become one.
        await fails(ours.sessions.authenticateJwt({ session_jwt: await access({ exp: NOW - 10 }) }), 'token_not_of_session');
        // As a session it is good all the while, remembered or not.
        await ours.sessions.authenticateJwt({ session_jwt: session });
      }
      assert.deepEqual(stytch.asked.filter((path) => path !== 'jwks'), []);
    });
  }
});
