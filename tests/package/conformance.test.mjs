// The session calls of `@workos-inc/node` 11, once its own and once through the overlay: what it says, we say, field by field. Where
// we are better, and only there, the case says how; `docs/conformance.md` says why.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { WorkOS } from 'workos-11';

import { OTHER_PASSWORD, PASSWORD, asFarAs, comparable, outcome, startStage } from './support/conformance.mjs';
import { project } from './support/installed.mjs';

let place;
let edgeseal;
before(async () => {
  place = project();
  edgeseal = await import(place.installed('entries', 'node.js'));
});
after(() => place.remove());

const PEOPLE = [
  { person: 'ada', organization: 'acme' },
  { person: 'ada', organization: 'globex' },
  { person: 'ada', organization: null },
  { person: 'grace', organization: 'acme' },
  { person: 'alan', organization: 'globex' },
  { person: 'margaret', organization: null },
  { person: 'katherine', organization: 'acme' },
  { person: 'thordis' },
  { person: 'ada', impersonator: { email: 'support@example.com', reason: 'a ticket' } },
];
const named = ({ person, organization = 'their own', impersonator }) => `${person} of ${organization}${impersonator ? ', impersonated' : ''}`;

const load = (workos, sessionData, cookiePassword = PASSWORD) => workos.userManagement.loadSealedSession({ sessionData, cookiePassword });
const authenticate = (workos, sessionData) => load(workos, sessionData).authenticate();
const refresh = (options) => (workos, sessionData) => load(workos, sessionData).refresh(options);
const switchTo = (key) => (workos, sessionData, { provider }) =>
  load(workos, sessionData).refresh({ organizationId: provider.organizations.find((organization) => organization.key === key).id });
const logoutUrl = (options) => (workos, sessionData) => load(workos, sessionData).getLogoutUrl(options);

/** Changes the access token's header, or its signature where nothing is said. */
const withHeader = (changes) => (session) => {
  const [header, claims, signature] = session.accessToken.split('.');
  const changed = { ...JSON.parse(Buffer.from(header, 'base64url')), ...changes };
  return { ...session, accessToken: [Buffer.from(JSON.stringify(changed)).toString('base64url'), claims, signature].join('.') };
};
const withBadSignature = (session) => {
  const [header, claims, signature] = session.accessToken.split('.');
  return { ...session, accessToken: [header, claims, signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))].join('.') };
};
const without = (name) => ({ [name]: _, ...session }) => session;

/**
 * A case: a cookie, a call, and how the provider is. `ours`: the SDK throws, and this is what we say instead.
 * A case that leaves traces in the provider, or in what we know of it, has one of its own.
 */
const cases = [];
const add = (group, name, rest) => cases.push({ group, name, call: authenticate, cookie: (stage) => stage.cookie(), ...rest });

for (const who of PEOPLE) {
  const cookie = (stage) => stage.cookie(who);
  add('authenticate', named(who), { cookie });
  add('authenticateWithSessionCookie', named(who), {
    cookie,
    call: (workos, sessionData) => workos.userManagement.authenticateWithSessionCookie({ sessionData, cookiePassword: PASSWORD }),
  });
  add('refresh', named(who), { cookie, call: refresh() });
  add('getLogoutUrl', named(who), { cookie, call: logoutUrl() });
}

const unreadable = {
  'no cookie': undefined,
  'an empty one': '',
  garbage: 'garbage',
  'the prefix of a seal': 'Fe26.2*',
  'a token in the place of a seal': 'a.b.c',
};
for (const [name, value] of Object.entries(unreadable)) {
  add('authenticate', name, { cookie: () => value });
  if (value) add('refresh', name, { cookie: () => value, call: refresh() });
  add('getLogoutUrl', name, { cookie: () => value, call: logoutUrl() });
}

const noCookie = { authenticated: false, reason: 'no_session_cookie_provided', detail: 'cookie_missing', retryable: false };
add('refresh', 'no cookie', { cookie: () => undefined, call: refresh(), ours: noCookie });
// The SDK calls this one an invalid cookie.
add('refresh', 'an empty one', { cookie: () => '', call: refresh(), reason: noCookie.reason });

const tampered = (from) => async (stage) => {
  const seal = await stage.cookie();
  const at = Math.floor(seal.length * from);
  return seal.slice(0, at) + (seal[at] === 'A' ? 'B' : 'A') + seal.slice(at + 1);
};
const refusedCookies = {
  'another password': (stage) => stage.cookie({ password: OTHER_PASSWORD }),
  'a changed ciphertext': tampered(0.5),
  'a changed mac': tampered(0.98),
  'half a seal': async (stage) => (await stage.cookie()).slice(0, 400),
  'a seal of no access token': (stage) => stage.cookie({ edit: without('accessToken') }),
};
for (const [name, cookie] of Object.entries(refusedCookies)) add('authenticate', name, { cookie });

add('authenticate', 'a token that has expired', { cookie: (stage) => stage.cookie({ lifetimeSeconds: -10 }) });
add('authenticate', 'a token of another time altogether', { cookie: (stage) => stage.cookie({ lifetimeSeconds: -100_000 }) });
add('authenticate', 'a forged signature', { cookie: (stage) => stage.cookie({ edit: withBadSignature }) });
add('authenticate', 'a header that was changed after signing', { cookie: (stage) => stage.cookie({ edit: withHeader({ typ: 'at+jwt' }) }) });
const invalidJwt = (detail) => ({ authenticated: false, reason: 'invalid_jwt', detail, retryable: false });
add('authenticate', 'no algorithm', { cookie: (stage) => stage.cookie({ edit: withHeader({ alg: 'none' }) }), ours: invalidJwt('algorithm_not_allowed') });
add('authenticate', 'the algorithm of a secret', { cookie: (stage) => stage.cookie({ edit: withHeader({ alg: 'HS256' }) }), ours: invalidJwt('algorithm_not_allowed') });
add('authenticate', 'a key that nobody knows', { cookie: (stage) => stage.cookie({ edit: withHeader({ kid: 'unknown' }) }), own: true, ours: invalidJwt('unknown_key') });

const rotated = (keepPrevious) => async (stage) => {
  const cookie = await stage.cookie();
  await stage.provider.rotateKeys({ keepPrevious });
  return cookie;
};
add('authenticate', 'a key that was rotated and is still there', { cookie: rotated(true), own: true });
add('authenticate', 'a key that was rotated away', { cookie: rotated(false), own: true, ours: invalidJwt('unknown_key') });

const keysUnavailable = { authenticated: false, reason: 'invalid_jwt', detail: 'keys_unavailable', retryable: true };
for (const status of [429, 500, 502]) {
  add('authenticate', `keys answered with ${status}`, { knobs: { fail: { status, endpoints: ['jwks'] } }, own: true, ours: keysUnavailable });
}
add('authenticate', 'keys not to be had', { knobs: { down: { endpoints: ['jwks'] } }, own: true, ours: keysUnavailable });

const refusedClient = { authenticated: false, reason: 'server_error', detail: 'provider_refused_client', retryable: true };
add('refresh', 'to another organization', { call: switchTo('globex') });
add('refresh', 'staying in the organization', { call: switchTo('acme') });
add('refresh', 'to an organization of others', {
  cookie: (stage) => stage.cookie({ person: 'grace' }),
  call: switchTo('globex'),
  own: true,
  ours: { authenticated: false, reason: 'sso_required', detail: 'organization_refused', retryable: false },
});
add('refresh', 'with a new password', { call: refresh({ cookiePassword: OTHER_PASSWORD }) });
add('refresh', 'a token that has expired', { cookie: (stage) => stage.cookie({ lifetimeSeconds: -10 }), call: refresh() });
add('refresh', 'no refresh token', { cookie: (stage) => stage.cookie({ edit: without('refreshToken') }), call: refresh() });
add('refresh', 'another password', { cookie: (stage) => stage.cookie({ password: OTHER_PASSWORD }), call: refresh() });
add('refresh', 'a refresh token that nobody knows', { cookie: (stage) => stage.cookie({ edit: (session) => ({ ...session, refreshToken: 'unknown' }) }), call: refresh() });
add('refresh', 'a session that has ended', {
  cookie: async (stage) => {
    const cookie = await stage.cookie();
    stage.provider.reset();
    return cookie;
  },
  call: refresh(),
  own: true,
});

const unavailable = { authenticated: false, reason: 'server_error', detail: 'provider_unavailable', retryable: true };
const answers = { 401: refusedClient, 403: refusedClient, 422: refusedClient, 429: undefined, 500: undefined, 502: unavailable };
for (const [status, ours] of Object.entries(answers)) {
  add('refresh', `answered with ${status}`, { knobs: { fail: { status: Number(status), endpoints: ['authenticate'] } }, call: refresh(), own: true, ours });
}
add('refresh', 'a provider that is down', { knobs: { down: { endpoints: ['authenticate'] } }, call: refresh(), own: true });

add('getLogoutUrl', 'with a way back', { call: logoutUrl({ returnTo: 'https://site.example/a b?c=d&e=ä' }) });
add('getLogoutUrl', 'another password', { cookie: (stage) => stage.cookie({ password: OTHER_PASSWORD }), call: logoutUrl() });
add('getLogoutUrl', 'a token that has expired', { cookie: (stage) => stage.cookie({ lifetimeSeconds: -10 }), call: logoutUrl(), ours: /\/user_management\/sessions\/logout\?session_id=session_/ });

for (const group of new Set(cases.map((entry) => entry.group))) {
  describe(group, () => {
    let shared;
    before(async () => (shared = await startStage(edgeseal.sealData)));
    after(() => shared.close());
    for (const entry of cases.filter((entry) => entry.group === group)) {
      test(entry.name, async (t) => {
        const stage = entry.own ? await startStage(edgeseal.sealData) : shared;
        if (entry.own) t.after(() => stage.close());
        await compare(entry, stage);
      });
    }
  });
}

async function compare({ cookie, call, knobs = {}, ours: expected, reason }, stage) {
  const sessionData = await cookie(stage);
  stage.provider.knobs.set(knobs);
  const sdk = new WorkOS(stage.provider.apiKey, stage.options);
  // The SDK first: a refresh token that it has exchanged answers with the same pair once more.
  const theirs = await outcome(() => call(sdk, sessionData, stage));
  const ours = await outcome(() => call(edgeseal.withEdgeseal(sdk), sessionData, stage));

  if (expected) {
    assert.ok(theirs.error, 'the SDK is expected to throw');
    assert.ifError(ours.error);
    return expected instanceof RegExp ? assert.match(ours.result, expected) : assert.deepEqual(asFarAs(expected, ours.result), expected);
  }
  if (theirs.error) {
    assert.equal(ours.error?.message, theirs.error.message);
    assert.equal(ours.error.name, theirs.error.name);
    return;
  }
  assert.ifError(ours.error);
  const result = comparable({ result: theirs.result });
  if (reason) result.result.reason = reason;
  assert.deepEqual(comparable({ result: asFarAs(theirs.result, ours.result) }), result);
}
