// Entry of `edgeseal/stytch` for Deno: the core is the one of `deno.js`.

import './deno.js';

export * from '../lib/stytch.js';
