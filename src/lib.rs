//! edgeseal: session authentication at the edge.

mod client;
pub mod cookie;
mod error;
pub mod host;
pub mod http;
mod json;
mod jwks;
mod jwt;
pub mod limits;
pub mod provider;
mod seal;
pub mod session;
mod signature;
mod time;

pub use client::{Client, RefreshOptions, RefreshedSession, SealedSession};
pub use error::{ConfigurationError, Reason, Rejection};
pub use jwks::{Freshness, KeyMemory, KeySet, freshness};
pub use jwt::{Claims, Header, TokenPolicy, UnverifiedToken, VerifiedToken};
pub use seal::{PasswordRing, SealEntropy, SealFormat, Unsealed, seal, unseal};
pub use session::{AuthenticatedSession, Impersonator, Session, UnsealedSession, User};
pub use signature::VerificationKey;
pub use time::Timestamp;

#[cfg(feature = "gateway")]
pub mod gateway;
