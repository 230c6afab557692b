//! edgeseal: session authentication at the edge.

mod error;
mod json;
mod jwks;
mod jwt;
pub mod limits;
mod seal;
mod signature;
mod time;

pub use error::{ConfigurationError, Reason, Rejection};
pub use jwks::{Freshness, KeySet, freshness};
pub use jwt::{Claims, Header, TokenPolicy, UnverifiedToken, VerifiedToken};
pub use seal::{PasswordRing, SealEntropy, SealFormat, Unsealed, seal, unseal};
pub use signature::VerificationKey;
pub use time::Timestamp;

#[cfg(feature = "gateway")]
pub mod gateway;
