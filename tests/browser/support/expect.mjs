// Assertions about what comes about in a while: asked again and again until a deadline, then judged.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import { PATIENCE_MS } from './stage.mjs';

const POLL_MS = 50;

/**
 * Waits until a value is what is expected: equal to it, or matching it if it is a pattern.
 *
 * @param {() => Promise<unknown>} look
 * @param {unknown} expected
 * @param {string} [message]
 */
export async function becomes(look, expected, message) {
  const fits = (value) => (expected instanceof RegExp ? expected.test(String(value)) : value === expected);
  let value = await look();
  for (const deadline = Date.now() + PATIENCE_MS; !fits(value) && Date.now() < deadline; value = await look()) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  if (expected instanceof RegExp) assert.match(String(value), expected, message);
  else assert.equal(value, expected, message);
}

/** The text of an element becomes this. @param {any} locator @param {string | RegExp} expected */
export const reads = (locator, expected) =>
  becomes(async () => (await locator.textContent())?.replace(/\s+/gu, ' ').trim(), expected, `${locator}`);

/** The page's path, query included, becomes this. @param {any} page @param {string | RegExp} expected */
export const isAt = (page, expected) =>
  becomes(async () => { const { pathname, search } = new URL(page.url()); return pathname + search; }, expected, 'the page is at');

/** Acts again and again until something is so: after an outage the gateway spares the provider for seconds. */
export async function insist(act, isDone) {
  for (const deadline = Date.now() + 20_000; !(await isDone()); await sleep(700)) {
    assert.ok(Date.now() < deadline, 'not within twenty seconds');
    // What there was to click may have gone meanwhile, because it worked.
    await act({ timeout: 1_000 }).catch(() => {});
  }
}
