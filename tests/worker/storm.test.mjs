// Nobody is logged out: many tabs in many isolates, tokens that expire all the time, a provider that refuses, loses replies and is
// down for a while. `npm run test:nightly` does the same for longer, and compares.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { startProvider } from '../../dev/src/provider.mjs';
import { startFleet } from './support/fleet.mjs';
import { storm } from './support/storm.mjs';
import { violations } from './support/storm_counts.mjs';
import { SHORT, withLostReplies, withoutGrace } from './support/weather.mjs';

const SEED = 1;
const REQUESTS_KEPT = 100_000;

const provider = await startProvider({ requestsKept: REQUESTS_KEPT });
after(() => provider.close());

/** A storm over a fleet of its own. */
async function stormOver(t, weather, options) {
  const fleet = await startFleet(provider, options);
  t.after(() => fleet.close());
  const result = await storm(fleet, provider, { ...weather, seed: SEED });
  t.diagnostic(JSON.stringify({ ...result, failures: Object.fromEntries(result.failures) }));
  return result;
}

for (const [name, weather] of Object.entries({
  'without any grace at the provider, and with answers that never reach the browser': withoutGrace(SHORT),
  'with replies of the provider that never reach the gateway': withLostReplies(SHORT),
})) {
  test(`one rotation per generation, nobody logged out, nobody sees another's session: ${name}`, async (t) => {
    const result = await stormOver(t, weather);
    // It was one: everybody had to refresh, and not all that they asked for was given.
    const { rotated, limited, cutOff, lostReplies } = result.exchanges;
    assert.ok(rotated >= weather.visitors, `${rotated} rotations`);
    assert.ok(limited + cutOff > 0, 'the provider refused, or was down');
    assert.equal(lostReplies > 0, weather.trouble.losesReplyEverySeconds !== undefined, 'replies were lost');
    assert.deepEqual(violations(result), []);
  });
}

test('the same storm logs people out where isolates know nothing of each other', async (t) => {
  const result = await stormOver(t, { ...withoutGrace(SHORT), seconds: 8, trouble: {} }, { object: false });
  assert.ok(result.loggedOut > 0 && result.exchanges.tooLate > 0 && result.exchanges.presentedAgain > 0, 'it can be seen');
  assert.notDeepEqual(violations(result), []);
  assert.equal(result.foreign, 0, 'not even then does anybody see another session');
});
