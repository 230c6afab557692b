// A reporter of node:test that writes nothing but the final counts, as JSON.

export default async function* summary(events) {
  for await (const { type, data } of events) {
    // Without a file it is the sum over all files.
    if (type !== 'test:summary' || data.file !== undefined) continue;
    const { passed, failed, cancelled, skipped, todo } = data.counts;
    yield JSON.stringify({ passed, failed: failed + cancelled, skipped: skipped + todo });
  }
}
