// A panic: it ends the requests of its isolate that are on their way, and nothing else. The next request gets a fresh
// instance, and no session is lost. Provoked in a build of its own; the gateway as it is deployed has no such endpoint.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { after, before, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { startProvider } from '../../dev/src/provider.mjs';
import { startGateway } from './support/gateway.mjs';
import { expired, requestsTo, signedIn } from './support/sessions.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const MESSAGE = 'a panic that a test has asked for';
const PATIENCE_MS = 15_000;

const provider = await startProvider();
let gateway;

/** Why the build that panics cannot be made, if it cannot. */
const hasCargo = await new Promise((resolve) => {
  spawn('cargo', ['--version'], { stdio: 'ignore' }).on('error', () => resolve(false)).on('exit', (code) => resolve(code === 0));
});
const skip = hasCargo ? false : 'no cargo found to build the gateway that panics';

before(async () => {
  if (skip) return;
  const build = spawn('cargo', ['xtask', 'panicking-worker'], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  const output = [];
  build.stderr.on('data', (piece) => output.push(piece));
  const [code] = await once(build, 'close');
  assert.equal(code, 0, Buffer.concat(output).toString());
  gateway = await startGateway(provider, { editConfig: (toml) => toml.replace('build/worker/index.js', 'build/panicking-worker/index.js') });
});
after(async () => {
  await gateway?.close();
  await provider.close();
});
beforeEach(() => provider.reset());

/** Ends within the time, whatever it ends with. */
async function status(request) {
  const { promise: late, reject } = Promise.withResolvers();
  const timer = setTimeout(() => reject(new Error(`nothing within ${PATIENCE_MS} ms`)), PATIENCE_MS);
  try {
    return (await Promise.race([request, late])).status;
  } finally {
    clearTimeout(timer);
  }
}

const panic = (query = '') => status(gateway.request(`/auth/panic${query}`));

test('the gateway as it is deployed has no endpoint that panics', async () => {
  const module = fs.readFileSync(new URL('../../build/worker/edgeseal_bg.wasm', import.meta.url));
  assert.ok(!module.includes(MESSAGE));
  const deployed = await startGateway(provider);
  try {
    for (const target of ['/auth/panic', '/auth/panic?after=1']) assert.equal((await deployed.request(target)).status, 404);
  } finally {
    await deployed.close();
  }
});

test('the build of this test has one', { skip }, async () => {
  const module = fs.readFileSync(new URL('../../build/panicking-worker/edgeseal_bg.wasm', import.meta.url));
  assert.ok(module.includes(MESSAGE));
  assert.equal(await panic(), 500);
  assert.ok(gateway.logs().includes(MESSAGE), 'it was this panic, and the log says so');
});

test('after a panic, at once or past an await, the next request is served, and a session from before still works', { skip }, async () => {
  const visitor = signedIn(gateway, provider);
  assert.equal(await status(visitor.fetch('/auth/session')), 200);
  for (const query of ['', '?after=50', '', '', '?after=1', '?after=300']) {
    assert.equal(await panic(query), 500, query);
    assert.equal(await status(visitor.fetch('/auth/session')), 200, query);
    assert.equal(await status(visitor.open('/app/')), 200, query);
  }
});

test('signing in and refreshing work after a panic', { skip }, async () => {
  assert.equal(await panic(), 500);
  const visitor = expired(gateway, provider);
  assert.equal(await status(visitor.fetch('/auth/session')), 200);
  assert.equal(await panic('?after=10'), 500);
  await visitor.signIn({ returnTo: '/app/' });
  assert.equal(await status(visitor.open('/app/')), 200);
});

test('a refresh that a panic takes along is had again with the cookie of before', { skip }, async () => {
  const visitor = expired(gateway, provider);
  await status(signedIn(gateway, provider).fetch('/auth/session'));
  provider.knobs.set({ slow: { milliseconds: 1_500, endpoints: ['authenticate'], times: 1 } });
  // Its instance is gone: it ends when its last timer has, which is that of the provider's ten seconds.
  const taken = status(visitor.request('/auth/session'));
  await until(() => requestsTo(provider, 'authenticate').length === 1);
  assert.equal(await panic('?after=100'), 500);
  const answer = await visitor.fetch('/auth/session');
  assert.deepEqual([answer.status, answer.json().sessionId], [200, visitor.sessionId]);
  assert.ok([200, 500].includes(await taken));
  assert.equal(await status(visitor.fetch('/auth/refresh', { method: 'POST' })), 200);
});

test('panics among many requests: each ends with its answer or 500, and afterwards all are served', { skip }, async () => {
  const visitors = Array.from({ length: 12 }, () => signedIn(gateway, provider));
  for (let round = 0; round < 3; round += 1) {
    const requests = visitors.map((visitor) => status(visitor.fetch('/auth/session')));
    const panics = ['', '?after=5', '?after=20'].map(panic);
    for (const code of await Promise.all(requests)) assert.ok([200, 500].includes(code), String(code));
    for (const code of await Promise.all(panics)) assert.equal(code, 500);
    const answers = await Promise.all(visitors.map((visitor) => status(visitor.fetch('/auth/session'))));
    assert.deepEqual(answers, Array(12).fill(200));
  }
});

async function until(isTrue) {
  for (const deadline = Date.now() + PATIENCE_MS; !isTrue(); await new Promise((resolve) => setTimeout(resolve, 10))) if (Date.now() > deadline) assert.fail('not in time');
}
