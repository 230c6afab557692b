// Revoking, as WorkOS and operators do. Holds no test.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { SESSION_COOKIE } from './gateway.mjs';
import { SCRIPT } from './http.mjs';

export const ADMIN_TOKEN = 'the admin token of the tests, 32 or more';
export const WEBHOOK_SECRET = 'the webhook secret of the tests';

/** The settings with which a gateway can be told. */
export const REVOKING = { ADMIN_TOKEN, WORKOS_WEBHOOK_SECRET: WEBHOOK_SECRET };

let events = 0;

/** A webhook of WorkOS: its body and its header. */
export function webhook(event, data, { at = Date.now(), secret = WEBHOOK_SECRET } = {}) {
  const body = JSON.stringify({ object: 'event', id: `event_${(events += 1)}`, event, data, created_at: new Date(at).toISOString(), context: {} });
  return { body, signature: `t=${at}, v1=${sign(`${at}.${body}`, secret)}` };
}

const sign = (text, secret) => createHmac('sha256', secret).update(text).digest('hex');

/** Delivers a webhook. */
export function deliver(gateway, { body, signature }) {
  const headers = { 'content-type': 'application/json', ...(signature !== undefined && { 'workos-signature': signature }) };
  return gateway.request('/auth/webhooks/workos', { method: 'POST', headers, body });
}

/** `POST /auth/revoke`. */
export function revoke(gateway, order, { token = ADMIN_TOKEN } = {}) {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  return gateway.request('/auth/revoke', { method: 'POST', headers, body: typeof order === 'string' ? order : JSON.stringify(order) });
}

/** A script of the site asks with this cookie, and takes no new one. */
export const come = (gateway, { session }, target = '/auth/session', { headers = {}, ...options } = {}) =>
  gateway.request(target, { ...options, headers: { ...SCRIPT, ...headers, cookie: `${SESSION_COOKIE}=${session}` } });

/** Why a request was refused; `ok` where it was not. */
export const verdict = (answer) => (answer.status === 200 ? 'ok' : answer.json().detail);

/** Looks until something is so; what it is. */
export async function until(check, { patience = 10_000, pause = 50 } = {}) {
  for (const deadline = Date.now() + patience; ; await sleep(pause)) {
    const found = await check();
    if (found) return found;
    assert.ok(Date.now() < deadline, `it did not come to that in ${patience} ms`);
  }
}
