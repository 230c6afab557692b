// Who takes part, under the names that stand in tables and results, and the algorithms in the order of the tables.

/** The one that the others are compared with: the build for runtimes that know relaxed SIMD. */
export const OURS = 'edgeseal';
/** The build for all others. */
export const PORTABLE = 'edgeseal, no relaxed SIMD';
/** The crates that its own kernels replace, as they come (`stock/`). */
export const STOCK = 'stock crates in wasm';

export const SDK = '@workos-inc/node';
export const STYTCH = 'stytch';
export const IRON_WEBCRYPTO = 'iron-webcrypto';
export const IRON_SESSION = 'iron-session';
export const JOSE = 'jose, imported key';
export const JOSE_SET = 'jose, local key set';

/** The runtime's own: one signature over bytes that are ready. */
export const NODE_CRYPTO = 'node:crypto';
export const WEBCRYPTO = 'WebCrypto';

export const ALGORITHMS = ['RS256', 'ES256', 'EdDSA', 'PS256', 'HS256'];
