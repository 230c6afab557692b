// `edgeseal/fetch`: for whatever takes a `Request` and gives a `Response`: Workers, Deno, Bun, Node. Decides nothing.

import { createCore, safeReturnTo } from './core.js';
import { finished, responseOf } from './response.js';

export { safeReturnTo };

export function edgeseal(options) {
  const core = createCore(options);
  async function middleware(request, environment, handler) {
    if (typeof handler !== 'function') {
      throw new TypeError('the third argument has to be the handler: auth(request, env, (request, session) => response)');
    }
    const passage = await core.admit(request, environment);
    if (passage.answer) return responseOf(passage.answer);
    return finished(core, passage, () => handler(request, passage.session));
  }
  return Object.assign(middleware, { setCookies: core.setCookies, deleteCookies: core.deleteCookies });
}
