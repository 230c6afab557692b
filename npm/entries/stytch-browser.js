// Entry of `edgeseal/stytch` for browsers: no core, for there is nothing that it could do there.

export * from '../lib/stytch_browser.js';
