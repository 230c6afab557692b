// Every limit and default of the local provider, with a line of why. No other file holds a number of this kind.

/** The only address the provider listens on: its keys and people are public knowledge. */
export const LOOPBACK = '127.0.0.1';

/** Host names by which a browser reaches a loopback address and which DNS rebinding cannot imitate. */
export const LOOPBACK_NAMES = ['localhost', '127.0.0.1'];

/** Fixed, so that a checked-in configuration works; worthless outside this process. */
export const DEFAULT_CLIENT_ID = 'client_local';
export const DEFAULT_API_KEY = 'sk_local_development_only';

/** The port of the command line. The gateway stands next to it, on 8787. */
export const DEFAULT_PORT = 8788;

/** WorkOS's default for access tokens; Stytch's session JWTs live as long, always. */
export const TOKEN_LIFETIME_SECONDS = 300;

/** The real provider's documented window in which an exchanged refresh token answers with the same pair again. */
export const REFRESH_GRACE_SECONDS = 30;

/** RFC 6749 §4.1.2 recommends ten minutes at most. */
export const CODE_LIFETIME_SECONDS = 600;

/** Long enough that only a test with a turned clock sees a session end by age. */
export const SESSION_LIFETIME_SECONDS = 30 * 24 * 3600;

/** Largest request body: far above any real one, far below anything that costs. */
export const BODY_BYTES = 64 * 1024;

/** Longest parameter that is kept (a sealed state is about 500 characters, a redirect URI at most 2000). */
export const PARAMETER_CHARACTERS = 8 * 1024;

/** What is remembered; beyond it the oldest goes, so that no client can fill the memory. */
export const SESSIONS_KEPT = 10_000;
export const CODES_KEPT = 1_000;
export const REQUESTS_KEPT = 10_000;

/** Rows of the control page: it is read by a person. */
export const SESSIONS_SHOWN = 20;
export const REQUESTS_SHOWN = 20;

/** Page size of lists: default and largest, as at the real provider. */
export const LIST_DEFAULT = 10;
export const LIST_LARGEST = 100;

/** Bounds of the knobs. They keep dates inside what `Date` can print and timers inside what `setTimeout` can hold. */
export const KNOB_LIFETIME_LARGEST = 365 * 24 * 3600;
export const KNOB_CLOCK_LARGEST = 10 * 365 * 24 * 3600;
export const KNOB_SLOW_LARGEST = 10 * 60 * 1000;
export const KNOB_TIMES_LARGEST = 1_000_000;

/** Sent with a 429 unless the knob says otherwise. */
export const RETRY_AFTER_SECONDS = 2;

/** A client that never finishes its request must not hold a socket for long. */
export const REQUEST_TIMEOUT_MILLISECONDS = 30_000;

/** Stytch's names, fixed like the client id above. */
export const DEFAULT_PROJECT_ID = 'project-test-00000000-0000-4000-8000-000000000000';
export const DEFAULT_SECRET = 'secret-test-local-development-only';

/** Stytch: documented bounds of `session_duration_minutes`, and what a session lasts when nobody says. */
export const SESSION_MINUTES_LEAST = 5;
export const SESSION_MINUTES_LARGEST = 527_040;
export const SESSION_MINUTES = 60;

/** Stytch: documented bound of all custom claims of a session together, as JSON. */
export const CUSTOM_CLAIMS_BYTES = 4 * 1024;

/** Stytch: documented life of an M2M access token. */
export const M2M_LIFETIME_SECONDS = 3600;

/** Stytch: after a rotation both keys sign for about five minutes, and the old one stays published for a month. */
export const BOTH_SIGN_SECONDS = 300;
export const KEY_GRACE_SECONDS = 30 * 24 * 3600;

/** Stytch: what the key set says of its own freshness. */
export const KEY_SET_MAX_AGE_SECONDS = 900;

/** Roles, resources and scopes of a policy that is set while running: far above any real one. */
export const POLICY_ENTRIES_LARGEST = 1_000;
