// Bodies and protocols on their way through: nothing is collected, nothing is decoded, nothing is made up. To an upstream at
// a URL, to one bound as a service, and with a session that is refreshed on the way.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { after, test } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';

import { startProvider } from '../../dev/src/provider.mjs';
import { PUBLIC_URL, SESSION_COOKIE, startGateway } from './support/gateway.mjs';
import { SCRIPT, parseSetCookie } from './support/http.mjs';
import { expired, signedIn } from './support/sessions.mjs';

const FILE = randomBytes(300_000);
const ETAG = '"the file"';
const TEXT = 'a line of text\n'.repeat(2000);
const PATIENCE_MS = 10_000;

/** What the upload handler is given, piece by piece; the test waits on it. */
let upload;
/** How the download handler is told to go on. */
let download;

const HANDLERS = {
  '/upload': (request, response) => {
    upload.emit('start');
    request.on('data', (piece) => upload.emit('piece', piece));
    request.on('end', () => response.end('received'));
  },
  '/download': async (_, response) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream' });
    response.write('first');
    await once(download, 'go-on');
    response.end('last');
  },
  '/events': async (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: 1\n\n');
    await once(download, 'go-on');
    response.end('data: 2\n\n');
  },
  '/file': (request, response) => {
    const headers = { etag: ETAG, 'accept-ranges': 'bytes', 'content-type': 'application/octet-stream', 'last-modified': 'Wed, 21 Oct 2015 07:28:00 GMT' };
    if (request.headers['if-none-match'] === ETAG) return response.writeHead(304, headers).end();
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    if (from === undefined) return response.writeHead(200, { ...headers, 'content-length': FILE.length }).end(request.method === 'HEAD' ? undefined : FILE);
    if (Number(from) >= FILE.length) return response.writeHead(416, { 'content-range': `bytes */${FILE.length}` }).end();
    const part = FILE.subarray(Number(from), Number(to) + 1);
    return response.writeHead(206, { ...headers, 'content-range': `bytes ${from}-${to}/${FILE.length}`, 'content-length': part.length }).end(part);
  },
  '/gzip': (_, response) => response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'gzip', vary: 'Accept-Encoding' }).end(gzipSync(TEXT)),
  '/brotli': (_, response) => response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'br' }).end(brotliCompressSync(TEXT)),
};

const site = http.createServer((request, response) => {
  const handle = HANDLERS[request.url.split('?')[0]];
  if (handle) handle(request, response);
  else response.writeHead(404).end();
});
site.listen(0, '127.0.0.1');
await once(site, 'listening');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'edgeseal-streams-'));
// What a Worker answers who is the site itself; it passes on to the same handlers, so that both ways are compared.
fs.writeFileSync(path.join(folder, 'service.mjs'), `export default {
  async fetch(request, { SITE }) {
    const { pathname, search } = new URL(request.url);
    if (pathname === '/socket') {
      const [theirs, ours] = Object.values(new WebSocketPair());
      ours.accept();
      ours.addEventListener('message', ({ data }) => {
        if (data === 'close') ours.close(4001, 'as you wish');
        else ours.send('echo: ' + data + ' for ' + request.headers.get('x-edgeseal-email'));
      });
      return new Response(null, { status: 101, webSocket: theirs, headers: { 'sec-websocket-protocol': 'chat' } });
    }
    if (pathname === '/count') {
      let [first, bytes] = [null, 0];
      for await (const piece of request.body) {
        first ??= Date.now();
        bytes += piece.length;
      }
      return Response.json({ bytes, milliseconds: Date.now() - first });
    }
    return fetch(SITE + pathname + search, request);
  }
}`);

const provider = await startProvider();
const gateway = await startGateway(provider, { settings: { UPSTREAM_URL: `http://127.0.0.1:${site.address().port}`, ROUTES: [{ path: '/file', require: 'public' }] } });
const bound = await startGateway(provider, {
  editConfig: (toml) => `${toml}\n[[services]]\nbinding = "UPSTREAM"\nservice = "service"\n`,
  workers: [{ config: { name: 'service', main: path.join(folder, 'service.mjs'), compatibility_date: '2026-10-20', vars: { SITE: `http://127.0.0.1:${site.address().port}` } } }],
});
after(async () => {
  await bound.close();
  await gateway.close();
  site.closeAllConnections();
  site.close();
  await provider.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

const WAYS = { 'a URL': gateway, 'a service': bound };

/** Opens a request and resolves with the answer while its body is still on the way. */
function open(to, target, { method = 'GET', headers = {}, body } = {}) {
  const request = http.request({ host: to.address.hostname, port: to.address.port, path: target, method, headers, agent: false });
  const answered = new Promise((resolve, reject) => {
    request.on('response', resolve);
    request.on('error', reject);
  });
  answered.catch(() => {});
  if (body) body.pipe(request);
  else request.end();
  return answered;
}

async function within(promise, what) {
  const { promise: late, reject } = Promise.withResolvers();
  const timer = setTimeout(() => reject(new Error(`${what} within ${PATIENCE_MS} ms`)), PATIENCE_MS);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

const cookieOf = ({ session }) => ({ cookie: `${SESSION_COOKIE}=${session}` });

for (const [name, to] of Object.entries(WAYS)) {
  test(`to ${name}: what is uploaded slowly arrives piece by piece, also past a refresh`, async () => {
    for (const visitor of [signedIn(to, provider), expired(to, provider)]) {
      upload = new PassThrough();
      const body = new PassThrough();
      const piece = within(once(upload, 'piece'), 'the first piece arrives before the last is sent');
      const answered = open(to, '/upload', { method: 'POST', headers: { ...SCRIPT, ...cookieOf(visitor) }, body });
      body.write('first');
      assert.equal((await piece)[0].toString(), 'first');
      body.end('last');
      const answer = await within(answered, 'an answer comes');
      assert.equal(answer.statusCode, 200);
      answer.resume();
    }
  });

  test(`to ${name}: what is downloaded slowly arrives piece by piece, events too`, async () => {
    for (const target of ['/download', '/events']) {
      for (const visitor of [signedIn(to, provider), expired(to, provider)]) {
        download = new PassThrough();
        const answer = await within(open(to, target, { headers: cookieOf(visitor) }), 'the head arrives before the body ends');
        const [first] = await within(once(answer, 'data'), 'the first piece arrives before the last is sent');
        assert.match(first.toString(), /first|data: 1/);
        const rest = once(answer, 'data');
        download.emit('go-on');
        assert.match((await within(rest, 'the rest arrives'))[0].toString(), /last|data: 2/);
      }
    }
  });

  test(`to ${name}: 1 MB goes through in both directions at once, unchanged`, async () => {
    const visitor = signedIn(to, provider);
    const bytes = randomBytes(1024 * 1024);
    upload = new PassThrough();
    const received = [];
    upload.on('piece', (piece) => received.push(piece));
    const [sent, file] = await Promise.all([visitor.request('/upload', { method: 'POST', headers: SCRIPT, body: bytes }), visitor.request('/file')]);
    assert.equal(sent.status, 200);
    assert.ok(Buffer.concat(received).equals(bytes));
    assert.ok(file.bytes.equals(FILE));
  });

  test(`to ${name}: ranges, their refusal, tags and HEAD keep their status and headers`, async () => {
    const visitor = signedIn(to, provider);
    const part = await visitor.request('/file', { headers: { range: 'bytes=100-199' } });
    assert.deepEqual([part.status, part.headers['content-range'], part.headers['content-length'], part.headers.etag], [206, `bytes 100-199/${FILE.length}`, '100', ETAG]);
    assert.ok(part.bytes.equals(FILE.subarray(100, 200)));
    const beyond = await visitor.request('/file', { headers: { range: `bytes=${FILE.length}-${FILE.length + 1}` } });
    assert.deepEqual([beyond.status, beyond.headers['content-range']], [416, `bytes */${FILE.length}`]);
    const known = await visitor.request('/file', { headers: { 'if-none-match': ETAG } });
    assert.deepEqual([known.status, known.headers.etag, known.body, known.headers['last-modified']], [304, ETAG, '', 'Wed, 21 Oct 2015 07:28:00 GMT']);
    const head = await visitor.request('/file', { method: 'HEAD' });
    assert.deepEqual([head.status, head.body, head.headers.etag, head.headers['accept-ranges']], [200, '', ETAG, 'bytes']);
    // workerd may leave the length of an answer to HEAD out; a wrong one would be believed.
    assert.ok([undefined, String(FILE.length)].includes(head.headers['content-length']), head.headers['content-length']);
    // A tag of before does not let anybody past the gateway.
    if (to === bound) assert.equal((await to.request('/file', { headers: { 'if-none-match': ETAG, range: 'bytes=0-1' } })).status, 401);
  });

  test(`to ${name}: compressed answers arrive as text, whatever the visitor understands`, async () => {
    const visitor = signedIn(to, provider);
    for (const [target, encoding] of [['/gzip', 'gzip'], ['/brotli', 'br']]) {
      const answer = await fetch(new URL(target, to.address), { headers: { ...cookieOf(visitor), 'accept-encoding': encoding } });
      assert.equal(await answer.text(), TEXT, target);
      const refreshed = await fetch(new URL(target, to.address), { headers: { ...cookieOf(expired(to, provider)), 'accept-encoding': encoding } });
      assert.equal(await refreshed.text(), TEXT, target);
      assert.equal(refreshed.headers.getSetCookie().length, 1);
    }
  });
}

test('a WebSocket of a service speaks in both directions, knows who it is, and closes with code and reason', async () => {
  for (const [visitor, cookies] of [[signedIn(bound, provider), 0], [expired(bound, provider), 1]]) {
    const socket = new WebSocketClient(bound.address, '/socket', cookieOf(visitor));
    const head = await within(socket.opened, 'the handshake is answered');
    assert.equal(head.headers['sec-websocket-protocol'], 'chat');
    const lines = head.headers['set-cookie'] ?? [];
    assert.equal(lines.length, cookies, 'a refresh on the handshake is not lost');
    for (const line of lines) assert.equal(parseSetCookie(line).name, SESSION_COOKIE);
    socket.send('hello');
    assert.equal(await within(socket.next(), 'an echo comes'), 'echo: hello for ada@example.com');
    socket.send('x'.repeat(60_000));
    assert.equal((await within(socket.next(), 'an echo comes')).length, 60_000 + 'echo:  for ada@example.com'.length);
    socket.send('close');
    assert.deepEqual(await within(socket.closed, 'it is closed'), { code: 4001, reason: 'as you wish' });
  }
  const refused = await bound.request('/socket', { headers: WEBSOCKET });
  assert.equal(refused.status, 401);
});

test('redirects to the upstream\'s own address are the site\'s, also when they are spelled differently', async () => {
  const { port } = site.address();
  const visitor = signedIn(gateway, provider);
  for (const [location, expected] of [
    [`http://127.0.0.1:${port}/a`, `${PUBLIC_URL}/a`],
    [`HTTP://127.0.0.1:${port}/a`, `${PUBLIC_URL}/a`],
    [`//127.0.0.1:${port}/a?b#c`, `${PUBLIC_URL}/a?b#c`],
    [`http://127.0.0.1:${port}@evil.example/`, `http://127.0.0.1:${port}@evil.example/`],
    [`http://127.0.0.1:${port}0/a`, `http://127.0.0.1:${port}0/a`],
    ['a/b?c', 'a/b?c'],
    ['?c', '?c'],
  ]) {
    HANDLERS['/leave'] = (_, response) => response.writeHead(302, { location }).end();
    const answer = await visitor.request('/leave');
    assert.deepEqual([answer.status, answer.headers.location], [302, expected]);
  }
});

const WEBSOCKET = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': randomBytes(16).toString('base64'), 'sec-websocket-protocol': 'chat' };

/** As much of RFC 6455 as is needed to speak to a Worker: text and close frames, no fragments. */
class WebSocketClient {
  #socket;
  #buffer = Buffer.alloc(0);
  #messages = [];
  #waiting = [];
  opened = Promise.withResolvers();
  closed = Promise.withResolvers();

  constructor(address, target, headers) {
    const { opened, closed } = this;
    this.opened = opened.promise;
    this.closed = closed.promise;
    this.close = closed.resolve;
    const request = http.request({ host: address.hostname, port: address.port, path: target, headers: { ...WEBSOCKET, ...headers }, agent: false });
    request.on('error', opened.reject);
    request.on('response', (answer) => opened.reject(new Error(`no upgrade: ${answer.statusCode}`)));
    request.on('upgrade', (answer, socket, head) => {
      this.#socket = socket;
      socket.on('data', (piece) => this.#read(piece));
      socket.on('error', () => {});
      this.#read(head);
      opened.resolve(answer);
    });
    request.end();
  }

  send(text) {
    const payload = Buffer.from(text);
    const mask = randomBytes(4);
    const head = payload.length < 126 ? [0x81, 0x80 | payload.length] : [0x81, 0xfe, payload.length >> 8, payload.length & 255];
    this.#socket.write(Buffer.concat([Buffer.from(head), mask, payload.map((byte, index) => byte ^ mask[index % 4])]));
  }

  next() {
    return this.#messages.length > 0 ? Promise.resolve(this.#messages.shift()) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  #read(piece) {
    this.#buffer = Buffer.concat([this.#buffer, piece]);
    while (this.#buffer.length >= 2) {
      let [at, length] = [2, this.#buffer[1] & 127];
      if (length === 126) [at, length] = [4, this.#buffer.readUInt16BE(2)];
      if (this.#buffer.length < at + length) return;
      const payload = this.#buffer.subarray(at, at + length);
      const code = this.#buffer[0] & 15;
      this.#buffer = this.#buffer.subarray(at + length);
      if (code === 8) {
        this.close({ code: payload.readUInt16BE(0), reason: payload.subarray(2).toString() });
        this.#socket.destroy();
      } else if (code === 1) {
        const waiting = this.#waiting.shift();
        if (waiting) waiting(payload.toString());
        else this.#messages.push(payload.toString());
      }
    }
  }
}
