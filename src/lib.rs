//! Session authentication at the edge: sealed cookies, signed tokens, cached keys, refresh and sign-out for WorkOS AuthKit, session
//! tokens and roles for Stytch.
//!
//! ```text
//! Cookie header ─ cookie ─► sealed session ─ seal ─► session data ─ jwt ─► unverified token
//!                                                                            │  jwks ─► the one key
//!                                                         validated claims ◄─┘
//!    Session ◄─ session (maps claims) ◄──────────────────────┘
//! ```
//!
//! # What the core does not do
//! It has no network, no clock, no randomness and no global state, but for how this machine computes RSA ([`rsa_arithmetic`]). Time
//! is an argument, randomness is an argument, network steps are pairs of a request that is built and an answer that is read. A
//! [`host::Host`] supplies all of it; the paved path over any host is [`Client`] for WorkOS, [`StytchClient`] for Stytch.
//!
//! It never panics and never throws. A refusal is a value with a stable [`code`](Rejection::code), and only a definite answer
//! of the provider [ends a session](Rejection::ends_session): an outage is not a logout.
//!
//! # Proof in types
//! [`UnverifiedToken`] → [`VerifiedToken`] → [`Claims`], and [`UnsealedSession`] →
//! [`AuthenticatedSession`]: each has one constructor, the check, so a skipped check does not compile.
//!
//! # Authenticating a cookie
//! ```
//! use edgeseal::host::MemoryHost;
//! use edgeseal::http::FetchFault;
//! use edgeseal::provider::workos::{DEFAULT_BASE_URL, WorkOs, WorkOsOptions};
//! use edgeseal::{Client, PasswordRing, Timestamp, TokenPolicy};
//!
//! # pollster::block_on(async {
//! let workos = WorkOs::new(WorkOsOptions {
//!     client_id: "client_1".into(),
//!     api_key: None,
//!     base_url: DEFAULT_BASE_URL.into(),
//!     policy: TokenPolicy::default(),
//! })?;
//! let passwords = PasswordRing::single("a password of at least 32 characters".into())?;
//! // On Workers: `CloudflareHost::new(&context, env.kv("EDGESEAL_KV").ok())`, with `.with_session_objects(…)`.
//! let host = MemoryHost::new(Timestamp::from_seconds(1_763_640_000), |_| Err(FetchFault::Unreachable));
//! let client = Client::new(&workos, &host);
//!
//! match client.load_sealed_session(None, &passwords).authenticate().await {
//!     Ok(session) => println!("{:?}", session.session().user_id),
//!     Err(rejection) => assert_eq!(rejection.code(), "cookie_missing"),
//! }
//! # Ok::<(), edgeseal::ConfigurationError>(()) }).unwrap();
//! ```
//!
//! # Features
//! None by default: the core alone. `cloudflare` adds the host on Workers, `gateway` the application as a function,
//! `gateway-entry` its exports, `js` the JS-callable API. A feature adds an API and never changes what another one does.

mod client;
pub mod cookie;
mod encoding;
mod error;
pub mod host;
pub mod http;
mod json;
mod jwks;
mod jwt;
pub mod limits;
mod loaded;
pub mod provider;
pub mod rbac;
pub mod revocation;
pub mod rotation;
mod seal;
pub mod session;
mod signature;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd;
mod time;

pub use client::{
    AuthenticateJwt, Client, KeysStatus, RefreshOptions, RefreshedSession, RevocationClient, SealedSession,
    StytchAuthentication, StytchClient,
};
pub use error::{ConfigurationError, Reason, Rejection};
pub use json::JsonObject;
pub use jwks::KeySet;
pub use jwt::{Claims, Header, TokenPolicy, UnverifiedToken, VerifiedJwt, VerifiedToken, VerifyJwt, verify_jwt};
pub use loaded::{Freshness, KeyMemory, freshness};
pub use seal::{
    CookiePasswordKind, DerivedKeys, PasswordRing, SealEntropy, SealFormat, SealFormats, Unsealed,
    generate_cookie_password, password_id, seal, unseal,
};
pub use session::{AuthenticatedSession, Impersonator, Session, UnsealedSession, User};
pub use signature::{SignatureAlgorithm, VerificationKey, algorithms, rsa_arithmetic, use_portable_rsa_arithmetic};
pub use time::Timestamp;

#[cfg(feature = "gateway")]
pub mod gateway;
#[cfg(feature = "js")]
pub mod js;

/// The README's examples are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
