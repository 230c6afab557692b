// Turns the gateway's session answer into the one shape that the page shows.
// Pure: must not fetch, read a clock or touch the document. Missing and malformed members become empty ones.

/**
 * @typedef {object} Session
 * @property {string} provider
 * @property {string} userId
 * @property {string} name             never empty
 * @property {string} email
 * @property {boolean} emailVerified
 * @property {string} initials
 * @property {string} picture          empty when there is none that the site's policy lets in
 * @property {string} sessionId
 * @property {string} organizationId
 * @property {string} organizationName empty when unknown
 * @property {Map<string, string>} organizations  id → name, what the switch offers
 * @property {string} role
 * @property {string[]} roles
 * @property {string[]} permissions
 * @property {string[]} entitlements
 * @property {string[]} featureFlags
 * @property {{ email: string, reason: string } | null} impersonator
 * @property {string} authenticationMethod
 * @property {number} issuedAt         seconds since 1970
 * @property {number} expiresAt        seconds since 1970
 */

/**
 * @param {Record<string, any>} answer
 * @returns {Session}
 */
export function readSession(answer) {
  const user = record(answer.user);
  const name = displayName(user);
  const organizations = readOrganizations(record(user.metadata).organizations);
  const organizationId = text(answer.organizationId);
  const impersonator = record(answer.impersonator);
  return {
    provider: text(answer.provider),
    userId: text(user.id),
    name,
    email: text(user.email),
    emailVerified: user.emailVerified === true,
    initials: initials(name),
    picture: picture(text(user.profilePictureUrl)),
    sessionId: text(answer.sessionId),
    organizationId,
    organizationName: organizations.get(organizationId) ?? '',
    organizations,
    role: text(answer.role),
    roles: list(answer.roles),
    permissions: list(answer.permissions),
    entitlements: list(answer.entitlements),
    featureFlags: list(answer.featureFlags),
    impersonator: text(impersonator.email)
      ? { email: text(impersonator.email), reason: text(impersonator.reason) }
      : null,
    authenticationMethod: text(answer.authenticationMethod),
    issuedAt: number(answer.issuedAt),
    expiresAt: number(answer.expiresAt),
  };
}

/**
 * The names of a person's organizations, where the operator keeps them in the user's metadata as a JSON string.
 *
 * @param {unknown} value
 * @returns {Map<string, string>}
 */
function readOrganizations(value) {
  if (typeof value !== 'string') return new Map();
  try {
    const entries = Object.entries(record(JSON.parse(value)));
    return new Map(entries.filter(([id, name]) => id !== '' && typeof name === 'string' && name !== ''));
  } catch {
    return new Map();
  }
}

/** @param {Record<string, any>} user */
function displayName(user) {
  const full = [user.firstName, user.lastName].map(text).filter(Boolean).join(' ');
  return text(user.name) || full || text(user.email) || text(user.id) || 'Unknown person';
}

/** First letters of the first and last word, by what a reader sees as one letter. @param {string} name */
function initials(name) {
  const words = name.replace(/@.*$/u, '').split(/[\s._-]+/u).filter((word) => /\p{L}|\p{N}/u.test(word));
  const picked = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return picked.map(firstLetter).join('').toLocaleUpperCase() || '?';
}

/** @param {string} word */
function firstLetter(word) {
  if (typeof Intl.Segmenter !== 'function') return [...word][0];
  const [first] = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(word);
  return first.segment;
}

/** Only what the content security policy lets in: data: images and this origin's own. @param {string} url */
function picture(url) {
  if (/^data:image\/(png|jpeg|gif|webp|avif|svg\+xml)[;,]/u.test(url)) return url;
  try {
    return url && new URL(url, location.origin).origin === location.origin ? url : '';
  } catch {
    return '';
  }
}

/** @param {unknown} value @returns {Record<string, any>} */
const record = (value) => (value !== null && typeof value === 'object' ? value : {});

/** @param {unknown} value */
const text = (value) => (typeof value === 'string' ? value.trim() : '');

/** @param {unknown} value @returns {string[]} each once, in the given order */
const list = (value) => (Array.isArray(value) ? [...new Set(value.map(text).filter(Boolean))] : []);

/** @param {unknown} value */
const number = (value) => (typeof value === 'number' && Number.isFinite(value) ? value : 0);
