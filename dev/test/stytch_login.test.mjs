// The page that plays the application's own sign-in: who is offered, what the choice sets, where it may lead.

import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';

import { VERTICALS, authenticate, partsOf, stytchProvider } from './stytch_support.mjs';

const [CONSUMER, MEMBER] = VERTICALS;
const RETURN_TO = 'http://localhost:8787/app/?a=1';

/** One GET of the page: status, headers and text; the name in the address bar is the `host` header. */
function visit({ port }, parameters, { host = `localhost:${port}`, ...headers } = {}) {
  const path = `/login?${new URLSearchParams(parameters)}`;
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, headers: { host, 'user-agent': 'Test/1', ...headers } }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve({ status: response.statusCode, headers: response.headers, text });
    });
    sent.on('error', reject).end();
  });
}

const labels = ({ text }) => Array.from(text.matchAll(/<button name="choice" value="[^"]+">([^<]+)</g), ([, label]) => label);

test('a choice sets both cookies for this host and returns to the application', async (context) => {
  const started = await stytchProvider(context, CONSUMER, { now: () => Date.UTC(2026, 0, 1) });
  const { status, headers } = await visit(started, { return_to: RETURN_TO, choice: 'ada' });
  assert.deepEqual([status, headers.location, headers['cache-control']], [302, RETURN_TO, 'no-store']);
  const attributes = '; Path=/; SameSite=Lax; Expires=Thu, 01 Jan 2026 01:00:00 GMT';
  const [token, jwt] = headers['set-cookie'].map((line) => line.slice(0, -attributes.length));
  assert.deepEqual(headers['set-cookie'], [token + attributes, jwt + attributes]);
  assert.match(token, /^stytch_session=[\w-]{44}$/);
  assert.match(jwt, /^stytch_session_jwt=[\w-]+\.[\w-]+\.[\w-]+$/);
  const { claims } = partsOf(jwt.slice('stytch_session_jwt='.length));
  assert.deepEqual(claims['https://stytch.com/session'].attributes, { ip_address: '127.0.0.1', user_agent: 'Test/1' });
  const { body } = await authenticate(started, CONSUMER, { session_token: token.slice('stytch_session='.length) });
  assert.equal(body.user.emails[0].email, 'ada@example.com');
  assert.equal(started.requests()[0].outcome, 'signed_in');
});

test('the page offers everybody, and carries the return address along', async (context) => {
  const started = await stytchProvider(context, CONSUMER);
  const page = await visit(started, { return_to: RETURN_TO });
  assert.equal(page.status, 200);
  assert.match(page.headers['content-security-policy'], /default-src 'none'/);
  assert.deepEqual(labels(page), [
    'Sign in as Ada (admin)', 'Sign in as Grace (member)', 'Sign in as Alan (admin)', 'Sign in as Margaret (no role)',
    'Sign in as Katherine (auditor)', 'Sign in as Þórdís-Aðalheiður Θεοδώρα 美咲 (editor)', 'Support as Ada (admin)',
  ]);
  assert.match(page.text, /<form method="get" action="\/login">/);
  assert.match(page.text, /name="return_to" value="http:\/\/localhost:8787\/app\/\?a=1"/);
  assert.ok(page.text.includes('<strong>localhost:8787</strong>'));
  assert.ok(!page.text.includes('value="cancel"'));
  assert.equal(page.headers['set-cookie'], undefined);
  assert.equal((await visit(started, { return_to: RETURN_TO, choice: 'nobody' })).status, 200);
});

test('organization and login hint narrow the page down', async (context) => {
  const started = await stytchProvider(context, MEMBER);
  assert.deepEqual(labels(await visit(started, { return_to: RETURN_TO })).slice(0, 3),
    ['Sign in as Ada (Acme, admin)', 'Sign in as Ada (Globex, member)', 'Sign in as Grace (Acme, member)']);
  const { organization_id: globex } = started.mintSession({ organization: 'globex' }).response.organization;
  for (const id of [globex, 'globex']) {
    const page = await visit(started, { return_to: RETURN_TO, organization_id: id });
    assert.deepEqual(labels(page), ['Sign in as Ada (Globex, member)', 'Sign in as Alan (Globex, admin)']);
    assert.ok(page.text.includes('<strong>Globex</strong>'));
  }
  assert.deepEqual(labels(await visit(started, { return_to: RETURN_TO, organization_id: 'unknown' })), []);
  const hinted = await visit(started, { return_to: RETURN_TO, login_hint: 'Grace@example.com' });
  assert.deepEqual(labels(hinted), ['Sign in as Grace (Acme, member)']);
  assert.match(hinted.text, /href="\/login\?return_to=[^"]+">Show everyone/);
  const chosen = await visit(started, { return_to: RETURN_TO, organization_id: 'globex', choice: 'ada-acme' });
  assert.deepEqual([chosen.status, chosen.headers['set-cookie']], [200, undefined], 'a choice outside the organization is none');
});

test('support acts for somebody, and the factor names who', async (context) => {
  for (const vertical of VERTICALS) {
    const started = await stytchProvider(context, vertical);
    const { headers } = await visit(started, { return_to: RETURN_TO, choice: 'support-as-ada' });
    const { claims } = partsOf(headers['set-cookie'][1].split(/[=;]/)[1]);
    const [factor] = claims['https://stytch.com/session'].authentication_factors;
    assert.deepEqual([factor.type, factor.delivery_method], ['impersonated', 'impersonation']);
    assert.equal(factor.impersonated_factor.impersonator_email_address, 'support@example.com');
  }
});

test('it returns to this machine only', async (context) => {
  const started = await stytchProvider(context, CONSUMER);
  const hostile = [
    'https://evil.example/', 'http://evil.example/', '//evil.example', '/app/', 'javascript:alert(1)', 'http://localhost@evil.example/',
    'http://localhost.evil.example/', 'https://localhost/', 'http://user@localhost/', `http://localhost/${'x'.repeat(9000)}`,
  ];
  for (const returnTo of hostile) {
    for (const choice of ['ada', '']) {
      const { status, headers } = await visit(started, { return_to: returnTo, choice });
      assert.deepEqual([status, headers.location, headers['set-cookie']], [400, undefined, undefined], returnTo);
    }
  }
  assert.equal((await visit(started, { choice: 'ada' })).status, 400);
  const twice = await fetch(`${started.url}/login?return_to=${encodeURIComponent(RETURN_TO)}&return_to=https%3A%2F%2Fevil.example&choice=ada`, { redirect: 'manual' });
  assert.equal(twice.status, 400);
  assert.equal(started.sessions().length, 0);
});

test('the page stands on the name that the application has, since cookies are for a name', async (context) => {
  const started = await stytchProvider(context, CONSUMER);
  const cases = [['127.0.0.1', 'localhost'], ['localhost', '127.0.0.1']];
  for (const [here, there] of cases) {
    const parameters = { return_to: `http://${there}:8787/`, choice: 'ada' };
    const moved = await visit(started, parameters, { host: `${here}:${started.port}` });
    assert.equal(moved.status, 302);
    assert.equal(moved.headers['set-cookie'], undefined);
    assert.equal(moved.headers.location, `http://${there}:${started.port}/login?${new URLSearchParams(parameters)}`);
    assert.equal((await visit(started, parameters, { host: `${there}:${started.port}` })).headers['set-cookie'].length, 2);
  }
  assert.equal((await visit(started, { return_to: RETURN_TO }, { host: `LOCALHOST:${started.port}` })).status, 200);
});
