// Rounds: each runs every case of a table once, for a batch, in an order of its own. What the machine does meanwhile happens to all
// of them alike, and what a case leaves behind does not always fall to the same neighbour.

/** What counts as having become faster. */
const FASTER = 0.95;

/**
 * Measures tables. `clock.time(table, case, count)` is the time in µs that so many runs take, `clock.base()` what of it is spent when
 * there is nothing to run, as a request to workerd is. Medians are taken off medians and minima off minima, so that no sample carries the
 * noise of two.
 */
export async function measureTables(tables, clock, { rounds, batchMicroseconds, warmUpMicroseconds }, onProgress) {
  const results = [];
  for (const { id, title, cases } of tables) {
    const entries = [];
    for (const item of cases) {
      onProgress(`${title}: warming up ${item.name}`);
      const time = (count) => clock.time(id, item, count);
      entries.push({ item, time, count: await warmUp(time, warmUpMicroseconds, batchMicroseconds), samples: [] });
    }
    const bases = [];
    for (let round = 1; round <= rounds; round += 1) {
      onProgress(`${title}: round ${round} of ${rounds}`);
      bases.push(await clock.base());
      for (const { time, count, samples } of shuffled(entries)) samples.push(await time(count));
    }
    results.push({ id, title, cases: entries.map((entry) => result(entry, summary(bases))) });
  }
  return results;
}

function result({ item, count, samples }, base) {
  const { median, min, p90 } = summary(samples);
  const operations = count * item.width;
  return {
    name: item.name,
    median: (median - base.median) / operations,
    min: (min - base.min) / operations,
    p90: (p90 - base.median) / operations,
    operations,
  };
}

/**
 * Runs until it has not become faster for a while: compilers work beside the code, and on a busy machine they are late. Returns how many
 * runs fill a batch.
 */
async function warmUp(time, warmUpMicroseconds, batchMicroseconds) {
  let count = 1;
  let best = Infinity;
  for (let unchanged = 0; unchanged < warmUpMicroseconds; ) {
    const elapsed = await time(count);
    // What is short may be nothing but noise: only what is long tells how long a run is.
    if (elapsed < batchMicroseconds / 2) {
      count *= 2;
    } else if (elapsed / count < best * FASTER) {
      best = elapsed / count;
      unchanged = 0;
    } else {
      unchanged += elapsed;
    }
  }
  return Math.max(1, Math.round(batchMicroseconds / best));
}

/** Median, minimum and ninth decile. */
export function summary(samples) {
  const sorted = samples.toSorted((one, other) => one - other);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return { median: at(0.5), min: sorted[0], p90: at(0.9) };
}

/** The same things in a random order. */
export function shuffled(items) {
  const keyed = items.map((item) => ({ item, key: Math.random() }));
  return keyed.sort((one, other) => one.key - other.key).map(({ item }) => item);
}
