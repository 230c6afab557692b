// WorkOS's SDK as a Worker of its own: its first calls are timed.

import { WorkOS } from '@workos-inc/node';

import { callAuthenticate } from '../cold_calls.mjs';

export default { fetch: (request, environment) => callAuthenticate(WorkOS, request, environment) };
