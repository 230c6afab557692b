//! Whether a session of Stytch's was revoked. Its JWTs are made anew all the time, also those of a session that was ended here alone: so
//! what has ended is told by when the session began, and only what is stale by when the JWT was made.

use super::Gate;
use crate::client::RevocationClient;
use crate::error::Rejection;
use crate::host::Host;
use crate::revocation::Identity;
use crate::session::Session;
use crate::time::Timestamp;

/// By what a session can be revoked.
#[derive(Clone, Copy)]
pub(super) struct Revocable {
    since_session: Identity,
    since_token: Identity,
}

impl<H: Host> Gate<'_, H> {
    /// What is revoked in the project.
    pub(in crate::gateway) fn revocations(&self) -> RevocationClient<'_, H> {
        RevocationClient::new(self.settings.stytch.revocation_scope(), self.host)
    }

    /// By what a session can be revoked that began then; none where nothing can be.
    pub(super) fn revocable(&self, session: &Session, started_at: Option<&str>) -> Option<Revocable> {
        let since = |moment| {
            let Session { session_id, user_id, organization_id, .. } = session;
            let ids = (session_id.as_deref(), user_id.as_deref(), organization_id.as_deref());
            self.revocations().identity(ids.0, ids.1, ids.2, moment)
        };
        let started_at = started_at.and_then(Timestamp::from_rfc3339).map(Timestamp::seconds);
        Some(Revocable { since_session: since(started_at)?, since_token: since(session.issued_at)? })
    }

    /// Whether a session stands.
    ///
    /// # Errors
    /// As [`RevocationClient::check`].
    pub(super) async fn check_revoked(&self, revocable: Option<Revocable>) -> Result<(), Rejection> {
        let Some(Revocable { since_session, since_token }) = revocable else {
            return Ok(());
        };
        match self.revocations().check(Some(since_session), self.site.revocation).await {
            // Its JWT may be newer than that.
            Err(Rejection::SessionStale) => self.revocations().check(Some(since_token), self.site.revocation).await,
            outcome => outcome,
        }
    }

    /// Whether a session stands of which Stytch has just told what is true now.
    ///
    /// # Errors
    /// As [`RevocationClient::check`], but nothing is stale.
    pub(super) async fn check_ended(&self, revocable: Option<Revocable>) -> Result<(), Rejection> {
        match self.check_revoked(revocable).await {
            Err(Rejection::SessionStale) => Ok(()),
            outcome => outcome,
        }
    }
}
