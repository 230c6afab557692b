// The stage of a test file: provider, gateway and browser, and a fresh visitor for each test.
// Every visitor is watched: an error in the console that a test does not expect fails it.

import { after, afterEach, before } from 'node:test';

import { startProvider } from '../../../dev/src/provider.mjs';
import { findBrowser, launch } from './browser.mjs';
import { startGateway } from './gateway.mjs';
import { watch } from './watch.mjs';

/** How long anything on a page may take to come about. */
export const PATIENCE_MS = 15_000;

const browserPath = findBrowser();

/** For `test(name, { skip }, …)`: false, or why there is nothing to see. */
export const skip = browserPath === undefined && 'no Chromium on this machine: set CHROMIUM or install one';

/**
 * @param {{ settings?: Record<string, string> }} [options]
 * @returns what is there once the tests run: `provider`, `url` of the site, and `visit`
 */
export function setStage({ settings } = {}) {
  const stage = /** @type {Stage} */ ({});
  if (skip) return stage;
  /** @type {{ close: () => Promise<void>, mistakes: () => string[] }[]} */
  let visitors = [];
  let gateway;
  let browser;

  before(async () => {
    stage.provider = await startProvider();
    [gateway, browser] = await Promise.all([startGateway(stage.provider, settings), launch(/** @type {string} */ (browserPath))]);
    stage.url = gateway.url;
    stage.visit = async (context = {}) => {
      const visitor = await newVisitor(browser, stage.url, context);
      visitors.push(visitor);
      return visitor;
    };
  });
  afterEach(async () => {
    const mistakes = visitors.flatMap((visitor) => visitor.mistakes());
    await Promise.all(visitors.map((visitor) => visitor.close()));
    visitors = [];
    stage.provider.reset();
    if (mistakes.length > 0) throw new Error(`In the browser's console:\n${mistakes.join('\n')}`);
  });
  after(async () => {
    await Promise.all([browser?.close(), gateway?.stop(), stage.provider?.close()]);
  });
  return stage;
}

/**
 * @typedef {{ provider: import('../../../dev/src/provider.mjs').Provider, url: string, visit: (context?: object) => Promise<any> }} Stage
 */

/** A browser profile of its own, with one page open. */
async function newVisitor(browser, url, options) {
  const context = await browser.newContext({ baseURL: url, locale: 'en-GB', timezoneId: 'Europe/London', ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const watched = watch(context, url);
  const page = await context.newPage();
  return {
    context,
    page,
    /** Another tab of the same profile. */
    newPage: () => context.newPage(),
    ...watched,
    /** The cookies of the site, by name. */
    async cookies() {
      const cookies = await context.cookies(url);
      return new Map(cookies.map((cookie) => [cookie.name, cookie]));
    },
    close: () => context.close(),
  };
}
