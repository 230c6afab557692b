// `edgeseal/hono`: the session as `c.get('session')`. Decides nothing.

import { createCore, safeReturnTo } from './core.js';
import { finish, orFailure, responseOf } from './response.js';

export { safeReturnTo };

export function edgeseal(options) {
  const core = createCore(options);
  const passages = new WeakMap();

  async function middleware(c, next) {
    // An app inside of another one, with the same middleware.
    if (passages.has(c)) return next();
    const passage = await core.admit(c.req.raw, c.env);
    if (passage.answer) return responseOf(passage.answer);
    passages.set(c, passage);
    c.set('session', passage.session);
    const failure = await orFailure(passage, async () => void (await next()));
    const response = finish(core, passage, failure ?? c.res);
    if (response === c.res) return undefined;
    // Hono would merge the headers of both.
    c.res = undefined;
    c.res = response;
    return undefined;
  }

  /** For one route, behind the middleware. */
  function require(demand) {
    const meet = core.require(demand);
    return async (c, next) => {
      const passage = passages.get(c);
      if (!passage) throw new TypeError('`require` needs the middleware before it: app.use(auth)');
      const answer = await meet(passage);
      if (answer) return responseOf(answer);
      c.set('session', passage.session);
      await next();
      return undefined;
    };
  }

  return Object.assign(middleware, {
    require,
    setCookies: (c, session) => core.setCookies(c.req.raw, session, c.env),
    deleteCookies: (c) => core.deleteCookies(c.req.raw, c.env),
  });
}
