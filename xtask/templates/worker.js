// The gateway's main module: passes each request to the core, and gives the next one a fresh instance after a trap.

import * as core from './edgeseal.js';

// A panic aborts, so a trap leaves the instance's memory in an unknown state. It is replaced at once, before any timer or
// fetch of another request returns: the glue's own, later reset would hand such a callback's old pointer to the new instance.
// What waits on the old instance is refused by the glue, and the runtime answers it with 500.
function replaceAfterTrap(error) {
  if (error instanceof WebAssembly.RuntimeError) core.__wbg_reset_state();
}

// Traps inside a future surface here; only one in the call itself can be caught below.
addEventListener('error', (event) => replaceAfterTrap(event.error));

export default {
  async fetch(request, environment, context) {
    try {
      return await core.fetch(request, environment, context);
    } catch (error) {
      replaceAfterTrap(error);
      throw error;
    }
  },
};
