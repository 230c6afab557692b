// Workers of one's own on the package: copies in isolates of their own that share the objects of one script, and objects of the
// gateway's class beside them. Every object can be looked into and evicted. Holds no test.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';

import { CONTROLLED_CLASS, CONTROL_FUNCTION, objectName } from '../../worker/support/controlled.mjs';
import { createTestHarness, settingsFor } from '../../worker/support/gateway.mjs';
import { send } from '../../worker/support/http.mjs';

const COMPATIBILITY_DATE = '2026-10-20';
const hostOf = (script) => `${script}.example`;

/** The two classes of objects, by their bindings, each in a script of its own. */
const KEEPERS = { OWN: { script: 'own-objects', from: 'edgeseal/cloudflare' }, GATEWAY: { script: 'gateway-objects', from: 'edgeseal/gateway' } };

const keeperSource = (from) => `
import { SessionObject as Built } from '${from}';
${CONTROL_FUNCTION}
export default {
  async fetch(request, { SESSIONS }) {
    const [, action, name] = new URL(request.url).pathname.split('/');
    // \`/raw\` is what a Worker would send.
    if (action === 'raw') return SESSIONS.getByName(name).fetch('https://session.internal/', { method: request.method, body: request.body });
    return control(SESSIONS, action, name, await request.text());
  },
};
${CONTROLLED_CLASS}`;

/** Sessions as a Worker has them: `x-sessions` names the binding of the objects that it uses, none for none. */
const COPY_SOURCE = `
import { WorkOS } from 'edgeseal';

export default {
  async fetch(request, environment) {
    const { hostname, protocol, port } = new URL(environment.WORKOS_BASE_URL);
    const workos = new WorkOS(environment.WORKOS_API_KEY, {
      clientId: environment.WORKOS_CLIENT_ID,
      cookiePassword: environment.WORKOS_COOKIE_PASSWORD,
      apiHostname: hostname,
      https: protocol === 'https:',
      port: Number(port),
      sessions: environment[request.headers.get('x-sessions')],
    });
    const { sessionData, ...options } = await request.json();
    switch (new URL(request.url).pathname) {
      case '/authenticate':
        return Response.json(await workos.userManagement.authenticateWithSessionCookie({ sessionData }));
      case '/refresh':
        return Response.json(await workos.userManagement.loadSealedSession({ sessionData }).refresh(options));
      case '/revoke':
        await workos.userManagement.revokeSession(options);
        return Response.json({});
    }
    return new Response(null, { status: 404 });
  },
};
`;

/**
 * Starts them.
 * @param {object} place a project in which the package is installed
 * @param {object} provider of dev/
 * @param {{ copies?: number, objectSettings?: Record<string, string | undefined> }} [options] `objectSettings` come over those of the
 *   objects of one's own
 */
export async function startOwnWorkers(place, provider, { copies = 2, objectSettings = {} } = {}) {
  const settings = settingsFor(provider);
  const script = (name, main, secrets, bindings) => ({
    config: { name, main, compatibility_date: COMPATIBILITY_DATE, routes: [`${hostOf(name)}/*`], ...bindings },
    secrets: Object.fromEntries(Object.entries(secrets).filter(([, value]) => value !== undefined)),
  });
  const keepers = Object.values(KEEPERS).map(({ script: name, from }) =>
    script(name, place.write(`${name}.mjs`, keeperSource(from)), name === KEEPERS.OWN.script ? { ...settings, ...objectSettings } : settings, {
      durable_objects: { bindings: [{ name: 'SESSIONS', class_name: 'SessionObject' }] },
      migrations: [{ tag: 'v1', new_sqlite_classes: ['SessionObject'] }],
    }),
  );
  const bindings = Object.entries(KEEPERS).map(([name, keeper]) => ({ name, class_name: 'SessionObject', script_name: keeper.script }));
  const main = place.write('copy.mjs', COPY_SOURCE);
  const workers = Array.from({ length: copies }, (_, index) => script(`copy-${index}`, main, settings, { durable_objects: { bindings } }));

  const server = createTestHarness({ root: place.folder, workers: [...workers, ...keepers] });
  const { url } = await server.listen();
  const requestTo = (name, target, options = {}) => send(url, target, { ...options, headers: { ...options.headers, host: hostOf(name) } });
  async function call(target, body, { copy = 0, sessions = 'OWN' } = {}) {
    const headers = { 'content-type': 'application/json', 'x-sessions': sessions };
    const answer = await requestTo(`copy-${copy}`, target, { method: 'POST', headers, body: JSON.stringify(body) });
    assert.equal(answer.status, 200, answer.body);
    return answer.json();
  }
  const nameOf = (sessionId) => objectName('workos', provider.clientId, sessionId);
  const control = (sessions, action, sessionId, body) => requestTo(KEEPERS[sessions].script, `/${action}/${nameOf(sessionId)}`, { method: 'POST', body });
  const look = async (sessionId, sessions = 'OWN') => (await control(sessions, 'look', sessionId)).json();

  return {
    authenticate: (sessionData, where) => call('/authenticate', { sessionData }, where),
    refresh: (sessionData, { organizationId, ...where } = {}) => call('/refresh', { sessionData, organizationId }, where),
    revoke: (sessionId, where) => call('/revoke', { sessionId }, where),
    /** What a session's object has `stored`, its `alarm`, and which `life` it is in. */
    look,
    store: (sessionId, record, sessions = 'OWN') => control(sessions, 'store', sessionId, record),
    async evict(sessionId, sessions = 'OWN') {
      const { life } = await look(sessionId, sessions);
      await control(sessions, 'evict', sessionId);
      assert.notEqual((await look(sessionId, sessions)).life, life, 'it is another one now');
    },
    /** What an object answers to a request as it is. */
    raw: (options, sessions = 'OWN') => requestTo(KEEPERS[sessions].script, `/raw/${nameOf('session_raw')}`, options),
    logs: () => server.getLogs().map((entry) => JSON.stringify(entry)).join('\n'),
    close: () => server.close(),
  };
}
