// What `edgeseal/stytch` gives, wherever a secret can be kept. The entries see to it that the core has been instantiated.

import { StytchProject } from '../wasm/edgeseal.js';
import { clientsOf } from './stytch_clients.js';

export * as envs from './stytch_envs.js';
export { ClientError, RequestError, StytchError } from './stytch_errors.js';
export const { Client, B2BClient } = /* @__PURE__ */ clientsOf(StytchProject);
