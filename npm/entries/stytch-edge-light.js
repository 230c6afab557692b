// Entry of `edgeseal/stytch` for edge runtimes in the manner of Vercel's and Next.js's: the core is the one of `edge-light.js`.

import './edge-light.js';

export * from '../lib/stytch.js';
