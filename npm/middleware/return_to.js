// Where a visitor may be sent after sign-in: a path of this site, and nowhere else. As src/gateway/return_to.rs.

import * as limits from './limits.js';

/** The path, if it is one; else the start page. Anybody can make a link with a `return_to` of their own. */
export const safeReturnTo = (path) => (typeof path === 'string' && isSafeReturnTo(path) ? path : '/');

/** Browsers read `\` as `/`, skip tabs and line breaks, and take `//host` for another site; so what is not plainly a path is none. */
export function isSafeReturnTo(path) {
  if (path.length > limits.RETURN_TO_BYTES || !/^\/[\x21-\x5b\x5d-\x7e]*$/.test(path)) return false;
  // `/..//host` is `//host` once a browser has resolved the dots.
  const plain = path.split(/[?#]/, 1)[0].replaceAll(/%2e/gi, '.');
  return !plain.includes('//') && !plain.split('/').some((segment) => segment === '.' || segment === '..');
}
