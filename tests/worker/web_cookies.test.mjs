// Attack 18, and what browsers really keep: cookies that were planted beside ours, names that only look like ours, a session
// that changes its name, parts that are left over, sign-ins that nobody finished.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';

import { startProvider } from '../../dev/src/provider.mjs';
import { Visitor } from './support/browser.mjs';
import { SESSION_COOKIE, startGateway } from './support/gateway.mjs';
import { DOCUMENT, SCRIPT, parseSetCookie } from './support/http.mjs';
import { sendRaw } from './support/raw.mjs';
import { expired, requestsTo, sealSession, signedIn } from './support/sessions.mjs';
import { startUpstream } from './support/upstream.mjs';

const SITE = 'https://app.eu.example.com';
const NAME = '__Host-session';

const provider = await startProvider();
const upstream = await startUpstream();
const local = await startGateway(provider, { settings: { UPSTREAM_URL: upstream.url } });
const secure = await startGateway(provider, { settings: { UPSTREAM_URL: upstream.url, PUBLIC_URL: SITE, COOKIE_NAME: NAME, COOKIE_NAME_BEFORE: SESSION_COOKIE, ROUTES: [{ path: '/public/*', require: 'public' }] } });
const plain = await startGateway(provider, { settings: { UPSTREAM_URL: upstream.url, PUBLIC_URL: SITE } });
after(async () => {
  await plain.close();
  await secure.close();
  await local.close();
  await upstream.close();
  await provider.close();
});
beforeEach(() => {
  provider.reset();
  upstream.clear();
});

/** The names of the session's cookies that a visitor has. */
const names = ({ cookies }) => [...cookies.keys()].filter((name) => name.includes('session')).sort();
const mint = (options) => sealSession(provider.mintSession(options).response);
const session = (gateway, cookie) => sendRaw(gateway.address, '/auth/session', { headers: [cookie].flat().map((line) => ['cookie', line]) });

/** What a line of Set-Cookie deletes, as one word. */
const deleted = (lines) => lines.map(parseSetCookie).filter(({ attributes }) => attributes['max-age'] === '0')
  .map(({ name, attributes }) => `${name} ${attributes.domain ?? '-'} ${attributes.path}`);

test('a __Host- name is what stands there octet for octet, and nothing that looks like it', async () => {
  const good = mint();
  const evil = mint({ person: 'alan' });
  for (const planted of [
    `\xe2\x80\x80${NAME}=${evil}`, `\xc2\xa0${NAME}=${evil}`, `\xef\xbb\xbf${NAME}=${evil}`, `\x0b${NAME}=${evil}`, `${NAME}\xe2\x80\x80=${evil}`, `__host-session=${evil}`, `__HOST-session=${evil}`,
    `x${NAME}=${evil}`, `${NAME}x=${evil}`, `${NAME}[]=${evil}`, `"${NAME}"=${evil}`, `%5F%5FHost-session=${evil}`, `lang=en, ${NAME}=${evil}`, `lang="a; x=1, ${NAME}=${evil}"`,
    `$Version=1, ${NAME}=${evil}`, `Host-session=${evil}`, `_Host-session=${evil}`, `${NAME}.session=${evil}`, `${NAME}`, `=${NAME}=${evil}`,
  ]) {
    const alone = await session(secure, planted);
    // Some bytes no server takes at all.
    assert.ok(alone.status === 401 ? alone.json().detail === 'cookie_missing' : alone.status === 400, `${planted.slice(0, 40)}: ${alone.status} ${alone.body}`);
    for (const cookie of [`${planted}; ${NAME}=${good}`, `${NAME}=${good}; ${planted}`]) {
      const answer = await session(secure, cookie);
      if (answer.status === 400) continue;
      assert.deepEqual([answer.status, answer.json().user?.email], [200, 'ada@example.com'], planted.slice(0, 40));
    }
  }
});

test('a value in quotes is the value, and white space around it is none of it', async () => {
  const good = mint();
  for (const cookie of [`${NAME}="${good}"`, `\t${NAME} =\t${good} `, `a=1;${NAME}=${good};b=2`, `;;; ${NAME}=${good};`]) assert.equal((await session(secure, cookie)).status, 200, cookie.slice(0, 20));
});

test('two people at once: refused, and every cookie that may have been planted is deleted', async () => {
  const [ada, alan] = [mint(), mint({ person: 'alan' })];
  const cookie = `${SESSION_COOKIE}=${ada}; ${SESSION_COOKIE}=${alan}`;
  const answer = await plain.request('/app/x', { headers: { ...SCRIPT, cookie } });
  assert.deepEqual([answer.status, answer.json().detail], [401, 'cookie_conflict']);
  const gone = deleted(answer.setCookies);
  for (const domain of ['-', 'app.eu.example.com', 'eu.example.com', 'example.com']) {
    for (const path of ['/', '/app', '/app/', '/app/x']) assert.ok(gone.includes(`${SESSION_COOKIE} ${domain} ${path}`), `${domain} ${path}: ${gone}`);
  }
  assert.ok(!gone.some((line) => line.includes(' com ')), 'no browser takes one for a public suffix');
  assert.deepEqual(upstream.requests(), []);
  assert.deepEqual(requestsTo(provider, 'authenticate'), [], 'nobody is refreshed either');

  const page = await plain.request('/app/x', { headers: { ...DOCUMENT, cookie } });
  assert.deepEqual([page.status, deleted(page.setCookies).length], [302, gone.length]);
});

test('two people at once: nobody is refreshed, switched or left signed in as the other', async () => {
  const [ada, alan] = [mint({ lifetimeSeconds: -60 }), mint({ person: 'alan' })];
  for (const headers of [{ ...SCRIPT, cookie: `${SESSION_COOKIE}=${ada}; ${SESSION_COOKIE}=${alan}` }, { ...SCRIPT, cookie: `${SESSION_COOKIE}=${alan}; ${SESSION_COOKIE}=${ada}` }]) {
    for (const [target, body] of [['/auth/refresh'], ['/auth/switch', '{"organizationId":"org_01ACME0000000000000000000"}'], ['/auth/logout']]) {
      const answer = await plain.request(target, { method: 'POST', headers, body });
      assert.equal(answer.status, target === '/auth/logout' ? 200 : 401, target);
      assert.ok(deleted(answer.setCookies).includes(`${SESSION_COOKIE} example.com /`), `${target}: ${answer.setCookies}`);
      assert.ok(deleted(answer.setCookies).length === answer.setCookies.length);
    }
  }
  assert.deepEqual(requestsTo(provider, 'authenticate'), []);
});

test('a session of before the domain was changed goes with the others, at sign-out and when it is over', async () => {
  for (const [target, method, cookie] of [['/auth/logout', 'POST', mint()], ['/auth/session', 'GET', sealSession({ ...provider.mintSession({ lifetimeSeconds: -60 }).response, refresh_token: 'unknown' })]]) {
    const answer = await plain.request(target, { method, headers: { ...SCRIPT, cookie: `${SESSION_COOKIE}=${cookie}` } });
    assert.deepEqual(deleted(answer.setCookies), ['-', 'app.eu.example.com', 'eu.example.com', 'example.com'].map((domain) => `${SESSION_COOKIE} ${domain} /`), target);
  }
  const bound = await secure.request('/auth/logout', { method: 'POST', headers: { ...SCRIPT, cookie: `${NAME}=${mint()}` } });
  assert.deepEqual(deleted(bound.setCookies), [`${NAME} - /`], 'a name that no domain can have is deleted once');
});

test('a path that would break out of the line ends the list of paths', async () => {
  const cookie = `${SESSION_COOKIE}=${mint()}; ${SESSION_COOKIE}=${mint({ person: 'alan' })}`;
  for (const target of ['/app;Domain=evil.example/x', '/app/x;HttpOnly', `/${'a/'.repeat(400)}`]) {
    const answer = await plain.request(target, { headers: { ...SCRIPT, cookie } });
    assert.equal(answer.status, 401);
    assert.ok(answer.setCookies.length > 3 && answer.setCookies.length <= 32, `${answer.setCookies.length} lines`);
    assert.ok(!answer.setCookies.some((line) => /evil|Path=[^;]*x;|;HttpOnly/.test(line)), String(answer.setCookies));
  }
});

test('a session moves to its new name, and the old one goes, of this host and of every domain', async () => {
  const value = mint();
  const visitor = new Visitor(secure, { [SESSION_COOKIE]: value });
  const answer = await visitor.open('/app/x');
  assert.equal(answer.status, 200);
  const moved = answer.setCookies.map(parseSetCookie).find(({ name }) => name === NAME);
  assert.deepEqual(moved.attributes, { 'max-age': '34560000', path: '/', httponly: true, samesite: 'Lax', secure: true });
  const gone = deleted(answer.setCookies);
  for (const domain of ['-', 'example.com']) assert.ok(gone.includes(`${SESSION_COOKIE} ${domain} /`), String(gone));
  assert.deepEqual(names(visitor), [NAME]);
  assert.ok(!JSON.stringify(upstream.last().rawHeaders).includes(value));

  const next = await visitor.open('/app/x');
  assert.deepEqual([next.status, next.setCookies], [200, []], 'once');
});

test('a session with its old name is refreshed, shown and signed out like any other', async () => {
  const visitor = new Visitor(secure, { [SESSION_COOKIE]: mint({ lifetimeSeconds: -60 }) });
  assert.equal((await visitor.fetch('/auth/session')).status, 200);
  assert.deepEqual(names(visitor), [NAME]);
  for (const cookies of [{ [SESSION_COOKIE]: mint() }, { [NAME]: mint(), [SESSION_COOKIE]: mint() }]) {
    const leaving = new Visitor(secure, cookies);
    const answer = await leaving.fetch('/auth/logout', { method: 'POST' });
    assert.equal(answer.status, 200);
    assert.equal(leaving.cookies.size, 0);
    assert.ok(deleted(answer.setCookies).includes(`${SESSION_COOKIE} example.com /`), 'nobody stays signed in by the old one');
  }
});

test('a large session moves in parts', async () => {
  const visitor = new Visitor(local);
  await visitor.signIn({ choice: 'katherine-acme' });
  const moving = new Visitor(secure, Object.fromEntries(visitor.cookies));
  assert.equal((await moving.open('/app/x')).status, 200);
  assert.deepEqual(names(moving), [`${NAME}.0`, `${NAME}.1`]);
});

test('old and new name at once: one person goes on, two are refused and both names are deleted', async () => {
  const own = await session(secure, `${SESSION_COOKIE}=${mint()}; ${NAME}=${mint()}`);
  assert.equal(own.status, 200);
  const answer = await secure.request('/auth/session', { headers: { ...SCRIPT, cookie: `${SESSION_COOKIE}=${mint({ person: 'alan' })}; ${NAME}=${mint()}` } });
  assert.deepEqual([answer.status, answer.json().detail], [401, 'cookie_conflict']);
  for (const line of [`${SESSION_COOKIE} example.com /`, `${SESSION_COOKIE} - /`, `${NAME} - /`]) assert.ok(deleted(answer.setCookies).includes(line), line);
});

test('parts of two generations side by side, as two paths may hold them, are told apart: the newer session counts', async () => {
  const visitor = new Visitor(local);
  await visitor.signIn({ choice: 'katherine-acme' });
  const old = [...visitor.cookies];
  // A token's time has seconds.
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await visitor.fetch('/auth/refresh', { method: 'POST' });
  const header = (pairs) => pairs.map(([name, value]) => `${name}=${value}`).join('; ');
  const expected = (await visitor.fetch('/auth/session')).json().issuedAt;
  for (const cookie of [header([...old, ...visitor.cookies]), header([...visitor.cookies, ...old]), header([...visitor.cookies, ...old].sort())]) {
    const answer = await session(local, cookie);
    assert.deepEqual([answer.status, answer.json().issuedAt], [200, expected]);
  }
});

test('no stale part survives a refresh or a sign-out, however many there were', async () => {
  for (const leftover of [['.2', '.3'], ['.1', '.2', '.3'], ['']]) {
    const visitor = new Visitor(local);
    await visitor.signIn({ choice: 'katherine-acme' });
    for (const suffix of leftover) if (!visitor.cookies.has(SESSION_COOKIE + suffix)) visitor.cookies.set(SESSION_COOKIE + suffix, 'stale000.data');
    assert.equal((await visitor.fetch('/auth/refresh', { method: 'POST' })).status, 200);
    assert.deepEqual(names(visitor), [`${SESSION_COOKIE}.0`, `${SESSION_COOKIE}.1`]);
    visitor.cookies.set(`${SESSION_COOKIE}.3`, 'stale000.data');
    await visitor.fetch('/auth/logout', { method: 'POST' });
    assert.deepEqual(names(visitor), []);
  }
});

test('parts that do not fit together are refused, and sign-in makes whole what was broken', async () => {
  const visitor = new Visitor(local);
  await visitor.signIn({ choice: 'katherine-acme' });
  const second = visitor.cookies.get(`${SESSION_COOKIE}.1`);
  await visitor.fetch('/auth/refresh', { method: 'POST' });
  visitor.cookies.set(`${SESSION_COOKIE}.1`, second);
  assert.equal((await visitor.fetch('/auth/session')).json().detail, 'cookie_parts_mixed');
  assert.equal((await visitor.open('/app/x')).status, 302);
  await visitor.signIn({ choice: 'ada-acme' });
  assert.deepEqual(names(visitor), [SESSION_COOKIE]);
  assert.equal((await visitor.fetch('/auth/session')).status, 200);
});

test('a refresh answers the newest of several generations of one person, and uses up no other', async () => {
  const visitor = expired(local, provider);
  const stale = visitor.session;
  await visitor.fetch('/auth/session');
  provider.clearRequests();
  for (const cookie of [`${SESSION_COOKIE}=${stale}; ${SESSION_COOKIE}=${visitor.session}`, `${SESSION_COOKIE}=${visitor.session}; ${SESSION_COOKIE}=${stale}`]) {
    assert.equal((await session(local, cookie)).status, 200);
  }
  assert.deepEqual(requestsTo(provider, 'authenticate'), []);
});

test('sign-ins that are never finished do not pile up until no server takes the request', async () => {
  const visitor = new Visitor(secure);
  const returnTo = `/app/${'x'.repeat(1900)}`;
  for (let count = 0; count < 30; count += 1) {
    assert.equal((await visitor.open(`/auth/login?return_to=${returnTo}`)).status, 302);
    assert.ok(visitor.cookies.size <= 4, `${visitor.cookies.size} cookies`);
  }
  const bytes = [...visitor.cookies].reduce((sum, [name, value]) => sum + name.length + value.length + 3, 0);
  assert.ok(bytes < 16 * 1024, `${bytes} bytes`);
  const other = new Visitor(local);
  for (let count = 0; count < 6; count += 1) await other.open('/auth/login?return_to=/app/');
  await other.signIn({ returnTo: '/app/' });
  assert.equal((await other.open('/app/')).status, 200, 'the last one works all the same');
});
