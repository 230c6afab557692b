// Which rules a request falls under. The first that fits wins, what none fits needs a session. As src/gateway/route.rs and pattern.rs, with
// demands that go further than a session: where several rules may be meant, all of their demands hold, or the path is refused.

import { readPath } from './path.js';

/**
 * The demands on a request: a list of `session` or of objects, empty for a public path; undefined where a router might read the path as one
 * that another rule is for.
 * @param {{ path: string, methods?: string[], require: 'public' | 'session' | object }[]} rules checked before
 */
export function routesOf(rules) {
  const prepared = rules.map(({ path, methods, require }) => ({
    require,
    methods: methods?.map((method) => method.toUpperCase()),
    exact: path,
    loose: [fold(path), trim(fold(path))],
  }));
  return (method, path) => decide(prepared, method === 'HEAD' ? 'GET' : method, readPath(path));
}

function decide(rules, method, { clear, readings }) {
  const own = rules.filter(({ methods }) => !methods || methods.includes(method));
  const exact = (path) => own.find((rule) => matches(rule.exact, path))?.require;
  if (readings) return readings.some((path) => exact(path) !== undefined) ? undefined : ['session'];

  const neighbour = withOrWithoutLastSlash(clear);
  // Most routers take the two for one, and neither address is odd: the rules of both hold.
  const demands = new Set([exact(clear) ?? 'session', exact(neighbour)].filter((demand) => demand && demand !== 'public'));
  const loose = [clear, neighbour].flatMap((path) =>
    [fold(path), trim(fold(path))].map((text, index) => own.find((rule) => matches(rule.loose[index], text))?.require),
  );
  // What routers take for another path that tell case, and dots and spaces at the end of names, not apart.
  const isMet = (demand) => demand === undefined || demand === 'public' || demands.has(demand) || (demand === 'session' && demands.size > 0);
  return loose.every(isMet) ? [...demands] : undefined;
}

/**
 * Whether the whole text fits a pattern, in which `*` stands for any characters, slashes too. What stands between two stars is taken where it
 * occurs first: that leaves the most for what follows, so nothing is ever tried again.
 */
export function matches(pattern, text) {
  const pieces = pattern.split('*');
  const start = pieces.shift();
  if (pieces.length === 0) return text === start;
  if (!text.startsWith(start)) return false;
  const end = pieces.pop();
  let at = start.length;
  for (const piece of pieces) {
    const found = text.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return text.length - at >= end.length && text.endsWith(end);
}

const withOrWithoutLastSlash = (path) => (path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : `${path}/`);

/** As file systems do that know no case. Upper case first: some letters have two small ones. */
const fold = (path) => path.toUpperCase().toLowerCase();

/** Without what Windows drops at the end of names. */
const trim = (path) => path.split('/').map(withoutDotsAtEnd).join('/');

/** By hand: a regular expression for it takes the square of the time. */
function withoutDotsAtEnd(segment) {
  let end = segment.length;
  while (end > 0 && '. '.includes(segment[end - 1])) end -= 1;
  return segment.slice(0, end);
}
