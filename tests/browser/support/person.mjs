// What people do on the site, in their words: used by every test of the tour.

import { becomes, isAt } from './expect.mjs';

/** The person that most tests are about. */
export const ADA = 'Sign in as Ada (Acme, admin)';

/** From the provider's page into the site. @param {any} page @param {string} who the button's label */
export async function choose(page, who = ADA) {
  await page.getByRole('button', { name: who, exact: true }).click();
}

/** Signs in by the deep link and waits for the page to be ready. @param {any} page @param {string} [who] */
export async function signIn(page, who) {
  await page.goto('/app/');
  await choose(page, who);
  await isAt(page, '/app/');
  await isReady(page);
}

/** @param {any} page */
export const isReady = (page) => isInState(page, 'ready');

/** @param {any} page @param {'loading' | 'ready' | 'stale' | 'empty'} state */
export const isInState = (page, state) => becomes(() => stateOf(page), state, 'the state of /app/');

/** @param {any} page */
export const stateOf = (page) => page.locator('#main').getAttribute('data-state');
