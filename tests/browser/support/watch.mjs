// Watches a browser profile for what nobody looks at otherwise: console errors, uncaught exceptions, policy violations.

/**
 * @param {any} context
 * @param {string} url of the site; the provider's own pages are not ours to judge
 */
export function watch(context, url) {
  /** @type {string[]} */
  const seen = [];
  /** @type {((text: string) => boolean)[]} */
  const expected = [];

  context.on('console', (message) => {
    const place = message.location().url || message.page()?.url() || '';
    if (message.type() === 'error' && place.startsWith(url)) seen.push(`${message.text()} [${place}]`);
  });
  context.on('weberror', (error) => {
    seen.push(`uncaught: ${error.error()?.message} [${error.page()?.url()}]`);
  });
  // Chromium reports a violation in the console as well, but not for every kind of sink.
  void context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`policy violation: ${event.effectiveDirective} ${event.blockedURI}`);
    });
  });
  return {
    /**
     * Chromium notes every answer that is no success. Where one is what is tested, it is no mistake.
     *
     * @param {number} status
     * @param {string} path
     */
    expectAnswer(status, path) {
      const start = `Failed to load resource: the server responded with a status of ${status} `;
      expected.push((text) => text.startsWith(start) && text.includes(` [${url}${path}`));
    },
    /** What was seen so far, once: for the test of this very watch. */
    takeMistakes: () => seen.splice(0),
    mistakes: () => seen.filter((text) => !expected.some((isExpected) => isExpected(text))),
  };
}
