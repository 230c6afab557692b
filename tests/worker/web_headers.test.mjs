// Attacks 15 and 16: headers in which a visitor claims where a request comes from, which path or method it really has, or who
// is signed in. They change no decision and do not reach the site behind the gateway, in any spelling.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';

import { startProvider } from '../../dev/src/provider.mjs';
import { PUBLIC_URL, SESSION_COOKIE, startGateway } from './support/gateway.mjs';
import { sendRaw } from './support/raw.mjs';
import { expired, signedIn } from './support/sessions.mjs';
import { startUpstream } from './support/upstream.mjs';

const MARK = 'claimed-by-the-visitor';

const provider = await startProvider();
const upstream = await startUpstream();
const gateway = await startGateway(provider, {
  settings: {
    UPSTREAM_URL: upstream.url,
    ROUTES: [
      { path: '/public/*', require: 'public' },
      { path: '/hooks/*', methods: ['POST'], require: 'public' },
    ],
  },
});
after(async () => {
  await gateway.close();
  await upstream.close();
  await provider.close();
});
beforeEach(() => {
  provider.reset();
  upstream.clear();
});

/** Claims about the way of a request, and about the request itself. */
const CLAIMS = [
  'Forwarded', 'X-Forwarded', 'X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Proto', 'X-Forwarded-Protocol', 'X-Forwarded-Port', 'X-Forwarded-Server', 'X-Forwarded-Scheme',
  'X-Forwarded-Ssl', 'X-Forwarded-By', 'X-Forwarded-Prefix', 'X-Forwarded-Path', 'X-Forwarded-Uri', 'X-Forwarded-Method', 'X-Forwarded-Query', 'X-Forwarded-User', 'X-Forwarded-Email',
  'X-Forwarded-Groups', 'X-Forwarded-Access-Token', 'X-Forwarded-Preferred-Username', 'X-Forwarded-Client-Cert', 'X-Forwarded-Anything-Else', 'X-Original-URL', 'X-Original-URI', 'X-Original-Host',
  'X-Original-Method', 'X-Original-For', 'X-Original-Remote-Addr', 'X-Rewrite-URL', 'X-Rewrite-Path', 'X-Middleware-Subrequest', 'X-Middleware-Subrequest-Id', 'X-Real-IP', 'X-Client-IP', 'Client-IP', 'True-Client-IP',
  'X-Cluster-Client-IP', 'X-Host', 'X-HTTP-Host-Override', 'X-Url-Scheme', 'Front-End-Https',
];
const IDENTITY = ['user-id', 'email', 'session-id', 'organization-id', 'role', 'roles', 'permissions', 'impersonator', 'assertion', 'provider', 'anything-else'].map((name) => `x-edgeseal-${name}`);

/** A name as others may read it: case, and what stands for a dash. */
const spellings = (name) => [name, name.toLowerCase(), name.toUpperCase(), name.replaceAll('-', '_'), name.toLowerCase().replaceAll('-', '_'), name.replaceAll('-', '.'), name.replaceAll('-', '~'), name.replace('-', '_')];

async function request(target, headers, cookie) {
  upstream.clear();
  const answer = await sendRaw(gateway.address, target, { headers: [...headers, ...(cookie ? [['cookie', cookie]] : [])] });
  return { answer, received: upstream.last() };
}

const valueOf = ({ rawHeaders }, name) => rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1].toLowerCase() === name);

test('no claim about the way of a request changes a decision or reaches the upstream, in any spelling', async () => {
  const cookie = `${SESSION_COOKIE}=${signedIn(gateway, provider).session}`;
  for (const name of CLAIMS) {
    const headers = spellings(name).map((spelling) => [spelling, `/public/x, ${MARK}`]);
    assert.equal((await request('/app/', headers)).answer.status, 401, name);
    for (const [target, session] of [['/public/x', undefined], ['/app/', cookie]]) {
      const { answer, received } = await request(target, headers, session);
      assert.equal(answer.status, 200, name);
      assert.equal(received.target, target);
      assert.ok(!JSON.stringify(received.rawHeaders).includes(MARK), `${name}: ${received.rawHeaders}`);
      assert.deepEqual(valueOf(received, 'x-forwarded-host'), [new URL(PUBLIC_URL).host]);
      assert.deepEqual(valueOf(received, 'x-forwarded-proto'), ['http']);
    }
  }
});

test('the address of the visitor is the runtime\'s, once, and no other', async () => {
  const { received } = await request('/public/x', [['x-forwarded-for', `10.0.0.1, ${MARK}`], ['X-FORWARDED-FOR', '127.0.0.1'], ['x-real-ip', '127.0.0.1']]);
  const addresses = valueOf(received, 'x-forwarded-for');
  assert.ok(addresses.length <= 1, String(addresses));
  // The local runtime may know none; what it knows is one address.
  for (const address of addresses) assert.match(address, /^[\da-f.:]+$/);
});

test('no identity header from outside reaches the upstream: any spelling, several lines, named in Connection', async () => {
  const cookie = `${SESSION_COOKIE}=${signedIn(gateway, provider, { person: 'margaret' }).session}`;
  for (const name of IDENTITY) {
    const lines = spellings(name).flatMap((spelling) => [[spelling, MARK], [spelling, `${MARK}, admin`]]);
    for (const headers of [lines, [...lines, ['connection', spellings(name).slice(0, 5).join(', ')]], [['connection', `close, ${name}`], ...lines]]) {
      assert.equal((await request('/app/', headers)).answer.status, 401, name);
      for (const [target, session] of [['/public/x', undefined], ['/app/', cookie]]) {
        const { received } = await request(target, headers, session);
        assert.ok(!JSON.stringify(received.rawHeaders).includes(MARK), `${name}: ${received.rawHeaders}`);
      }
    }
  }
});

// workerd shows a Worker no Connection header, so what else it names passes; what counts is that ours stays.
test('Connection takes nothing away that the gateway says', async () => {
  const cookie = `${SESSION_COOKIE}=${signedIn(gateway, provider).session}`;
  const ours = ['x-edgeseal-user-id', 'x-edgeseal-email', 'x-edgeseal-role', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-for'];
  const { answer, received } = await request('/app/', [['connection', [...ours, 'cookie', 'authorization'].join(', ')]], cookie);
  assert.equal(answer.status, 200);
  for (const name of ours.slice(0, 5)) assert.equal(valueOf(received, name).length, 1, name);
});

test('headers of one connection stay on it', async () => {
  const names = ['Keep-Alive', 'Proxy-Authenticate', 'Proxy-Authorization', 'Proxy-Connection', 'TE', 'Trailer'];
  const { answer, received } = await request('/public/x', names.map((name) => [name, MARK]));
  assert.equal(answer.status, 200);
  assert.ok(!JSON.stringify(received.rawHeaders).includes(MARK));
});

test('a public rule for one method is not stretched to another by a header', async () => {
  for (const name of ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override', 'x_http_method_override']) {
    upstream.clear();
    const answer = await sendRaw(gateway.address, '/hooks/x', { method: 'POST', headers: [[name, 'DELETE']], body: 'x' });
    assert.equal(answer.status, 200);
    assert.ok(!JSON.stringify(upstream.last().rawHeaders).includes('DELETE'), name);
    assert.equal((await sendRaw(gateway.address, '/hooks/x', { method: 'GET', headers: [[name, 'POST']] })).status, 401, name);
    const cookie = `${SESSION_COOKIE}=${signedIn(gateway, provider).session}`;
    await sendRaw(gateway.address, '/hooks/x', { method: 'DELETE', headers: [[name, 'PURGE'], ['cookie', cookie]] });
    assert.equal(upstream.last().headers[name.toLowerCase()], 'PURGE', 'whoever has a session may use any method');
  }
});

test('nobody is let in for what their software or their address is called', async () => {
  for (const agent of ['kube-probe/1.31', 'GoogleHC/1.0', 'ELB-HealthChecker/2.0', 'Googlebot/2.1', 'Cloudflare-Healthchecks', 'edgeseal']) {
    assert.equal((await request('/app/', [['user-agent', agent], ['x-forwarded-for', '127.0.0.1'], ['x-real-ip', '::1'], ['cf-connecting-ip', '127.0.0.1'], ['cf-worker', 'edgeseal']])).answer.status, 401, agent);
  }
});

test('where browsers are sent, and whose pages may change something, is never taken from Host or a claim', async () => {
  const headers = [['x-forwarded-host', 'evil.example'], ['x-forwarded-proto', 'gopher'], ['accept', 'text/html']];
  const started = await sendRaw(gateway.address, 'http://evil.example/auth/login', { headers });
  assert.equal(new URL(started.header('location')).searchParams.get('redirect_uri'), `${PUBLIC_URL}/auth/callback`);
  const refused = await sendRaw(gateway.address, 'http://evil.example/app/', { headers });
  assert.deepEqual([refused.status, refused.header('location')], [302, '/auth/login?return_to=%2Fapp%2F']);
  const cookie = `${SESSION_COOKIE}=${signedIn(gateway, provider).session}`;
  for (const origin of ['http://evil.example', `${PUBLIC_URL}.evil.example`, 'null', PUBLIC_URL.toUpperCase(), `${PUBLIC_URL}/`]) {
    const answer = await sendRaw(gateway.address, 'http://evil.example/auth/logout', { method: 'POST', headers: [['origin', origin], ['cookie', cookie], ...headers] });
    assert.deepEqual([answer.status, answer.header('set-cookie')], [403, undefined], `${origin}: ${answer.body}`);
  }
});

test('our cookies do not reach the upstream from a second line, behind a comma, or behind odd white space', async () => {
  const { session } = signedIn(gateway, provider);
  const flow = 'edgeseal-flow-abcdefgh=flow-secret';
  for (const lines of [
    ['a=1', `${SESSION_COOKIE}=${session}`],
    [`${SESSION_COOKIE}=${session}`, 'a=1'],
    [`a=1, ${SESSION_COOKIE}=${session}`],
    [`a=1; ${SESSION_COOKIE}=${session}, ${flow}`],
    ['a=1', flow, `${SESSION_COOKIE}.0=${session}`, 'edgeseal-sign-ins=1.1'],
    [`a=1;\t${SESSION_COOKIE}\t=\t${session}`],
    [`a=1; \xe2\x80\x80${SESSION_COOKIE}=${session}`],
    [`a=1; \xc2\xa0${SESSION_COOKIE}=${session}`],
  ]) {
    upstream.clear();
    const answer = await sendRaw(gateway.address, '/public/x', { headers: lines.map((line) => ['cookie', line]) });
    assert.equal(answer.status, 200);
    const text = JSON.stringify(upstream.last().rawHeaders);
    assert.ok(!text.includes(session) && !text.includes('flow-secret') && !text.includes('sign-ins'), `${lines}: ${text}`);
    assert.match(upstream.last().headers.cookie, /a=1/);
  }
});

test('a session in the second of two Cookie lines is found, and refreshed', async () => {
  const { session } = signedIn(gateway, provider);
  for (const lines of [['a=1', `${SESSION_COOKIE}=${session}`], [`${SESSION_COOKIE}=${session}`, 'a=1'], ['a=1; b=2', `c=3; ${SESSION_COOKIE}=${session}`, 'd=4']]) {
    const answer = await sendRaw(gateway.address, '/auth/session', { headers: lines.map((line) => ['cookie', line]) });
    assert.equal(answer.status, 200, answer.body);
  }
  const late = expired(gateway, provider).session;
  const answer = await sendRaw(gateway.address, '/app/', { headers: [['cookie', 'a=1'], ['cookie', `${SESSION_COOKIE}=${late}`]] });
  assert.equal(answer.status, 200);
  assert.ok(answer.header('set-cookie').startsWith(`${SESSION_COOKIE}=Fe26.2*`));
});
