// A session that one cookie cannot hold: split where it has to be, joined again, and never mixed between generations.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';

import { startProvider } from '../../dev/src/provider.mjs';
import { Visitor } from './support/browser.mjs';
import { SESSION_COOKIE, startGateway } from './support/gateway.mjs';
import { parseSetCookie } from './support/http.mjs';
import { expired, openWithSdk, signedIn } from './support/sessions.mjs';

const provider = await startProvider();
const gateway = await startGateway(provider);
after(async () => {
  await gateway.close();
  await provider.close();
});
beforeEach(() => provider.reset());

const LARGE = { choice: 'katherine-acme' };
const FIRST = `${SESSION_COOKIE}.0`;
const SECOND = `${SESSION_COOKIE}.1`;

/** The value that the parts of a visitor make. */
function joined({ cookies }) {
  const [, count, first] = /^(\d)\.[^.]+\.(.*)$/.exec(cookies.get(FIRST));
  const others = Array.from({ length: count - 1 }, (_, index) => cookies.get(`${SESSION_COOKIE}.${index + 1}`).replace(/^[^.]+\./, ''));
  return [first, ...others].join('');
}

test('a large session is split into lines that every browser keeps, with all attributes on each', async () => {
  const visitor = new Visitor(gateway);
  const finished = await visitor.signIn(LARGE);
  const lines = finished.setCookies.filter((line) => line.startsWith(SESSION_COOKIE));
  assert.deepEqual(lines.map((line) => parseSetCookie(line).name), [FIRST, SECOND]);
  for (const line of lines) {
    assert.ok(line.length <= 4096, `${line.length} bytes`);
    assert.deepEqual(parseSetCookie(line).attributes, { 'max-age': '34560000', path: '/', httponly: true, samesite: 'Lax' });
  }
});

test('the parts are the session: it is authenticated, shown and refreshed', async () => {
  const visitor = new Visitor(gateway);
  await visitor.signIn(LARGE);
  const session = (await visitor.fetch('/auth/session')).json();
  assert.equal(session.permissions.length, 96);
  assert.equal((await visitor.open('/app/')).status, 200);
  assert.equal((await openWithSdk(provider, joined(visitor))).authenticated, true);
  const before = new Map(visitor.cookies);
  assert.equal((await visitor.fetch('/auth/refresh', { method: 'POST' })).status, 200);
  assert.notEqual(visitor.cookies.get(FIRST), before.get(FIRST));
  assert.equal((await visitor.fetch('/auth/session')).status, 200);
  assert.equal((await openWithSdk(provider, joined(visitor))).authenticated, true);
});

test('sign-out deletes every part', async () => {
  const visitor = new Visitor(gateway);
  await visitor.signIn(LARGE);
  assert.deepEqual(visitor.sessionCookies, [FIRST, SECOND]);
  await visitor.fetch('/auth/logout', { method: 'POST' });
  assert.deepEqual(visitor.sessionCookies, []);
});

test('a small session takes the place of a large one, and the reverse, and nothing is left over', async () => {
  const visitor = new Visitor(gateway);
  await visitor.signIn(LARGE);
  await visitor.signIn({ choice: 'ada-acme' });
  assert.deepEqual(visitor.sessionCookies, [SESSION_COOKIE]);
  assert.equal((await visitor.fetch('/auth/session')).json().user.email, 'ada@example.com');
  // Three people in ten seconds would count as a browser that goes round in circles.
  visitor.cookies.delete('edgeseal-sign-ins');
  await visitor.signIn(LARGE);
  assert.deepEqual(visitor.sessionCookies, [FIRST, SECOND]);
  assert.equal((await visitor.fetch('/auth/session')).json().user.email, 'katherine@example.com');
});

test('a whole cookie of any size that the server takes is read, as another application may write it', async () => {
  const visitor = signedIn(gateway, provider, { person: 'katherine' });
  assert.ok(visitor.session.length > 4096);
  assert.equal((await visitor.fetch('/auth/session')).status, 200);
});

test('parts of two generations, a missing part and a part alone are refused, and end nothing', async () => {
  const visitor = new Visitor(gateway);
  await visitor.signIn(LARGE);
  const [first, second] = [visitor.cookies.get(FIRST), visitor.cookies.get(SECOND)];
  await visitor.fetch('/auth/refresh', { method: 'POST' });
  const [nextFirst, nextSecond] = [visitor.cookies.get(FIRST), visitor.cookies.get(SECOND)];
  for (const [name, cookies] of Object.entries({
    'old first, new second': { [FIRST]: first, [SECOND]: nextSecond },
    'new first, old second': { [FIRST]: nextFirst, [SECOND]: second },
    'first alone': { [FIRST]: nextFirst },
    'swapped': { [FIRST]: nextSecond, [SECOND]: nextFirst },
    'a count that is none': { [FIRST]: nextFirst.replace(/^2/, '9'), [SECOND]: nextSecond },
    'a count of one': { [FIRST]: nextFirst.replace(/^2/, '1'), [SECOND]: nextSecond },
    'a part cut off': { [FIRST]: nextFirst, [SECOND]: nextSecond.slice(0, -1) },
  })) {
    const answer = await new Visitor(gateway, cookies).fetch('/auth/session');
    const { reason, detail } = answer.json();
    assert.deepEqual([answer.status, reason, detail, answer.setCookies], [401, 'invalid_session_cookie', 'cookie_parts_mixed', []], name);
  }
  const alone = await new Visitor(gateway, { [SECOND]: nextSecond }).fetch('/auth/session');
  assert.equal(alone.json().detail, 'cookie_missing');
  assert.equal((await visitor.fetch('/auth/session')).status, 200);
});

test('an expired large session is refreshed in parts', async () => {
  const visitor = expired(gateway, provider, { person: 'katherine' });
  const answer = await visitor.open('/app/');
  assert.equal(answer.status, 200);
  assert.deepEqual(visitor.sessionCookies, [FIRST, SECOND], 'the whole one is gone');
  assert.equal((await visitor.fetch('/auth/session')).json().user.email, 'katherine@example.com');
});
