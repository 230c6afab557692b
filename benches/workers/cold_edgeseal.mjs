// edgeseal as a Worker of its own: its first calls are timed.

import { WorkOS, initSync } from 'edgeseal-relaxed';

import module from './edgeseal.wasm';

import { callAuthenticate } from '../cold_calls.mjs';

initSync({ module });

export default { fetch: (request, environment) => callAuthenticate(WorkOS, request, environment) };
