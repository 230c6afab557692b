// Getting about with the keyboard alone.

import assert from 'node:assert/strict';

/** What has the focus, by its words; it must be visible that it has. @param {any} page */
export async function focused(page) {
  const { name, outline } = await page.evaluate(() => {
    const element = /** @type {HTMLElement} */ (document.activeElement);
    if (element === document.body) return { name: '', outline: 0 };
    const shown = element.closest('label') ?? element;
    const style = getComputedStyle(shown);
    const words = element.getAttribute('aria-label') ?? /** @type {any} */ (element).labels?.[0]?.textContent ?? shown.textContent ?? '';
    return { name: words.replace(/\s+/gu, ' ').trim(), outline: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth) };
  });
  assert.ok(name === '' || outline >= 2, `the focus on “${name}” can be seen`);
  return name;
}

/** Presses Tab until something has the focus. @param {any} page @param {string | RegExp} wanted */
export async function tabTo(page, wanted) {
  const met = [];
  while (met.length < 40) {
    await page.keyboard.press('Tab');
    const name = await focused(page);
    if (typeof wanted === 'string' ? name === wanted : wanted.test(name)) return;
    met.push(name);
  }
  assert.fail(`Tab leads to no ${wanted}, but to ${met.join(' | ')}`);
}
