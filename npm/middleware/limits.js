// Limits and defaults of the middleware. Where the core has the same one, it stands in src/limits.rs as well, and a test holds both equal.

/** Four cookies of the largest size, and the other cookies of a site; servers refuse longer headers anyway. */
export const COOKIE_HEADER_CHARACTERS = 128 * 1024;

/** A browser sends one value per path and domain; more are planted. */
export const COOKIE_VALUES = 8;

/** Browsers keep 4096 bytes of a cookie, attributes included (RFC 6265bis §5.6). */
export const SET_COOKIE_BYTES = 4096;

/** Servers accept 16 to 32 KB of headers in all. */
export const COOKIE_PARTS = 4;

/** How many lines delete what was planted: for every path of a request and every domain of its host. */
export const PLANTED_LINES = 32;

/** 400 days, the longest that browsers keep a cookie. */
export const COOKIE_MAX_AGE_SECONDS = 34_560_000;

/** How often Stytch is asked for one request. */
export const STYTCH_QUESTIONS = 4;

/** What opaque tokens of Stytch's are long, at least and at most: what cannot be one costs no call. */
export const STYTCH_TOKEN_BYTES = [40, 128];

/** What Stytch's JWTs live. A session without an end is as good as its token. */
export const STYTCH_TOKEN_SECONDS = 300;

/** The longest address to come back to: it travels through cookies and queries. */
export const RETURN_TO_BYTES = 2048;

/** When to try again, where the provider does not say it. */
export const RETRY_SECONDS = 2;
