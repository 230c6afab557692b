// What is measured: tables of cases that do the same work. Runs in Node and in workerd, so it imports nothing that only one of them has.
// Peers are at their best: clients are made once, keys are imported once, key sets are loaded.

import { clientsOf } from '../npm/lib/stytch_clients.js';
import { ALGORITHMS, IRON_SESSION, IRON_WEBCRYPTO, SDK, STOCK, STYTCH } from './participants.mjs';
import { verifyOperations } from './verify.mjs';

const AT_A_TIME = 64;
const API_KEY = 'sk_test_bench';

/**
 * Every table, its cases ready to run.
 * @param {object} given
 * @param {object} given.fixture of fixture.mjs
 * @param {object} given.options for `new WorkOS(key, options)`
 * @param {object} given.stytch for `new Client(config)`
 * @param {Record<string, object>} given.edgeseal the modules, by the name of their row
 * @param {object} given.stock of stock.mjs
 * @param {object} given.peers the packages, and `nodeCrypto` where there is one
 * @returns {Promise<{ id: string, title: string, cases: { name: string, width: number, run: (count: number) => Promise<void> }[] }[]>}
 */
export async function createTables(given) {
  return [...authenticateTables(given), unsealTable(given), ...stytchTables(given), ...(await verifyTables(given))];
}

function authenticateTables({ fixture, options, edgeseal, stock, peers }) {
  const { sessionData, password: cookiePassword, session } = fixture;
  // A request brings its cookie as a string of its own, never as one that was there before.
  const fresh = () => `${sessionData} `.slice(0, -1);
  const authenticate = ({ userManagement }) => () => userManagement.loadSealedSession({ sessionData: fresh(), cookiePassword }).authenticate();

  const sdk = authenticate(new peers.WorkOS(API_KEY, options));
  const ours = (more) => mapValues(edgeseal, ({ WorkOS }) => authenticate(new WorkOS(API_KEY, { ...options, ...more })));
  const cold = ours({ memoSize: 0 });
  const crates = stockAuthenticate(stock, fixture, fresh);
  const isSignedIn = ({ authenticated, user, sessionId }) => authenticated && user.id === session.user.id && sessionId.length > 0;
  return [
    table('authenticate', 'Authenticate a cookie', { ...cold, [STOCK]: crates, [SDK]: sdk }, isSignedIn),
    table('authenticate-64', `Authenticate a cookie, ${AT_A_TIME} at a time`, { ...cold, [SDK]: sdk }, isSignedIn, AT_A_TIME),
    table('authenticate-warm', 'Authenticate a cookie that was seen before', { ...ours({}), [SDK]: sdk }, isSignedIn),
  ];
}

function stockAuthenticate(stock, { jwks, password }, fresh) {
  const unseal = stock.opener(password);
  const verify = stock.verifier(jwks.RS256.keys[0]);
  return async () => {
    const { accessToken, user, authenticationMethod, impersonator } = unseal(fresh());
    const { sid, org_id, role, roles, permissions, entitlements, feature_flags, exp } = verify(accessToken);
    const session = { sessionId: sid, organizationId: org_id, role, roles, permissions, entitlements, featureFlags: feature_flags };
    return { authenticated: exp * 1000 > Date.now(), ...session, user, impersonator, accessToken, authenticationMethod };
  };
}

function unsealTable({ fixture, edgeseal, stock, peers }) {
  const { sessionData, password, session } = fixture;
  const open = stock.opener(password);
  // To iron itself, the seal ends before the version that iron-session adds.
  const iron = sessionData.slice(0, sessionData.lastIndexOf('~'));
  const operations = {
    ...mapValues(edgeseal, ({ unsealData }) => () => unsealData(sessionData, { password })),
    [STOCK]: () => open(sessionData),
    [IRON_WEBCRYPTO]: () => peers.iron.unseal(iron, password, peers.iron.defaults),
    [IRON_SESSION]: () => peers.ironSession.unsealData(sessionData, { password, ttl: 0 }),
  };
  return table('unseal', 'Unseal a cookie', operations, (data) => data.user.id === session.user.id);
}

/** A session's JWT, checked without asking: its signature, its claims, and the session made of them. */
function stytchTables({ fixture, stytch, edgeseal, peers }) {
  const fresh = () => `${fixture.stytch.token} `.slice(0, -1);
  const check = ({ sessions }) => () => sessions.authenticateJwt({ session_jwt: fresh() });
  const sdk = check(new peers.Stytch(stytch));
  const ours = (more) => mapValues(edgeseal, ({ StytchProject }) => check(new (clientsOf(StytchProject).Client)({ ...stytch, ...more })));
  const isSession = ({ session }) => session.session_id === fixture.stytch.sessionId && session.custom_claims.plan === 'enterprise';
  return [
    table('stytch', "Check a session's JWT, Stytch", { ...ours({ memoSize: 0 }), [STYTCH]: sdk }, isSession),
    table('stytch-warm', "Check a session's JWT that was seen before, Stytch", { ...ours({}), [STYTCH]: sdk }, isSession),
  ];
}

function verifyTables(given) {
  const { fixture } = given;
  // The runtime's own answers with true, all others with the claims.
  const isValid = (result) => result === true || (result.claims ?? result.payload).sub === fixture.session.user.id;
  const verifyTable = async (algorithm) =>
    table(`verify-${algorithm}`, `Verify a token, ${algorithm}`, await verifyOperations(algorithm, given), isValid);
  return Promise.all(ALGORITHMS.map(verifyTable));
}

/** The last result of every batch is looked at, so that nobody is measured refusing. */
function table(id, title, operations, isRight, width = 1) {
  const cases = Object.entries(operations).map(([name, operation]) => {
    const repeat = width === 1 ? oneByOne(operation) : together(operation, width);
    const run = async (count) => {
      const result = await repeat(count);
      if (!isRight(result)) throw new Error(`${title}, ${name}: ${JSON.stringify(result)}`);
    };
    return { name, width, run };
  });
  return { id, title, cases };
}

const oneByOne = (operation) => async (count) => {
  let result;
  for (let index = 0; index < count; index += 1) {
    result = operation();
    // Who answers at once does not have to wait for a turn of the queue.
    if (result instanceof Promise) result = await result;
  }
  return result;
};

const together = (operation, width) => async (count) => {
  let results;
  for (let index = 0; index < count; index += 1) results = await Promise.all(Array.from({ length: width }, operation));
  return results.at(-1);
};

const mapValues = (object, change) => Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));
