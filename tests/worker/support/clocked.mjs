// A gateway whose clock can be moved, and whose objects can be looked into and evicted: the gateway as it is built, wrapped in a
// module that adds control requests. With `objectsApart` the objects live in a script of their own. Holds no test.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { CONTROLLED_CLASS, CONTROL_FUNCTION, objectName } from './controlled.mjs';
import { settingsFor, startGateway } from './gateway.mjs';
import { send } from './http.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const COMPATIBILITY_DATE = '2026-10-20';
/** The host that reaches each script, by its name: `edgeseal` is the gateway, `objects` what keeps sessions, `second` another gateway. */
const hostOf = (script) => `${script}.example`;

/** The wrapper. `DATE` is replaced before anything is served; modules that are imported look it up when they need it. */
const wrapper = (built) => `
import gateway, { Revocations as BuiltRevocations, SessionObject as Built } from ${JSON.stringify(built)};

const RealDate = Date;
let offset = 0;
globalThis.Date = class extends RealDate {
  constructor(...parts) { super(...(parts.length ? parts : [RealDate.now() + offset])); }
  static now() { return RealDate.now() + offset; }
};

// What is down, and how often it was asked.
const down = new Set();
const asked = { kv: 0, revocations: 0 };

function use(name) {
  asked[name] += 1;
  if (down.has(name)) throw new Error(name + ' is down, says a test');
}

const watched = (kv) => kv && new Proxy(kv, {
  get(target, name) {
    const member = Reflect.get(target, name);
    if (typeof member !== 'function') return member;
    return (key, ...rest) => {
      if (String(key).startsWith('edgeseal:revocations:')) use('kv');
      return member.call(target, key, ...rest);
    };
  },
});

export class Revocations extends BuiltRevocations {
  fetch(request) {
    if (request.method === 'POST') use('revocations');
    return super.fetch(request);
  }
}

export default {
  async fetch(request, environment, context) {
    const { pathname, searchParams } = new URL(request.url);
    if (!pathname.startsWith('/control/')) {
      return gateway.fetch(request, { ...environment, EDGESEAL_KV: watched(environment.EDGESEAL_KV) }, context);
    }
    const [, , action, name] = pathname.split('/');
    if (action === 'clock') {
      offset = Number(searchParams.get('milliseconds'));
      return new Response();
    }
    if (action === 'down') {
      down.clear();
      for (const one of searchParams.getAll('what')) down.add(one);
      return new Response();
    }
    if (action === 'asked') return Response.json(asked);
    return control(environment.EDGESEAL_SESSIONS, action, name, await request.text());
  },
};

${CONTROL_FUNCTION}${CONTROLLED_CLASS}`;

/**
 * Starts such a gateway.
 * @param {object} provider of dev/, whose clock is moved along
 * @param {{ settings?: Record<string, unknown>, build?: string, objectsApart?: boolean, second?: Record<string, unknown> }} [options]
 *   `build` is a folder of build/; `second` are the settings of another gateway that shares the objects
 */
export async function startClocked(provider, { settings = {}, build = 'worker', objectsApart = false, second } = {}) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'edgeseal-clocked-'));
  const main = path.join(folder, 'index.mjs');
  fs.writeFileSync(main, wrapper(path.join(root, 'build', build, 'index.js')));

  const keeper = objectsApart ? 'objects' : 'edgeseal';
  const script = (name, own, bindings) => {
    const given = Object.entries({ ...settingsFor(provider), ...own });
    return {
      config: { name, main, compatibility_date: COMPATIBILITY_DATE, routes: [`${hostOf(name)}/*`], ...bindings },
      vars: Object.fromEntries(given.filter(([, value]) => typeof value !== 'string')),
      secrets: Object.fromEntries(given.filter(([, value]) => typeof value === 'string')),
    };
  };
  const elsewhere = { durable_objects: { bindings: [{ name: 'EDGESEAL_SESSIONS', class_name: 'SessionObject', script_name: keeper }] } };
  const here = { durable_objects: { bindings: [{ name: 'EDGESEAL_SESSIONS', class_name: 'SessionObject' }] }, migrations: [{ tag: 'v1', new_sqlite_classes: ['SessionObject'] }] };
  const workers = [];
  if (objectsApart) workers.push(script('objects', settings, here));
  if (second) workers.push(script('second', second, elsewhere));
  const gateway = await startGateway(provider, {
    settings,
    workers,
    editConfig(toml) {
      const wrapped = toml.replace(/^main = .*$/m, `main = ${JSON.stringify(main)}\nroutes = ["${hostOf('edgeseal')}/*"]`);
      if (!objectsApart) return wrapped;
      return wrapped.replace('class_name = "SessionObject"\n', `class_name = "SessionObject"\nscript_name = "${keeper}"\n`).replace(/\[\[migrations\]\]\n(.+\n)+/, '');
    },
  });
  const scripts = ['edgeseal', ...workers.map(({ config }) => config.name)];
  const requestTo = (script, target, options = {}) => send(gateway.address, target, { ...options, headers: { ...options.headers, host: hostOf(script) } });
  async function control(script, target, body) {
    const answer = await requestTo(script, `/control/${target}`, { method: 'POST', body });
    assert.equal(answer.status, 200, answer.body);
    return answer;
  }
  const nameOf = (sessionId) => objectName('workos', provider.clientId, sessionId);
  const look = async (sessionId) => (await control(keeper, `look/${nameOf(sessionId)}`)).json();

  return {
    ...gateway,
    request: (target, options) => requestTo('edgeseal', target, options),
    /** The gateway that shares the objects, as a visitor takes it. */
    second: { request: (target, options) => requestTo('second', target, options) },
    /** Everybody's clock, the provider's too: so far ahead of the real one. */
    async moveClock(seconds) {
      provider.knobs.set({ clockOffsetSeconds: seconds });
      for (const script of scripts) await control(script, `clock?milliseconds=${seconds * 1000}`);
    },
    /** From now on these are down, and nothing else: `kv` (for what is revoked), `revocations` (their object). */
    down: (...what) => control('edgeseal', `down?${what.map((one) => `what=${one}`).join('&')}`),
    /** How often each of them was asked so far. */
    asked: async () => (await control('edgeseal', 'asked')).json(),
    /** The object of a session: `life` changes with each eviction; what it has `stored`; its `alarm` in milliseconds. */
    look,
    /** Puts a record in place of what is stored. The object has to be evicted to read it. */
    store: (sessionId, record) => control(keeper, `store/${nameOf(sessionId)}`, record),
    /** Runs the alarm's handler now. */
    alarm: (sessionId) => control(keeper, `alarm/${nameOf(sessionId)}`),
    /** Ends the object's life: its memory and its requests are gone, what it has stored stays. */
    async evict(sessionId) {
      const { life } = await look(sessionId);
      await requestTo(keeper, `/control/evict/${nameOf(sessionId)}`, { method: 'POST' });
      assert.notEqual((await look(sessionId)).life, life, 'it is another one now');
    },
    /** The object will end so when it is asked or told something for the next time. */
    doom: (sessionId) => control(keeper, `doom/${nameOf(sessionId)}`),
    async close() {
      await gateway.close();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}
