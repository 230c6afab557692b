// The long storm, with a table of what it comes to: the gateway with the object and without it, and what sites do today, a map of
// exchanges in each isolate. `node nightly/storm.mjs [--seconds N] [--seed N]`; exits with 1 when with the object anything does not
// hold. It takes about twenty minutes.

import util from 'node:util';

import { startProvider } from '../../../dev/src/provider.mjs';
import { startFleet, startPeerFleet } from '../support/fleet.mjs';
import { storm } from '../support/storm.mjs';
import { markdownTable, violations } from '../support/storm_counts.mjs';
import { LONG, calm, withLostReplies, withoutGrace } from '../support/weather.mjs';

const REQUESTS_KEPT = 1_000_000;
const PROGRESS_SECONDS = 10;

/** Fewer visitors who come more often, so that many requests fall into the last fifth of a token's life. */
const MEASURED = { ...calm(LONG), visitors: 10, pauseSeconds: LONG.pauseSeconds / 5 };
const SHORT_LIVED_SECONDS = 10;
const LONG_LIVED_SECONDS = 3_600;

/** The columns, each from a storm's result. */
const CELLS = {
  requests: ({ requests }) => requests,
  'exchanges asked for': ({ exchanges }) => exchanges.total,
  rotations: ({ exchanges }) => exchanges.rotated,
  replays: ({ exchanges }) => exchanges.replayed,
  'refused as used': ({ exchanges }) => exchanges.tooLate,
  'answered 503': ({ unavailable }) => unavailable,
  'seconds until the next exchange': ({ exchanges }) => exchanges.secondsToRecover,
  'no answer': ({ failed }) => failed,
  'sent to sign in': ({ refused }) => refused,
  'logged out': ({ loggedOut }) => loggedOut,
  'p50 ms': ({ goodToken }) => goodToken.p50,
  'p99 ms': ({ goodToken }) => goodToken.p99,
  'p99 of all': ({ all }) => all.p99,
};

const { seconds, seed } = read();
const provider = await startProvider({ requestsKept: REQUESTS_KEPT });
const failures = [];
try {
  const fleets = {
    'edgeseal with the object': () => startFleet(provider),
    'edgeseal without it': () => startFleet(provider, { object: false }),
    'SDK with a map per isolate': () => startPeerFleet(provider),
  };
  const scenarios = {
    'no grace, answers lost on the way to the browser': withoutGrace(LONG),
    'grace of 30 s, replies lost on the way to the gateway': withLostReplies(LONG),
  };
  const tables = [];
  for (const [scenario, weather] of Object.entries(scenarios)) {
    const rows = [];
    for (const [name, start] of Object.entries(fleets)) {
      const result = await run(`${name}, ${scenario}`, start, scaled(weather));
      rows.push([name, ...cellsOf(result)]);
      if (name === 'edgeseal with the object') failures.push(...violations(result).map((line) => `${scenario}: ${line}`));
    }
    tables.push(`### ${heading(weather)}: ${scenario}\n\n${markdownTable(['', ...Object.keys(CELLS)], rows)}`);
  }

  const measured = [];
  for (const [name, tokenLifetimeSeconds] of [['tokens that live 10 s', SHORT_LIVED_SECONDS], ['the same, no refreshes', LONG_LIVED_SECONDS]]) {
    const weather = scaled({ ...MEASURED, tokenLifetimeSeconds });
    const { goodToken, all, exchanges } = await run(name, fleets['edgeseal with the object'], weather);
    measured.push([name, exchanges.rotated, goodToken.count, goodToken.p50, goodToken.p95, goodToken.p99, all.p50, all.p95, all.p99]);
  }
  tables.push(`### What refreshes cost those whose token is good, in milliseconds\n\n${markdownTable(
    ['', 'rotations', 'requests with a good token', 'p50', 'p95', 'p99', 'all: p50', 'p95', 'p99'], measured)}`);
  console.log(`\n${tables.join('\n\n')}\n`);
} finally {
  await provider.close();
}
for (const failure of failures) console.log(`does not hold: ${failure}`);
process.exitCode = failures.length > 0 ? 1 : 0;

function read() {
  const number = { type: 'string' };
  const { values } = util.parseArgs({ options: { seconds: { ...number, default: String(LONG.seconds) }, seed: { ...number, default: '1' } } });
  return { seconds: Number(values.seconds), seed: Number(values.seed) };
}

/** A storm of another length, with an outage of the same share. */
function scaled(weather) {
  const { outageSeconds } = weather.trouble;
  const trouble = outageSeconds === undefined ? weather.trouble : { ...weather.trouble, outageSeconds: (outageSeconds * seconds) / LONG.seconds };
  return { ...weather, seconds, seed, trouble };
}

/** One storm over a fleet of its own. */
async function run(name, start, weather) {
  console.log(`${name} …`);
  const fleet = await start();
  let shown = Date.now();
  try {
    const result = await storm(fleet, provider, weather, (line) => {
      if (Date.now() - shown < PROGRESS_SECONDS * 1000) return;
      shown = Date.now();
      console.log(`  ${line}`);
    });
    for (const [failure, times] of result.failures) console.log(`  ${times} × ${failure}`);
    return result;
  } finally {
    await fleet.close();
  }
}

function cellsOf(result) {
  return Object.values(CELLS).map((cell) => cell(result));
}

function heading({ visitors, tabs, requests, trouble }) {
  const outage = Math.round((trouble.outageSeconds * seconds) / LONG.seconds);
  return `${visitors} visitors × ${tabs} tabs × ${requests} requests for ${seconds} s, ${outage} s without the provider`;
}
