// `edgeseal keygen`: a new cookie password, and nothing else, on the standard output. What to do with it is said on the other one, so
// that the output can be piped.

import { UsageProblem } from './problem.js';

/** What each kind of password suits; the kinds are those of the core. */
const KINDS = {
  common: 'the SDKs for Node, Python, Ruby (7 and later), Go, PHP and .NET, all at once; not that for Rust',
  rust: 'the SDK for Rust, and those for Node, Ruby (7 and later), Go and .NET; not those for Python and PHP',
  'ruby-legacy': 'the SDK for Ruby before version 7, and those for Node, Ruby (7 and later), Go and .NET; not those for Python, PHP and Rust',
};

export const summary = 'prints a new cookie password';

export const options = { for: { type: 'string', default: 'common' } };

export const help = `Usage: npx edgeseal keygen [--for KIND]

Prints a new cookie password. It suits
${Object.entries(KINDS).map(([kind, suits]) => `  ${kind.padEnd(12)} ${suits}`).join('\n')}
Default: common.

  npx edgeseal keygen | npx wrangler secret put WORKOS_COOKIE_PASSWORD
`;

/** What to answer to anything else. */
export const refusal = `The only option is --for, one of ${Object.keys(KINDS).join(', ')}.`;

/** Refuses a kind that does not exist, and whatever else was given. */
export function check({ values, positionals }) {
  if (positionals.length > 0 || !Object.hasOwn(KINDS, values.for)) throw new UsageProblem(refusal);
}

export function run(given, { generateCookiePassword }) {
  check(given);
  const kind = given.values.for;
  console.error(`A cookie password for ${KINDS[kind]}.`);
  console.error('Keep it as WORKOS_COOKIE_PASSWORD, with `npx wrangler secret put` or in .dev.vars, and never in the repository.');
  console.log(generateCookiePassword({ for: kind }));
}
