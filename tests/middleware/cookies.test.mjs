// The session's cookies: several of one name, those of two people, and sessions that one cookie cannot hold (docs/cookies.md).

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, beforeEach, describe, test } from 'node:test';

import { startProvider } from '../../dev/src/provider.mjs';
import { SCRIPT, parseSetCookie } from '../worker/support/http.mjs';
import { part } from './support/package.mjs';
import { expressSite, fetchSite } from './support/sites.mjs';
import { PASSWORD, SESSION_COOKIE, Visitor, clientOf, expired, mint, requestsTo } from './support/stage.mjs';

const cookies = await part('cookies');
const limits = await part('limits');

const ATTRIBUTES = { name: 's', path: '/', sameSite: 'lax', secure: true, httpOnly: true };
const text = (length) => Array.from({ length }, (_, index) => String.fromCharCode(97 + (index % 26))).join('');
const names = (lines) => lines.map((line) => line.split('=')[0]);
/** What the browser sends after these lines. */
const sent = (lines) => lines.filter((line) => !line.includes('Max-Age=0')).map((line) => line.split(';')[0]).join('; ');

describe('on the wire', () => {
  test('only the exact octets of a name count', () => {
    assert.deepEqual(cookies.values('xs=0; s=1; S=2; s2=3; \u2000s=4; s =5; \ts\t= 6 ;=7; s; s="8"; s=', 's'), ['1', '5', '6', '8']);
    assert.deepEqual(cookies.values('s=a=b==', 's'), ['a=b==']);
    assert.deepEqual(cookies.values('s=2, a=1; s=3', 's'), ['2', '3']);
    assert.deepEqual(cookies.values('a=1, __Host-s=evil; __Host-s=good, b=2; c=, __Host-s=evil', '__Host-s'), ['good']);
    assert.equal(cookies.values('s=1;'.repeat(1000), 's').length, limits.COOKIE_VALUES);
  });

  test('lines are those of the core', () => {
    assert.equal(cookies.setLine(ATTRIBUTES, 'v', 60), 's=v; Max-Age=60; Path=/; HttpOnly; SameSite=Lax; Secure');
    const others = { ...ATTRIBUTES, domain: 'example.com', secure: false, httpOnly: false, sameSite: 'none' };
    assert.equal(cookies.deleteLine(others), 's=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; SameSite=None; Domain=example.com');
  });

  test('long values come back from their parts, and no stale part survives', async () => {
    assert.deepEqual(names(await cookies.set(ATTRIBUTES, text(4000), 60, '')), ['s']);
    for (const [length, parts] of [[4100, 2], [8000, 2], [9000, 3], [16_000, 4]]) {
      const lines = await cookies.set(ATTRIBUTES, text(length), 60, '');
      assert.equal(lines.length, parts, `${length}`);
      assert.ok(lines.every((line) => line.length <= 4096));
      assert.deepEqual(await cookies.read(sent(lines), 's'), [text(length)]);
    }
    assert.deepEqual(await cookies.set(ATTRIBUTES, text(17_000), 60, ''), []);
    const long = sent(await cookies.set(ATTRIBUTES, text(16_000), 60, ''));
    assert.deepEqual(names(await cookies.set(ATTRIBUTES, text(100), 60, long)), ['s', 's.0', 's.1', 's.2', 's.3']);
    assert.deepEqual(names(await cookies.set(ATTRIBUTES, text(8000), 60, long)), ['s.0', 's.1', 's.2', 's.3']);
    assert.deepEqual(names(await cookies.set(ATTRIBUTES, text(8000), 60, 's=old')), ['s.0', 's.1', 's']);
    assert.deepEqual(names(cookies.remove(ATTRIBUTES, long)), ['s', 's.0', 's.1', 's.2', 's.3']);
  });

  test('generations are never mixed, and hostile parts are refused', async () => {
    const [one, two] = [sent(await cookies.set(ATTRIBUTES, text(8000), 60, '')), sent(await cookies.set(ATTRIBUTES, text(8001), 60, ''))];
    const [first, second] = [one.split('; ')[0], two.split('; ')[1]];
    assert.deepEqual(await cookies.read(`${first}; ${second}`, 's'), [undefined]);
    assert.deepEqual(await cookies.read(`${one}; ${two}`, 's'), [text(8000), text(8001)]);
    for (const header of ['s.0=2', 's.0=2.x', 's.0=9.t.x; s.1=t.y', 's.0=-1.t.x', 's.0=1.t.x', 's.0=2.t.x; s.1=t.y', 's.0=__proto__.t.x']) assert.deepEqual(await cookies.read(header, 's'), [undefined], header);
  });

  test('hostile headers cost no more than others', () => {
    const started = performance.now();
    for (const header of [`${' '.repeat(120_000)}x=1`, `s=${' '.repeat(120_000)}x`, ';'.repeat(128_000), ', '.repeat(60_000), `s="${'"'.repeat(100_000)}`]) cookies.values(header, 's');
    assert.ok(performance.now() - started < 1_000, `${performance.now() - started} ms`);
  });
});

test('limits and defaults that the core has are the core\'s', () => {
  const core = fs.readFileSync(new URL('../../src/limits.rs', import.meta.url), 'utf8');
  const numberOf = (source) => source.split('..=').map((value) => value.replaceAll('_', '').split('*').reduce((product, factor) => product * Number(factor), 1));
  const inCore = { COOKIE_HEADER_CHARACTERS: 'COOKIE_HEADER_BYTES' };
  let compared = 0;
  for (const [name, value] of Object.entries(limits)) {
    if (['RETRY_SECONDS', 'RENDERING_SECONDS', 'RENDERING_SESSIONS'].includes(name)) continue;
    const [, source] = new RegExp(`const ${inCore[name] ?? name}: [^=]+= ([^;]+);`).exec(core) ?? [];
    assert.ok(source, `${name} is not in src/limits.rs`);
    assert.deepEqual([value].flat(), numberOf(source), name);
    compared += 1;
  }
  assert.ok(compared > 8);
});

for (const [name, start] of Object.entries({ fetch: fetchSite, Express: expressSite })) {
  describe(`behind ${name}`, () => {
    let provider;
    let site;
    before(async () => {
      provider = await startProvider();
      site = await start({ workos: clientOf(provider) });
    });
    beforeEach(() => {
      provider.reset();
      provider.knobs.set({ refreshGraceSeconds: 0 });
    });
    after(async () => {
      site.close();
      await provider.close();
    });
    const refreshes = () => requestsTo(provider, 'authenticate').length;
    const ask = (cookie, target = '/who') => site.request(target, { headers: { ...SCRIPT, cookie } });
    const pair = (...sealed) => sealed.map((value) => `${SESSION_COOKIE}=${value}`).join('; ');

    test('every cookie of the name is tried', async () => {
      const { sealed, sessionId } = await mint(provider);
      for (const cookie of [pair('garbage', sealed), pair(sealed, 'garbage'), `theme=dark; ${pair('', 'x', sealed)}; lang=en`, pair(...Array(7).fill('x'), sealed)]) {
        const answer = await ask(cookie);
        assert.deepEqual([answer.status, answer.json().id], [200, sessionId]);
      }
      assert.equal((await ask(pair(...Array.from({ length: 8 }, (_, index) => `x${index}`), sealed))).status, 401, 'a bounded number');
    });

    test('of two sessions of one person the newest counts', async () => {
      const older = await mint(provider, { lifetimeSeconds: 200 });
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      const newer = await mint(provider);
      for (const cookie of [pair(older.sealed, newer.sealed), pair(newer.sealed, older.sealed)]) assert.equal((await ask(cookie)).json().id, newer.sessionId);
    });

    for (const [what, options] of [['good', {}], ['expired', { lifetimeSeconds: -60 }]]) {
      for (const [whose, planted] of [['good', {}], ['expired', { lifetimeSeconds: -60 }]]) {
        test(`a ${what} session beside a ${whose} one of somebody else: both are refused, and all are deleted`, async () => {
          const [ada, grace] = [await mint(provider, { person: 'ada', ...options }), await mint(provider, { person: 'grace', ...planted })];
          const answer = await site.request('/docs/x/', { headers: { ...SCRIPT, host: 'app.eu.example.com', cookie: pair(ada.sealed, grace.sealed) } });
          assert.deepEqual([answer.status, answer.json().detail], [401, 'cookie_conflict']);
          const deleted = answer.setCookies.map(parseSetCookie).map(({ value, attributes }) => [value, attributes.path, attributes.domain]);
          for (const path of ['/', '/docs', '/docs/', '/docs/x', '/docs/x/']) {
            for (const domain of [undefined, 'app.eu.example.com', 'eu.example.com', 'example.com']) assert.ok(deleted.some(([value, ...at]) => value === '' && at[0] === path && at[1] === domain), `${path} ${domain}`);
          }
          assert.ok(!deleted.some(([, , domain]) => domain === 'com'));
        });
      }
    }

    test('what is left over of an older generation does no harm, and costs no second refresh', async () => {
      const visitor = await expired(site, provider);
      const old = visitor.session;
      await visitor.request('/who', { headers: SCRIPT });
      const answer = await ask(pair(old, visitor.session));
      assert.deepEqual([answer.status, refreshes(), answer.setCookies], [200, 1, []]);
      const dead = await mint(provider, { lifetimeSeconds: -60 });
      await fetch(`${provider.url}/dev/end-session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ sessionId: dead.sessionId }) });
      const both = await ask(pair(dead.sealed, visitor.session));
      assert.deepEqual([both.status, both.json().id, both.setCookies], [200, visitor.sessionId, []], 'one that is over says nothing about the others');
    });

    test('a session that one cookie cannot hold is split, read again, and gone when it is over', async () => {
      const visitor = await expired(site, provider, { person: 'katherine' });
      const answer = await visitor.request('/who', { headers: SCRIPT });
      assert.deepEqual([answer.status, refreshes()], [200, 1]);
      const parts = [...visitor.cookies.keys()].filter((name) => name.startsWith(SESSION_COOKIE)).sort();
      assert.ok(parts.length >= 2 && parts.every((name, index) => name === `${SESSION_COOKIE}.${index}`), parts.join());
      assert.ok(answer.setCookies.every((line) => line.length <= 4096));
      assert.equal((await visitor.request('/who', { headers: SCRIPT })).json().id, visitor.sessionId);
      assert.equal(refreshes(), 1);

      // A handler that deletes the cookie by its name deletes the parts too.
      await visitor.request('/signed-out', { headers: SCRIPT });
      assert.deepEqual([...visitor.cookies.keys()], []);
    });

    test('parts that do not fit together say so', async () => {
      const answer = await ask(`${SESSION_COOKIE}.0=2.abcdefgh.x; ${SESSION_COOKIE}.1=abcdefgh.y`);
      assert.deepEqual([answer.status, answer.json().detail, answer.json().reason], [401, 'cookie_parts_mixed', 'invalid_session_cookie']);
    });

    test('attributes are those that were asked for', async () => {
      const other = await start({ workos: clientOf(provider), cookiePassword: [PASSWORD], cookie: { name: 'sid', domain: 'example.com', path: '/app', sameSite: 'strict', maxAge: 60 } });
      try {
        const { sealed } = await mint(provider, { lifetimeSeconds: -60 });
        const lines = (await other.request('/who', { headers: { ...SCRIPT, host: 'www.example.com', cookie: `sid=${sealed}` } })).setCookies;
        assert.equal(lines.length, 1);
        assert.deepEqual(parseSetCookie(lines[0]).attributes, { 'max-age': '60', path: '/app', httponly: true, samesite: 'Strict', domain: 'example.com', secure: true });
        const local = (await other.request('/who', { headers: { ...SCRIPT, cookie: `sid=${(await mint(provider, { lifetimeSeconds: -60 })).sealed}` } })).setCookies;
        assert.equal(parseSetCookie(local[0]).attributes.secure, undefined);
      } finally {
        other.close();
      }
    });
  });
}

test('a host that is none makes no line of its own', async () => {
  const provider = await startProvider();
  const site = await expressSite({ workos: clientOf(provider) });
  try {
    const { sealed, sessionId } = await mint(provider, { lifetimeSeconds: -60 });
    await fetch(`${provider.url}/dev/end-session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ sessionId }) });
    const answer = await new Visitor(site, { [SESSION_COOKIE]: sealed }).request('/who', { headers: { ...SCRIPT, host: 'a;Domain=evil.example' } });
    assert.equal(answer.status, 401);
    assert.ok(answer.setCookies.length > 0 && answer.setCookies.every((line) => !line.includes('evil')), answer.setCookies.join('\n'));
  } finally {
    site.close();
    await provider.close();
  }
});
