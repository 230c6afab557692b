// The page's words: stable codes, times and lists as sentences for people.
// Pure: must not fetch or touch the document. A code that is not listed stays readable.

/** Why a visitor is signed out. The key is `detail`, or `reason` where detail says nothing more. */
const SIGNED_OUT = new Map([
  ['no_session_cookie_provided', 'This browser holds no session for this site.'],
  ['no_session', 'This browser holds no session for this site.'],
  ['invalid_session_cookie', 'The session cookie could not be opened. It may have been cut short, or sealed with a password that is no longer in use.'],
  ['unseal_failed', 'The session cookie could not be opened. It may have been cut short, or sealed with a password that is no longer in use.'],
  ['invalid_jwt', 'The access token in the session is not valid.'],
  ['bad_signature', 'The access token in the session was not signed by the provider.'],
  ['unknown_key', 'The access token was signed with a key that the provider does not publish.'],
  ['algorithm_not_allowed', 'The access token was signed in a way that is not allowed here.'],
  ['token_expired', 'The access token is over and the session could not be refreshed.'],
  ['invalid_grant', 'The provider has ended this session: it expired, or it was signed out somewhere else.'],
  ['session_revoked', 'This session was ended, here or by an administrator.'],
  ['revoked', 'This session was ended, here or by an administrator.'],
  ['mfa_enrollment', 'A second factor has to be set up before you go on.'],
  ['sso_required', 'Your organization asks for single sign-on.'],
]);

/** Why the session could not be checked just now. */
const UNAVAILABLE = new Map([
  ['keys_unavailable', 'The provider’s signing keys cannot be reached right now.'],
  ['provider_refused_client', 'The provider does not accept this site’s credentials at the moment. That is for the operator to mend.'],
  ['rate_limited', 'The provider asks for a pause.'],
  ['no_answer', 'The gateway took too long to answer.'],
  ['unreadable_answer', 'The gateway gave an answer that this page cannot read.'],
]);

/** Why an organization was not switched. */
const SWITCH_REFUSED = new Map([
  ['sso_required', 'That organization asks for single sign-on.'],
  ['mfa_enrollment', 'That organization asks for a second factor.'],
  ['organization_selection_required', 'The provider asks to choose the organization while signing in.'],
  ['email_verification_required', 'That organization asks for a verified email address.'],
  ['invalid_grant', 'You are not a member of that organization, or it does not exist.'],
  ['not_a_member', 'You are not a member of that organization.'],
  ['organization_not_found', 'There is no organization with that id.'],
]);

/** Refusals of a switch that signing in to that organization can settle. */
const SETTLED_BY_SIGN_IN = /sso|mfa|organization_selection|email_verification|auth_methods|authentication_method/u;

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

const PROVIDERS = new Map([['workos', 'WorkOS']]);

/** @typedef {{ reason: string, detail: string }} Refusal */

/** @param {Refusal} refusal */
export const signedOutWords = (refusal) => pick(SIGNED_OUT, refusal, 'The session was not accepted.');

/** @param {Refusal} refusal */
export const unavailableWords = (refusal) => pick(UNAVAILABLE, refusal, 'The provider cannot be reached right now.');

/** @param {Refusal} refusal */
export const switchRefusedWords = (refusal) => pick(SWITCH_REFUSED, refusal, 'The organization was not switched.');

/** @param {Refusal} refusal */
export const signInSettles = ({ reason, detail }) => SETTLED_BY_SIGN_IN.test(`${reason} ${detail}`);

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

/**
 * @param {Map<string, string>} words
 * @param {Refusal} refusal
 * @param {string} otherwise
 */
function pick(words, { reason, detail }, otherwise) {
  return words.get(detail) ?? words.get(reason) ?? otherwise;
}
