// The gateway's main module: passes each request to the core, and gives the next one a fresh instance after a trap.

import * as core from './edgeseal.js';

// The panic hook of the worker crate sets `criticalError`; this object outlives the instances.
const state = core.__worker_init_state();

// A panic aborts, so a trap leaves the instance's memory in an unknown state. It is replaced at once, before any timer or
// fetch of another request returns: the glue refuses such callbacks only when they belong to an instance that is gone.
// What waited on the old instance hangs, which the runtime notices and answers with 500.
function replaceInstance() {
  core.__wbg_reset_state();
  state.criticalError = false;
}

function replaceAfterTrap(error) {
  if (error instanceof WebAssembly.RuntimeError) replaceInstance();
}

// A trap inside a future surfaces here.
addEventListener('error', (event) => replaceAfterTrap(event.error));

export default {
  async fetch(request, environment, context) {
    // A panic inside a promise's callback surfaces nowhere but in this flag.
    if (state.criticalError) replaceInstance();
    try {
      return await core.fetch(request, environment, context);
    } catch (error) {
      replaceAfterTrap(error);
      throw error;
    }
  },
};
