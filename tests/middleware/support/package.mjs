// The package as people get it, for the tests of this process: the middleware and the clients. Holds no test.

import { after } from 'node:test';

import { project } from '../../package/support/installed.mjs';

/** A project with the package, inside of this suite's folder. It goes when the tests are over. */
export const place = project(new URL('../', import.meta.url));
after(() => place.remove());

const entry = (...segments) => import(place.installed(...segments));

export const { WorkOS, sealData, withEdgeseal } = await entry('entries', 'node.js');
export const stytch = await entry('entries', 'stytch-node.js');
export const { edgeseal: forFetch, safeReturnTo } = await entry('middleware', 'fetch.js');
export const { edgeseal: forHono } = await entry('middleware', 'hono.js');
export const { edgeseal: forNode } = await entry('middleware', 'node.js');
/** A file of the middleware, for the tests of its parts. */
export const part = (name) => entry('middleware', `${name}.js`);
