// Results as tables: what they say at a glance, and everything that was measured. Knows no file and no terminal.

import { IRON_SESSION, IRON_WEBCRYPTO, JOSE, NODE_CRYPTO, OURS, SDK, STYTCH, WEBCRYPTO } from './participants.mjs';
import { number, times } from '../scripts/library/tables.mjs';

/** What edgeseal is held against: the peers, and how many times as fast it aims to be, first in workerd, then in Node. */
const COMPARISONS = [
  { id: 'authenticate', what: 'authenticate a cookie', peers: [SDK, SDK], aims: [1.3, 6] },
  { id: 'authenticate-64', what: 'the same, 64 at a time', peers: [SDK, SDK], aims: [1.2, 5] },
  { id: 'authenticate-warm', what: 'the same cookie again', peers: [SDK, SDK], aims: [50, 300] },
  { id: 'unseal', what: 'unseal a cookie', peers: [IRON_WEBCRYPTO, IRON_WEBCRYPTO], aims: [1.25, 10] },
  { id: 'unseal', what: 'unseal a cookie', peers: [IRON_SESSION, IRON_SESSION], aims: [] },
  { id: 'stytch', what: "check a session's JWT, Stytch", peers: [STYTCH, STYTCH], aims: [1.1, 2] },
  { id: 'stytch-warm', what: 'the same JWT again', peers: [STYTCH, STYTCH], aims: [5, 10] },
  { id: 'verify-RS256', what: 'verify a token, RS256', peers: [JOSE, JOSE], aims: [1.1, 2] },
  { id: 'verify-RS256', what: 'verify a token, RS256', peers: [WEBCRYPTO, NODE_CRYPTO], aims: [0.85, 1] },
];

/** workerd first: the peers are strongest there. */
const RUNTIMES = ['workerd', 'node'];
const NAMES = { workerd: 'workerd', node: 'Node' };

/** Results that are older than a table have none of it. */
const measured = ({ tables }) => COMPARISONS.filter(({ id }) => tables.node.some((table) => table.id === id));

/** What edgeseal is held against. */
export function comparisons(results) {
  const rows = measured(results).map(({ id, what, peers }) => {
    const ratios = RUNTIMES.map((runtime, index) => ratio(results, runtime, id, peers[index]));
    return [what, [...new Set(peers)].join(' / '), ...ratios];
  });
  return { title: 'How many times as fast as its peers, by medians (by minima)', columns: ['', 'beside', 'workerd', 'Node'], rows };
}

/** The same with what it aims to be. */
export function aims(results) {
  const { title, columns, rows } = comparisons(results);
  const aim = (times) => (times === undefined ? '' : `≥ ${times}×`);
  const withAims = ([what, beside, workerd, node], index) => {
    const [inWorkerd, inNode] = measured(results)[index].aims;
    return [what, beside, workerd, aim(inWorkerd), node, aim(inNode)];
  };
  return { title, columns: [...columns.slice(0, 3), 'aim', columns[3], 'aim'], rows: rows.map(withAims) };
}

/** One table for each operation: every participant in both runtimes. */
export function operations({ tables }) {
  return tables.workerd.map(({ id, title }) => {
    const found = Object.fromEntries(RUNTIMES.map((runtime) => [runtime, tables[runtime].find((table) => table.id === id).cases]));
    const names = new Set(RUNTIMES.toReversed().flatMap((runtime) => found[runtime].map(({ name }) => name)));
    const rows = [...names].map((name) => [name, ...RUNTIMES.flatMap((runtime) => timesOf(found[runtime], name))]);
    return { title: `${title}, in µs`, columns: ['', ...RUNTIMES.flatMap((runtime) => [NAMES[runtime], 'min', 'p90', 'to ours'])], rows };
  });
}

/** What the first calls of a fresh isolate take. */
export function coldStarts({ cold, coldStarts: count }) {
  const milliseconds = (measured) => number(measured?.median);
  const microseconds = (measured) => number(measured && measured.median * 1000);
  const later = ({ call100, call300 }) => [microseconds(call100), microseconds(call300)];
  const inWorkerd = cold.workerd.map((entry) => [entry.name, milliseconds(entry.answer), ...later(entry)]);
  const inNode = cold.node.map((entry) => {
    const { name, load, compile, instantiate, first } = entry;
    return [name, ...[load, compile, instantiate, first].map(milliseconds), ...later(entry)];
  });
  const calls = ['call 100, µs', 'call 300, µs'];
  return [
    { title: `A fresh workerd, medians of ${count}`, columns: ['', 'start to first answer, ms', ...calls], rows: inWorkerd },
    { title: `A fresh Node, medians of ${count}`, columns: ['', 'import, ms', 'of it compile', 'instantiate', 'first call, ms', ...calls], rows: inNode },
  ];
}

/** What a Worker grows by. */
export function sizes({ sizes: entries }) {
  const kilobytes = (bytes) => (bytes / 1000).toFixed(1);
  const rows = entries.map(({ name, raw, gzip, brotli }) => [name, kilobytes(raw), kilobytes(gzip), kilobytes(brotli)]);
  return { title: 'What a Worker grows by, in KB, minified', columns: ['', 'raw', 'gzip', 'brotli'], rows };
}

/** Machine and versions, in one sentence. */
export function conditions({ date, machine, rounds }) {
  const { cpu, cores, os, load, node, v8, workerd, packages } = machine;
  const place = `${rounds} rounds on ${cores} cores of ${cpu}, ${os}, with a load of ${load.toFixed(1)} from others`;
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version}`);
  return `${date}, ${place}; Node ${node} (V8 ${v8}), workerd ${workerd}; ${versions.join(', ')}.`;
}

/** What is authenticated, in one sentence. */
export function subject({ fixture: { cookieBytes, sessionBytes, userMembers, claims, tokenBytes } }) {
  const [cookie, session, token] = [cookieBytes, sessionBytes, tokenBytes.RS256].map((bytes) => bytes.toLocaleString('en'));
  const inside = `a user with ${userMembers} members and an RS256 token of ${token} with ${claims} claims`;
  return `A cookie of ${cookie} bytes: a session of ${session}, in it ${inside}.`;
}

function timesOf(cases, name) {
  const measured = cases.find((item) => item.name === name);
  if (!measured) return ['', '', '', ''];
  const ours = cases.find((item) => item.name === OURS);
  return [number(measured.median), number(measured.min), number(measured.p90), name === OURS ? '' : quotient(measured, ours)];
}

function ratio({ tables }, runtime, id, peer) {
  const { cases } = tables[runtime].find((table) => table.id === id);
  const of = (name) => cases.find((item) => item.name === name);
  return quotient(of(peer), of(OURS));
}

const quotient = (peer, ours) => `${times(peer.median / ours.median)} (${times(peer.min / ours.min)})`;
