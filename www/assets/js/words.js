// The page's words: the gateway's codes, times and names as sentences for people.
// Pure: must not fetch or touch the document. A code that is not listed gets a sentence that is true of all.

const COOKIE_BROKEN = 'The session cookie could not be opened: it was cut short or changed on the way.';
const TOKEN_BROKEN = 'The access token in the session is not one that can be read.';
const SIGN_IN_AGAIN = 'The provider asks you for something first, such as a second factor. Signing in again settles it.';

/** Why a visitor is signed out. The keys of all these maps are the gateway's codes (`detail`). */
const SIGNED_OUT = new Map([
  ['cookie_missing', 'This browser holds no session for this site.'],
  ['cookie_too_large', 'The session cookie is larger than any session is.'],
  ['cookie_parts_mixed', COOKIE_BROKEN],
  ['cookie_conflict', 'This browser holds sessions of two people for this site, so neither was used.'],
  ['seal_unknown_format', 'The session cookie is of a kind that is not read here.'],
  ['seal_not_accepted', 'The session cookie is of a kind that is not accepted here.'],
  ['seal_malformed', COOKIE_BROKEN],
  ['seal_expired', 'The session cookie is too old.'],
  ['seal_unknown_password', 'The session cookie was sealed with a password that is no longer in use.'],
  ['seal_bad_mac', 'The session cookie was changed on the way, or sealed with a password that is no longer in use.'],
  ['session_malformed', 'There is no session in the session cookie.'],
  ['refresh_token_missing', 'The access token is over, and the session holds nothing to get a new one with.'],
  ['token_too_large', TOKEN_BROKEN],
  ['token_malformed', TOKEN_BROKEN],
  ['critical_header', 'The access token demands something that is not understood here.'],
  ['algorithm_not_allowed', 'The access token was signed in a way that is not allowed here.'],
  ['unknown_key', 'The access token was signed with a key that the provider does not publish.'],
  ['ambiguous_key', 'The provider publishes several keys that fit the access token, so none was used.'],
  ['bad_signature', 'The access token was not signed by the provider.'],
  ['claims_malformed', TOKEN_BROKEN],
  ['expiration_missing', 'The access token does not say when it ends.'],
  ['token_expired', 'The access token is over.'],
  ['token_too_old', 'The access token is older than this site allows.'],
  ['claim_missing', 'The access token lacks something that every one has.'],
  ['type_not_allowed', TOKEN_BROKEN],
  ['token_not_yet_valid', 'The access token is not valid yet: two clocks disagree.'],
  ['issuer_mismatch', 'The access token comes from another provider.'],
  ['audience_mismatch', 'The access token was made for another site.'],
  ['token_not_of_session', 'The access token is not that of a session.'],
  ['token_of_session', 'The access token is that of a session.'],
  ['token_refused', 'The provider does not take the access token.'],
  ['permission_denied', 'Your roles do not allow that.'],
  ['tenancy_mismatch', 'The session is of another organization.'],
  ['missing_scopes', 'The access token does not allow that.'],
  ['provider_refused_call', 'The provider does not take what this site asks of it. That is for the operator to mend.'],
  ['session_not_found', 'The provider has ended this session: it expired, or it was signed out somewhere else.'],
  ['invalid_grant', 'The provider has ended this session: it expired, or it was signed out somewhere else.'],
  ['session_revoked', 'This session was ended: it was signed out, or somebody who may do so has ended it.'],
  ['session_stale', 'What you may do here has changed. Ask again.'],
  ['mfa_enrollment', 'A second factor has to be set up before you go on.'],
  ['sso_required', 'Your organization asks for single sign-on.'],
  ['interaction_required', SIGN_IN_AGAIN],
  ['organization_refused', 'You are no longer a member of this organization.'],
]);

/** Why the session could not be checked just now. */
const UNAVAILABLE = new Map([
  ['seal_budget_spent', 'The session cookie takes long to open, and too many like it came at once.'],
  ['policy_unavailable', 'What your roles allow cannot be had from the provider right now.'],
  ['keys_unavailable', 'The provider’s signing keys cannot be had right now.'],
  ['provider_rate_limited', 'The provider asks for a pause.'],
  ['provider_timeout', 'The provider takes too long to answer.'],
  ['provider_unavailable', 'The provider has a fault of its own right now.'],
  ['provider_refused_client', 'The provider does not accept this site’s credentials at the moment. That is for the operator to mend.'],
  ['provider_answer_invalid', 'The provider gave an answer that cannot be understood.'],
  ['provider_unreachable', 'The provider cannot be reached right now.'],
  ['coordination_unavailable', 'The gateway cannot renew the session at the moment.'],
  ['revocations_unavailable', 'The gateway cannot find out which sessions have ended.'],
  // This page's own, where no code came: see api.js.
  ['no_answer', 'The gateway took too long to answer.'],
  ['unreadable_answer', 'The gateway gave an answer that this page cannot read.'],
]);

/** Why something was refused that a session was there for. */
const REFUSED = new Map([
  ['organization_refused', 'You are not a member of that organization, or it does not exist.'],
  ['interaction_required', SIGN_IN_AGAIN],
  ['sso_required', 'That organization asks for single sign-on.'],
  ['mfa_enrollment', 'That organization asks for a second factor.'],
  ['organization_missing', 'No organization was named.'],
  ['cross_site', 'The gateway could not tell that this page asked: it reads that from headers, which are missing or differ.'],
  ['endpoint_not_found', 'The gateway has no such endpoint.'],
  ['method_not_allowed', 'The gateway has this endpoint for other methods only.'],
]);

/** For the test that compares them with the codes of the gateway. */
export const MAPS = { signedOut: SIGNED_OUT, unavailable: UNAVAILABLE, refused: REFUSED };

/** Refusals of a switch that signing in to that organization can settle. */
const SETTLED_BY_SIGN_IN = new Set(['sso_required', 'mfa_enrollment', 'interaction_required']);

const METHODS = new Map([
  ['SSO', 'Single sign-on'],
  ['Password', 'Password'],
  ['Passkey', 'Passkey'],
  ['MagicAuth', 'Email code'],
  ['AppleOAuth', 'Apple'],
  ['GitHubOAuth', 'GitHub'],
  ['GoogleOAuth', 'Google'],
  ['MicrosoftOAuth', 'Microsoft'],
  ['Impersonation', 'Impersonation'],
  ['MigratedSession', 'Migrated session'],
]);

const PROVIDERS = new Map([['workos', 'WorkOS'], ['stytch', 'Stytch'], ['stytch-b2b', 'Stytch B2B']]);

/** @typedef {{ reason: string, detail: string }} Refusal */

/** @param {Refusal} refusal */
export const signedOutWords = ({ detail }) => SIGNED_OUT.get(detail) ?? 'The session was not accepted.';

/** @param {Refusal} refusal */
export const unavailableWords = ({ detail }) => UNAVAILABLE.get(detail) ?? 'The session cannot be checked right now.';

/** A refusal can also be about the session: a switch by somebody who is signed out. @param {Refusal} refusal */
export const refusedWords = ({ detail }) => REFUSED.get(detail) ?? SIGNED_OUT.get(detail) ?? 'The gateway did not do it.';

/** @param {Refusal} refusal */
export const signInSettles = ({ detail }) => SETTLED_BY_SIGN_IN.has(detail);

/** The code as an operator looks it up. @param {Refusal} refusal */
export const code = ({ reason, detail }) => [...new Set([reason, detail])].filter(Boolean).join(' · ');

/** `GoogleOAuth` and `magic_auth` alike. @param {string} method */
export const methodName = (method) =>
  METHODS.get(method) ?? method.replace(/_/gu, ' ').replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2');

/** @param {string} provider */
export const providerName = (provider) => PROVIDERS.get(provider) ?? provider;

/** `4:05`, `1:04:05`, `3 days`. @param {number} seconds */
export function duration(seconds) {
  const days = Math.floor(seconds / 86_400);
  if (days > 1) return `${days} days`;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const two = (/** @type {number} */ part) => String(part).padStart(2, '0');
  const rest = two(seconds % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** Coarse on purpose: it stands beside a countdown and should not count too. @param {number} seconds */
export function ago(seconds) {
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  const days = Math.floor(seconds / 86_400);
  return days === 1 ? '1 day ago' : `${days} days ago`;
}

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DAY = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });

/** The time of day, with the day where it is not today. @param {number} seconds since 1970 */
export function clock(seconds) {
  const date = new Date(seconds * 1000);
  const today = new Date().toDateString() === date.toDateString();
  return today ? CLOCK.format(date) : `${DAY.format(date)}, ${CLOCK.format(date)}`;
}
