// return_to: whatever it says, sign-in ends on this site.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';

import { startProvider } from '../../dev/src/provider.mjs';
import { Visitor } from './support/browser.mjs';
import { PUBLIC_URL, startGateway } from './support/gateway.mjs';
import { DOCUMENT, parseSetCookie } from './support/http.mjs';
import { unseal } from './support/sessions.mjs';

const provider = await startProvider();
const gateway = await startGateway(provider);
after(async () => {
  await gateway.close();
  await provider.close();
});

const OWN = [
  'https://evil.example', '//evil.example', '///evil.example', '/\\evil.example', '\\\\evil.example', '/\t/evil.example', '/\n/evil.example', '\t//evil.example',
  'javascript:alert(1)', 'data:text/html,x', 'http:evil.example', '/..//evil.example', '/./%2e%2e//evil.example', '/%09/evil.example', '/%5cevil.example',
  '/a/..//evil.example', '.evil.example', '@evil.example', ':80', '/app/\r\nset-cookie: x=1', '/é', '/auth/logout', '/auth/login', '/auth', '/auth/callback?code=x',
  '/auth\\logout', '/auth//logout', '/./auth/logout', '/x/../auth/logout', `/${'a'.repeat(5000)}`, ' /app/', '/app/ ', '\u0000/app/', '?x', '#x', '',
];

/** Signs in with this return_to and says where a browser lands, as an absolute URL. */
async function landing(returnTo) {
  const visitor = new Visitor(gateway);
  const finished = await visitor.signIn({ returnTo });
  return new URL(finished.headers.location, `${PUBLIC_URL}/auth/callback`);
}

test('a path of the site is come back to as it was', async () => {
  for (const target of ['/', '/app/', '/app/?a=b&c=https://other.example//', '/app/#part', '/%C5%82%C3%B3d%C5%BA?q=%2F%2F', '/authors', '/auth-guide']) {
    assert.equal((await landing(target)).href, PUBLIC_URL + target);
  }
});

test('nothing leads to another site, to an endpoint that changes something, or out of a header', async () => {
  for (const returnTo of OWN) {
    const url = await landing(returnTo);
    assert.equal(url.origin, PUBLIC_URL, JSON.stringify(returnTo));
    assert.ok(!/^\/auth(\/|$)/.test(url.pathname), `${JSON.stringify(returnTo)}: ${url.href}`);
  }
});

test('a repeated return_to is no way around', async () => {
  for (const query of ['return_to=/app/&return_to=//evil.example', 'return_to=//evil.example&return_to=/app/', 'return_to[]=//evil.example', 'return_to=%2F%2Fevil.example', 'return_to=%252F%252Fevil.example']) {
    const visitor = new Visitor(gateway);
    const finished = await visitor.signIn({ query });
    assert.equal(new URL(finished.headers.location, PUBLIC_URL).origin, PUBLIC_URL, query);
  }
});

test('the list of oauth2-proxy: every line stays on the site', async (t) => {
  const text = readVectors(t, 'openredirects.txt');
  if (!text) return;
  const lines = text.split('\n').filter(Boolean);
  assert.ok(lines.length > 500, `${lines.length} lines`);
  const accepted = new Set();
  await inParallel(lines, async (line) => {
    const returnTo = await destination(line);
    const url = new URL(returnTo, `${PUBLIC_URL}/auth/callback`);
    assert.equal(url.origin, PUBLIC_URL, line);
    assert.ok(returnTo.startsWith('/') && !url.pathname.startsWith('//') && url.username === '', line);
    if (returnTo !== '/') accepted.add(returnTo);
  });
  // What was let through goes the whole way, to see that nothing between here and the browser changes it.
  await inParallel([...accepted].slice(0, 40), async (line) => assert.equal((await landing(line)).origin, PUBLIC_URL, line));
});

test('the validator cases of oauth2-proxy: a path is taken where they take it, another site never', async (t) => {
  const text = readVectors(t, 'redirect_validator_cases.json');
  if (!text) return;
  const { cases } = JSON.parse(text);
  assert.equal(cases.length, 57);
  await inParallel(cases, async ({ name, rd, valid }) => {
    // There, other domains can be allowed; here, sign-in ends on this site or nowhere.
    const isTaken = valid && rd.startsWith('/');
    assert.equal(await destination(rd), isTaken ? rd : '/', name);
  });
});

/** Where a sign-in with this return_to will end, as its sealed cookie says. */
async function destination(returnTo) {
  const started = await gateway.request(`/auth/login?return_to=${encodeURIComponent(returnTo)}`, { headers: DOCUMENT });
  return JSON.parse(unseal(parseSetCookie(started.setCookies[0]).value)).returnTo;
}

function readVectors(t, name) {
  const folder = process.env.EDGESEAL_VECTORS;
  const file = folder && path.join(folder, 'third-party', 'oauth2-proxy', name);
  if (file && fs.existsSync(file)) return fs.readFileSync(file, 'utf8');
  t.skip(`EDGESEAL_VECTORS does not name a folder with third-party/oauth2-proxy/${name}`);
}

/** Eight at a time. */
async function inParallel(items, work) {
  const rest = [...items];
  await Promise.all(Array.from({ length: 8 }, async () => {
    while (rest.length > 0) await work(rest.pop());
  }));
}

test('the page that was asked for never leads elsewhere either', async () => {
  for (const target of ['/app/?return_to=//evil.example', '/app/@evil.example', '/app/\\evil.example']) {
    const answer = await gateway.request(target, { headers: DOCUMENT });
    if (answer.status === 400) continue;
    const url = new URL(answer.headers.location, PUBLIC_URL);
    assert.equal(url.origin + url.pathname, `${PUBLIC_URL}/auth/login`, target);
    assert.equal((await landing(url.searchParams.get('return_to'))).origin, PUBLIC_URL, target);
  }
});
