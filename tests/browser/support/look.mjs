// Looks at a page as it stands, in light and dark, on a phone and on a desk: what can be measured of its looks, what axe finds, and pictures
// for people to look at, in tests/browser/screenshots/.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import { findFaults } from './legible.mjs';

const FOLDER = fileURLToPath(new URL('../screenshots/', import.meta.url));
const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** axe takes its time, and what it sees beyond the layout is the same in both schemes: contrast is measured in all of them anyway. */
const VIEWS = [
  { width: 390, height: 844, colorScheme: 'light', axe: false },
  { width: 390, height: 844, colorScheme: 'dark', axe: true },
  { width: 1440, height: 900, colorScheme: 'dark', axe: false },
  { width: 1440, height: 900, colorScheme: 'light', axe: true },
];

/** @param {any} page @param {string} name */
export async function look(page, name) {
  fs.mkdirSync(FOLDER, { recursive: true });
  for (const { width, height, colorScheme, axe } of VIEWS) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height });
    const faults = await page.evaluate(findFaults);
    if (axe) faults.push(...(await violations(page)));
    await page.screenshot({ path: `${FOLDER}${name}-${width}-${colorScheme}.png`, fullPage: true });
    assert.deepEqual(faults, [], `${name} at ${width} in ${colorScheme}`);
  }
}

/** What axe finds, all of its rules, best practices too. @param {any} page @returns {Promise<string[]>} */
export async function violations(page) {
  // By the debugger's protocol, which no policy of the page holds back.
  await page.evaluate(`${AXE}; undefined`);
  return page.evaluate(async () => {
    const { violations: found } = await globalThis.axe.run(document);
    return found.flatMap(({ id, help, nodes }) => nodes.map(({ target }) => `axe: ${id}: ${help}: ${target.join(' ')}`));
  });
}
