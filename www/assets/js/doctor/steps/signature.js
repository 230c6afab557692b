// Step 9: the signature.

import { wordsOf } from '../codes.js';
import { step, unreached } from '../step.js';

/** What is refused only after the signature was found good. */
const AFTER = ['claims_malformed', 'expiration_missing', 'token_expired', 'token_not_yet_valid', 'claim_missing', 'issuer_mismatch', 'audience_mismatch', 'token_not_of_session'];

/** @param {import('../context.js').Context} context */
export function signatureStep({ exam: { token, answer }, terms }) {
  if (!token || !terms.keys || answer === undefined) return unreached();
  const detail = answer.authenticated ? undefined : answer.detail;
  if (detail === 'bad_signature') return step('fault', wordsOf(detail).meaning);
  // A session whose user is another than its token's is refused at the very end.
  const isGood = detail === undefined || AFTER.includes(detail) || detail === 'session_malformed';
  return isGood ? step('good', 'It fits: the holder of the key has signed exactly this.') : unreached();
}
