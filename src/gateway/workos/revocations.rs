//! Whether a session was revoked: what every admitted session passes, and every refresh. Decides by the snapshot in this isolate's
//! memory, which is read from KV, or from the object where nothing of use stands there; with `REVOCATION=strict` the object itself is
//! asked. Without the object nothing is asked at all.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::{Value, json};

use super::Gate;
use crate::error::Rejection;
use crate::gateway::settings::{Settings, WorkOsSettings};
use crate::host::{CloudflareHost, Host};
use crate::limits;
use crate::revocation::{
    Identity, Kind, Plan, RevocationMemory, Snapshot, cache_key, check_message, read_check, read_message,
};
use crate::session::{Session, UnsealedSession};

thread_local! {
    static MEMORY: RefCell<RevocationMemory> = const { RefCell::new(RevocationMemory::new()) };
}

/// Reads the snapshot anew beside a request, before anybody has to wait for it.
pub(in crate::gateway) fn keep_fresh(host: &CloudflareHost, site: &Rc<Settings>, settings: &Rc<WorkOsSettings>) {
    if !host.has_revocations() || !MEMORY.with_borrow_mut(|memory| memory.start_ahead(host.now())) {
        return;
    }
    let (host_beside, site, settings) = (host.clone(), Rc::clone(site), Rc::clone(settings));
    host.wait_until(async move { Gate::new(&site, &settings, &host_beside).reload().await });
}

impl<H: Host> Gate<'_, H> {
    /// What of a session can be revoked; none where nothing can.
    pub(super) fn identity(&self, session: &Session) -> Option<Identity> {
        self.host.has_revocations().then(|| {
            let Session { session_id, user_id, organization_id, issued_at, .. } = session;
            let scope = self.settings.workos.revocation_scope();
            Identity::new(&scope, session_id.as_deref(), user_id.as_deref(), organization_id.as_deref(), *issued_at)
        })
    }

    /// The same of one whose token was not verified, and has expired perhaps: its seal vouches for it.
    fn unverified_identity(&self, session: &UnsealedSession) -> Option<Identity> {
        self.host.has_revocations().then(|| {
            let (session_id, user_id) = (session.session_id(), session.user_id());
            let (organization_id, scope) = (session.organization_id(), self.settings.workos.revocation_scope());
            let issued_at = session.issued_at();
            Identity::new(&scope, session_id.as_deref(), user_id.as_deref(), organization_id.as_deref(), issued_at)
        })
    }

    /// Whether the session stands.
    ///
    /// # Errors
    /// [`Rejection::SessionRevoked`], [`Rejection::SessionStale`], or [`Rejection::RevocationsUnavailable`].
    pub(super) async fn check_revoked(&self, identity: Option<Identity>) -> Result<(), Rejection> {
        let Some(identity) = identity else {
            return Ok(());
        };
        if self.site.is_revocation_strict
            && let Some(kind) = self.ask(&identity).await
        {
            return verdict(kind);
        }
        verdict(self.snapshot().await?.check(&identity))
    }

    /// Whether a session may be refreshed at all.
    ///
    /// # Errors
    /// As [`Self::check_revoked`], but what is stale is refreshed.
    pub(super) async fn check_refreshable(&self, session: &UnsealedSession) -> Result<(), Rejection> {
        match self.check_revoked(self.unverified_identity(session)).await {
            Err(Rejection::SessionStale) => Ok(()),
            outcome => outcome,
        }
    }

    /// Whether a session was ended whose next generation is there already. A token that was made after the revocation is not hit by
    /// it any more: whoever holds it would have outrun the list on its way to this isolate. So the object itself is asked, each time.
    pub(super) async fn was_outrun(&self, session: &UnsealedSession) -> bool {
        let Some(identity) = self.unverified_identity(session) else {
            return false;
        };
        let has_ended = self.ask(&identity).await == Some(Some(Kind::Ended));
        if has_ended {
            // What the refresh has brought stays unused.
            self.client().end(session);
        }
        has_ended
    }

    /// What the object says; none where it does not answer.
    async fn ask(&self, identity: &Identity) -> Option<Option<Kind>> {
        let scope = self.settings.workos.revocation_scope();
        read_check(&self.host.ask_revocations(&scope, check_message(identity)).await.ok()?)
    }

    /// The newest list that can be had.
    async fn snapshot(&self) -> Result<Rc<Snapshot>, Rejection> {
        let outage_seconds = self.site.revocation_outage_seconds;
        loop {
            match MEMORY.with_borrow_mut(|memory| memory.plan(outage_seconds, self.host.now())) {
                Plan::Use(snapshot) => return Ok(snapshot),
                Plan::Reload => self.reload().await,
                Plan::Wait => self.host.sleep(limits::REVOCATIONS_POLL_MILLISECONDS).await,
                Plan::Unavailable => return Err(Rejection::RevocationsUnavailable),
            }
        }
    }

    /// What this isolate knows of the list; nothing before a session was checked here.
    pub(in crate::gateway) fn revocations_view(&self) -> Option<Value> {
        let known = MEMORY.with_borrow(|memory| memory.known(self.host.now()));
        self.host.has_revocations().then(|| {
            json!({
                "mode": if self.site.is_revocation_strict { "strict" } else { "eventual" },
                "entries": known.as_ref().map(|(snapshot, _)| snapshot.len()),
                "changedAt": known.as_ref().map(|(snapshot, _)| snapshot.changed_at().to_rfc3339()),
                "ageSeconds": known.map(|(_, age_seconds)| age_seconds),
            })
        })
    }

    async fn reload(&self) {
        let snapshot = self.read().await;
        let now = self.host.now();
        MEMORY.with_borrow_mut(|memory| match snapshot {
            Some(snapshot) => memory.loaded(snapshot, now),
            None => memory.failed(now),
        });
    }

    async fn read(&self) -> Option<Snapshot> {
        let scope = self.settings.workos.revocation_scope();
        let read = |text: String| Snapshot::read(&text, &scope, self.host.now());
        let known = MEMORY.with_borrow(|memory| memory.known(self.host.now()));
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
