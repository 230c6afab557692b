// `edgeseal/next` over a stand-in for Next: what it asks of Next, and what it makes of it. next/ has applications in which it is the real one.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startProvider } from '../../dev/src/provider.mjs';
import { DOCUMENT, SCRIPT, parseSetCookie } from '../worker/support/http.mjs';
import { edgeseal, forwarded, inPage, proxied } from './support/next.mjs';
import { stytch } from './support/package.mjs';
import { SESSION_COOKIE, clientOf, mint } from './support/stage.mjs';

let provider;
let auth;
before(async () => {
  provider = await startProvider();
  auth = edgeseal({ workos: clientOf(provider), loginUrl: '/login', routes: [{ path: '/public', require: 'public' }] });
});
after(() => provider.close());

const cookieOf = async (options) => `${SESSION_COOKIE}=${(await mint(provider, options)).sealed}`;
const lateCookie = () => cookieOf({ lifetimeSeconds: -60 });
const setIn = (response) => response.headers.getSetCookie().map(parseSetCookie);

test('an option that cannot work is a TypeError that names it', () => {
  const workos = clientOf(provider);
  const client = new stytch.Client({ project_id: 'project-test-1', secret: 's' });
  for (const [parameters, name] of [
    [[], /has to be given options/],
    [[{ workos }, 'no function'], /second argument/],
    [[{ workos, authkit: true }], /`authkit` has to be an object/],
    [[{ workos, authkit: { eager: true } }], /`authkit\.eager` is not known/],
    [[{ workos, authkit: { eagerAuth: 1 } }], /`authkit\.eagerAuth`/],
    [[{ workos, authkit: { redirectUri: '/callback' } }], /`authkit\.redirectUri`/],
    [[{ workos, authkit: { signUpPaths: '/join' } }], /`authkit\.signUpPaths`/],
    [[{ stytch: client, authkit: {} }], /`authkit` is for WorkOS/],
    [[{ workos, authkit: {}, cookie: { maxAge: 0 } }], /`cookie\.maxAge`/],
  ]) {
    assert.throws(() => edgeseal(...parameters), (error) => error instanceof TypeError && name.test(error.message), String(name));
  }
});

test('sign-in is an address of the server that was asked, which Next makes one of this site', async () => {
  const response = await auth(proxied('/app?x=1', DOCUMENT));
  const location = `http://localhost:3000/login?return_to=${encodeURIComponent('/app?x=1')}`;
  assert.deepEqual([response.status, response.headers.get('location')], [302, location]);
});

test('cookies are for the host that the browser knows: secure, but on this machine', async () => {
  for (const [host, secure] of [['site.example', true], ['localhost:3000', undefined]]) {
    const response = await auth(proxied('/app', { ...SCRIPT, host, cookie: await lateCookie() }));
    const [{ name, attributes }] = setIn(response);
    assert.deepEqual([name, attributes.secure], [SESSION_COOKIE, secure]);
  }
});

test('the page sees the new cookie, and the others as they were sent', async () => {
  const response = await auth(proxied('/app', { ...SCRIPT, cookie: `theme=a%20b; ${await lateCookie()}; ${SESSION_COOKIE}=garbage` }));
  const [{ value }] = setIn(response);
  const headers = forwarded(response);
  assert.equal(headers.get('cookie'), `theme=a%20b; ${SESSION_COOKIE}=${value}`);
  assert.equal((await inPage(headers, auth.getSession)).user.email, 'ada@example.com');
});

test('without a session the cookie stays, unless it is over', async () => {
  const [late, good] = [await lateCookie(), await cookieOf()];
  provider.knobs.set({ fail: { status: 429, endpoints: ['authenticate'] } });
  const during = await auth(proxied('/public', { ...SCRIPT, cookie: late }));
  provider.knobs.set({ fail: null });
  assert.equal(forwarded(during).get('cookie'), late);
  assert.equal(await inPage(forwarded(during), auth.getSession), null);
  // A second person's cookie was planted: no page may take either for the visitor's.
  const planted = await auth(proxied('/public', { ...SCRIPT, cookie: `theme=dark; ${good}; ${await cookieOf({ person: 'grace' })}` }));
  assert.equal(forwarded(planted).get('cookie'), 'theme=dark');
});

test('a page asks by the cookies alone: without the proxy too, and nothing else that a visitor sends counts', async () => {
  const cookie = await cookieOf();
  assert.equal((await inPage({ cookie }, auth.getSession)).user.email, 'ada@example.com');
  const { response } = await mint(provider);
  const told = { 'x-workos-session': cookie.slice(SESSION_COOKIE.length + 1), 'x-edgeseal-user-id': response.user.id };
  const headers = { authorization: `Bearer ${response.access_token}`, ...told };
  assert.equal(await inPage(headers, auth.getSession), null);
  assert.equal(await inPage({ cookie: await lateCookie() }, auth.getSession), null, 'nothing is refreshed');
});

test('a token that ends while the page is made still counts for whom the proxy has let in, and for nobody else', async () => {
  const [cookie, other] = [await cookieOf({ lifetimeSeconds: 2 }), await cookieOf({ lifetimeSeconds: 2 })];
  const headers = forwarded(await auth(proxied('/app', { ...SCRIPT, cookie })));
  await sleep(2_500);
  assert.equal((await inPage(headers, auth.getSession)).user.email, 'ada@example.com');
  assert.equal(await inPage({ cookie: other }, auth.getSession), null);
  // Nor does it open what this site cannot.
  const foreign = edgeseal({ workos: clientOf(provider), cookiePassword: 'another password of at least 32 characters' });
  assert.equal(await inPage(headers, foreign.getSession), null);
});

test("AuthKit's headers are the proxy's own", async () => {
  const authkit = { signUpPaths: ['/join', '/start'], redirectUri: 'https://site.example/callback' };
  const beside = edgeseal({ workos: clientOf(provider), routes: [{ path: '/public', require: 'public' }], authkit });
  const forged = { 'x-workos-session': 'forged', 'x-workos-other': '1', 'x-url': 'https://evil.example/', 'x-redirect-uri': 'https://evil.example/' };
  const cookie = await cookieOf();
  const expected = {
    'x-workos-middleware': 'true',
    'x-workos-session': null,
    'x-workos-other': null,
    'x-url': 'http://localhost:3000/public',
    'x-redirect-uri': 'https://site.example/callback',
    'x-sign-up-paths': '/join,/start',
  };
  const told = (headers) => Object.fromEntries(Object.keys(expected).map((name) => [name, headers.get(name)]));
  assert.deepEqual(told(forwarded(await beside(proxied('/public', { ...SCRIPT, ...forged })))), expected);
  const sealed = cookie.slice(SESSION_COOKIE.length + 1);
  assert.deepEqual(told(forwarded(await beside(proxied('/public', { ...SCRIPT, ...forged, cookie })))), { ...expected, 'x-workos-session': sealed });
});

test("AuthKit's cookie is the one that its variables say, unless the options do", async () => {
  const variables = { WORKOS_COOKIE_NAME: 'own', WORKOS_COOKIE_DOMAIN: 'site.example', WORKOS_COOKIE_MAX_AGE: '3600', WORKOS_COOKIE_SAMESITE: 'Strict' };
  const make = (options) => edgeseal({ workos: clientOf(provider), authkit: {}, ...options });
  const made = await withVariables(variables, () => [make(), make({ cookie: { name: 'other' } })]);
  for (const [index, name] of ['own', 'other'].entries()) {
    const cookie = (await lateCookie()).replace(SESSION_COOKIE, name);
    const [set] = setIn(await made[index](proxied('/app', { ...SCRIPT, cookie })));
    const expected = { 'max-age': '3600', path: '/', httponly: true, samesite: 'Strict', domain: 'site.example', secure: true };
    assert.deepEqual([set.name, set.attributes], [name, expected]);
  }
});

async function withVariables(variables, run) {
  Object.assign(process.env, variables);
  try {
    return await run();
  } finally {
    for (const name of Object.keys(variables)) delete process.env[name];
  }
}

for (const name of ['next', 'next-beside-authkit']) {
  test(`examples/${name}: three commands, settings that are named, and the package of this version`, () => {
    const read = (file) => fs.readFileSync(new URL(`../../examples/${name}/${file}`, import.meta.url), 'utf8');
    const [, commands] = /```sh\n(.*?)\n```/s.exec(read('README.md'));
    assert.equal(commands.trim().split('\n').length, 3);
    const { dependencies, scripts } = JSON.parse(read('package.json'));
    const { version } = JSON.parse(fs.readFileSync(new URL('../../npm/package.json', import.meta.url), 'utf8'));
    assert.deepEqual([dependencies.edgeseal, typeof scripts.start], [`^${version}`, 'string']);
    const variables = ['WORKOS_CLIENT_ID', 'WORKOS_API_KEY', 'WORKOS_COOKIE_PASSWORD'];
    for (const variable of variables) assert.match(read('.env.example'), new RegExp(`^${variable}=`, 'm'));
  });
}
