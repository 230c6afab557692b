// Sign-out: the cookie goes, the provider's session ends, an expired token will do, and no other site can do it.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';

import { startProvider } from '../../dev/src/provider.mjs';
import { Visitor } from './support/browser.mjs';
import { PUBLIC_URL, SESSION_COOKIE, startGateway } from './support/gateway.mjs';
import { DOCUMENT, parseSetCookie } from './support/http.mjs';
import { expired, requestsTo, signedIn } from './support/sessions.mjs';

const provider = await startProvider();
const gateway = await startGateway(provider);
after(async () => {
  await gateway.close();
  await provider.close();
});
beforeEach(() => provider.reset());

const statusOf = (sessionId) => provider.sessions().find(({ id }) => id === sessionId).status;

/** Follows the address that sign-out leads to, as the browser does; returns where the provider sends it then. */
async function follow(url) {
  assert.ok(url.startsWith(`${provider.url}/user_management/sessions/logout?`), url);
  return (await fetch(url, { redirect: 'manual' })).headers.get('location');
}

/** A form of the site that posts, as a browser sends it. */
const FORM = { ...DOCUMENT, 'sec-fetch-site': 'same-origin', origin: PUBLIC_URL, 'content-type': 'application/x-www-form-urlencoded' };

test('a script signs out: the cookie is deleted, and the address it is told ends the provider session', async () => {
  const visitor = signedIn(gateway, provider);
  const answer = await visitor.fetch('/auth/logout', { method: 'POST' });
  assert.equal(answer.status, 200);
  const { name, value, attributes } = parseSetCookie(answer.setCookies[0]);
  assert.deepEqual([name, value, attributes['max-age'], attributes.path], [SESSION_COOKIE, '', '0', '/']);
  assert.equal(visitor.session, undefined);
  assert.equal(statusOf(visitor.sessionId), 'active', 'the browser has not gone there yet');
  assert.equal(await follow(answer.json().url), `${PUBLIC_URL}/`);
  assert.equal(statusOf(visitor.sessionId), 'expired');
});

test('a form signs out by a redirect that a POST may follow', async () => {
  const visitor = signedIn(gateway, provider);
  const answer = await visitor.request('/auth/logout', { method: 'POST', headers: FORM });
  assert.equal(answer.status, 303);
  assert.equal(await follow(answer.headers.location), `${PUBLIC_URL}/`);
  assert.equal(visitor.session, undefined);
});

test('after sign-out, the site is closed again', async () => {
  const visitor = signedIn(gateway, provider);
  await visitor.fetch('/auth/logout', { method: 'POST' });
  assert.equal((await visitor.open('/app/')).status, 302);
  assert.equal((await visitor.fetch('/auth/session')).json().detail, 'cookie_missing');
});

test('an expired token signs out as well, without being refreshed and without the provider being asked', async () => {
  const visitor = expired(gateway, provider);
  const answer = await visitor.fetch('/auth/logout', { method: 'POST' });
  assert.deepEqual(provider.requests(), []);
  await follow(answer.json().url);
  assert.equal(statusOf(visitor.sessionId), 'expired');
  assert.equal(visitor.session, undefined);
});

test('sign-out works while the provider is down', async () => {
  const visitor = expired(gateway, provider);
  provider.knobs.set({ down: {} });
  const answer = await visitor.fetch('/auth/logout', { method: 'POST' });
  assert.equal(answer.status, 200);
  assert.equal(visitor.session, undefined);
});

test('without a session, or with one that does not open, sign-out leads to the start and deletes the cookie', async () => {
  for (const cookies of [{}, { [SESSION_COOKIE]: 'garbage' }, { [SESSION_COOKIE]: 'Fe26.2*1*x' }]) {
    const visitor = new Visitor(gateway, cookies);
    const answer = await visitor.fetch('/auth/logout', { method: 'POST' });
    assert.deepEqual([answer.status, answer.json()], [200, { url: `${PUBLIC_URL}/` }]);
    assert.equal(visitor.session, undefined);
  }
});

test('a link of the site signs out', async () => {
  const visitor = signedIn(gateway, provider);
  const answer = await visitor.open('/auth/logout', { headers: { 'sec-fetch-site': 'same-origin' } });
  assert.equal(answer.status, 302);
  await follow(answer.headers.location);
  assert.equal(visitor.session, undefined);
});

test('a link from elsewhere is asked first, and the question leads to the form that works', async () => {
  const visitor = signedIn(gateway, provider);
  for (const site of ['cross-site', 'same-site', 'none']) {
    const answer = await visitor.open('/auth/logout', { headers: { 'sec-fetch-site': site } });
    assert.deepEqual([answer.status, answer.setCookies], [200, []], site);
    assert.match(answer.body, /<form method="post" action="\/auth\/logout">/);
    assert.match(answer.headers['content-security-policy'], /frame-ancestors 'none'/);
    assert.equal(answer.headers['x-frame-options'], 'DENY');
  }
  const unmarked = await visitor.request('/auth/logout', { headers: { accept: 'text/html' } });
  assert.deepEqual([unmarked.status, unmarked.setCookies], [200, []], 'a browser without fetch metadata');
  assert.equal((await visitor.fetch('/auth/session')).status, 200);
  assert.equal((await visitor.request('/auth/logout', { method: 'POST', headers: FORM })).status, 303);
});

test('a POST from elsewhere is refused, and the visitor is still signed in', async () => {
  const visitor = signedIn(gateway, provider);
  for (const headers of [
    { ...FORM, 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
    { ...FORM, 'sec-fetch-site': 'same-site', origin: 'http://other.localhost:4321' },
    { accept: 'text/html', origin: 'https://evil.example' },
    { accept: 'text/html', origin: 'null' },
    { accept: 'text/html' },
    { referer: `${PUBLIC_URL}/app/` },
  ]) {
    const answer = await visitor.request('/auth/logout', { method: 'POST', headers });
    assert.deepEqual([answer.status, answer.setCookies], [403, []], JSON.stringify(headers));
    assert.match(answer.body, /cross_site/);
  }
  assert.equal((await visitor.fetch('/auth/session')).status, 200);
  assert.deepEqual(requestsTo(provider, 'logout'), []);
  assert.equal(statusOf(visitor.sessionId), 'active');
});

test('a page that is fetched ahead of time signs nobody out', async () => {
  const visitor = signedIn(gateway, provider);
  for (const headers of [{ 'sec-purpose': 'prefetch' }, { 'sec-purpose': 'prefetch;prerender' }, { purpose: 'prefetch' }]) {
    const answer = await visitor.open('/auth/logout', { headers: { 'sec-fetch-site': 'same-origin', ...headers } });
    assert.deepEqual([answer.status, answer.setCookies], [200, []], JSON.stringify(headers));
  }
  assert.equal((await visitor.fetch('/auth/session')).status, 200);
});

test('the way back after sign-out is the site, whatever the request says', async () => {
  const visitor = signedIn(gateway, provider);
  const answer = await visitor.fetch('/auth/logout?return_to=https://evil.example', {
    method: 'POST', headers: { host: 'evil.example', 'x-forwarded-host': 'evil.example' },
  });
  assert.equal(new URL(answer.json().url).searchParams.get('return_to'), `${PUBLIC_URL}/`);
});
