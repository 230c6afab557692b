// The gateway's main module: passes each request to the core, and gives the next one a fresh instance after a trap.

import { DurableObject } from 'cloudflare:workers';

import * as core from './edgeseal.js';

// The panic hook of the worker crate sets `criticalError`; this object outlives the instances.
const state = core.__worker_init_state();

// A panic aborts, so a trap leaves the instance's memory in an unknown state. It is replaced at once, before any timer or
// fetch of another request returns: the glue refuses such callbacks only when they belong to an instance that is gone.
// What waited on the old instance hangs, which the runtime notices and answers with 500.
let instance = 0;

function replaceInstance() {
  core.__wbg_reset_state();
  state.criticalError = false;
  instance += 1;
}

function replaceAfterTrap(error) {
  if (error instanceof WebAssembly.RuntimeError) replaceInstance();
}

// A trap inside a future surfaces here.
addEventListener('error', (event) => replaceAfterTrap(event.error));

async function guarded(call) {
  // A panic inside a promise's callback surfaces nowhere but in this flag.
  if (state.criticalError) replaceInstance();
  try {
    return await call();
  } catch (error) {
    replaceAfterTrap(error);
    throw error;
  }
}

// A call into an instance that was replaced never returns. No other request may tell this one so, hence a timer of its own.
function unlessReplaced(call) {
  const own = instance;
  const { promise: replaced, reject } = Promise.withResolvers();
  const timer = setInterval(() => {
    if (instance !== own) reject(new Error('the instance was replaced after a panic'));
  }, 250);
  return Promise.race([call, replaced]).finally(() => clearInterval(timer));
}

export default {
  fetch: (request, environment, context) => guarded(() => core.fetch(request, environment, context)),
};

// An object of the core. What it has in memory lies in an instance, and goes with it; the rest is on disk. Static, as the methods of an
// object can be called from outside.
class CoreObject extends DurableObject {
  #object;
  #instance;

  fetch(request) {
    return guarded(() => unlessReplaced(this.#current().fetch(request)));
  }

  alarm() {
    return guarded(() => this.#current().alarm());
  }

  #current() {
    if (this.#instance !== instance) {
      this.#object = this.constructor.create(this.ctx, this.env);
      this.#instance = instance;
    }
    return this.#object;
  }
}

// Keeps a session.
export class SessionObject extends CoreObject {
  static create = (state, environment) => new core.SessionObject(state, environment);
}

// Keeps what is revoked.
export class Revocations extends CoreObject {
  static create = (state, environment) => new core.Revocations(state, environment);
}
