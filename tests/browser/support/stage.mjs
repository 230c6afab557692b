// The stage of the tour: one provider, one gateway, one browser, and a fresh visitor for each test.
// Every visitor is watched: an error in the console that a test does not expect fails it.

import { after, afterEach, before } from 'node:test';

import { startProvider } from '../../../dev/src/provider.mjs';
import { findBrowser, launch } from './browser.mjs';
import { startGateway, stopGateways } from './gateway.mjs';
import { watch } from './watch.mjs';

/** How long anything on a page may take to come about. */
export const PATIENCE_MS = 15_000;

/**
 * What is there once the tests run: the provider with its knobs, the address of the site, and new visitors.
 *
 * @type {{ provider: import('../../../dev/src/provider.mjs').Provider, url: string, visit: (context?: object) => Promise<any> }}
 */
export const stage = { provider: undefined, url: '', visit };

/** Counts sign-ins to notice a loop, and lapses after ten seconds: no part of what tests look at. */
const SIGN_INS = 'edgeseal-sign-ins';

let browser;
/** @type {Awaited<ReturnType<typeof newVisitor>>[]} */
let visitors = [];

/** Puts it up for the tests of the suite around, and takes it down after them. */
export function setStage() {
  before(async () => {
    stage.provider = await startProvider();
    const [gateway, launched] = await Promise.all([startGateway(stage.provider), launch(findBrowser())]);
    stage.url = gateway.url;
    browser = launched;
  });
  afterEach(async () => {
    const mistakes = visitors.flatMap((visitor) => visitor.mistakes());
    await Promise.all(visitors.map((visitor) => visitor.context.close()));
    visitors = [];
    stage.provider.reset();
    if (mistakes.length > 0) throw new Error(`In the browser's console:\n${mistakes.join('\n')}`);
  });
  after(async () => {
    await Promise.all([browser?.close(), stopGateways(), stage.provider?.close()]);
  });
}

async function visit(options = {}) {
  const visitor = await newVisitor(options);
  visitors.push(visitor);
  return visitor;
}

/** A browser profile of its own, with one page open. */
async function newVisitor(options) {
  const { url } = stage;
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
      return new Map(cookies.filter(({ name }) => name !== SIGN_INS).map((cookie) => [cookie.name, cookie]));
    },
  };
}
