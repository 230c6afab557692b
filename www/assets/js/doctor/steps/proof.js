// Whether a signature was found good, which is not always the end of the matter.

/** What is refused only after the signature was found good. */
const AFTER = new Set([
  'claims_malformed', 'expiration_missing', 'token_expired', 'token_not_yet_valid', 'claim_missing', 'issuer_mismatch', 'audience_mismatch',
  'token_not_of_session',
]);

/** @param {import('../context.js').Context} context */
export const isSigned = ({ exam: { token, answer } }) => token !== undefined && answer !== undefined && (answer.authenticated || AFTER.has(answer.detail));
