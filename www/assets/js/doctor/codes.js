// The codes that a session can be refused with before anybody is asked, in words for whoever has to mend it: what it means, what to do.
// The codes themselves are the core's (docs/codes.md).

/** @typedef {{ title: string, meaning: string, advice: string[] }} Words */

const PASSWORD_ADVICE = [
  'Compare the password with the one that the server has: a blank or a line break at its end counts, and so do quotation marks that a shell or a dashboard kept.',
  'If the password was rotated, add the one before as a second password here. If that opens it, give both to the server, newest first: [“new”, “old”].',
  'If several services share the cookie, see that all of them have the same password.',
];

const TOKEN_ADVICE = 'See who writes the cookie: the access token is to be stored as the provider gave it, character by character.';

/** @type {Map<string, Words>} */
export const CODES = new Map([
  ['cookie_missing', {
    title: 'There is no session cookie',
    meaning: 'No cookie of that name arrived, or it is empty: for the server nobody is signed in.',
    advice: [
      'Look in the developer tools whether the browser has the cookie for this host and path. If it has, its Domain, Path, Secure or SameSite keep it from being sent.',
      'If it never got it, look at the answer of the callback: is there a Set-Cookie line, and does the browser mark it as blocked?',
    ],
  }],
  ['cookie_too_large', {
    title: 'The cookie is larger than any session',
    meaning: 'A sealed session may have 16 KiB. More is refused before any work is spent on it.',
    advice: ['Keep what the application stores in the session small: an id instead of what it stands for.'],
  }],
  ['cookie_parts_mixed', {
    title: 'The parts of the cookie do not fit together',
    meaning: 'A session that is too long for one cookie is split into parts. One is missing, changed, or of another generation.',
    advice: [
      'Copy all parts: name.0, name.1, and so on.',
      'If the browser has no more than these, something between deletes or rewrites one of them: a proxy, or a second application that uses the name.',
      'Deleting all parts and signing in again gives a whole set.',
    ],
  }],
  ['cookie_conflict', {
    title: 'There are cookies of two people',
    meaning: 'Several session cookies of one name came at once, and they belong to different people: one of them was planted, so none is believed.',
    advice: [
      'Delete all of them in the browser and sign in again.',
      'Look for another host of the same domain that sets a cookie of this name with a Domain; a __Host- name cannot be set from there.',
    ],
  }],
  ['seal_unknown_format', {
    title: 'This is no sealed session',
    meaning: 'The value looks like no format of seal that is known: not that of any WorkOS SDK, iron-session or edgeseal.',
    advice: [
      'See that it is the value of the session cookie, whole, and not that of another one.',
      'If something encodes the cookie once more on its way, have it encoded once at most.',
    ],
  }],
  ['seal_not_accepted', {
    title: 'No password here suits a format that it may have',
    meaning: 'The format is not among those that are accepted, or none of the passwords can be one for it.',
    advice: ['Name the format in ACCEPT_FORMATS, and give the password in the form that its SDK takes.'],
  }],
  ['seal_malformed', {
    title: 'The seal is cut off or damaged',
    meaning: 'It begins like a seal and does not end like one: characters are missing or changed.',
    advice: [
      'Was it copied whole? Developer tools and logs shorten long values.',
      'If the browser holds no more than this, it was cut when it was stored: name, value and attributes together may have 4,096 bytes.',
      'If it holds %-signs, it was encoded more than once: decode it once less, or encode it once less.',
    ],
  }],
  ['seal_expired', {
    title: 'The seal itself has expired',
    meaning: 'Seals of iron-session can end by themselves (ttl), whatever the session in them says. This one has.',
    advice: ['Sign in again. If that comes too early, raise the ttl where the cookie is sealed, or set it to 0 and leave the end to the session.'],
  }],
  ['seal_budget_spent', {
    title: 'Too many slow seals at once',
    meaning: 'Seals of the SDK for .NET take long to open on purpose, and only so many are opened per second.',
    advice: ['Wait a second, then change anything here.'],
  }],
  ['seal_unknown_password', {
    title: 'The seal names a password that is not here',
    meaning: 'Its password id is not among those of the passwords.',
    advice: ['Give the server the password of that id too, until the sessions that it sealed are gone.'],
  }],
  ['seal_bad_mac', {
    title: 'No password opens it',
    meaning: 'It was sealed with another password, or changed on the way. The seal does not tell which.',
    advice: PASSWORD_ADVICE,
  }],
  ['session_malformed', {
    title: 'The seal opens, and holds no session',
    meaning: 'What is inside has no access token, or its members are of the wrong kind, or its user is not the person of its token.',
    advice: [
      'Look below at what it holds: another part of the application may seal its own data under this cookie’s name with the same password.',
      'Give one of the two another name. A session needs accessToken (or access_token), and refreshToken to be renewed.',
    ],
  }],
  ['refresh_token_missing', {
    title: 'It cannot be renewed',
    meaning: 'The session holds no refresh token: when its access token ends, so does the session.',
    advice: ['Store the refresh token too, and after every refresh the new one: the old one is used up.'],
  }],
  ['token_too_large', {
    title: 'The token is larger than any access token',
    meaning: 'A token may have 16 KiB. More is refused before any work is spent on it.',
    advice: ['Take claims out of the template of your tokens.'],
  }],
  ['token_malformed', {
    title: 'The access token is no token',
    meaning: 'It is not three parts of strict base64url with a JSON header in front: cut off, or changed on the way.',
    advice: [TOKEN_ADVICE],
  }],
  ['critical_header', {
    title: 'The token demands something that is not understood',
    meaning: 'Its header names an extension that a reader must know (crit, b64). None is known here, so it must not be accepted.',
    advice: ['No token of WorkOS or Stytch is like that. Find out who made it.'],
  }],
  ['algorithm_not_allowed', {
    title: 'The token is signed in a way that is not allowed',
    meaning: 'The key decides the algorithm, never the token. This one names another than its key has: none at all, or a shared secret where the provider has a public key. That is how tokens are forged.',
    advice: ['No provider makes such a token. Find out who made this one, and do not make any reader accept it.'],
  }],
  ['unknown_key', {
    title: 'The key that signed it is not in the set',
    meaning: 'The token names a key id that the key set does not have. Either the key was rotated away, or the token comes from another project or environment.',
    advice: [
      'Fetch the key set anew. If the id is there now, the server works with an old copy: an instance that caches keys too long.',
      'If it is not, compare client id and environment: a cookie of staging does not verify with the keys of production.',
      'A session from before the keys were replaced has to be refreshed, or signed in again.',
    ],
  }],
  ['ambiguous_key', {
    title: 'More than one key fits',
    meaning: 'The set has several keys of this id, or several without one, so none is chosen.',
    advice: ['Give the provider’s key set as it is: lists that were put together by hand repeat ids.'],
  }],
  ['bad_signature', {
    title: 'The signature does not fit',
    meaning: 'The key is there, and the token was not signed by it, or was changed since: a claim, the header, the end.',
    advice: [
      'Nothing that this token says can be believed.',
      'If nobody meant harm, something rewrites the token on its way, or the key set is that of another environment with the same key id.',
    ],
  }],
  ['claims_malformed', {
    title: 'The claims are not what they should be',
    meaning: 'They are no JSON object, or a claim is of the wrong kind: a time that is no whole number, a name that is no text.',
    advice: ['Look at the template of your tokens: it may write over a claim that has a meaning, such as exp or roles.'],
  }],
  ['expiration_missing', {
    title: 'The token never ends',
    meaning: 'It has no exp. Some SDKs accept such a token for ever; edgeseal does not.',
    advice: ['No session has such a token. Find out who made it.'],
  }],
  ['token_expired', {
    title: 'The access token has expired',
    meaning: 'Access tokens live for minutes. A session goes on because its refresh token is exchanged for the next pair.',
    advice: [
      'An expired token is ordinary in a cookie: the next request has it refreshed. If people are signed out instead, the refresh fails or its Set-Cookie never reaches the browser.',
      'Look for the refresh in the server’s log: invalid_grant says that the refresh token was used already, which is what happens when several requests refresh at once.',
      'A middleware that refreshes has to hand the new cookie both to the browser and to what runs after it.',
      'If the token has just been made, compare the clocks of the server and of this machine.',
    ],
  }],
  ['claim_missing', {
    title: 'A claim is missing',
    meaning: 'Every token of its kind has it.',
    advice: ['See that the token is one of a session.'],
  }],
  ['token_not_yet_valid', {
    title: 'The token is not valid yet',
    meaning: 'Its nbf lies ahead: two clocks disagree.',
    advice: ['Set the clock of the server by the network (NTP).', 'A leeway of some seconds bridges small differences.'],
  }],
  ['issuer_mismatch', {
    title: 'Another issuer made it',
    meaning: 'The token is genuine, and its iss is not the issuer that is expected.',
    advice: [
      'Compare character by character: a slash at the end counts, and so does https.',
      'With a custom domain at the provider the issuer changes; set WORKOS_ISSUER to what the token says, if that is yours.',
    ],
  }],
  ['audience_mismatch', {
    title: 'It is for another audience',
    meaning: 'The token is genuine, and its aud names none of the audiences that are expected.',
    advice: ['See whether the token was made for another service. Access tokens of WorkOS sessions have no aud at all: do not expect one.'],
  }],
  ['token_not_of_session', {
    title: 'It is not the token of a person’s session',
    meaning: 'The token is genuine, and belongs to a machine, an agent or a widget: it names no session (sid).',
    advice: [
      'Where people sign in, send the access token of their session.',
      'A machine’s token is for an API that checks it itself (verifyJwt), not for one that expects a session.',
    ],
  }],
  ['keys_unavailable', {
    title: 'The key set has no key that can be used',
    meaning: 'It is empty, or all of its keys are private, weak, or for another use.',
    advice: ['Paste the whole answer of the provider’s JWKS address.'],
  }],
  ['misconfigured', {
    title: 'The password cannot be used',
    meaning: 'A server with this password answers every request with an error, before it looks at any cookie.',
    advice: ['Make one with npx edgeseal keygen, or openssl rand -base64 32, and give it to everything that reads the cookie. Sessions that were sealed before cannot be opened with it.'],
  }],
]);

/** A code of a later version gets words that are true of all. @param {string} detail @returns {Words} */
export const wordsOf = (detail) => CODES.get(detail) ?? { title: 'It is refused', meaning: 'The code says why.', advice: ['Look the code up in docs/codes.md.'] };
