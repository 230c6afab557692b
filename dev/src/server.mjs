// One request from arrival to answer, in order: where it comes from, which endpoint, which failure is played, the work.
// Knows no endpoint's rules. Nothing that a request holds may end the process.

import { setTimeout as wait } from 'node:timers/promises';

import { CONTROL_ROUTES } from './control.mjs';
import { Refusal, apiError, isLoopbackHost, isOwnPageOrNone, readBody } from './http.mjs';

/**
 * @param {import('./provider.mjs').Parts} parts
 * @param {AbortSignal} closing ends the waiting of slow requests
 * @returns {import('node:http').RequestListener}
 */
export function requestHandler(parts, closing) {
  return async (request, response) => {
    // A client that goes away is no error of ours.
    response.on('error', () => {});
    try {
      const answer = await answerTo(parts, request, closing);
      if (answer) send(response, answer);
      else request.socket.destroy();
    } catch (error) {
      if (request.socket.destroyed || closing.aborted) return;
      console.error(error);
      send(response, apiError(500, 'internal_error', 'The local provider has a defect; its terminal shows it.'));
    }
  };
}

/** @returns {Promise<import('./http.mjs').Answer | null>} null: no answer, the connection is cut */
async function answerTo(parts, request, closing) {
  if (!isLoopbackHost(request.headers.host)) {
    return apiError(403, 'forbidden', 'The local provider answers to localhost and 127.0.0.1 only.');
  }
  const url = parseTarget(request.url);
  if (!url) return apiError(400, 'invalid_request', 'The request target is not a path.');
  const control = [...CONTROL_ROUTES, ...parts.shape.controlRoutes].filter(({ path }) => path === url.pathname);
  return control.length > 0 ? controlAnswer(parts, request, control) : providerAnswer(parts, request, url, closing);
}

async function controlAnswer(parts, request, candidates) {
  const route = candidates.find(({ method }) => method === request.method);
  if (!route) return methodNotAllowed(candidates, apiError);
  if (route.method !== 'GET' && !isOwnPageOrNone(request.headers)) {
    return apiError(403, 'forbidden', 'A page of another origin must not change the local provider.');
  }
  return orRefusal(async () => route.handle(parts, { headers: request.headers, body: await readBody(request, apiError) }));
}

async function providerAnswer(parts, request, url, closing) {
  const { routes, error } = parts.shape;
  const candidates = routes.filter(({ path }) => path.test(url.pathname));
  const route = candidates.find(({ method }) => method === request.method);
  const entry = parts.log.open(candidates[0]?.endpoint ?? 'unknown', request.method, parts.now());
  const { delay, instead } = route ? parts.knobs.take(route.endpoint) : { delay: 0, instead: null };
  entry.knob = instead?.knob ?? (delay > 0 ? 'slow' : null);

  const answer = await orRefusal(async () => {
    const body = await readBody(request, error);
    // A slow provider does the work even when the client has stopped waiting.
    if (delay > 0) await wait(delay, undefined, { signal: closing });
    if (instead?.knob === 'down') return null;
    if (instead?.knob === 'fail') return instead.status === 502 ? PROXY_FAILURE : parts.shape.playedFailure(instead);
    if (!route) return candidates.length > 0 ? methodNotAllowed(candidates, error) : error(404, 'not_found', 'No such endpoint.');
    const [, identifier] = route.path.exec(url.pathname);
    return route.handle(parts, { url, headers: request.headers, body, entry, identifier });
  });
  if (answer?.outcome) entry.outcome = answer.outcome;
  if (answer === null || instead?.knob === 'loseReply') return null;
  entry.status = answer.status;
  return answer;
}

/** What a proxy in front of a dead provider says, whatever the provider's own errors look like. @type {import('./http.mjs').Answer} */
const PROXY_FAILURE = {
  status: 502,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n',
};

async function orRefusal(work) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    throw error;
  }
}

function methodNotAllowed(candidates, error) {
  const answer = error(405, 'method_not_allowed', 'The endpoint exists, but not with this method.');
  answer.headers.allow = candidates.map(({ method }) => method).join(', ');
  return answer;
}

/** @returns {URL | null} */
function parseTarget(target) {
  // The absolute form and `//host` would let the target say another host than the header.
  if (!target.startsWith('/') || target.startsWith('//')) return null;
  const base = 'http://localhost';
  return URL.canParse(target, base) ? new URL(target, base) : null;
}

function send(response, { status, headers, body }) {
  response.writeHead(status, {
    'x-content-type-options': 'nosniff',
    ...headers,
    'content-length': Buffer.byteLength(body),
    // The rest of a body that was too large is not waited for.
    ...(status === 413 && { connection: 'close' }),
  });
  response.end(body);
}
