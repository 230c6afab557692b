//! Every limit and default of edgeseal in one place, each with a line of why.
//!
//! A number that bounds work or decides how long something is believed belongs here, nowhere else.

/// Longest sealed session that is looked at, in bytes. Four cookies of 4096 bytes; browsers keep no more per name.
pub const SEALED_SESSION_BYTES: usize = 16 * 1024;

/// Longest `Cookie` header that is searched, in bytes. Cloudflare refuses requests with larger headers itself.
pub const COOKIE_HEADER_BYTES: usize = 128 * 1024;

/// Values of one cookie name that are tried. A browser sends one per path and domain; more is an attack.
pub const COOKIE_VALUES: usize = 8;

/// Lines that delete what was planted beside a session cookie, in every domain and path. Answers hold about 16 KB of headers.
pub const PLANTED_LINES: usize = 32;

/// Most cookies that one value is split into. Servers take about 16 KB of request headers.
pub const COOKIE_PARTS: usize = 4;

/// Longest line of `Set-Cookie`, in bytes, that every browser keeps (RFC 6265bis §5.6).
pub const SET_COOKIE_BYTES: usize = 4096;

/// Longest compact token, in bytes. Larger ones do not fit a cookie.
pub const TOKEN_BYTES: usize = 16 * 1024;

/// Longest key id (`kid`) in a token header or a key set, in bytes. Real ones have 20 to 64.
pub const KEY_ID_BYTES: usize = 256;

/// Deepest nesting of a token's JSON. Real claims stay below 5.
pub const JSON_DEPTH: usize = 32;

/// Largest key set that is read, in bytes. WorkOS answers with about 1 KB.
pub const KEY_SET_BYTES: usize = 64 * 1024;

/// Most keys that a set may hold. More would make an unknown key id expensive.
pub const KEY_SET_KEYS: usize = 64;

/// Most entries of a key's `key_ops`, which are compared in pairs. RFC 7517 defines eight.
pub const KEY_OPERATIONS: usize = 16;

/// Shortest secret of HS256, in bytes: as long as the hash (RFC 7518 §3.2). Shorter ones are guessed offline from one token.
pub const HMAC_SECRET_BYTES: usize = 32;

/// RSA modulus sizes that are accepted, in bits: below is breakable, above is slow for an attacker's benefit.
pub const RSA_MODULUS_BITS: core::ops::RangeInclusive<usize> = 2048..=4096;

/// Shortest cookie password, in UTF-16 units, as iron-webcrypto and the WorkOS SDK count and demand it.
pub const PASSWORD_CHARACTERS: usize = 32;

/// Most passwords in a ring. Each one costs a key derivation per foreign cookie.
pub const PASSWORDS: usize = 8;

/// Rounds of the key derivation in the format `dotnet`, as its SDK prescribes. Some 60 ms in wasm.
pub const SLOW_KEY_ROUNDS: u32 = 100_000;

/// Keys that may be derived so slowly one after another, in one isolate.
pub const SLOW_KEYS_AT_ONCE: u32 = 16;

/// How long it takes, in milliseconds, until another one may be derived. Garbage then takes less than a fifth of an isolate's time.
pub const SLOW_KEY_EVERY_MILLISECONDS: i64 = 500;

/// Most keys so derived that an isolate keeps, about 150 bytes each.
pub const SLOW_KEYS_KEPT: usize = 1024;

/// Draws of a cookie password until one has no character that the SDKs read differently. Of a random source one in four is
/// kept: all of these are lost once in 2^113 times.
pub const COOKIE_PASSWORD_DRAWS: usize = 256;

/// Tolerance of a seal's own expiry, in milliseconds, as in iron (`timestampSkewSec: 60`).
pub const SEAL_LEEWAY_MILLISECONDS: i64 = 60_000;

/// How long a key set counts as fresh, in seconds (the SDK's `cacheMaxAge`).
pub const KEYS_FRESH_SECONDS: i64 = 600;

/// How long a key set is used while it is reloaded beside the request, in seconds since it was fetched. So long is a key believed that was
/// withdrawn, where requests are rare; beyond that a request waits for the reload.
pub const KEYS_SERVED_STALE_SECONDS: i64 = 3600;

/// How long a key set is used while the provider does not answer, in seconds. An outage of a day is survived.
pub const KEYS_KEPT_SECONDS: i64 = 24 * 3600;

/// How long a policy of roles counts as fresh, in seconds (the Stytch SDK's five minutes). It is kept as long as keys are.
pub const POLICY_FRESH_SECONDS: i64 = 300;

/// Largest policy that is read, in bytes. One of a hundred roles has about 50 KB.
pub const POLICY_BYTES: usize = 512 * 1024;

/// Policies that an isolate keeps: the project's, and one for each organization that was asked about last.
pub const POLICIES_KEPT: usize = 128;

/// Key ids that are remembered because the provider has accepted a token of theirs, while its key set lacked them. A rotation brings one.
pub const VOUCHED_KEYS: usize = 4;

/// How long they are remembered, in seconds: as long as caches may keep Stytch's key set (`max-age=900`).
pub const VOUCHED_KEY_SECONDS: i64 = 900;

/// Longest id of an organization, in bytes. It stands in a path and in the name of a record; real ones have 54.
pub const ORGANIZATION_ID_BYTES: usize = 128;

/// Pause between two reloads that unknown key ids cause, in seconds, so that forged ids cost the provider nothing.
pub const UNKNOWN_KEY_COOLDOWN_SECONDS: i64 = 30;

/// Key ids that are remembered because reloads have not brought them. One is added per cooldown at most.
pub const MISSING_KEYS: usize = 16;

/// Pause after a reload that failed, in seconds, so that an outage is not made worse by every request.
pub const FAILED_RELOAD_COOLDOWN_SECONDS: i64 = 5;

/// How long the provider's keys are waited for, in milliseconds (the SDK's `timeoutDuration`).
pub const KEYS_TIMEOUT_MILLISECONDS: u32 = 5_000;

/// How long one request holds the right to reload keys, in milliseconds. A lease, because a request can vanish while it
/// reloads; a little longer than the reload may take.
pub const KEYS_LEASE_MILLISECONDS: i64 = 6_000;

/// Pause between two looks at a reload that another request of the isolate has under way, in milliseconds.
pub const KEYS_POLL_MILLISECONDS: u32 = 20;

/// How long the provider's API is waited for, in milliseconds, but for refreshes. WorkOS answers in about 300.
pub const EXCHANGE_TIMEOUT_MILLISECONDS: u32 = 10_000;

/// How long the provider is waited for at a refresh, in milliseconds. A reply that is lost is asked for once more, as long again.
pub const REFRESH_TIMEOUT_MILLISECONDS: u32 = 5_000;

/// How long a request waits for the refresh of its session altogether, in milliseconds: two tries, and the way to the object.
pub const REFRESH_WAIT_MILLISECONDS: u32 = 11_000;

/// How long an isolate waits for a sign of life of the request that makes an exchange, in milliseconds. Without objects the exchange is
/// that request's own, and it can vanish.
pub const EXCHANGE_LEASE_MILLISECONDS: u32 = 2_000;

/// Pause between two looks at a refresh that another request of the isolate has under way, in milliseconds.
pub const REFRESH_POLL_MILLISECONDS: u32 = 20;

/// Exchanges that one caller may cause: its own, and before that the one of an attempt that was left without an answer.
pub const EXCHANGES_PER_CALLER: u8 = 2;

/// Changes of a session's id that one request follows, where the provider gives it a new one at a refresh: each is another object.
pub const SESSION_IDS_FOLLOWED: u8 = 4;

/// How long a generation counts as just made, in milliseconds: to those who waited for it it is good whatever its token says. A
/// clock that is wrong must not make each of them exchange it again.
pub const JUST_MADE_MILLISECONDS: i64 = 5_000;

/// How soon a generation may be exchanged again while its token is good, in milliseconds. The provider's limits are for everybody.
pub const YOUNG_MILLISECONDS: i64 = 1_000;

/// Largest message to the object of a session, in bytes: a session as large as a cookie may be, and JSON's escapes.
pub const OBJECT_MESSAGE_BYTES: usize = 64 * 1024;

/// Refresh tokens that are remembered since a generation was last presented. Each is one exchange whose result nobody has used.
pub const TOKENS_SINCE: usize = 32;

/// Refresh tokens that are remembered from before that: of requests and answers that overtook each other.
pub const TOKENS_BEFORE: usize = 8;

/// How long those are remembered, in seconds.
pub const TOKENS_BEFORE_SECONDS: i64 = 600;

/// How long the newest generation is kept for a visitor who does not come back, in seconds: 30 days, or as long as the cookie lives.
pub const GENERATION_KEPT_SECONDS: i64 = 30 * 24 * 3600;

/// How long it is remembered that a session was signed out, in seconds: a token may live five minutes after that.
pub const SIGN_OUT_KEPT_SECONDS: i64 = 600;

/// How old a generation may be, in seconds, that an isolate takes from its own memory without asking the session's object.
pub const REMEMBERED_GENERATION_SECONDS: i64 = 30;

/// How long after an exchange without an answer its repetition still brings the same pair, in seconds (WorkOS: 30).
pub const REPLAY_GRACE_SECONDS: i64 = 30;

/// Pause between two exchanges of a token whose answer may have been lost, in milliseconds.
pub const TRY_AGAIN_MILLISECONDS: u32 = 4_000;

/// Pause after a refresh that failed before the provider is asked again for this session, in seconds, where it names none itself.
pub const FAILED_REFRESH_SECONDS: i64 = 1;

/// How long a definite refusal of a refresh token stands without asking again, in seconds.
pub const ENDED_SESSION_SECONDS: i64 = 60;

/// Sessions whose next generation an isolate remembers, some 4 KB each.
pub const GENERATIONS_REMEMBERED: usize = 256;

/// Failures of the provider in a row, over all sessions of an isolate, after which it is spared.
pub const BREAKER_FAILURES: u32 = 5;

/// Longest pause in which it is spared, in seconds; the first is one second, each next one twice as long. Much less than the
/// provider's grace, in which what it may have done has to be asked for again.
pub const BREAKER_LONGEST_SECONDS: i64 = 5;

/// Longest time before a token's end in which it is refreshed beside the request, in seconds. Otherwise a fifth of its life.
pub const REFRESH_AHEAD_SECONDS: i64 = 90;

/// Longest `DEGRADED_SECONDS`: a day, as long as keys are kept.
pub const DEGRADED_SECONDS: i64 = 24 * 3600;

/// How long Stytch's API is waited for, in milliseconds. A visitor waits for it; the SDK's own limit does not work.
pub const STYTCH_TIMEOUT_MILLISECONDS: u32 = 10_000;

/// How long Stytch's session tokens live, in seconds: the most that `MAX_TOKEN_AGE_SECONDS` can be.
pub const STYTCH_TOKEN_SECONDS: i64 = 300;

/// Minutes that a Stytch session may be made to live, as its API takes them.
pub const STYTCH_SESSION_MINUTES: core::ops::RangeInclusive<u32> = 5..=527_040;

/// Questions to Stytch that one request may cause. A browser has one session; more are cookies of other paths and domains, or an attack.
pub const STYTCH_QUESTIONS: usize = 4;

/// Lengths of a Stytch session's opaque token that is asked about, in bytes. It has 44; garbage costs no call.
pub const STYTCH_TOKEN_BYTES: core::ops::RangeInclusive<usize> = 40..=128;

/// Largest answer of the provider's token endpoint, in bytes.
pub const EXCHANGE_BYTES: usize = 256 * 1024;

/// Longest `Retry-After` that is handed on, in seconds (the SDK's cap).
pub const RETRY_AFTER_SECONDS: u64 = 60;

/// Leeway of the gateway for token times, in seconds: the provider's clock and the edge's differ by a few.
pub const GATEWAY_LEEWAY_SECONDS: i64 = 5;

/// How long a token has to live yet for the upstream to get it, in seconds: authkit-* refreshes in the last 60, and of two that
/// refresh at once one comes too late.
pub const UPSTREAM_REFRESH_BUFFER_SECONDS: i64 = 60;

/// Lifetime of the cookie that carries one sign-in, in seconds (authkit's value).
pub const FLOW_SECONDS: i64 = 600;

/// Longest `return_to`, in bytes. It travels in the flow cookie.
pub const RETURN_TO_BYTES: usize = 2048;

/// Default lifetime of the session cookie, in seconds: 400 days, the most that browsers keep (RFC 6265bis §5.5).
pub const COOKIE_MAX_AGE_SECONDS: i64 = 34_560_000;

/// Largest body that `/auth/*` reads, in bytes. It holds one organization id.
pub const FORM_BYTES: usize = 8 * 1024;

/// Shortest `ADMIN_TOKEN`, in bytes: it is guessed at from everywhere.
pub const ADMIN_TOKEN_BYTES: usize = 32;

/// Sign-ins on their way that a browser may keep cookies of. More would end in a 431.
pub const FLOWS: usize = 4;

/// Sign-ins in a row, within [`LOOP_SECONDS`], after which a browser that keeps no session is told so.
pub const LOOP_SIGN_INS: u32 = 3;

/// How long sign-ins are counted as in a row, in seconds.
pub const LOOP_SECONDS: i64 = 10;

/// How far our clock and the provider's may be apart before `/ready` complains, in seconds.
pub const CLOCK_SKEW_SECONDS: i64 = 30;

/// Characters of a path that a log line holds.
pub const LOGGED_PATH_CHARACTERS: usize = 200;

/// Sessions that an isolate remembers as verified, unless `memoSize` says otherwise: each with its cookie and what is in it.
pub const SESSIONS_REMEMBERED: u32 = 512;

/// The most that `memoSize` may be.
pub const MOST_SESSIONS_REMEMBERED: u32 = 65_536;

/// Key sets of callers of `verifyJwt` that a module keeps prepared.
pub const KEY_SETS_REMEMBERED: usize = 8;

/// Different options of clients, and different cookie passwords of each, that a module remembers. More of them are checked anew at
/// every call.
pub const ENVIRONMENTS_REMEMBERED: usize = 16;

/// Longest life of an access token that is counted with, in seconds: a day, which is longer than providers let one live. For so long a
/// revocation is kept that the provider enforces at the next refresh.
pub const LONGEST_TOKEN_SECONDS: i64 = 24 * 3600;

/// Most entries in a list of revocations, of twelve bytes each: 1.6 MB of text, which an isolate reads in some 10 ms. A full list makes
/// room, and lets nothing through that was revoked.
pub const REVOCATIONS: usize = 100_000;

/// Longest text of a snapshot that is read, in bytes: so many entries in base64, and what stands around them.
pub const REVOCATIONS_BYTES: usize = REVOCATIONS * 16 + 1024;

/// Webhooks that are remembered, so that nobody can send one again while its signature is believed.
pub const DELIVERIES: usize = 1024;

/// How far a webhook's time may be from ours, in milliseconds, both ways (the SDK's `tolerance`).
pub const WEBHOOK_TOLERANCE_MILLISECONDS: i64 = 180_000;

/// Largest webhook that is read, in bytes. A user with metadata has some 5 KB.
pub const WEBHOOK_BYTES: usize = 256 * 1024;

/// How old a snapshot may be, in seconds, before a request has it read anew beside itself.
pub const REVOCATIONS_FRESH_SECONDS: i64 = 20;

/// How old, in seconds, before a request waits for a newer one. With the minute that KV may take, a revocation arrives within 90 s.
pub const REVOCATIONS_BELIEVED_SECONDS: i64 = 30;

/// Within how many seconds a revocation is in force, unless it is strict: what the two above and KV may take.
pub const REVOCATION_ARRIVES_SECONDS: i64 = 90;

/// Default for how long an isolate goes on with the last snapshot while none can be read, in seconds: an hour. By then every usual token
/// was refreshed several times, at the provider, which knows what it has revoked.
pub const REVOCATION_OUTAGE_SECONDS: i64 = 3600;

/// The most that `REVOCATION_OUTAGE_SECONDS` may be: a day, as long as keys are kept.
pub const LONGEST_REVOCATION_OUTAGE_SECONDS: i64 = 24 * 3600;

/// How long the object that keeps revocations is waited for, in milliseconds: a visitor waits for it.
pub const REVOCATIONS_TIMEOUT_MILLISECONDS: u32 = 2_000;

/// How long one request holds the right to read a snapshot, in milliseconds. A lease: a little longer than KV and the object may take.
pub const REVOCATIONS_LEASE_MILLISECONDS: i64 = 4_000;

/// Pause before a snapshot that could not be read is tried again, in seconds.
pub const REVOCATIONS_COOLDOWN_SECONDS: i64 = 2;

/// Pause between two looks at a snapshot that another request of the isolate reads, in milliseconds.
pub const REVOCATIONS_POLL_MILLISECONDS: u32 = 20;

/// Pause between two publications, in milliseconds. KV takes one write a second for a key.
pub const PUBLISH_PAUSE_MILLISECONDS: i64 = 1_500;

/// How long a publication may take until it counts as lost, in milliseconds.
pub const PUBLISH_LEASE_MILLISECONDS: i64 = 10_000;

/// How long KV may take until everybody reads what was written, in seconds. Until then it is not written again for who misses it.
pub const REVOCATIONS_SPREAD_SECONDS: i64 = 60;

/// How long a snapshot stays in KV, in seconds. After a day without a change it is asked for anew, so that none outlives its object.
pub const SNAPSHOT_KEPT_SECONDS: u64 = 24 * 3600;

/// Pause between two looks for entries that have had their time, in seconds.
pub const REVOCATIONS_SWEEP_SECONDS: i64 = 3600;

/// Longest message to the object that keeps revocations, in bytes: hashes and numbers.
pub const REVOCATION_MESSAGE_BYTES: usize = 4 * 1024;

/// Longest id that an operator may revoke, in bytes. Real ones have some 30.
pub const ID_BYTES: usize = 256;

/// Sessions of a person that are ended at Stytch, one request each.
pub const STYTCH_SESSIONS_ENDED: usize = 25;

/// Pages of a person's sessions that are asked for, to end each of them, of a hundred sessions each. Nobody has so many.
pub const SESSION_PAGES: usize = 5;
