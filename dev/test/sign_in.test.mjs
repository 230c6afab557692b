// Sign-in: from the authorization request over the choice and the code to verified claims.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ACME, ADA, GLOBEX, REDIRECT_URI, authenticate, authorizeUrl, choose, pkce, provider, signIn, verify } from './support.mjs';

test('a full sign-in yields the user and a token that verifies', async (context) => {
  const started = await provider(context);
  const { verifier, challenge } = pkce();
  const { status, back } = await choose(started, challenge, 'ada-acme');
  assert.equal(status, 302);
  assert.equal(back.origin + back.pathname, REDIRECT_URI);
  assert.equal(back.searchParams.get('state'), 'the state');

  const code = back.searchParams.get('code');
  const reply = await authenticate(started, { grant_type: 'authorization_code', code, code_verifier: verifier });
  assert.equal(reply.status, 200);
  const { user, access_token: token, ...rest } = reply.body;
  assert.equal(user.id, ADA);
  assert.equal(user.email, 'ada@example.com');
  assert.deepEqual(JSON.parse(user.metadata.organizations), { [ACME]: 'Acme', [GLOBEX]: 'Globex' });
  assert.deepEqual(Object.keys(rest).sort(), ['authentication_method', 'organization_id', 'refresh_token']);
  assert.equal(rest.organization_id, ACME);

  const claims = await verify(started, token);
  assert.equal(claims.iss, `${started.url}/user_management/${started.clientId}`);
  assert.equal(claims.sub, ADA);
  assert.match(claims.sid, /^session_01/);
  assert.equal(claims.org_id, ACME);
  assert.equal(claims.role, 'admin');
  assert.deepEqual(claims.permissions, ['posts:read', 'posts:write', 'billing:manage']);
  assert.equal(claims.exp - claims.iat, 300);
  assert.equal(claims.act, undefined);
});

test('every choice of the page signs in as what its button says', async (context) => {
  const started = await provider(context);
  const page = await (await fetch(authorizeUrl(started, pkce().challenge))).text();
  assert.equal(page.match(/<button name="choice"/g).length, started.choices.length);
  for (const { id, person, organization, membership, impersonator } of started.choices) {
    assert.ok(page.includes(`value="${id}"`), id);
    const { status, body } = await signIn(started, id);
    assert.equal(status, 200, id);
    assert.equal(body.user.id, person.user.id);
    const claims = await verify(started, body.access_token);
    assert.equal(claims.org_id, organization?.id);
    assert.equal(claims.role, membership?.role);
    assert.deepEqual(claims.act, impersonator ? { sub: impersonator.email } : undefined);
    assert.deepEqual(body.impersonator, impersonator ?? undefined);
    assert.equal(body.authentication_method, impersonator ? 'Impersonation' : 'Password');
  }
});

test('the page is self-contained, escapes names and carries the request along', async (context) => {
  const started = await provider(context);
  const response = await fetch(authorizeUrl(started, pkce().challenge, { state: '"><script>alert(1)</script>' }));
  const page = await response.text();
  assert.ok(page.includes('Sign in as Ada (Acme, admin)</button>'));
  assert.ok(page.includes('Łódź &amp; Søn &lt;Ærø&gt;'));
  assert.ok(!page.includes('<script'));
  assert.ok(page.includes('value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"'));
  assert.match(response.headers.get('content-security-policy'), /default-src 'none'/);
});

test('organization_id and login_hint narrow the page down', async (context) => {
  const started = await provider(context);
  const { challenge } = pkce();
  const globex = await (await fetch(authorizeUrl(started, challenge, { organization_id: GLOBEX, provider: undefined }))).text();
  assert.deepEqual([...globex.matchAll(/<button name="choice" value="([^"]+)"/g)].map(([, id]) => id), ['ada-globex', 'alan-globex']);
  const grace = await (await fetch(authorizeUrl(started, challenge, { login_hint: 'Grace@example.com' }))).text();
  assert.ok(grace.includes('grace-acme') && !grace.includes('alan-globex') && grace.includes('Show everyone'));
  const nobody = await (await fetch(authorizeUrl(started, challenge, { organization_id: 'org_unknown' }))).text();
  assert.ok(nobody.includes('Nobody here'));
  // A choice outside the organization asked for is not a choice.
  const outside = await fetch(authorizeUrl(started, challenge, { organization_id: GLOBEX, choice: 'ada-acme' }), { redirect: 'manual' });
  assert.equal(outside.status, 200);
});

test('cancel returns access_denied with the state', async (context) => {
  const { back } = await choose(await provider(context), pkce().challenge, 'cancel');
  assert.equal(back.searchParams.get('error'), 'access_denied');
  assert.ok(back.searchParams.get('error_description'));
  assert.equal(back.searchParams.get('state'), 'the state');
  assert.equal(back.searchParams.get('code'), null);
});

test('a wrong verifier is refused and spends the code', async (context) => {
  const started = await provider(context);
  const { verifier, challenge } = pkce();
  const { back } = await choose(started, challenge, 'ada-acme');
  const attempt = { grant_type: 'authorization_code', code: back.searchParams.get('code') };
  const wrong = await authenticate(started, { ...attempt, code_verifier: pkce().verifier });
  assert.deepEqual([wrong.status, wrong.body.error], [400, 'invalid_grant']);
  const late = await authenticate(started, { ...attempt, code_verifier: verifier });
  assert.deepEqual([late.status, late.body.error], [400, 'invalid_grant']);
  assert.equal(started.sessions().length, 0);
});

test('a code works once, for ten minutes, and needs its verifier', async (context) => {
  const started = await provider(context);
  const { verifier, challenge } = pkce();
  const codeOf = async () => (await choose(started, challenge, 'ada-acme')).back.searchParams.get('code');
  const exchange = (code, more) => authenticate(started, { grant_type: 'authorization_code', code, code_verifier: verifier, ...more });

  const code = await codeOf();
  assert.equal((await exchange(code)).status, 200);
  assert.equal((await exchange(code)).body.error, 'invalid_grant');

  const old = await codeOf();
  started.knobs.set({ clockOffsetSeconds: 600 });
  assert.equal((await exchange(old)).body.error, 'invalid_grant');

  assert.equal((await exchange(await codeOf(), { code_verifier: undefined })).body.error, 'invalid_request');
  assert.equal((await exchange(await codeOf(), { redirect_uri: 'http://localhost:1/other' })).body.error, 'invalid_grant');
  assert.equal((await exchange(await codeOf(), { redirect_uri: REDIRECT_URI })).status, 200);
});

test('a foreign redirect_uri or client gets a page, never a redirect', async (context) => {
  const started = await provider(context);
  const { challenge } = pkce();
  const hostile = [
    { redirect_uri: 'https://evil.example/callback' },
    { redirect_uri: 'http://localhost.evil.example/' },
    { redirect_uri: 'http://evil@localhost:8787/' },
    { redirect_uri: 'http://localhost:8787@evil.example/' },
    { redirect_uri: 'https://localhost:8787/' },
    { redirect_uri: 'javascript:alert(1)' },
    { redirect_uri: '//localhost/' },
    { redirect_uri: undefined },
    { client_id: 'client_other' },
    { client_id: undefined },
  ];
  for (const changes of hostile) {
    for (const choice of [undefined, 'ada-acme', 'cancel']) {
      const response = await fetch(authorizeUrl(started, challenge, { ...changes, choice }), { redirect: 'manual' });
      assert.equal(response.status, 400, JSON.stringify(changes));
      assert.equal(response.headers.get('location'), null);
    }
  }
  const twice = `${authorizeUrl(started, challenge, { choice: 'ada-acme' })}&redirect_uri=https%3A%2F%2Fevil.example`;
  assert.equal((await fetch(twice, { redirect: 'manual' })).status, 400);
});

test('a list of redirect URIs is exact', async (context) => {
  const started = await provider(context, { redirectUris: ['https://app.example/callback?a=1'] });
  const { challenge } = pkce();
  const { back } = await choose(started, challenge, 'ada-acme', { redirect_uri: 'https://app.example/callback?a=1' });
  assert.equal(back.searchParams.get('a'), '1');
  assert.ok(back.searchParams.get('code'));
  for (const uri of ['https://app.example/callback', 'https://app.example/callback?a=1&b', REDIRECT_URI]) {
    assert.equal((await fetch(authorizeUrl(started, challenge, { redirect_uri: uri }))).status, 400, uri);
  }
});

test('a request without PKCE or with a wrong parameter returns to the application with invalid_request', async (context) => {
  const started = await provider(context);
  const { challenge } = pkce();
  const mistakes = [
    { code_challenge: undefined }, { code_challenge: 'short' }, { code_challenge_method: 'plain' },
    { code_challenge_method: undefined }, { response_type: 'token' }, { provider: 'github' }, { provider: undefined },
  ];
  for (const changes of mistakes) {
    const { status, back } = await choose(started, challenge, 'ada-acme', changes);
    assert.equal(status, 302);
    assert.equal(back.searchParams.get('error'), 'invalid_request', JSON.stringify(changes));
    assert.equal(back.searchParams.get('code'), null);
  }
});
