// Step 8: the key that the token names, in the key set.

import { wordsOf } from '../codes.js';
import { code, fact, list, plural, step, unreached } from '../step.js';

/** @param {import('../context.js').Context} context */
export function keyStep({ exam: { token, answer }, terms }) {
  if (!token) return unreached();
  const { kid, alg } = token.header;
  if (!terms.keys) {
    return step('asks', 'Paste the provider’s key set to check key and signature.', [...code('Wanted key id', kid), ...code('Where it is', addressOf(token.claims))]);
  }
  const { keys } = terms.keys;
  const named = keys.filter((key) => key.kid === kid);
  const facts = [
    ...fact('Key set', plural(keys.length, 'key')),
    ...code('Wanted key id', kid ?? 'none named'),
    ...code('Ids in the set', list(keys.map((key) => String(key.kid ?? 'without an id')).slice(0, 8))),
    ...(named.length === 1 ? code('That key', ['kty', 'crv', 'use', 'alg'].flatMap((member) => (named[0][member] ? [`${member}=${named[0][member]}`] : [])).join(' ')) : []),
  ];
  const detail = answer && !answer.authenticated ? answer.detail : undefined;
  const words = detail && wordsOf(detail);
  if (detail === 'unknown_key' && named.length > 0) return step('fault', `The set has a key of this id, and none that verifies ${alg}: a private key, one for another use or of another algorithm is skipped.`, facts);
  if (detail === 'algorithm_not_allowed') return step('fault', `The token says ${alg}, which is not what its key is for.`, facts);
  if (['unknown_key', 'ambiguous_key', 'keys_unavailable'].includes(detail)) return step('fault', words.meaning, facts);
  if (BEFORE.includes(detail)) return unreached();
  if (named.length > 1) return step('warning', `${plural(named.length, 'key')} of the set have this id; one of them fits.`, facts);
  return step('good', 'The key is in the set.', facts);
}

/** Where providers publish the keys of an issuer. */
function addressOf(claims) {
  const [, origin, client] = /^(https?:\/\/[\w.:-]+)(?:\/user_management\/(client_\w+))?\/?$/u.exec(claims.iss) ?? [];
  const clientId = client ?? claims.client_id;
  if (origin && clientId) return `${origin}/sso/jwks/${clientId}`;
  const [, project, kind] = /^(?:https:\/\/)?stytch\.com\/(project-(test|live)-[\w-]+)$/u.exec(claims.iss) ?? [];
  const members = claims['https://stytch.com/organization'] ? 'b2b/' : '';
  return project && `https://${kind === 'test' ? 'test' : 'api'}.stytch.com/v1/${members}sessions/jwks/${project}`;
}

/** What is refused before a key is looked for. */
const BEFORE = ['token_too_large', 'token_malformed', 'critical_header', 'type_not_allowed'];
