// A site that runs WorkOS's own SDK behind the gateway, Node's and Python's for real: it gets the browser's session in its own
// seal, and what it makes of it comes back in the browser's.

import assert from 'node:assert/strict';
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { after, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startProvider } from '../../dev/src/provider.mjs';
import { Visitor } from './support/browser.mjs';
import { PASSWORD, SESSION_COOKIE, startGateway } from './support/gateway.mjs';
import { SCRIPT, parseSetCookie } from './support/http.mjs';
import { OTHER_LINES, startNodeSite, startPythonSite } from './support/sdk_upstream.mjs';
import { expired, openWithSdk, requestsTo, seal, sealSession, signedIn, unseal } from './support/sessions.mjs';
import { startUpstream } from './support/upstream.mjs';

const NAME = 'site-session';
const NODE_PASSWORD = 'the password of the site alone, 32 characters or more';
const FERNET_KEY = randomBytes(32).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
const ROUTES = [{ path: '/public/*', require: 'public' }];
const PREFETCH = { 'sec-purpose': 'prefetch' };

const provider = await startProvider();
const sites = [
  { label: 'Node', format: 'iron', cookiePassword: NODE_PASSWORD, site: await startNodeSite(provider, { cookieName: NAME, cookiePassword: NODE_PASSWORD }) },
  { label: 'Python', format: 'fernet', cookiePassword: FERNET_KEY, site: await startPythonSite(provider, { cookieName: NAME, cookiePassword: FERNET_KEY }) },
];
for (const entry of sites) {
  if (entry.site.missing) {
    console.log(`skipped: the site in ${entry.label}: ${entry.site.missing}`);
  } else {
    const settings = { UPSTREAM_URL: entry.site.url, UPSTREAM_SEAL: entry.format, UPSTREAM_COOKIE_NAME: NAME, UPSTREAM_COOKIE_PASSWORD: entry.cookiePassword, ROUTES };
    entry.gateway = await startGateway(provider, { settings });
  }
}
const upstream = await startUpstream();
after(async () => {
  for (const { gateway, site } of sites) {
    await gateway?.close();
    await site.close?.();
  }
  await upstream.close();
  await provider.close();
});
beforeEach(() => {
  provider.reset();
  upstream.clear();
});

/** The same test before every site. */
function withEachSite(name, run) {
  for (const entry of sites) test(`${name} (${entry.label})`, { skip: entry.site.missing }, () => run(entry));
}

const set = (visitor, lines, path = '/set') => visitor.fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(lines) });
const sessionLines = ({ setCookies }) => setCookies.map(parseSetCookie).filter(({ name }) => name.includes('session'));
const handedOn = ({ header }) => header.split('; ').filter((pair) => pair.includes('session'));

/** The codes of the session cookies of the site that were not adopted, one for each line in the log. */
const dropped = (gateway) => gateway.logs().split('\n').filter((line) => line.includes('upstream_session_dropped')).map((line) => JSON.parse(JSON.parse(line).message).detail);

/** The seal that the site gave last, after a refresh of its own. */
const refreshedBySite = async (gateway, visitor) => (await visitor.fetch('/refresh')).json().sealedSession;

withEachSite('the browser\'s one cookie is a session to the SDK, and no other spelling of it arrives', async ({ gateway }) => {
  const visitor = signedIn(gateway, provider, { person: 'thordis' });
  for (const [name, value] of [[NAME, 'forged'], [`${NAME}.0`, '2.t.x'], [`${SESSION_COOKIE}.1`, 't.x'], ['own', 'kept']]) visitor.cookies.set(name, value);
  const answer = await visitor.fetch('/show');
  const { authenticated, reason, email, sessionId, header } = answer.json();
  assert.deepEqual([authenticated, reason ?? null, email, sessionId], [true, null, 'thordis@example.com', visitor.sessionId]);
  const pairs = header.split('; ');
  assert.equal(pairs.length, 2, header);
  assert.ok(pairs[0].startsWith(`${NAME}=`) && pairs[1] === 'own=kept', header);
  assert.ok(!header.includes(visitor.session), 'not the browser\'s own seal');
  assert.deepEqual(answer.setCookies, []);
  assert.deepEqual(requestsTo(provider, 'authenticate'), []);
});

withEachSite('a session in parts arrives as one, and who acts in whose name is not lost', async ({ gateway }) => {
  const large = new Visitor(gateway);
  await large.signIn({ choice: 'katherine-acme' });
  assert.equal(large.sessionCookies.length, 2);
  const shown = (await large.fetch('/show')).json();
  assert.equal(shown.authenticated, true);
  assert.deepEqual(handedOn(shown).map((pair) => pair.split('=')[0]), [NAME]);
  const refreshed = await large.fetch('/refresh');
  assert.deepEqual(sessionLines(refreshed).map(({ name }) => name), [`${SESSION_COOKIE}.0`, `${SESSION_COOKIE}.1`]);
  assert.equal((await large.fetch('/show')).json().authenticated, true);

  const acting = signedIn(gateway, provider, { impersonator: { email: 'support@example.com', reason: 'a ticket' } });
  assert.equal((await acting.fetch('/show')).json().impersonator, 'support@example.com');
  await acting.fetch('/refresh');
  assert.equal((await acting.fetch('/auth/session')).json().impersonator.email, 'support@example.com');
});

withEachSite('what the SDK refreshes is the browser\'s next generation, in the browser\'s seal', async ({ gateway }) => {
  const visitor = signedIn(gateway, provider);
  const before = visitor.session;
  const answer = await visitor.fetch('/refresh');
  const { authenticated, reason, sealedSession } = answer.json();
  assert.deepEqual([authenticated, reason ?? null], [true, null]);
  assert.deepEqual(answer.setCookies.slice(0, 2), OTHER_LINES);
  assert.equal(answer.setCookies.length, 3);
  const { name, attributes } = parseSetCookie(answer.setCookies[2]);
  assert.deepEqual([name, attributes], [SESSION_COOKIE, { 'max-age': '34560000', path: '/', httponly: true, samesite: 'Lax' }]);
  assert.ok(!answer.setCookies.join().includes(sealedSession));
  assert.equal(answer.headers['cache-control'], 'private, no-store');

  assert.notEqual(visitor.session, before);
  const opened = await openWithSdk(provider, visitor.session, PASSWORD);
  assert.deepEqual([opened.authenticated, opened.sessionId, opened.user.email, opened.authenticationMethod], [true, visitor.sessionId, 'ada@example.com', 'Password']);
  assert.notEqual(JSON.parse(unseal(visitor.session)).refreshToken, visitor.response.refresh_token);
  assert.equal((await visitor.fetch('/show')).json().authenticated, true);
  // The pair that it holds is the one that the provider will exchange next, once it is a second old.
  provider.knobs.set({ refreshGraceSeconds: 0 });
  await sleep(1_000);
  assert.equal((await visitor.fetch('/auth/refresh', { method: 'POST' })).status, 200);
  assert.equal(requestsTo(provider, 'authenticate').length, 2);
});

withEachSite('a cookie that is set again as it was given changes nothing', async ({ gateway }) => {
  const visitor = signedIn(gateway, provider);
  const [own] = handedOn((await visitor.fetch('/show')).json());
  const answer = await set(visitor, [OTHER_LINES[0], `${own}; Path=/`, OTHER_LINES[1]]);
  assert.deepEqual(answer.setCookies, OTHER_LINES);
});

withEachSite('a deletion is a logout', async ({ gateway }) => {
  for (const leave of [(visitor) => visitor.fetch('/leave'), (visitor) => set(visitor, [OTHER_LINES[0], `${NAME}=x; Max-Age=0`, OTHER_LINES[1]])]) {
    const visitor = signedIn(gateway, provider);
    const answer = await leave(visitor);
    assert.deepEqual([answer.status, answer.setCookies.slice(0, 2)], [200, OTHER_LINES]);
    assert.deepEqual(sessionLines(answer).map(({ name, attributes }) => [name, attributes['max-age']]), [[SESSION_COOKIE, '0']]);
    assert.equal(visitor.session, undefined);
    assert.equal((await visitor.fetch('/show')).status, 401);
  }
});

withEachSite('nothing else is adopted: forged, foreign, old, in the browser\'s seal or under the browser\'s name', async ({ gateway }) => {
  const other = signedIn(gateway, provider, { person: 'alan' });
  const foreign = await refreshedBySite(gateway, other);
  const visitor = signedIn(gateway, provider);
  const [older] = handedOn((await visitor.fetch('/show')).json());
  // A token's time has seconds.
  await new Promise((resolve) => setTimeout(resolve, 1100));
  const current = await refreshedBySite(gateway, visitor);
  const before = visitor.session;
  const middle = Math.floor(current.length / 2);
  const tampered = current.slice(0, middle) + (current[middle] === 'A' ? 'B' : 'A') + current.slice(middle + 1);
  for (const [line, detail] of [
    [`${NAME}=garbage`, 'seal_unknown_format'],
    [`${NAME}=${tampered}`, 'seal_bad_mac'],
    [`${NAME}=${foreign}`, 'another_person'],
    [`${older}; Path=/`, 'older_generation'],
    [`${NAME}=${visitor.session}`, 'seal_'],
    [`${SESSION_COOKIE}=${other.session}`, 'cookie_foreign'],
    [`${SESSION_COOKIE}.0=2.t.x`, 'cookie_foreign'],
    [`${NAME}.0=2.t.x`, 'cookie_foreign'],
  ]) {
    const count = dropped(gateway).length;
    const answer = await set(visitor, [OTHER_LINES[0], line, OTHER_LINES[1]]);
    assert.deepEqual([answer.status, answer.setCookies], [200, OTHER_LINES], detail);
    const lines = dropped(gateway).slice(count);
    assert.equal(lines.length, 1, detail);
    assert.ok(lines[0].startsWith(detail), `${lines} for ${detail}`);
  }
  assert.equal(visitor.session, before);
  assert.equal((await visitor.fetch('/show')).json().email, 'ada@example.com');
  for (const secret of [foreign, current, before]) assert.ok(!gateway.logs().includes(secret.slice(0, 60)));
});

withEachSite('an expired token, and one near its end, is refreshed before it is handed on, and once', async ({ gateway }) => {
  for (const lifetimeSeconds of [-60, 30, 60]) {
    provider.clearRequests();
    const visitor = signedIn(gateway, provider, { lifetimeSeconds });
    const answer = await visitor.fetch('/show');
    assert.equal(answer.json().authenticated, true, String(lifetimeSeconds));
    assert.equal(requestsTo(provider, 'authenticate').length, 1);
    assert.deepEqual(sessionLines(answer).map(({ name }) => name), [SESSION_COOKIE]);
    assert.deepEqual((await visitor.fetch('/show')).setCookies, []);
  }
  provider.knobs.set({ tokenLifetimeSeconds: 20 });
  provider.clearRequests();
  const short = await expired(gateway, provider).fetch('/show');
  assert.deepEqual([short.status, handedOn(short.json()), requestsTo(provider, 'authenticate').length], [200, [], 1], 'no second one for a token that is born too short');
});

withEachSite('the site refreshes too, in the same request: its generation is the one that stays', async ({ gateway }) => {
  const visitor = signedIn(gateway, provider, { lifetimeSeconds: 30 });
  const answer = await visitor.fetch('/refresh');
  assert.equal(answer.json().authenticated, true);
  assert.equal(sessionLines(answer).length, 1);
  assert.equal(requestsTo(provider, 'authenticate').length, 2);
  provider.knobs.set({ refreshGraceSeconds: 0 });
  assert.equal((await visitor.fetch('/auth/refresh', { method: 'POST' })).status, 200, 'nobody is left with a pair that is used up');
});

withEachSite('while the provider is down a token near its end goes on without the cookie, and nobody is signed out', async ({ gateway }) => {
  const visitor = signedIn(gateway, provider, { lifetimeSeconds: 30 });
  for (const knobs of [{ down: { endpoints: ['authenticate'] } }, { fail: { status: 401, endpoints: ['authenticate'] } }]) {
    provider.knobs.set({ down: null, ...knobs });
    const answer = await visitor.fetch('/show');
    assert.deepEqual([answer.status, handedOn(answer.json()), answer.setCookies], [200, [], []]);
    assert.equal(Object.entries(answer.json().headers).find(([name]) => name.toLowerCase() === 'x-edgeseal-email')[1], 'ada@example.com');
  }
  const left = await visitor.fetch('/leave');
  assert.deepEqual(left.setCookies, OTHER_LINES, 'an SDK that got no cookie may take it for a broken one');
  assert.equal(dropped(gateway).at(-1), 'cookie_not_handed_on');
  assert.ok(visitor.session);
});

withEachSite('a definite answer ends the session, whatever its token says; a prefetch asks for none', async ({ gateway }) => {
  const visitor = signedIn(gateway, provider, { lifetimeSeconds: 30 });
  const early = await visitor.fetch('/show', { headers: PREFETCH });
  assert.deepEqual([early.status, handedOn(early.json()), early.setCookies], [200, [], []]);
  assert.deepEqual(requestsTo(provider, 'authenticate'), []);
  const gone = new Visitor(gateway, { [SESSION_COOKIE]: sealSession({ ...visitor.response, refresh_token: 'rt_unknown' }) });
  const answer = await gone.fetch('/show');
  assert.deepEqual([answer.status, answer.json().detail, gone.session], [401, 'invalid_grant', undefined]);
});

withEachSite('a public page gets no session cookie, and has no say about one', async ({ gateway }) => {
  const visitor = signedIn(gateway, provider);
  const sealed = await refreshedBySite(gateway, visitor);
  const before = visitor.session;
  assert.deepEqual(handedOn((await visitor.fetch('/public/show')).json()), []);
  for (const line of [`${NAME}=${sealed}`, `${NAME}=; Max-Age=0`, `${SESSION_COOKIE}=x`]) {
    const answer = await set(visitor, [OTHER_LINES[0], line, OTHER_LINES[1]], '/public/set');
    assert.deepEqual([answer.status, answer.setCookies], [200, OTHER_LINES]);
    const alone = await set(visitor, [line], '/public/set');
    assert.deepEqual([alone.setCookies, alone.headers['cache-control']], [[], 'private, no-cache'], 'an answer that was meant for one person');
  }
  assert.equal(visitor.session, before);
});

test('the site\'s seal is no proof: the token in it is verified like any other', async () => {
  const [{ gateway }] = sites;
  const visitor = signedIn(gateway, provider);
  const { access_token: token, refresh_token: refreshToken } = provider.mintSession().response;
  const expiredToken = provider.mintSession({ lifetimeSeconds: -60 }).response.access_token;
  const [header, claims, signature] = token.split('.');
  const middle = Math.floor(signature.length / 2);
  const unsigned = [header, claims, signature.slice(0, middle) + (signature[middle] === 'A' ? 'B' : 'A') + signature.slice(middle + 1)].join('.');
  for (const [session, detail] of [
    [{ accessToken: unsigned, refreshToken }, 'bad_signature'],
    [{ accessToken: expiredToken, refreshToken }, 'token_expired'],
    [{ accessToken: token, refreshToken, user: { id: 'user_of_another_name' } }, 'session_malformed'],
    [{ accessToken: token }, 'refresh_token_missing'],
    [{ refreshToken }, 'session_malformed'],
  ]) {
    const answer = await set(visitor, [`${NAME}=${seal(JSON.stringify(session), { password: NODE_PASSWORD })}; Path=/`]);
    assert.deepEqual([answer.status, answer.setCookies, dropped(gateway).at(-1)], [200, [], detail]);
  }
  const good = { accessToken: token, refreshToken, siteSays: 'kept' };
  await set(visitor, [`${NAME}=${seal(JSON.stringify(good), { password: NODE_PASSWORD })}; Path=/`]);
  const adopted = JSON.parse(unseal(visitor.session));
  assert.deepEqual([adopted.accessToken, adopted.siteSays, adopted.user.email], [token, 'kept', 'ada@example.com']);
});

test('a site in Rails gets Ruby\'s seal as Rack reads it, and the format of the browser\'s own session stays', async (t) => {
  // Name and password are those of the browser's cookie where nothing else is said.
  const gateway = await startGateway(provider, { settings: { UPSTREAM_URL: upstream.url, UPSTREAM_SEAL: 'ruby' } });
  t.after(() => gateway.close());
  const key = createHash('sha256').update(PASSWORD).digest();
  const visitor = signedIn(gateway, provider);
  await visitor.fetch('/show');
  const { cookie } = upstream.last().headers;
  assert.match(cookie, new RegExp(`^${SESSION_COOKIE}=[\\w%]+$`));
  const sealed = Buffer.from(decodeURIComponent(cookie.slice(SESSION_COOKIE.length + 1)), 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 13)).setAuthTag(sealed.subarray(13, 29));
  const data = JSON.parse(Buffer.concat([decipher.update(sealed.subarray(29)), decipher.final()]).toString());
  assert.deepEqual([sealed[0], data.access_token, data.user.email], [1, visitor.response.access_token, 'ada@example.com']);

  const next = await fetch(`${provider.url}/user_management/authenticate`, {
    method: 'POST',
    headers: { authorization: `Bearer ${provider.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ grant_type: 'refresh_token', client_id: provider.clientId, client_secret: provider.apiKey, refresh_token: data.refresh_token }),
  }).then((response) => response.json());
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const ciphertext = Buffer.concat([cipher.update(JSON.stringify({ access_token: next.access_token, refresh_token: next.refresh_token })), cipher.final()]);
  const value = encodeURIComponent(Buffer.concat([Buffer.of(1), iv, cipher.getAuthTag(), ciphertext]).toString('base64'));
  upstream.answerWith((_, response) => response.writeHead(200, { 'set-cookie': `${SESSION_COOKIE}=${value}; path=/; HttpOnly` }).end());
  await visitor.fetch('/set');
  const adopted = JSON.parse(unseal(visitor.session));
  assert.deepEqual([adopted.refreshToken, adopted.user.email], [next.refresh_token, 'ada@example.com'], 'what the site left out is kept');
});

test('a format that is not known, or that the password does not suit, is said by name', async () => {
  for (const [settings, words] of [
    [{ UPSTREAM_SEAL: 'rot13' }, /UPSTREAM_SEAL.*fernet/s],
    [{ UPSTREAM_SEAL: 'fernet' }, /UPSTREAM_COOKIE_PASSWORD.*url-safe base64 of 32 bytes/s],
  ]) {
    const gateway = await startGateway(provider, { settings });
    const answer = await gateway.request('/app/', { headers: SCRIPT });
    await gateway.close();
    assert.equal(answer.status, 500);
    assert.match(answer.body, words);
  }
});
