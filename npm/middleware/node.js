// `edgeseal/node`: for servers of Node's own kind: Express, Connect, `node:http`, and Fastify as a hook. The session is `req.auth`. Decides
// nothing.

import process from 'node:process';

import { createCore, safeReturnTo } from './core.js';

export { safeReturnTo };

export function edgeseal(options) {
  const core = createCore(options);
  const passages = new WeakMap();

  function middleware(request, response, next) {
    const { raw, path } = inside(request);
    // A router inside of another one, with the same middleware.
    if (passages.has(raw)) return next();
    // The absolute form of a target, which only proxies are sent: routers read it in several ways.
    if (!path.startsWith('/')) return send(response, NO_PATH);
    admit(request, response).then((answer) => (answer ? send(response, answer) : next()), next);
    return undefined;

    async function admit() {
      const passage = await core.admit(webRequestOf(raw, path), process.env, request);
      if (passage.answer) return passage.answer;
      passages.set(raw, passage);
      request.auth = passage.session;
      const own = response.raw ?? response;
      if (passage.isPreflight) dropBody(own);
      beforeHead(own, (headers) => core.finish(passage, headers));
      return undefined;
    }
  }

  /** For one route, behind the middleware. */
  function require(demand) {
    const meet = core.require(demand);
    return (request, response, next) => {
      const passage = passages.get(inside(request).raw);
      if (!passage) return next(new TypeError('`require` needs the middleware before it: app.use(auth)'));
      const settle = (answer) => {
        request.auth = passage.session;
        return answer ? send(response, answer) : next();
      };
      meet(passage).then(settle, next);
      return undefined;
    };
  }

  const webRequest = (request) => webRequestOf(inside(request).raw, inside(request).path);
  return Object.assign(middleware, {
    require,
    setCookies: (request, session) => core.setCookies(webRequest(request), session, process.env),
    deleteCookies: (request) => core.deleteCookies(webRequest(request), process.env),
  });
}

const NO_PATH = { status: 400, headers: [['content-type', 'application/json']], body: '{"detail":"path_ambiguous"}' };

/** Node's own request, and its path: Fastify wraps it, and Express takes off what a router is mounted at. */
const inside = (request) =>
  request.raw ? { raw: request.raw, path: request.raw.url } : { raw: request, path: request.originalUrl ?? request.url };

/** A request, as far as the core looks at one. */
function webRequestOf({ method, headers, socket }, path) {
  const host = headers.host ?? headers[':authority'] ?? '';
  const origin = `${socket?.encrypted ? 'https' : 'http'}://${/^[\w.:[\]-]+$/.test(host) ? host : 'invalid'}`;
  const get = (name) => (Array.isArray(headers[name]) ? headers[name].join(', ') : headers[name]);
  return { method, url: origin + path, headers: { get } };
}

/** Sends an answer of the core's. */
function send(response, { status, headers, body }) {
  if (response.raw) {
    for (const [name, value] of headers) response.header(name, value);
    response.code(status).send(body);
    return;
  }
  for (const [name, value] of gathered(headers)) response.setHeader(name, value);
  response.statusCode = status;
  response.end(response.req?.method === 'HEAD' ? undefined : body);
}

/** Sends the headers of a response alone. */
function dropBody(response) {
  const { end } = response;
  const listenerIn = (given) => given.filter((one) => typeof one === 'function');
  response.write = (...given) => {
    for (const listener of listenerIn(given)) queueMicrotask(listener);
    return true;
  };
  response.end = (...given) => end.call(response, ...listenerIn(given));
  beforeHead(response, (headers) => headers.delete('content-length'));
}

/** Changes the headers of a response at the last moment, whoever sends it: a handler, a stream, or what answers to an error. */
function beforeHead(response, change) {
  const { writeHead } = response;
  response.writeHead = function changed(status, ...rest) {
    response.writeHead = writeHead;
    const message = rest.filter((given) => typeof given === 'string');
    const headers = rest.find((given) => typeof given === 'object' && given !== null);
    for (const [name, value] of gathered(pairsOf(headers))) response.setHeader(name, value);
    if (status !== 101) change(headersOf(response));
    return writeHead.call(response, status, ...message);
  };
}

/** What `writeHead` takes: an object, a flat list, or a list of pairs. */
function pairsOf(headers = {}) {
  if (!Array.isArray(headers)) return Object.entries(headers);
  if (headers.length === 0 || Array.isArray(headers[0])) return headers;
  return headers.flatMap((name, index) => (index % 2 === 0 ? [[name, headers[index + 1]]] : []));
}

/** Values by name: Node takes those of one name together. */
function gathered(pairs) {
  const values = new Map();
  for (const [name, value] of pairs) {
    const key = String(name).toLowerCase();
    values.set(key, values.has(key) ? [values.get(key), value].flat() : value);
  }
  return values;
}

/** The headers of a response, as far as the core looks at them. */
const headersOf = (response) => ({
  get: (name) => (response.hasHeader(name) ? [response.getHeader(name)].flat().join(', ') : null),
  set: (name, value) => response.setHeader(name, value),
  delete: (name) => response.removeHeader(name),
  getSetCookie: () => [response.getHeader('set-cookie') ?? []].flat(),
  append: (name, value) => response.setHeader(name, [response.getHeader(name) ?? [], value].flat()),
});
