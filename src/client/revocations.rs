//! Whether a session was revoked, asked over any [`Host`]: by the list in this isolate's memory, which is read from the shared cache, or
//! from the object where nothing of use stands there; or, where the policy is strict, by the object itself. A host without the object
//! knows of no revocation, and nothing is asked.

use std::rc::Rc;

use crate::error::Rejection;
use crate::host::Host;
use crate::limits;
use crate::revocation::{
    Added, Identity, Kind, Plan, Revocation, RevocationPolicy, Snapshot, add_message, cache_key, check_message,
    read_added, read_check, read_message,
};

/// What is revoked in one environment of a provider, on a host.
///
/// ```
/// use edgeseal::revocation::RevocationPolicy;
/// use edgeseal::{RevocationClient, Timestamp, host::MemoryHost, http::FetchFault};
///
/// let host = MemoryHost::new(Timestamp::from_seconds(1_763_640_000), |_| Err(FetchFault::Unreachable));
/// let revocations = RevocationClient::new("workos:client_1", &host);
/// // This host has no object, so nothing can be revoked and nothing is asked.
/// let identity = revocations.identity(Some("session_1"), Some("user_1"), None, Some(1_763_640_000));
/// assert!(identity.is_none());
/// assert!(pollster::block_on(revocations.check(identity, RevocationPolicy::default())).is_ok());
/// ```
pub struct RevocationClient<'a, H> {
    scope: &'a str,
    host: &'a H,
}

impl<'a, H: Host> RevocationClient<'a, H> {
    /// Of this environment: [`WorkOs::revocation_scope`](crate::provider::workos::WorkOs::revocation_scope) or
    /// [`Stytch::revocation_scope`](crate::provider::stytch::Stytch::revocation_scope).
    pub const fn new(scope: &'a str, host: &'a H) -> Self {
        Self { scope, host }
    }

    /// What of a token can be revoked, as [`Identity::new`] has it; none where nothing can.
    pub fn identity(
        &self,
        session_id: Option<&str>,
        user_id: Option<&str>,
        organization_id: Option<&str>,
        issued_at: Option<i64>,
    ) -> Option<Identity> {
        self.host.has_revocations().then(|| Identity::new(self.scope, session_id, user_id, organization_id, issued_at))
    }

    /// Whether a token stands.
    ///
    /// # Errors
    /// [`Rejection::SessionRevoked`], [`Rejection::SessionStale`], or [`Rejection::RevocationsUnavailable`].
    pub async fn check(&self, identity: Option<Identity>, policy: RevocationPolicy) -> Result<(), Rejection> {
        let Some(identity) = identity else {
            return Ok(());
        };
        if policy.is_strict
            && let Some(kind) = self.ask(&identity).await
        {
            return verdict(kind);
        }
        verdict(self.snapshot(policy).await?.check(&identity))
    }

    /// The same without waiting; none where that takes a wait.
    #[cfg(feature = "js")]
    pub(crate) fn check_now(
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

    /// What the object itself says; none where it does not answer.
    pub async fn ask(&self, identity: &Identity) -> Option<Option<Kind>> {
        read_check(&self.host.ask_revocations(self.scope, check_message(identity)).await.ok()?)
    }

    /// Adds to the list. A `delivery` is taken in once. None where the object does not answer: then nothing is known to have changed.
    pub async fn add(&self, revocation: &Revocation, delivery: Option<u64>) -> Option<Added> {
        let answer = self.host.ask_revocations(self.scope, add_message(revocation, delivery)).await;
        read_added(&answer.ok()?)
    }

    /// Adds to the list without waiting for it.
    pub fn tell(&self, revocation: &Revocation) {
        self.host.tell_revocations(self.scope.to_owned(), add_message(revocation, None));
    }

    /// The list that this isolate knows, and how many seconds ago it was read; none before a session was checked here.
    pub fn known(&self) -> Option<(Rc<Snapshot>, i64)> {
        self.host.with_revocation_memory(|memory| memory.known(self.host.now()))
    }

    /// Whether the list is due to be read anew beside this request, before anybody has to wait for it. Whoever hears so does it:
    /// [`Self::reload`].
    pub fn is_due(&self) -> bool {
        self.host.has_revocations() && self.host.with_revocation_memory(|memory| memory.start_ahead(self.host.now()))
    }

    /// Reads the list anew.
    pub async fn reload(&self) {
        let snapshot = self.read().await;
        let now = self.host.now();
        self.host.with_revocation_memory(|memory| match snapshot {
            Some(snapshot) => memory.loaded(snapshot, now),
            None => memory.failed(now),
        });
    }

    /// The newest list that can be had.
    async fn snapshot(&self, policy: RevocationPolicy) -> Result<Rc<Snapshot>, Rejection> {
        loop {
            let plan = |now| self.host.with_revocation_memory(|memory| memory.plan(policy.outage_seconds, now));
            match plan(self.host.now()) {
                Plan::Use(snapshot) => return Ok(snapshot),
                Plan::Reload => self.reload().await,
                Plan::Wait => self.host.sleep(limits::REVOCATIONS_POLL_MILLISECONDS).await,
                Plan::Unavailable => return Err(Rejection::RevocationsUnavailable),
            }
        }
    }

    async fn read(&self) -> Option<Snapshot> {
        let read = |text: String| Snapshot::read(&text, self.scope, self.host.now());
        let known = self.known();
        let is_new = |snapshot: &Snapshot| known.is_none_or(|(known, _)| snapshot.changed_at() >= known.changed_at());
        let shared = self.host.cache_get(&cache_key(self.scope)).await.and_then(read).filter(is_new);
        if shared.is_some() {
            return shared;
        }
        // Nothing, nothing of use, or older than what is known: the object has it, and writes it anew.
        self.host.ask_revocations(self.scope, read_message()).await.ok().and_then(read)
    }
}

const fn verdict(kind: Option<Kind>) -> Result<(), Rejection> {
    match kind {
        None => Ok(()),
        Some(Kind::Ended) => Err(Rejection::SessionRevoked),
        Some(Kind::Stale) => Err(Rejection::SessionStale),
    }
}
