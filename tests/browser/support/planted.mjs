// What the doctor has to say about each of its examples: the verdict, the code, the step that is marked, and words that name the fault.

/**
 * @typedef {{ state: 'accepted' | 'refused', reason?: string, detail?: string, marked?: string, words: RegExp }} Expected `marked` is the step
 *   that refuses or has something to mend, none where all is in order
 *
 * @type {Record<string, Expected>}
 */
export const PLANTED = {
  healthy: { state: 'accepted', words: /^It would be accepted\n/u },
  ruby: { state: 'accepted', words: /^It would be accepted\n/u },
  stytch: { state: 'accepted', words: /^It would be accepted\n/u },

  missing: { state: 'refused', reason: 'no_session_cookie_provided', detail: 'cookie_missing', marked: 'pasted', words: /no session cookie/u },
  quoted: { state: 'accepted', marked: 'pasted', words: /with something to mend.*have the cookie written without/su },
  'encoded-twice': { state: 'refused', reason: 'invalid_session_cookie', detail: 'seal_unknown_format', marked: 'pasted', words: /encoded more than once.*Everything in it is in order.*Hand it the value as it is/su },
  truncated: { state: 'refused', reason: 'invalid_session_cookie', detail: 'seal_malformed', marked: 'seal', words: /cut off or damaged.*copied whole/su },
  oversized: { state: 'refused', marked: 'size', words: /by the browser.*4,096 bytes.*splits/su },
  'parts-mixed': { state: 'refused', reason: 'invalid_session_cookie', detail: 'cookie_parts_mixed', marked: 'pasted', words: /parts of the cookie do not fit.*Copy all parts/su },
  'two-cookies': { state: 'accepted', marked: 'pasted', words: /with something to mend.*Delete the older one/su },
  'two-people': { state: 'refused', reason: 'invalid_session_cookie', detail: 'cookie_conflict', marked: 'pasted', words: /cookies of two people.*Delete all of them/su },

  'wrong-password': { state: 'refused', reason: 'invalid_session_cookie', detail: 'seal_bad_mac', marked: 'seal', words: /no password opens it.*rotated/su },
  'short-password': { state: 'refused', detail: 'misconfigured', marked: 'seal', words: /password cannot be used.*keygen/su },
  'quoted-password': { state: 'refused', reason: 'invalid_session_cookie', detail: 'seal_bad_mac', marked: 'seal', words: /something stands around the password.*bare/su },
  'rotated-password': { state: 'accepted', marked: 'seal', words: /with something to mend.*both passwords, newest first/su },
  'seal-expired': { state: 'refused', reason: 'invalid_session_cookie', detail: 'seal_expired', marked: 'seal', words: /seal itself has expired.*ttl/su },
  'no-access-token': { state: 'refused', reason: 'invalid_session_cookie', detail: 'session_malformed', marked: 'session', words: /holds no session.*another name/su },
  'no-refresh-token': { state: 'accepted', marked: 'session', words: /with something to mend.*Store the refresh token/su },

  expired: { state: 'refused', reason: 'invalid_jwt', detail: 'token_expired', marked: 'times', words: /access token has expired.*ordinary.*refresh/su },
  'expired-for-good': { state: 'refused', reason: 'invalid_session_cookie', detail: 'refresh_token_missing', marked: 'times', words: /cannot be renewed.*no refresh token/su },
  'not-yet-valid': { state: 'refused', reason: 'invalid_jwt', detail: 'token_not_yet_valid', marked: 'times', words: /not valid yet.*clock/su },
  'unknown-key': { state: 'refused', reason: 'invalid_jwt', detail: 'unknown_key', marked: 'key', words: /not in the set.*rotated away.*staging/su },
  tampered: { state: 'refused', reason: 'invalid_jwt', detail: 'bad_signature', marked: 'signature', words: /signature does not fit.*Nothing that this token says can be believed/su },
  unsigned: { state: 'refused', reason: 'invalid_jwt', detail: 'algorithm_not_allowed', marked: 'key', words: /not allowed.*forged/su },
  confused: { state: 'refused', reason: 'invalid_jwt', detail: 'algorithm_not_allowed', marked: 'key', words: /not allowed.*forged/su },
  'wrong-issuer': { state: 'refused', reason: 'invalid_jwt', detail: 'issuer_mismatch', marked: 'token', words: /another issuer.*character by character/su },
  machine: { state: 'refused', reason: 'invalid_jwt', detail: 'token_not_of_session', marked: 'token', words: /not the token of a person.*verifyJwt/su },
};

/** What must never be in a report, whatever the example. */
export const SECRETS = [/Fe26\.2\*/u, /eyJ/u, /sample_refresh_token/u, /sample-password/u, /@example\.com/u, /Lovelace/u];
