// Session cookies that are none: each has its own stable reason and detail, none is a fault of ours, and none ends a
// session that is good.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { after, beforeEach, test } from 'node:test';

import { startProvider } from '../../dev/src/provider.mjs';
import { Visitor } from './support/browser.mjs';
import { SESSION_COOKIE, startGateway } from './support/gateway.mjs';
import { DOCUMENT, parseSetCookie } from './support/http.mjs';
import { requestsTo, seal, sealSession, sealToken, signedIn } from './support/sessions.mjs';

const provider = await startProvider();
const gateway = await startGateway(provider);
after(async () => {
  await gateway.close();
  await provider.close();
});
beforeEach(() => provider.reset());

/** What /auth/session says to a cookie; and that the cookie is not touched. */
async function verdict(value, visitor = new Visitor(gateway, { [SESSION_COOKIE]: value })) {
  const answer = await visitor.fetch('/auth/session');
  const { authenticated, reason, detail, retryable } = answer.json();
  assert.deepEqual([answer.status, authenticated, retryable, answer.setCookies], [401, false, false, []], `${detail}: ${answer.body}`);
  return { reason, detail };
}

const good = () => sealSession(provider.mintSession().response);

test('every kind of broken seal has its code', async () => {
  const sealed = good();
  const parts = sealed.split('*');
  const withPart = (index, value) => parts.map((part, at) => (at === index ? value : part)).join('*');
  for (const [value, detail] of [
    ['garbage', 'seal_unknown_format'],
    ['null', 'seal_unknown_format'],
    ['%00%ff', 'seal_unknown_format'],
    ['Fe26.2', 'seal_unknown_format'],
    ['Fe26.1*1*a*b*c**d*e', 'seal_unknown_format'],
    ['Fe26.2*', 'seal_malformed'],
    ['Fe26.2*1*a*b', 'seal_malformed'],
    [`${sealed}*x`, 'seal_malformed'],
    [sealed.slice(0, Math.floor(sealed.length / 2)), 'seal_malformed'],
    [sealed.slice(0, -10), 'seal_bad_mac'],
    [sealed.replace('~2', '').slice(0, -1), 'seal_bad_mac'],
    [withPart(1, '2'), 'seal_bad_mac'],
    [withPart(2, 'a'.repeat(64)), 'seal_bad_mac'],
    [withPart(3, 'AAAAAAAAAAAAAAAAAAAAAA'), 'seal_bad_mac'],
    [withPart(4, `A${parts[4].slice(1)}`), 'seal_bad_mac'],
    [withPart(4, ''), 'seal_bad_mac'],
    [withPart(5, String(Date.now() + 1e9)), 'seal_bad_mac'],
    [withPart(6, ''), 'seal_bad_mac'],
    [withPart(7, '~2'), 'seal_bad_mac'],
    [seal('{}', { password: 'another password of 32 characters or more' }), 'seal_bad_mac'],
    [seal(JSON.stringify({ accessToken: 'x' }), { expiresAt: Date.now() - 120_000 }), 'seal_expired'],
    [`Fe26.2*1*${'a'.repeat(17_000)}`, 'cookie_too_large'],
    ['x'.repeat(17_000), 'cookie_too_large'],
  ]) {
    assert.deepEqual(await verdict(value), { reason: 'invalid_session_cookie', detail }, value.slice(0, 60));
  }
});

test('seals that open, with something else than a session inside', async () => {
  for (const content of [
    '', 'null', '[]', '7', '"x"', '{', '{}', '{"accessToken":""}', '{"accessToken":7}', '{"accessToken":null}', '{"refreshToken":"x"}', '{"accessToken":"a","accessToken":"b"}',
    '{"accessToken":"a","user":7}', `${'{"a":'.repeat(1500)}1${'}'.repeat(1500)}`, Buffer.from([0xff, 0xfe]), '{"accessToken":["a"]}',
  ]) {
    assert.deepEqual(await verdict(seal(content)), { reason: 'invalid_session_cookie', detail: 'session_malformed' }, String(content).slice(0, 60));
  }
});

test('tokens that are none', async () => {
  for (const [token, detail] of [
    ['x', 'token_malformed'],
    ['a.b.c', 'token_malformed'],
    ['..', 'token_malformed'],
    ['e30.e30.', 'token_malformed'],
    ['é.é.é', 'token_malformed'],
  ]) {
    assert.deepEqual(await verdict(sealToken(token)), { reason: 'invalid_jwt', detail }, token);
  }
});

test('hostile tokens, sealed with the right password, get in nowhere', async () => {
  const { tokens } = JSON.parse(fs.readFileSync(new URL('../vectors/hostile-jwts.json', import.meta.url), 'utf8'));
  assert.ok(tokens.length >= 19);
  await signedIn(gateway, provider).fetch('/auth/session');
  for (const { name, jwt } of tokens) {
    const { reason } = await verdict(sealToken(jwt));
    assert.equal(reason, 'invalid_jwt', name);
    const page = await new Visitor(gateway, { [SESSION_COOKIE]: sealToken(jwt) }).open('/app/');
    assert.deepEqual([page.status, page.setCookies], [302, []], name);
  }
  assert.deepEqual(requestsTo(provider, 'authenticate'), [], 'no forged token causes a refresh');
});

test('an expired token without a refresh token is told from one that can be refreshed', async () => {
  const { response } = provider.mintSession({ lifetimeSeconds: -60 });
  const value = seal(JSON.stringify({ accessToken: response.access_token }));
  assert.deepEqual(await verdict(value), { reason: 'invalid_session_cookie', detail: 'refresh_token_missing' });
});

test('one changed character anywhere in a good cookie is noticed', async () => {
  const sealed = good();
  // The suffix ~2 stands outside of what the seal protects.
  const positions = Array.from({ length: 60 }, (_, index) => Math.floor((index * (sealed.length - 2)) / 60));
  for (const at of positions) {
    const other = sealed[at] === 'A' ? 'B' : 'A';
    const { reason } = await verdict(sealed.slice(0, at) + other + sealed.slice(at + 1));
    assert.equal(reason, 'invalid_session_cookie', `position ${at}`);
  }
});

test('random bytes of any length never make the gateway fail', async () => {
  const seed = randomBytes(4).toString('hex');
  for (let round = 0; round < 80; round += 1) {
    const text = randomBytes(1 + round * 20).toString(['latin1', 'base64', 'hex', 'base64url'][round % 4]);
    const value = (round % 3 === 0 ? 'Fe26.2*1*' : '') + text.replace(/[^\x21-\x3a\x3c-\x7e]/g, '*');
    const answer = await gateway.request('/auth/session', { headers: { cookie: `${SESSION_COOKIE}=${value}` } });
    assert.equal(answer.status, 401, `${seed}: ${value}`);
  }
});

test('a page with a broken cookie leads to sign-in, and sign-in works', async () => {
  const visitor = new Visitor(gateway, { [SESSION_COOKIE]: 'garbage' });
  assert.equal((await visitor.open('/app/')).status, 302);
  await visitor.signIn({ returnTo: '/app/' });
  assert.equal((await visitor.open('/app/')).status, 200);
});

test('a good session never ends because of bad cookies of the same name, in whatever order', async () => {
  const visitor = signedIn(gateway, provider);
  const { session } = visitor;
  const bad = ['garbage', 'Fe26.2*1*a*b', seal('{}'), seal('{}', { password: 'another password of 32 characters or more' }), `${session.slice(0, -8)}AAAAAA~2`, ''];
  for (const other of bad) {
    for (const cookie of [`${SESSION_COOKIE}=${other}; ${SESSION_COOKIE}=${session}`, `${SESSION_COOKIE}=${session}; ${SESSION_COOKIE}=${other}`, `x=${other}; ${SESSION_COOKIE}=${session}`]) {
      for (const target of ['/auth/session', '/app/']) {
        const answer = await gateway.request(target, { headers: { ...DOCUMENT, cookie } });
        assert.deepEqual([answer.status, answer.setCookies], [200, []], cookie.slice(0, 60));
      }
    }
  }
});

/** Two sessions of Ada in one browser, of which the first has ended at the provider. Both orders of a Cookie header. */
async function twoSessions(lifetimeSeconds) {
  const [over, live] = [provider.mintSession({ lifetimeSeconds: -60 }), provider.mintSession({ lifetimeSeconds })];
  await fetch(`${provider.url}/dev/end-session`, { method: 'POST', body: JSON.stringify({ sessionId: over.sessionId }) });
  const [dead, own] = [over, live].map(({ response }) => `${SESSION_COOKIE}=${sealSession(response)}`);
  return { live, headers: [`${dead}; ${own}`, `${own}; ${dead}`] };
}

test('of two sessions of one person the one that works counts, in whatever order', async () => {
  const { live, headers } = await twoSessions(300);
  for (const cookie of headers) {
    const answer = await gateway.request('/auth/session', { headers: { cookie } });
    assert.deepEqual([answer.status, answer.json().sessionId, answer.setCookies], [200, live.sessionId, []]);
  }
});

test('of two sessions that have expired the one that can be refreshed counts, and the other does not end it', async () => {
  const { live, headers } = await twoSessions(-60);
  for (const cookie of headers) {
    const answer = await gateway.request('/auth/session', { headers: { cookie } });
    assert.deepEqual([answer.status, answer.json().sessionId, answer.setCookies.length], [200, live.sessionId, 1]);
    assert.match(answer.setCookies[0], /Max-Age=34560000/);
  }
});

test('sessions of two people at once are refused, whichever comes first, and all that may have been planted is deleted', async (t) => {
  const https = await startGateway(provider, { settings: { PUBLIC_URL: 'https://app.eu.site.example' } });
  t.after(() => https.close());
  const [ada, alan] = [signedIn(https, provider), signedIn(https, provider, { person: 'alan' })];
  for (const [one, other] of [[ada, alan], [alan, ada]]) {
    const cookie = `${SESSION_COOKIE}=${one.session}; ${SESSION_COOKIE}=${other.session}`;
    const answer = await https.request('/auth/session', { headers: { cookie } });
    assert.deepEqual([answer.status, answer.json().detail], [401, 'cookie_conflict']);
    const deleted = answer.setCookies.map(parseSetCookie);
    assert.ok(deleted.every(({ name, attributes }) => name === SESSION_COOKIE && attributes['max-age'] === '0'));
    // Without these the visitor would be left with the planted one alone, and be somebody else.
    const domains = new Set(deleted.map(({ attributes }) => attributes.domain));
    assert.deepEqual([...domains], [undefined, 'app.eu.site.example', 'eu.site.example', 'site.example']);
  }
});

test('more values of one name than a browser sends cost no more than a few', async () => {
  const { session } = signedIn(gateway, provider);
  const flood = Array.from({ length: 300 }, () => `${SESSION_COOKIE}=Fe26.2*1*a*b*c**d*e`).join('; ');
  assert.equal((await gateway.request('/auth/session', { headers: { cookie: flood } })).status, 401);
  assert.equal((await gateway.request('/auth/session', { headers: { cookie: `${SESSION_COOKIE}=${session}; ${flood}` } })).status, 200);
});

test('nothing of all this went wrong inside', () => {
  assert.ok(!/panic|RuntimeError|uncaught/i.test(gateway.logs()), gateway.logs());
});
