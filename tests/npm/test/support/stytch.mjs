// One script for two clients of a Stytch: the SDK's and ours, over the local provider or over one that a test writes. Holds no test.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';

import { exportJWK, generateKeyPair, importJWK } from 'jose';
import * as sdk from 'stytch';

import { clientsOf } from '../../../../npm/lib/stytch_clients.js';
import { startProvider } from '../../../../dev/src/provider.mjs';
import { StytchProject } from './edgeseal.mjs';
import { sign } from './provider.mjs';

export const Ours = clientsOf(StytchProject);
export const Sdk = { Client: sdk.Client, B2BClient: sdk.B2BClient };

// The SDK warns of every address that is not Stytch's own.
console.warn = () => {};

const CLASSES = { stytch: 'Client', 'stytch-b2b': 'B2BClient' };
const OPTIONS = { project_id: 'project-test-1', secret: 'secret-test-1' };

/** What came of a call, and what was asked meanwhile: `endpoints` by name, `bodies` of the API's calls. */
async function outcome(run, client, stage) {
  const bodies = [];
  const real = globalThis.fetch;
  globalThis.fetch = (url, init) => {
    const { pathname, search } = new URL(url);
    if (init.method === 'POST') {
      const authorization = new Headers(init.headers).get('authorization');
      const text = typeof init.body === 'string' ? init.body : new TextDecoder().decode(init.body);
      bodies.push({ path: pathname + search, authorization, body: JSON.parse(text) });
    }
    return real(url, init);
  };
  try {
    return { resolved: await run(client, stage), bodies };
  } catch (error) {
    return { rejected: error, bodies };
  } finally {
    globalThis.fetch = real;
  }
}

/** Both outcomes of a script: the SDK's, and ours. Each gets a provider as good as new. */
async function both(run, { provider: shape = 'stytch', options = {} } = {}) {
  const outcomes = [];
  const provider = await startProvider({ provider: shape });
  try {
    const { projectId: project_id, secret, url: env } = provider;
    for (const clients of [Sdk, Ours]) {
      provider.reset();
      const client = new clients[CLASSES[shape]]({ project_id, secret, env, ...options });
      const came = await outcome(run, client, provider);
      outcomes.push({ ...came, endpoints: provider.requests().map(({ endpoint }) => endpoint).sort() });
    }
  } finally {
    await provider.close();
  }
  return outcomes;
}

/** A case in which both do the same: the same requests, and the same result or rejection, member by member. */
export function same(name, run, options) {
  test(name, async () => {
    const [theirs, mine] = await both(run, options);
    if (theirs.rejected) {
      assert.ok(mine.rejected, `the SDK rejects with ${theirs.rejected}, edgeseal gives ${JSON.stringify(mine.resolved)}`);
      assert.deepEqual(asFarAs(errorMembers(theirs.rejected), errorMembers(mine.rejected)), errorMembers(theirs.rejected));
      for (const member of ['reason', 'detail', 'retryable']) assert.ok(member in mine.rejected, member);
    } else {
      assert.equal(mine.rejected, undefined, mine.rejected?.stack);
      const expected = comparable(theirs.resolved);
      assert.deepEqual(asFarAs(expected, comparable(mine.resolved)), expected);
    }
    assert.deepEqual(mine.endpoints, theirs.endpoints);
    assert.deepEqual(comparable(mine.bodies), comparable(theirs.bodies));
  });
}

/**
 * A case in which we differ, and how: what the SDK does, and what edgeseal does. Each has its row in docs/conformance.md. A rejection
 * is told by `class: first words`, a result by some of its members.
 */
export function differs(name, run, { sdk: theirs, ours: mine }, options) {
  test(`${name} (differs)`, async () => {
    const outcomes = await both(run, options);
    [theirs, mine].forEach(({ rejects, gives, endpoints, detail }, index) => {
      const { rejected, resolved, endpoints: asked } = outcomes[index];
      if (rejects !== undefined) {
        assert.ok(`${rejected?.constructor.name}: ${rejected?.message}`.startsWith(rejects), `${rejected?.stack ?? JSON.stringify(resolved)}`);
      } else {
        assert.deepEqual(asFarAs(gives, comparable(resolved ?? {})), gives, rejected?.stack);
      }
      if (detail !== undefined) assert.equal(rejected.detail, detail);
      if (endpoints !== undefined) assert.deepEqual(asked, endpoints);
    });
  });
}

/** What of an error a program may look at. The SDK's causes and its `request` are its own; why, `detail` says. */
function errorMembers(error) {
  const { status_code, error_type, error_message, error_url, error_details, code } = error;
  const kind = error.constructor.name;
  // Of a refusal of its own, the code and the sentence; what came before it is the library's below.
  const message = kind === 'ClientError' ? error.message.split(': ').slice(0, 2).join(': ') : kind === 'StytchError' ? comparable(error.message) : undefined;
  return { kind, name: error.name, message, ...comparable({ status_code, error_type, error_message, error_url, error_details, code }) };
}

/** Without what changes with each call. Times keep their shape. */
function comparable(value) {
  const text = JSON.stringify(value ?? null, (name, member) => {
    if (['session_token', 'session_jwt', 'request_id'].includes(name)) return typeof member;
    return ['expires_at', 'issued_at', 'not_before'].includes(name) && typeof member === 'number' ? 'seconds' : member;
  });
  return JSON.parse(
    text
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'uuid')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (time) => time.replaceAll(/\d/g, '0')),
  );
}

/** `mine`, as far as `theirs` says anything: there may be more. Lists are compared whole. */
function asFarAs(theirs, mine) {
  if (typeof theirs !== 'object' || theirs === null || Array.isArray(theirs)) return mine;
  return Object.fromEntries(Object.keys(theirs).map((name) => [name, asFarAs(theirs[name], mine?.[name])]));
}

/** A Stytch of a test's own: its keys, and what it answers, for tokens that no provider would make. */
export async function startScripted() {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const key = { ...(await exportJWK(publicKey)), kid: 'key_1', alg: 'RS256', use: 'sig', key_ops: ['verify'] };
  const script = { keys: [key], answer: { status: 404, body: { status_code: 404, error_type: 'session_not_found' } } };
  const asked = [];
  const server = createServer(async (request, response) => {
    for await (const _ of request);
    const { pathname } = new URL(request.url, 'http://localhost');
    const isKeys = pathname.includes('/jwks/');
    asked.push(isKeys ? 'jwks' : pathname);
    const answer = isKeys ? { body: { keys: script.keys, request_id: 'request-id-test-1', status_code: 200 } } : script.answer;
    const { status = 200, body, headers = {}, drop, hang } = answer;
    if (drop) return request.socket.destroy();
    if (hang) return undefined;
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    return response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;
  let count = 0;
  return {
    script,
    asked,
    mint: (claims, header) => sign(privateKey, claims, { typ: 'JWT', ...header }),
    /** The same key, for another algorithm. */
    mintAs: async (alg, claims) => sign(await importJWK(await exportJWK(privateKey), alg), claims, { typ: 'JWT', alg }),
    /** New clients, one of each package, that have learnt nothing yet. Their projects differ, for what ours learn belongs to the module. */
    clients(kind = 'Client', options = {}) {
      count += 1;
      const of = (clients) => new clients[kind]({ ...OPTIONS, secret: `secret-test-${count}`, env: url, ...options });
      return { sdk: of(Sdk), ours: of(Ours) };
    },
    /** Claims as Stytch writes them. */
    claims: (session = {}, more = {}) => {
      const now = Math.floor(Date.now() / 1000);
      return {
        aud: [OPTIONS.project_id], iss: `stytch.com/${OPTIONS.project_id}`, sub: 'user-test-1', iat: now, nbf: now, exp: now + 300,
        'https://stytch.com/session': {
          id: 'session-test-1', started_at: '2026-01-01T00:00:00Z', last_accessed_at: '2026-01-01T00:00:00Z',
          expires_at: '2026-01-01T00:50:00.123456Z', attributes: { ip_address: '', user_agent: '' },
          authentication_factors: [{ type: 'password', delivery_method: 'knowledge' }], roles: ['stytch_user'], ...session,
        },
        ...more,
      };
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
