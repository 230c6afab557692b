//! edgeseal: session authentication at the edge.

mod error;
pub mod limits;
mod seal;
mod time;

pub use error::{ConfigurationError, Reason, Rejection};
pub use seal::{PasswordRing, SealEntropy, SealFormat, Unsealed, seal, unseal};
pub use time::Timestamp;

#[cfg(feature = "gateway")]
pub mod gateway;
