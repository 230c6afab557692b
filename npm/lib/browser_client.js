// The client in a browser, where a key or a password is a mistake: whoever opens the page has it.

import { WorkOS as Client } from '../wasm/edgeseal.js';
import { derive } from './derive.js';
import { overlayOf } from './overlay.js';

export class WorkOS extends Client {
  constructor(key, options) {
    if (key !== undefined && key !== null) throw exposed('key');
    refusePassword(options);
    super(key, options);
  }

  get userManagement() {
    const sessions = super.userManagement;
    return derive(sessions, {
      loadSealedSession(given) {
        refusePassword(given);
        return sessions.loadSealedSession(given);
      },
      async authenticateWithSessionCookie(given) {
        refusePassword(given);
        return sessions.authenticateWithSessionCookie(given);
      },
    });
  }
}

export const withEdgeseal = /* @__PURE__ */ overlayOf(WorkOS);

function refusePassword(options) {
  if (options?.cookiePassword !== undefined) throw exposed('cookiePassword');
}

const exposed = (name) => new TypeError(`\`${name}\` has no place in a browser: whoever opens the page would have it`);
