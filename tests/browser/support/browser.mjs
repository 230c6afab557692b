// The browser of these tests: a Chromium of this machine. Nothing is downloaded; without one the suite skips.

import fs from 'node:fs';
import path from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge', 'chrome'];

/** Where systems without a PATH for applications keep it. */
const PLACES = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

const QUIET = [
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The browser's path: `CHROMIUM`, else the first that the system has. */
export function findBrowser() {
  // Named and missing is a mistake, not a machine without a browser.
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  const candidates = NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  return [...candidates, ...PLACES].find((candidate) => fs.existsSync(candidate));
}

/** @param {string} executablePath */
export async function launch(executablePath) {
  // Imported here: the suite can then say that there is no browser before its packages are installed.
  const { chromium } = await import('playwright-core');
  // Chromium's sandbox does not work for root.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args: [...QUIET, ...asRoot], chromiumSandbox: asRoot.length === 0 });
}
