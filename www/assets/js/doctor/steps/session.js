// Step 5: what the seal holds.

import { wordsOf } from '../codes.js';
import { fact, list, secret, step, unreached } from '../step.js';

const KNOWN = ['accessToken', 'access_token', 'refreshToken', 'refresh_token', 'user', 'organizationId', 'organization_id', 'impersonator', 'authenticationMethod', 'authentication_method'];

/** @param {import('../context.js').Context} context */
export function sessionStep({ exam }) {
  const { isToken, content, accessToken, refreshToken, answer } = exam;
  if (isToken) return step('good', 'A token alone: it says who somebody is, and cannot be renewed.');
  if (content === undefined) return unreached();
  const facts = factsOf(content, accessToken, refreshToken);
  if (accessToken === undefined) return step('fault', 'It opens, and no access token is in it.', facts);
  if (answer && !answer.authenticated && answer.detail === 'session_malformed') return step('fault', wordsOf('session_malformed').meaning, facts);
  if (refreshToken === undefined) return step('warning', 'A session without a refresh token: it ends with its access token.', facts, wordsOf('refresh_token_missing').advice);
  return step('good', 'A session: an access token, and a refresh token to renew it with.', facts);
}

function factsOf(content, accessToken, refreshToken) {
  if (typeof content !== 'object' || content === null) return secret('It holds', JSON.stringify(content));
  const { user, impersonator } = content;
  const name = [user?.firstName ?? user?.first_name, user?.lastName ?? user?.last_name].filter(Boolean).join(' ');
  const others = Object.keys(content).filter((member) => !KNOWN.includes(member));
  return [
    ...secret('Access token', accessToken),
    ...secret('Refresh token', refreshToken),
    ...fact('User', user?.id),
    ...secret('Name', name),
    ...secret('E-mail', user?.email),
    ...fact('Organization', content.organizationId ?? content.organization_id),
    ...secret('Impersonated by', impersonator && [impersonator.email, impersonator.reason].filter(Boolean).join(': ')),
    ...fact('Signed in with', content.authenticationMethod ?? content.authentication_method),
    ...fact('Other members', others.length > 0 ? list(others) : ''),
    ...(others.length > 0 ? secret('What they hold', JSON.stringify(Object.fromEntries(others.map((member) => [member, content[member]])))) : []),
  ];
}
