// How many tests passed, failed and were skipped, and what failed.

export const nothing = () => ({ passed: 0, failed: 0, skipped: 0, failures: [] });

/** Adds what one run counted to a sum. */
export function add(sum, { passed = 0, failed = 0, skipped = 0, failures = [] }) {
  sum.passed += passed;
  sum.failed += failed;
  sum.skipped += skipped;
  sum.failures.push(...failures);
}
