//! The gate of WorkOS: sealed sessions, with a sign-in, a refresh and a sign-out of their own.

mod admission;
pub(super) mod beside;
pub(super) mod callback;
mod end;
mod flow;
pub(super) mod login;
pub(super) mod logout;
mod remembered;
mod session_cookies;
#[cfg(feature = "gateway-entry")]
pub(super) mod session_object;
mod sign_in_loop;
pub(super) mod upstream_session;
pub(super) mod webhooks;

use std::cell::RefCell;

use super::settings::{Settings, WorkOsSettings};
use crate::client::{Client, KeysStatus, RevocationClient};
use crate::error::Rejection;
use crate::host::Host;
use crate::seal::{SealEntropy, SealFormat, SealFormats, seal, unseal};
use crate::session::UnsealedSession;

/// What serves one request.
pub(super) struct Gate<'a, H> {
    site: &'a Settings,
    settings: &'a WorkOsSettings,
    host: &'a H,
    /// A session whose token is good and ends soon: somebody has to refresh it, and nobody has to wait.
    due: RefCell<Option<UnsealedSession>>,
}

impl<'a, H: Host> Gate<'a, H> {
    pub(super) const fn new(site: &'a Settings, settings: &'a WorkOsSettings, host: &'a H) -> Self {
        Self { site, settings, host, due: RefCell::new(None) }
    }

    fn client(&self) -> Client<'_, H> {
        Client::new(&self.settings.workos, self.host)
    }

    pub(super) const fn host(&self) -> &'a H {
        self.host
    }

    /// What is revoked in the environment.
    pub(super) fn revocations(&self) -> RevocationClient<'_, H> {
        RevocationClient::new(self.settings.workos.revocation_scope(), self.host)
    }

    /// WorkOS goes on refreshing what it was not told to end, for as long as there is a cookie.
    pub(super) const fn longest_session_seconds(&self) -> i64 {
        self.settings.cookie_max_age
    }

    pub(super) async fn keys_status(&self) -> Result<KeysStatus, Rejection> {
        self.client().keys_status().await
    }

    pub(super) fn clock_skew_seconds(&self) -> Option<i64> {
        self.client().clock_skew_seconds()
    }

    pub(super) fn coordination(&self) -> &'static str {
        if self.host.has_session_objects() { "object" } else { "isolate" }
    }

    /// Whether the passwords really seal and open.
    pub(super) fn seals_and_unseals(&self) -> bool {
        let passwords = &self.settings.passwords;
        [SealFormat::Iron, self.settings.seal_format].into_iter().all(|format| {
            let entropy = SealEntropy::from_source(|bytes| self.host.fill_random(bytes));
            let now = self.host.now();
            let sealed = seal(b"{}", format, passwords, entropy, now, None).unwrap_or_default();
            let unsealed = unseal(&sealed, passwords, SealFormats::only(format), now);
            unsealed.is_ok_and(|unsealed| unsealed.plaintext() == b"{}")
        })
    }
}

impl WorkOsSettings {
    /// Whether a cookie is of the session or of a sign-in on its way: none of them reaches the upstream.
    pub(super) fn is_own_cookie(&self, name: &str) -> bool {
        self.is_session_cookie(name) || flow::is_flow_cookie(name) || sign_in_loop::is_count_cookie(name)
    }
}
