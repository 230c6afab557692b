// The control endpoints `/` and `/dev/*`: turn knobs, rotate keys, read the log. For tests (JSON) and people (forms).
// They show no token and no API key, and no failure is ever played on them.

import { apiError, json, parseJsonObject, redirect } from './http.mjs';
import { KnobError } from './knobs.mjs';
import { controlPage } from './pages/control.mjs';
import { messagePage } from './pages/message.mjs';

export const CONTROL_ROUTES = [
  { method: 'GET', path: '/', handle: controlPage },
  { method: 'GET', path: '/dev/knobs', handle: readKnobs },
  { method: 'POST', path: '/dev/knobs', handle: setKnobs },
  { method: 'POST', path: '/dev/rotate-keys', handle: rotateKeys },
  { method: 'GET', path: '/dev/requests', handle: readRequests },
  { method: 'DELETE', path: '/dev/requests', handle: clearRequests },
  { method: 'POST', path: '/dev/end-session', handle: endSession },
  { method: 'POST', path: '/dev/reset', handle: resetAll },
];

/** @typedef {{ headers: import('node:http').IncomingHttpHeaders, body: string }} ControlRequest */

function readKnobs({ knobs }) {
  return json(200, knobs.get());
}

/** @param {import('./provider.mjs').Parts} parts @param {ControlRequest} request */
function setKnobs({ knobs }, request) {
  const form = formOf(request);
  try {
    const settings = knobs.set(form ? knobsFromForm(form, knobs.definition) : jsonOf(request));
    return form ? redirect('/#knobs', 303) : json(200, settings);
  } catch (error) {
    if (!(error instanceof KnobError)) throw error;
    return form
      ? messagePage(400, 'The knobs are as before', `${error.message}.`, { href: '/#knobs', label: 'Back to the knobs' })
      : apiError(400, 'invalid_knobs', `${error.message}.`);
  }
}

async function rotateKeys({ keys }, request) {
  const form = formOf(request);
  const keepPrevious = form ? form.get('keepPrevious') !== 'false' : jsonOf(request).keepPrevious ?? true;
  if (typeof keepPrevious !== 'boolean') return apiError(400, 'invalid_request', 'keepPrevious must be true or false.');
  const result = await keys.rotate({ keepPrevious });
  return form ? redirect('/#keys', 303) : json(200, result);
}

function readRequests({ log }) {
  return json(200, { requests: log.list() });
}

function clearRequests({ log }) {
  log.clear();
  return json(200, { requests: [] });
}

function endSession({ sessions }, request) {
  const form = formOf(request);
  const sessionId = form ? form.get('sessionId') : jsonOf(request).sessionId;
  const session = typeof sessionId === 'string' ? sessions.end(sessionId, { revoked: true }) : undefined;
  if (!session) return apiError(404, 'entity_not_found', 'Session not found.');
  return form ? redirect('/#sessions', 303) : json(200, sessions.resource(session));
}

function resetAll({ reset, knobs }, request) {
  reset();
  return formOf(request) ? redirect('/', 303) : json(200, knobs.get());
}

/** The fields of a form of the control page; null when the body is JSON. */
export function formOf({ headers, body }) {
  return headers['content-type']?.startsWith('application/x-www-form-urlencoded') ? new URLSearchParams(body) : null;
}

/** An empty body is an empty object: `curl -X POST` is enough where everything has a default. */
export function jsonOf({ body }) {
  return body === '' ? {} : parseJsonObject(body);
}

/**
 * The form shows every knob, so it sets every knob. A failure is on when its box is ticked; no endpoint ticked means
 * all of them, an empty count means until it is turned off.
 */
function knobsFromForm(form, { endpoints: known, numbers, switches, errorTypes }) {
  const number = (name) => (form.get(name)?.trim() ? Number(form.get(name)) : undefined);
  const failure = (name, parts = {}) => {
    if (!form.has(`${name}.on`)) return null;
    const endpoints = form.getAll(`${name}.endpoints`);
    return {
      ...parts,
      endpoints: endpoints.length === 0 || endpoints.length === known.length ? null : endpoints,
      times: number(`${name}.times`) ?? null,
    };
  };
  // A provider with error types is asked for one of them; the others, and a proxy's answer, by status.
  const chosen = form.get('fail.status') ?? '';
  const answer = errorTypes && Object.hasOwn(errorTypes, chosen) ? { errorType: chosen } : { status: Number(chosen) };
  return {
    ...Object.fromEntries(Object.keys(numbers).map((name) => [name, number(name)])),
    ...Object.fromEntries(Object.keys(switches).map((name) => [name, form.has(name)])),
    slow: failure('slow', { milliseconds: number('slow.milliseconds') }),
    down: failure('down'),
    fail: failure('fail', { ...answer, retryAfterSeconds: number('fail.retryAfterSeconds') }),
    loseReply: failure('loseReply'),
  };
}
