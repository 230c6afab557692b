// Deletes cookies wherever they may stand: for this host alone and for every domain that it is in. One of before a change of the domain would
// keep a visitor signed in, or be refused again and again. As src/gateway/cookie_scopes.rs.

import { remove } from './cookies.js';
import * as limits from './limits.js';

/** The lines that delete these cookies, for these paths. @param {import('./cookies.js').Attributes[]} cookies */
export function deletionLines(cookies, paths, { origin, cookie: present }) {
  const lines = paths.flatMap((path) =>
    cookies.flatMap((cookie) => {
      // A `__Host-` name has no domain.
      const domains = cookie.name.startsWith('__Host-') ? [] : new Set([...domainsOf(origin), ...(cookie.domain ? [cookie.domain] : [])]);
      return [undefined, ...domains].flatMap((domain) => remove({ ...cookie, path, domain }, present));
    }),
  );
  return [...new Set(lines)].slice(0, limits.PLANTED_LINES);
}

/** The paths for which a cookie may have been set that comes with a request to this one, the shortest first. */
export function pathsOf(path) {
  // What would end or change the line stands in no path of a cookie.
  const plain = /^[\x21-\x3a\x3c-\x7e]*/.exec(path)[0];
  const paths = Array.from(path.matchAll(/\//g), ({ index }) => [path.slice(0, index), path.slice(0, index + 1)]).flat();
  return [...new Set([...paths.slice(1), path])].filter((start) => start.length <= plain.length);
}

/** The domains for which a host may set cookies, itself first. Of those that are public suffixes, browsers take none. */
function domainsOf(origin) {
  const host = /^https?:\/\/([a-z0-9.-]+)(:\d+)?$/i.exec(origin)?.[1] ?? '';
  // An address is in no domain.
  if (/^[\d.]+$/.test(host)) return [];
  const labels = host.split('.');
  return labels.slice(0, -1).map((_, index) => labels.slice(index).join('.'));
}
