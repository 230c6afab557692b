// What is revoked in a gateway is refused by a Worker of one's own beside it, which has the package, the gateway's objects and its KV.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startProvider } from '../../dev/src/provider.mjs';
import { createTestHarness, settingsFor } from '../worker/support/gateway.mjs';
import { send } from '../worker/support/http.mjs';
import { REVOKING, deliver, revoke, until, webhook } from '../worker/support/revoking.mjs';
import { sealSession } from '../worker/support/sessions.mjs';
import { project } from './support/installed.mjs';

const COMPATIBILITY_DATE = '2026-10-20';

const GATEWAY_SOURCE = `export { default, Revocations, SessionObject } from 'edgeseal/gateway';`;

/** `x-strict` says how the session is checked; refreshes go through the gateway's objects. */
const OWN_SOURCE = `
import { WorkOS } from 'edgeseal';

export default {
  async fetch(request, environment) {
    const { hostname, protocol, port } = new URL(environment.WORKOS_BASE_URL);
    const { userManagement } = new WorkOS(environment.WORKOS_API_KEY, {
      clientId: environment.WORKOS_CLIENT_ID,
      cookiePassword: environment.WORKOS_COOKIE_PASSWORD,
      apiHostname: hostname,
      https: protocol === 'https:',
      port: Number(port),
      keyCache: environment.EDGESEAL_KV,
      sessions: environment.EDGESEAL_SESSIONS,
      revocations: environment.EDGESEAL_REVOCATIONS,
      strict: request.headers.get('x-strict') === 'yes',
    });
    const session = userManagement.loadSealedSession(await request.json());
    return Response.json(await session[new URL(request.url).pathname.slice(1)]());
  },
};
`;

let place;
let provider;
let server;
let gateway;
let ask;
before(async () => {
  place = project();
  provider = await startProvider();
  const settings = settingsFor(provider);
  const objects = [
    { name: 'EDGESEAL_SESSIONS', class_name: 'SessionObject' },
    { name: 'EDGESEAL_REVOCATIONS', class_name: 'Revocations' },
  ];
  const script = (name, source, secrets, bindings, rest) => ({
    config: {
      ...{ name, main: place.write(`${name}.mjs`, source), compatibility_date: COMPATIBILITY_DATE, routes: [`${name}.example/*`] },
      ...{ kv_namespaces: [{ binding: 'EDGESEAL_KV', id: 'shared' }], durable_objects: { bindings }, ...rest },
    },
    secrets,
  });
  const inGateway = objects.map((object) => ({ ...object, script_name: 'gateway' }));
  const migrations = [{ tag: 'v1', new_sqlite_classes: ['SessionObject', 'Revocations'] }];
  const workers = [
    script('gateway', GATEWAY_SOURCE, { ...settings, ...REVOKING }, objects, { migrations }),
    script('own', OWN_SOURCE, settings, inGateway),
  ];
  server = createTestHarness({ root: place.folder, workers });
  const { url } = await server.listen();
  const to = (name) => (target, options = {}) => send(url, target, { ...options, headers: { ...options.headers, host: `${name}.example` } });
  gateway = { request: to('gateway') };
  ask = async (what, sessionData, strict = false) => {
    const headers = { 'content-type': 'application/json', 'x-strict': strict ? 'yes' : 'no' };
    const answer = await to('own')(`/${what}`, { method: 'POST', headers, body: JSON.stringify({ sessionData }) });
    assert.equal(answer.status, 200, answer.body);
    const { authenticated, detail } = answer.json();
    return authenticated ? 'ok' : detail;
  };
});
after(async () => {
  await server?.close();
  await provider?.close();
  place.remove();
});

function visitor() {
  const { sessionId, response } = provider.mintSession();
  return { sessionId, sealed: sealSession(response) };
}

test('strict: the next request after `POST /auth/revoke` is refused, and so is a refresh', async () => {
  const { sessionId, sealed } = visitor();
  assert.equal(await ask('authenticate', sealed, true), 'ok');
  const answer = await revoke(gateway, { session: sessionId });
  assert.equal(answer.status, 200, answer.body);
  assert.equal(await ask('authenticate', sealed, true), 'session_revoked');
  assert.equal(await ask('refresh', sealed, true), 'session_revoked');
  assert.equal(await ask('authenticate', visitor().sealed, true), 'ok', 'nobody else');
});

test('else it is in force with the next list, here within half a minute after a webhook', async () => {
  const { sessionId, sealed } = visitor();
  assert.equal(await ask('authenticate', sealed), 'ok');
  const answer = await deliver(gateway, webhook('session.revoked', { id: sessionId }));
  assert.equal(answer.status, 200, answer.body);
  await until(async () => (await ask('authenticate', sealed)) === 'session_revoked', { patience: 35_000, pause: 1_000 });
});
