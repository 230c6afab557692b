// Step 6: header and claims of the access token, as it says them itself.

import { wordsOf } from '../codes.js';
import { code, fact, list, secret, step, unreached } from '../step.js';
import { isSigned } from './proof.js';

const SAID = ['iss', 'aud', 'sub', 'sid', 'org_id', 'role', 'roles', 'iat', 'nbf', 'exp', 'auth_time', 'jti'];

/** What refuses a token for what it says of itself; its times stand in the next step, key and signature in those after. */
const FAULTS = ['token_too_large', 'token_malformed', 'critical_header', 'type_not_allowed', 'claims_malformed', 'claim_missing', 'issuer_mismatch', 'audience_mismatch', 'token_not_of_session'];

/** @param {import('../context.js').Context} context */
export function tokenStep(context) {
  const { exam: { accessToken, token, answer }, terms } = context;
  if (accessToken === undefined) return unreached();
  const detail = answer && !answer.authenticated ? answer.detail : undefined;
  if (!token) return step('fault', wordsOf('token_malformed').meaning, secret('It is', accessToken));
  const facts = factsOf(token, terms);
  if (detail && FAULTS.includes(detail)) return step('fault', wordsOf(detail).meaning, facts);
  return step('good', isSigned(context) ? 'Header and claims are in order.' : 'This is what it says. Until its signature fits, nothing of it is proven.', facts);
}

function factsOf({ header, claims }, { issuer, audience }) {
  const rest = Object.entries(claims).filter(([name]) => !SAID.includes(name));
  const text = (value) => (Array.isArray(value) ? list(value.map(String)) : value);
  return [
    ...code('Algorithm (alg)', header.alg),
    ...code('Key id (kid)', header.kid),
    ...code('Issuer (iss)', claims.iss),
    ...code('Expected issuer', issuer.length > 0 ? issuer.join(' ') : ''),
    ...code('Audience (aud)', text(claims.aud)),
    ...code('Expected audience', audience.length > 0 ? audience.join(' ') : ''),
    ...code('Person (sub)', claims.sub),
    ...code('Session (sid)', claims.sid),
    ...code('Organization (org_id)', claims.org_id),
    ...fact('Role', text(claims.roles ?? claims.role)),
    ...fact('Other claims', rest.length > 0 ? list(rest.map(([name]) => name)) : ''),
    ...(rest.length > 0 ? secret('What they say', JSON.stringify(Object.fromEntries(rest))) : []),
  ];
}
