// The calls that `withEdgeseal` leaves to the SDK, of every version: wrapped and unwrapped, they send the same requests and end the same
// way, well or badly. Sessions are what the overlay replaces; a sign-in, a list, a webhook is none.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { PASSWORD, outcome } from './support/conformance.mjs';
import { project } from './support/installed.mjs';

const SDKS = ['workos-7', 'workos-8', 'workos-9', 'workos-10', 'workos-11'];
const CLIENT_ID = 'client_1';

const USER = {
  object: 'user', id: 'user_1', email: 'ada@example.com', email_verified: true, first_name: 'Ada', last_name: null, profile_picture_url: null,
  last_sign_in_at: null, locale: null, external_id: null, metadata: { plan: 'paid' }, created_at: '2026-01-01T00:00:00.000Z', updated_at: '2026-01-01T00:00:00.000Z',
};
const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
/** Nobody verifies it here. */
const ACCESS_TOKEN = `${part({ alg: 'RS256', kid: 'key_1' })}.${part({ sub: USER.id, sid: 'session_1', exp: 1_900_000_000 })}.AAAA`;
const PAIR = { user: USER, organization_id: 'org_1', access_token: 'a.b.c', refresh_token: 'rt_1', authentication_method: 'Password' };
const SESSION = {
  object: 'session', id: 'session_1', user_id: 'user_1', status: 'active', auth_method: 'password', ip_address: '192.0.2.1', user_agent: 'curl',
  expires_at: '2026-01-01T00:00:00Z', ended_at: null, created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z',
};
const PAGES = {
  first: { object: 'list', data: [SESSION, { ...SESSION, id: 'session_2' }], list_metadata: { before: null, after: 'session_2' } },
  last: { object: 'list', data: [{ ...SESSION, id: 'session_3' }], list_metadata: { before: 'session_2', after: null } },
};

const WEBHOOK_SECRET = 'a secret of webhooks';
const PAYLOAD = { id: 'event_1', event: 'session.revoked', data: SESSION, created_at: '2026-01-01T00:00:00.000Z' };
function webhook({ at = Date.now(), secret = WEBHOOK_SECRET, tolerance } = {}) {
  const signature = createHmac('sha256', secret).update(`${at}.${JSON.stringify(PAYLOAD)}`).digest('hex');
  return ({ webhooks }) => webhooks.constructEvent({ payload: PAYLOAD, sigHeader: `t=${at}, v1=${signature}`, secret: WEBHOOK_SECRET, tolerance });
}

const pageOf = (url) => (url.searchParams.get('after') ? PAGES.last : PAGES.first);
const ok = (body) => () => ({ status: 200, body });
const refused = {
  'a used code': { status: 400, body: { error: 'invalid_grant', error_description: 'The code has expired.' } },
  'an unverified address': { status: 403, body: { code: 'email_verification_required', message: 'verify', pending_authentication_token: 'pat_1' } },
  'a wrong key': { status: 401, body: { message: 'Unauthorized' } },
  'demands': { status: 422, body: { message: 'no', code: 'x', errors: [{ code: 'a' }] } },
  'too many': { status: 429, body: { message: 'slow down' } },
  'a failure': { status: 500, body: { message: 'oops' } },
};

/** Name → what is called, and what the API answers. */
const CALLS = {
  authenticateWithCode: [({ userManagement }) => userManagement.authenticateWithCode({ clientId: CLIENT_ID, code: 'code_1', codeVerifier: 'v'.repeat(43) }), ok(PAIR)],
  'authenticateWithCode, sealed': [
    // Salts differ from one seal to the next: that there is one, and what the overlay reads in it, is the next test's.
    async ({ userManagement }) => {
      const session = { sealSession: true, cookiePassword: PASSWORD };
      const { sealedSession, ...rest } = await userManagement.authenticateWithCode({ clientId: CLIENT_ID, code: 'code_1', session });
      return { ...rest, sealed: sealedSession.split('*').length };
    },
    ok({ ...PAIR, access_token: ACCESS_TOKEN }),
  ],
  authenticateWithRefreshToken: [({ userManagement }) => userManagement.authenticateWithRefreshToken({ clientId: CLIENT_ID, refreshToken: 'rt_0', organizationId: 'org_1' }), ok(PAIR)],
  getAuthorizationUrl: [({ userManagement }) => userManagement.getAuthorizationUrl({ clientId: CLIENT_ID, provider: 'authkit', redirectUri: 'https://app.example/callback', state: 's' })],
  'getAuthorizationUrl of nothing': [({ userManagement }) => userManagement.getAuthorizationUrl({ clientId: CLIENT_ID, redirectUri: 'https://app.example/callback' })],
  listSessions: [async ({ userManagement }) => {
    const { data, listMetadata } = await userManagement.listSessions('user_1', { limit: 2 });
    return { data, listMetadata };
  }, (url) => ({ status: 200, body: pageOf(url) })],
  'listSessions, all of them': [async ({ userManagement }) => (await userManagement.listSessions('user_1')).autoPagination(), (url) => ({ status: 200, body: pageOf(url) })],
  revokeSession: [({ userManagement }) => userManagement.revokeSession({ sessionId: 'session_1' }), ok({})],
  'revokeSession of none': [({ userManagement }) => userManagement.revokeSession({ sessionId: 'session_9' }), () => ({ status: 404, body: { message: 'Session not found', code: 'entity_not_found' } })],
  getJwksUrl: [({ userManagement }) => userManagement.getJwksUrl(CLIENT_ID)],
  'getJwksUrl of nobody': [({ userManagement }) => userManagement.getJwksUrl('')],
  getLogoutUrl: [({ userManagement }) => userManagement.getLogoutUrl({ sessionId: 'session_1', returnTo: 'https://app.example/bye bye' })],
  'getLogoutUrl of nothing': [({ userManagement }) => userManagement.getLogoutUrl({ sessionId: '' })],
  constructEvent: [webhook()],
  'constructEvent, too old': [webhook({ at: Date.now() - 600_000 })],
  'constructEvent, as old as may be': [webhook({ at: Date.now() - 600_000, tolerance: 900_000 })],
  'constructEvent of somebody else': [webhook({ secret: 'another secret' })],
  getUser: [({ userManagement }) => userManagement.getUser('user_1'), ok(USER)],
};
for (const [name, answer] of Object.entries(refused)) {
  CALLS[`authenticateWithCode, refused: ${name}`] = [({ userManagement }) => userManagement.authenticateWithCode({ clientId: CLIENT_ID, code: 'code_1' }), () => answer];
}

let place;
let edgeseal;
before(async () => {
  place = project();
  edgeseal = await import(place.installed('entries', 'node.js'));
});
after(() => place.remove());

/** A client, and the requests that it sends. */
function clientOf(WorkOS, answer) {
  const requests = [];
  const fetchFn = async (address, { method, headers, body }) => {
    const url = new URL(address);
    // Drawn anew for every request.
    const { 'Idempotency-Key': _, ...others } = Object.fromEntries(Object.entries(headers));
    requests.push({ method, url: url.href, headers: others, body });
    const { status, body: content } = answer(url);
    return Response.json(content, { status, headers: { 'x-request-id': 'req_1' } });
  };
  return { requests, workos: new WorkOS('sk_test', { clientId: CLIENT_ID, fetchFn, maxRetries: 0 }) };
}

/** An error with everything that it says, but where it was made. */
const described = ({ result, error }) =>
  error ? { name: error.name, message: error.message, class: error.constructor.name, members: JSON.parse(JSON.stringify(error)) } : { result: JSON.parse(JSON.stringify(result ?? null)) };

for (const sdk of SDKS) {
  describe(sdk, () => {
    let WorkOS;
    before(async () => ({ WorkOS } = await import(sdk)));

    for (const [name, [call, answer = () => assert.fail('nothing is asked')]] of Object.entries(CALLS)) {
      test(name, async () => {
        const [plain, wrapped] = [clientOf(WorkOS, answer), clientOf(WorkOS, answer)];
        const theirs = described(await outcome(() => call(plain.workos)));
        const ours = described(await outcome(() => call(edgeseal.withEdgeseal(wrapped.workos))));
        assert.deepEqual(ours, theirs);
        assert.deepEqual(wrapped.requests, plain.requests);
      });
    }

    test('what a wrapped client seals at a sign-in is a session to it', async () => {
      const { workos } = clientOf(WorkOS, CALLS['authenticateWithCode, sealed'][1]);
      const { userManagement } = edgeseal.withEdgeseal(workos);
      const session = { sealSession: true, cookiePassword: PASSWORD };
      const { sealedSession: sessionData } = await userManagement.authenticateWithCode({ clientId: CLIENT_ID, code: 'code_1', session });
      assert.match(await userManagement.loadSealedSession({ sessionData, cookiePassword: PASSWORD }).getLogoutUrl(), /session_id=session_1/);
    });
  });
}
