//! Sessions, whoever the provider: what is inside a seal, and the steps that authenticate, refresh and end it.
//!
//! No step does I/O. `authenticate` is synchronous once the keys are there; the network steps are pairs of a request
//! that is built and an answer that is read.

mod authenticate;
mod data;
#[cfg(any(feature = "js", feature = "gateway"))]
mod memo;
mod user;

pub use authenticate::{AuthenticatedSession, UnsealedSession};
pub use data::{Impersonator, TokenPair};
#[cfg(any(feature = "js", feature = "gateway"))]
pub(crate) use memo::{SessionMemo, Verified};
use serde::Serialize;
pub use user::User;
#[cfg(feature = "js")]
pub(crate) use user::{CamelCase, to_camel_case};

use crate::time::Timestamp;

/// Who is signed in, from a cookie and a token that were both verified. Holds no token.
///
/// There is no `Debug`: it is personal data.
#[derive(Clone, Serialize, PartialEq)]
#[non_exhaustive]
pub struct Session {
    /// The person's id: the token's subject (`sub`).
    pub user_id: Option<String>,
    /// The provider's id of this session (`sid`).
    pub session_id: Option<String>,
    /// The organization the session is for (`org_id`).
    pub organization_id: Option<String>,
    /// The person's role in it.
    pub role: Option<String>,
    /// All of the person's roles in it.
    pub roles: Vec<String>,
    /// What the roles allow.
    pub permissions: Vec<String>,
    /// What the organization has paid for.
    pub entitlements: Vec<String>,
    /// Features that are switched on.
    pub feature_flags: Vec<String>,
    /// The provider's user, as sealed at sign-in or the last refresh.
    pub user: Option<User>,
    /// Who acts in the person's name, if somebody does.
    pub impersonator: Option<Impersonator>,
    /// How the person signed in.
    pub authentication_method: Option<String>,
    /// When the access token was made (`iat`), in seconds since 1970.
    pub issued_at: Option<i64>,
    /// When the access token ends (`exp`), in seconds since 1970.
    pub expires_at: i64,
}

impl Session {
    /// When the access token ends.
    pub const fn expires_at(&self) -> Timestamp {
        Timestamp::from_seconds(self.expires_at)
    }
}
