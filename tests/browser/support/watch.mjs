// Watches a browser profile for what nobody looks at otherwise: console errors, uncaught exceptions, policy violations.

/** What Chromium writes when an answer is not 2xx. The gateway's refusals are answers, not mistakes of the page. */
const REFUSAL = /^Failed to load resource: the server responded with a status of (?:400|401|403|404|422|500|503)\b/u;

/**
 * @param {any} context
 * @param {string} url of the site; the provider's own pages are not ours to judge
 */
export function watch(context, url) {
  /** @type {string[]} */
  const seen = [];
  /** @type {RegExp[]} */
  const expected = [];

  context.on('console', (message) => {
    const place = message.location().url || message.page()?.url() || '';
    if (message.type() === 'error' && place.startsWith(url)) seen.push(`${message.text()} (${place})`);
  });
  context.on('weberror', (error) => {
    seen.push(`uncaught: ${error.error()?.message} (${error.page()?.url()})`);
  });
  // Chromium reports a violation in the console as well, but not for every kind of sink.
  void context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`policy violation: ${event.effectiveDirective} ${event.blockedURI}`);
    });
  });
  return {
    /** @param {RegExp} pattern */
    expect: (pattern) => void expected.push(pattern),
    mistakes: () => seen.filter((text) => !expected.some((pattern) => pattern.test(text))),
  };
}

export { REFUSAL };
