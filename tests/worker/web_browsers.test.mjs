// What browsers do by themselves: fetching ahead, loading images, going round in circles. And what one needs to find a refused
// request again: its id on the page, in a header, and in exactly one log line that holds no secret.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startProvider } from '../../dev/src/provider.mjs';
import { Visitor } from './support/browser.mjs';
import { PASSWORD, PUBLIC_URL, SESSION_COOKIE, startGateway } from './support/gateway.mjs';
import { DOCUMENT, SCRIPT } from './support/http.mjs';
import { expired, requestsTo, sealSession, signedIn } from './support/sessions.mjs';
import { startUpstream } from './support/upstream.mjs';

const provider = await startProvider();
const upstream = await startUpstream();
const gateway = await startGateway(provider, { settings: { UPSTREAM_URL: upstream.url } });
after(async () => {
  await gateway.close();
  await upstream.close();
  await provider.close();
});
beforeEach(() => {
  provider.reset();
  upstream.clear();
});

/** How browsers say that nobody has asked yet. */
const AHEAD = [
  { 'sec-purpose': 'prefetch' }, { 'sec-purpose': 'prefetch;prerender' }, { 'sec-purpose': 'prerender' }, { 'sec-purpose': 'Prefetch; anonymous-client-ip' }, { purpose: 'prefetch' }, { purpose: 'preview' },
  { 'x-moz': 'prefetch' }, { 'x-purpose': 'preview' },
];
const destination = (name) => ({ accept: '*/*', 'sec-fetch-dest': name, 'sec-fetch-mode': name === 'iframe' ? 'navigate' : 'no-cors', 'sec-fetch-site': 'same-origin' });
const PARTS_OF_PAGES = ['image', 'style', 'script', 'font', 'video', 'audio', 'track', 'manifest', 'worker', 'serviceworker', 'iframe', 'frame', 'object', 'embed', 'report', 'empty'].map(destination);

test('a page that is fetched ahead starts no sign-in and no refresh, and is there for whoever is signed in', async () => {
  for (const ahead of AHEAD) {
    const headers = { ...DOCUMENT, ...ahead };
    const nobody = await gateway.request('/app/', { headers });
    assert.deepEqual([nobody.status, nobody.headers.location, nobody.setCookies], [401, undefined, []], JSON.stringify(ahead));
    const visitor = expired(gateway, provider);
    const late = await visitor.request('/app/', { headers });
    assert.deepEqual([late.status, late.json().detail, late.setCookies], [401, 'token_expired', []], JSON.stringify(ahead));
    assert.deepEqual(requestsTo(provider, 'authenticate'), []);
    assert.equal((await signedIn(gateway, provider).request('/app/', { headers })).status, 200);
    assert.equal((await visitor.open('/app/')).status, 200, 'and when somebody looks, it is refreshed');
    provider.clearRequests();
  }
});

test('the link to sign-in that is fetched ahead starts none, the one to sign-out ends nothing', async () => {
  for (const ahead of AHEAD) {
    const headers = { ...DOCUMENT, 'sec-fetch-site': 'same-origin', ...ahead };
    const login = await gateway.request('/auth/login?return_to=/app/', { headers });
    assert.deepEqual([login.status, login.json().detail, login.setCookies, login.headers.location], [403, 'prefetched', [], undefined], JSON.stringify(ahead));
    const visitor = signedIn(gateway, provider);
    assert.deepEqual((await visitor.request('/auth/logout', { headers })).setCookies, []);
    assert.equal((await visitor.open('/app/')).status, 200);
  }
});

test('images, scripts, frames and API requests are told, never sent to sign-in', async () => {
  for (const headers of [...PARTS_OF_PAGES, {}, { accept: 'application/json' }, { accept: '*/*', 'x-requested-with': 'XMLHttpRequest' }]) {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const answer = await gateway.request('/app/x', { method, headers });
      assert.deepEqual([answer.status, answer.headers.location, answer.setCookies], [401, undefined, []], `${method} ${JSON.stringify(headers)}`);
      if (method !== 'HEAD') assert.equal(answer.json().loginUrl, '/auth/login', 'to the start: a page cannot come back to a POST or an image');
    }
  }
  assert.deepEqual(upstream.requests(), []);
});

test('whatever a page needs is refreshed on the way when its token has expired: a POST, a fetch, an image', async () => {
  for (const [method, headers] of [['POST', DOCUMENT], ['PUT', SCRIPT], ['DELETE', SCRIPT], ['GET', SCRIPT], ['GET', { accept: 'application/json' }], ['GET', destination('image')], ['HEAD', {}]]) {
    upstream.clear();
    const visitor = expired(gateway, provider);
    const answer = await visitor.request('/app/x', { method, headers: { ...headers, ...(method === 'DELETE' && { 'content-length': '0' }) }, ...(['POST', 'PUT'].includes(method) && { body: 'typed' }) });
    assert.deepEqual([answer.status, answer.headers.location, answer.setCookies.length], [200, undefined, 1], `${method} ${JSON.stringify(headers)}`);
    assert.equal(upstream.requests().length, 1);
    assert.equal(upstream.last().body.toString(), ['POST', 'PUT'].includes(method) ? 'typed' : '');
  }
});

test('a browser that keeps no session is stopped at the third sign-in in ten seconds, told why, and can go on later', async () => {
  const visitor = new Visitor(gateway);
  const round = async () => {
    const answer = await visitor.open(await visitor.reachCallback({ returnTo: '/app/' }));
    visitor.cookies.delete(SESSION_COOKIE);
    return answer;
  };
  assert.deepEqual([(await round()).status, (await round()).status], [302, 302]);
  const third = await round();
  assert.equal(third.status, 400);
  assert.match(third.headers['content-type'], /text\/html/);
  for (const text of ['sign_in_loop', 'accepts cookies', `/auth/login?return_to=${encodeURIComponent('/app/')}`, third.headers['x-request-id']]) assert.ok(third.body.includes(text), text);
  assert.equal(third.headers.location, undefined);
  await sleep(10_000);
  assert.equal((await round()).status, 302, 'ten seconds later it counts from the start');
});

test('another person\'s cookie that cannot be got rid of is a loop as well, and signing in anew is none', async () => {
  const { response } = provider.mintSession({ person: 'alan' });
  const visitor = new Visitor(gateway);
  const statuses = [];
  for (let round = 0; round < 3; round += 1) {
    // As from a place that our deletion does not reach.
    visitor.cookies.set(SESSION_COOKIE, sealSession(response));
    statuses.push((await visitor.open(await visitor.reachCallback())).status);
  }
  assert.deepEqual(statuses, [302, 302, 400]);

  const content = new Visitor(gateway);
  for (let round = 0; round < 5; round += 1) await content.signIn();
});

test('sign-ins in several tabs of one browser are no loop', async () => {
  const visitor = new Visitor(gateway);
  const targets = [];
  for (let tab = 0; tab < 4; tab += 1) targets.push(await visitor.reachCallback({ returnTo: `/app/?${tab}` }));
  for (const [tab, target] of targets.entries()) assert.equal((await visitor.open(target)).headers.location, `/app/?${tab}`);
});

const refusals = () => gateway.logs().split('\n').filter(Boolean).map((line) => JSON.parse(line)).filter(({ message }) => String(message).includes('"event"')).map(({ message }) => JSON.parse(message));

/** The line of a request; written a moment after the answer, so it is waited for. */
async function lineOf(id) {
  for (const deadline = Date.now() + 5_000; ; await sleep(20)) {
    const lines = refusals().filter(({ request }) => request === id);
    if (lines.length > 0) return lines;
    if (Date.now() > deadline) assert.fail(`no line of ${id}`);
  }
}

test('every refusal has an id: on the page, in a header, and in one log line with status and code', async () => {
  for (const [target, options, status, detail] of [
    ['/app/x?secret=1', { headers: SCRIPT }, 401, 'cookie_missing'],
    ['/app/x?secret=1', { headers: DOCUMENT }, 302, 'cookie_missing'],
    ['/auth/callback?code=secret&state=secret', { headers: DOCUMENT }, 400, 'state_unknown'],
    ['/auth/nothing', { headers: DOCUMENT }, 404, 'endpoint_not_found'],
    ['/auth/logout', { method: 'POST', headers: {} }, 403, 'cross_site'],
    ['/auth/session', { headers: { cookie: `${SESSION_COOKIE}=secret` } }, 401, 'seal_unknown_format'],
  ]) {
    const answer = await gateway.request(target, options);
    const id = answer.headers['x-request-id'];
    assert.match(id, /^[\w-]{12,64}$/);
    assert.equal(answer.status, status);
    if (/html/.test(answer.headers['content-type'])) assert.ok(answer.body.includes(id) && answer.body.includes(detail) && !answer.body.includes('{request}'), answer.body.slice(-400));
    const lines = await lineOf(id);
    assert.equal(lines.length, 1);
    assert.deepEqual(lines[0], { event: 'refused', request: id, method: options.method ?? 'GET', path: target.split('?')[0], status, detail });
  }
  const ids = await Promise.all(Array.from({ length: 20 }, async () => (await gateway.request('/app/')).headers['x-request-id']));
  assert.equal(new Set(ids).size, 20);
});

test('Cloudflare\'s own id is taken where it is one, and nothing else is written into page or log', async () => {
  const known = await gateway.request('/auth/nothing', { headers: { ...DOCUMENT, 'cf-ray': '8f2e3a4b5c6d7e8f-TXL' } });
  assert.equal(known.headers['x-request-id'], '8f2e3a4b5c6d7e8f-TXL');
  for (const id of ['<script>alert(1)</script>', '","event":"forged', 'x'.repeat(65), '{request}', 'a b', 'é']) {
    const answer = await gateway.request('/auth/nothing', { headers: { ...DOCUMENT, 'cf-ray': id } });
    assert.match(answer.headers['x-request-id'], /^[\w-]{12}$/, id);
    assert.ok(!answer.body.includes(id), id);
  }
  const long = await gateway.request(`/auth/${'x'.repeat(5000)}%0a"}{`, { headers: SCRIPT });
  const [line] = await lineOf(long.headers['x-request-id']);
  assert.ok(line.path.length <= 200);
});

test('an answer for scripts says what is so, whatever a person is called', async () => {
  const { response } = provider.mintSession();
  const visitor = new Visitor(gateway, { [SESSION_COOKIE]: sealSession({ ...response, user: { ...response.user, first_name: '{request}' } }) });
  assert.equal((await visitor.fetch('/auth/session')).json().user.firstName, '{request}');
});

test('no token, cookie, code, state or secret stands in any log line, whatever happened', async () => {
  const visitor = new Visitor(gateway);
  const started = await visitor.open('/auth/login?return_to=/app/%3Fprivate-query');
  const state = new URL(started.headers.location).searchParams.get('state');
  const flow = [...visitor.cookies.values()].join();
  const callback = await visitor.reachCallback({ returnTo: '/app/?private-query' });
  const code = new URL(callback, PUBLIC_URL).searchParams.get('code');
  provider.knobs.set({ fail: { status: 500, endpoints: ['authenticate'], times: 1 } });
  await visitor.open(callback);
  await visitor.open(callback);
  await visitor.open(callback);
  const late = expired(gateway, provider);
  const lateSession = late.session;
  provider.knobs.set({ down: {} });
  await late.fetch('/app/?private-query');
  await late.fetch('/auth/refresh', { method: 'POST' });
  provider.knobs.reset();
  await gateway.request('/app/', { headers: { cookie: `${SESSION_COOKIE}=${lateSession}; ${SESSION_COOKIE}=${sealSession(provider.mintSession({ person: 'alan' }).response)}` } });
  await gateway.request('/app/', { headers: { cookie: `${SESSION_COOKIE}=${lateSession.slice(0, -9)}`, authorization: 'Bearer private-bearer' } });
  upstream.answerWith((_, response) => response.destroy());
  await late.fetch('/app/?private-query');
  await sleep(200);

  const logs = gateway.logs();
  const secrets = { state, flow, code, PASSWORD, apiKey: provider.apiKey, session: visitor.session, lateSession, bearer: 'private-bearer', query: 'private-query', refresh: late.response.refresh_token };
  for (const [name, secret] of Object.entries(secrets)) {
    assert.ok(secret?.length > 8, name);
    assert.ok(!logs.includes(secret), `${name} is in the log`);
  }
  assert.ok(!/Fe26\.2|eyJ[\w-]{10}/.test(logs), 'nor anything in the shape of a seal or a token');
  assert.ok(refusals().length > 20, 'there is something in it');
});
