// The suite: the site in a real browser, behind the gateway in workerd. One stage serves all its parts, in this order.
// Needs Node 22.12 or newer, build/worker/, and a Chromium: `CHROMIUM`, or one of the system.

import test, { describe } from 'node:test';

import { findBrowser } from './support/browser.mjs';

if (findBrowser() === undefined) {
  test('the site in a real browser', { skip: 'no Chromium on this machine: set CHROMIUM or install one' });
} else {
  describe('the site in a real browser', async () => {
    const { setStage } = await import('./support/stage.mjs');
    setStage();
    await import('./tour.mjs');
    await import('./sign_in.mjs');
    await import('./session.mjs');
    await import('./client.mjs');
    await import('./formats.mjs');
    await import('./outage.mjs');
    await import('./pages.mjs');
    await import('./stytch.mjs');
    await import('./doctor.mjs');
    await import('./doctor_alone.mjs');
  });
}
