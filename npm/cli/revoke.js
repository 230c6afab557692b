// `edgeseal revoke`: has a gateway refuse a session, a person's sessions, an organization's, or all from before a time. The operator's
// token comes from the environment: what stands in an argument is seen by everybody on the machine.

import { Problem, UsageProblem } from './problem.js';

/** The variable that holds the token, as the gateway's. */
const TOKEN = 'ADMIN_TOKEN';
const PATIENCE_MS = 60_000;
const TARGETS = ['session', 'user', 'organization', 'before'];

export const summary = 'has a gateway refuse sessions at once, or within 90 seconds';

export const options = {
  url: { type: 'string' },
  ...Object.fromEntries(TARGETS.map((target) => [target, { type: 'string' }])),
  refresh: { type: 'boolean', default: false },
};

export const help = `Usage: npx edgeseal revoke --url URL (--session ID | --user ID | --organization ID | --before TIME) [--refresh]

Has the gateway at URL refuse what is named, from now on. The variable ${TOKEN} holds its ADMIN_TOKEN.

  --url URL          the site, for example https://app.example.com; with the path, where AUTH_PREFIX is not /auth
  --session ID       one session
  --user ID          all sessions of a person, who may sign in again
  --organization ID  all sessions in an organization
  --before TIME      all sessions whose token was made before 2026-01-31T12:00:00Z, or before now
  --refresh          ends nothing: tokens have to be refreshed, so that they tell what is true now
`;

export async function run({ values, positionals }) {
  if (positionals.length > 0) throw new UsageProblem('Name what is to be revoked with --session, --user, --organization or --before.');
  const order = orderOf(values);
  const endpoint = endpointOf(values.url);
  const token = process.env[TOKEN]?.trim();
  if (!token) throw new Problem(`${TOKEN} is not set: it holds the gateway's ADMIN_TOKEN. It is no option, so that nobody on this machine sees it.`);
  const { status, body } = await send(endpoint, token, order);
  if (status !== 200 || body?.revoked !== true) {
    throw new Problem(`Not revoked: ${endpoint} answered ${status}${body?.detail ? `, ${body.detail}` : ''}.${body?.message ? ` ${body.message}` : ''}`);
  }
  console.log(sentence(order, body));
}

function orderOf(values) {
  const given = TARGETS.filter((target) => values[target] !== undefined);
  if (given.length !== 1) throw new UsageProblem('Name one of --session, --user, --organization and --before.');
  const [target] = given;
  return { [target]: values[target], ...(values.refresh && { kind: 'stale' }) };
}

/** Where the order goes. Never without encryption, but on this machine. */
function endpointOf(given) {
  if (given === undefined) throw new UsageProblem('--url is missing: the address of the site, for example https://app.example.com.');
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(url?.hostname);
  if (!(url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocal)) || url.search || url.hash) {
    throw new UsageProblem(`--url is an https address without a query, for example https://app.example.com; not ${given}.`);
  }
  const prefix = url.pathname === '/' ? '/auth' : url.pathname.replace(/\/+$/, '');
  return `${url.origin}${prefix}/revoke`;
}

async function send(endpoint, token, order) {
  let answer;
  try {
    answer = await fetch(endpoint, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(order),
      // The token is for this address alone.
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch (error) {
    throw new Problem(`Nobody can say whether it is revoked: ${endpoint} does not answer (${error.cause?.code ?? error.name}). To ask again does no harm.`);
  }
  return { status: answer.status, body: await answer.json().catch(() => undefined) };
}

function sentence(order, { kind, atProvider, withinSeconds }) {
  const [[target, value]] = Object.entries(order);
  const what = target === 'before' ? `Everything before ${value}` : `The ${target} ${value}`;
  const now = withinSeconds === 0 ? 'from now on' : `within ${withinSeconds} seconds`;
  if (kind === 'stale') return `${what}: tokens are refreshed before they are accepted again, ${now}.`;
  return `${what}: refused ${now}${atProvider ? ', and ended at the provider' : '; the provider goes on knowing it, so the gateway alone enforces this'}.`;
}
