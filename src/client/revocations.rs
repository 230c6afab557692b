//! Whether a session was revoked, asked over any [`Host`]: by the list in this isolate's memory, which is read from the shared cache, or
//! from the object where nothing of use stands there; or, where the policy is strict, by the object itself. A host without the object
//! knows of no revocation, and nothing is asked.

use std::rc::Rc;

use super::Client;
use crate::error::Rejection;
use crate::host::Host;
use crate::limits;
use crate::revocation::{
    Identity, Kind, Plan, RevocationPolicy, Snapshot, cache_key, check_message, read_check, read_message,
};
use crate::session::{Session, UnsealedSession};

impl<H: Host> Client<'_, H> {
    /// What of a session can be revoked; none where nothing can.
    pub fn identity(&self, session: &Session) -> Option<Identity> {
        self.host.has_revocations().then(|| {
            let Session { session_id, user_id, organization_id, issued_at, .. } = session;
            let scope = self.workos.revocation_scope();
            Identity::new(&scope, session_id.as_deref(), user_id.as_deref(), organization_id.as_deref(), *issued_at)
        })
    }

    /// The same of one whose token was not verified, and has expired perhaps: its seal vouches for it.
    fn unverified_identity(&self, session: &UnsealedSession) -> Option<Identity> {
        self.host.has_revocations().then(|| {
            let (session_id, user_id) = (session.session_id(), session.user_id());
            let (organization_id, scope) = (session.organization_id(), self.workos.revocation_scope());
            let issued_at = session.issued_at();
            Identity::new(&scope, session_id.as_deref(), user_id.as_deref(), organization_id.as_deref(), issued_at)
        })
    }

    /// Whether a session stands.
    ///
    /// # Errors
    /// [`Rejection::SessionRevoked`], [`Rejection::SessionStale`], or [`Rejection::RevocationsUnavailable`].
    pub async fn check_revoked(&self, identity: Option<Identity>, policy: RevocationPolicy) -> Result<(), Rejection> {
        let Some(identity) = identity else {
            return Ok(());
        };
        if policy.is_strict
            && let Some(kind) = self.ask_whether_revoked(&identity).await
        {
            return verdict(kind);
        }
        verdict(self.snapshot(policy).await?.check(&identity))
    }

    /// The same without waiting; none where that takes a wait.
    #[cfg(feature = "js")]
    pub(crate) fn check_revoked_now(
        &self,
        identity: Option<&Identity>,
        policy: RevocationPolicy,
    ) -> Option<Result<(), Rejection>> {
        let Some(identity) = identity else {
            return Some(Ok(()));
        };
        let snapshot = self.host.with_revocation_memory(|memory| memory.ready(self.host.now()));
        snapshot.filter(|_| !policy.is_strict).map(|snapshot| verdict(snapshot.check(identity)))
    }

    /// Whether a session may be refreshed at all.
    ///
    /// # Errors
    /// As [`Self::check_revoked`], but what is stale is refreshed.
    pub async fn check_refreshable(
        &self,
        session: &UnsealedSession,
        policy: RevocationPolicy,
    ) -> Result<(), Rejection> {
        match self.check_revoked(self.unverified_identity(session), policy).await {
            Err(Rejection::SessionStale) => Ok(()),
            outcome => outcome,
        }
    }

    /// Whether a session was ended whose next generation is there already. A token that was made after the revocation is not hit by
    /// it any more: whoever holds it would have outrun the list on its way to this isolate. So the object itself is asked, each time.
    pub async fn was_outrun(&self, session: &UnsealedSession) -> bool {
        let Some(identity) = self.unverified_identity(session) else {
            return false;
        };
        let has_ended = self.ask_whether_revoked(&identity).await == Some(Some(Kind::Ended));
        if has_ended {
            // What the refresh has brought stays unused.
            self.end(session);
        }
        has_ended
    }

    /// The list that this isolate knows, and how many seconds ago it was read; none before a session was checked here.
    pub fn revocations(&self) -> Option<(Rc<Snapshot>, i64)> {
        self.host.with_revocation_memory(|memory| memory.known(self.host.now()))
    }

    /// Whether the list is due to be read anew beside this request, before anybody has to wait for it. Whoever hears so does it:
    /// [`Self::reload_revocations`].
    pub fn starts_reload_of_revocations(&self) -> bool {
        self.host.has_revocations() && self.host.with_revocation_memory(|memory| memory.start_ahead(self.host.now()))
    }

    /// Reads the list anew.
    pub async fn reload_revocations(&self) {
        let snapshot = self.read_revocations().await;
        let now = self.host.now();
        self.host.with_revocation_memory(|memory| match snapshot {
            Some(snapshot) => memory.loaded(snapshot, now),
            None => memory.failed(now),
        });
    }

    /// What the object says; none where it does not answer.
    async fn ask_whether_revoked(&self, identity: &Identity) -> Option<Option<Kind>> {
        let scope = self.workos.revocation_scope();
        read_check(&self.host.ask_revocations(&scope, check_message(identity)).await.ok()?)
    }

    /// The newest list that can be had.
    async fn snapshot(&self, policy: RevocationPolicy) -> Result<Rc<Snapshot>, Rejection> {
        loop {
            let plan = |now| self.host.with_revocation_memory(|memory| memory.plan(policy.outage_seconds, now));
            match plan(self.host.now()) {
                Plan::Use(snapshot) => return Ok(snapshot),
                Plan::Reload => self.reload_revocations().await,
                Plan::Wait => self.host.sleep(limits::REVOCATIONS_POLL_MILLISECONDS).await,
                Plan::Unavailable => return Err(Rejection::RevocationsUnavailable),
            }
        }
    }

    async fn read_revocations(&self) -> Option<Snapshot> {
        let scope = self.workos.revocation_scope();
        let read = |text: String| Snapshot::read(&text, &scope, self.host.now());
        let known = self.revocations();
        let is_new = |snapshot: &Snapshot| known.is_none_or(|(known, _)| snapshot.changed_at() >= known.changed_at());
        let shared = self.host.cache_get(&cache_key(&scope)).await.and_then(read).filter(is_new);
        if shared.is_some() {
            return shared;
        }
        // Nothing, nothing of use, or older than what is known: the object has it, and writes it anew.
        self.host.ask_revocations(&scope, read_message()).await.ok().and_then(read)
    }
}

const fn verdict(kind: Option<Kind>) -> Result<(), Rejection> {
    match kind {
        None => Ok(()),
        Some(Kind::Ended) => Err(Rejection::SessionRevoked),
        Some(Kind::Stale) => Err(Rejection::SessionStale),
    }
}
