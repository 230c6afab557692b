// What the tests of the Stytch shape share: a client without the SDK. Holds no test.

import { provider } from './support.mjs';

/** Both verticals, with what a test must say differently in each. */
export const VERTICALS = [
  { name: 'stytch', prefix: '/v1', sessionMember: 'session', idMember: 'session_id', denied: 'consumer_session_authorization_error' },
  { name: 'stytch-b2b', prefix: '/v1/b2b', sessionMember: 'member_session', idMember: 'member_session_id', denied: 'session_authorization_error' },
];

/** A provider of the vertical that is closed when the test ends. */
export const stytchProvider = (context, vertical, options) => provider(context, { provider: vertical.name, ...options });

/** One call of the API with the project's credentials: status, headers and body. */
export async function call({ url, projectId, secret }, path, body, headers = {}) {
  const authorization = `Basic ${Buffer.from(`${projectId}:${secret}`).toString('base64')}`;
  const response = await fetch(`${url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json', authorization, ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/** One form-encoded call of the OAuth endpoints. */
export async function callOauth({ url, projectId }, endpoint, fields) {
  const response = await fetch(`${url}/v1/public/${projectId}/oauth2/${endpoint}`, { method: 'POST', body: new URLSearchParams(fields) });
  return { status: response.status, body: await response.json() };
}

export const authenticate = (started, { prefix }, body) => call(started, `${prefix}/sessions/authenticate`, body);

export const keySet = async (started, { prefix }) => (await call(started, `${prefix}/sessions/jwks/${started.projectId}`)).body;

/** What an error says, in short. */
export const errorOf = ({ status, body }) => [status, body.error_type];

/** Header and claims of a token, unverified. */
export function partsOf(token) {
  const [header, claims] = token.split('.').slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()));
  return { header, claims };
}

/** The authorization check of an action on a resource, in the vertical's form. */
export function checkOf(vertical, response, resource, action) {
  const { organization_id: organizationId } = response[vertical.sessionMember];
  return { resource_id: resource, action, ...(organizationId && { organization_id: organizationId }) };
}
