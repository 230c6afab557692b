// Entry of `edgeseal/stytch` for Node and Bun: the core is the one of `node.js`.

import './node.js';

export * from '../lib/stytch.js';
