//! The verdict on a request, whoever the provider: a session and what it brings along, or a refusal. Decides nothing.

use secrecy::SecretString;

use crate::error::Rejection;
use crate::session::{Session, UnsealedSession};

/// The verdict on a request.
pub(super) enum Admission {
    Admitted(Box<Admitted>),
    Refused(Refusal),
}

impl Admission {
    pub(super) fn admitted(admitted: Admitted) -> Self {
        Self::Admitted(Box::new(admitted))
    }
}

/// A request with a session.
pub(super) struct Admitted {
    pub(super) session: Session,
    /// What it was authenticated from.
    pub(super) credential: Credential,
    /// The provider was asked about this session while the request waited. Once is enough.
    pub(super) was_provider_asked: bool,
    /// The lines that bring a renewed session to the browser, or move it to its new name.
    pub(super) cookies: Vec<String>,
    /// The token has expired and the provider is down: why this was admitted all the same (`DEGRADED_SECONDS`).
    pub(super) degraded: Option<Rejection>,
}

/// What a request proved itself with.
pub(super) enum Credential {
    /// The cookie of WorkOS's SDKs: access token and refresh token in one seal.
    Sealed(Box<UnsealedSession>),
    /// Stytch's session JWT, the renewed one where it was renewed.
    SessionJwt(SecretString),
    /// A token in `Authorization`, as API clients send it.
    Bearer,
}

impl From<UnsealedSession> for Credential {
    fn from(unsealed: UnsealedSession) -> Self {
        Self::Sealed(Box::new(unsealed))
    }
}

impl Admitted {
    /// A session as it came.
    pub(super) const fn with(session: Session, credential: Credential) -> Self {
        Self { session, credential, was_provider_asked: false, cookies: Vec::new(), degraded: None }
    }

    /// The sealed session, where it was one.
    pub(super) fn unsealed(&self) -> Option<&UnsealedSession> {
        match &self.credential {
            Credential::Sealed(unsealed) => Some(unsealed),
            Credential::SessionJwt(_) | Credential::Bearer => None,
        }
    }
}

/// A request without one.
pub(super) struct Refusal {
    pub(super) rejection: Rejection,
    /// In seconds.
    pub(super) retry_after: Option<u64>,
    /// A new generation that cannot be checked yet, or the deletion of a session that is over.
    pub(super) cookies: Vec<String>,
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        Self { rejection, retry_after: None, cookies: Vec::new() }
    }
}
