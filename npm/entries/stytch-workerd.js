// Entry of `edgeseal/stytch` for Cloudflare Workers: the core is the one of `workerd.js`.

import './workerd.js';

export * from '../lib/stytch.js';
