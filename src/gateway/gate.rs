//! What serves one request: the gate of its provider. All in which providers differ is a call here, with WorkOS and Stytch side by
//! side; nothing is decided.

use super::admission::{Admission, Admitted};
use super::answer::Answer;
use super::inbound::Inbound;
use super::revoke::Target;
use super::route::NoEndpoint;
use super::settings::{Provider, Settings};
use super::{answer, stytch, workos};
use crate::client::{KeysStatus, RevocationClient};
use crate::error::Rejection;
use crate::host::Host;
use crate::limits;

/// One of them, for one request.
pub(super) enum Gate<'a, H> {
    WorkOs(workos::Gate<'a, H>),
    Stytch(stytch::Gate<'a, H>),
}

impl<'a, H: Host> Gate<'a, H> {
    pub(super) fn new(settings: &'a Settings, host: &'a H) -> Self {
        match &settings.provider {
            Provider::WorkOs(own) => Self::WorkOs(workos::Gate::new(settings, own, host)),
            Provider::Stytch(own) => Self::Stytch(stytch::Gate::new(settings, own, host)),
        }
    }

    /// Who is signed in.
    pub(super) async fn admit(&self, inbound: &Inbound) -> Admission {
        match self {
            Self::WorkOs(gate) => gate.admit(inbound).await,
            Self::Stytch(gate) => gate.admit(inbound).await,
        }
    }

    /// The same, for a request that goes on to the upstream, which may read the session itself.
    pub(super) async fn admit_to_upstream(&self, inbound: &Inbound) -> Admission {
        match self {
            Self::WorkOs(gate) => gate.admit_to_upstream(inbound).await,
            Self::Stytch(gate) => gate.admit(inbound).await,
        }
    }

    /// The session renewed by the provider, now.
    pub(super) async fn renew(&self, inbound: &Inbound) -> Admission {
        match self {
            Self::WorkOs(gate) => gate.renew(inbound, None).await,
            Self::Stytch(gate) => gate.renew(inbound).await,
        }
    }

    /// The session in another organization; none where the provider has no organizations.
    pub(super) async fn switch(&self, inbound: &Inbound, organization_id: &str) -> Option<Admission> {
        match self {
            Self::WorkOs(gate) => Some(gate.renew(inbound, Some(organization_id)).await),
            Self::Stytch(gate) => gate.switch(inbound, organization_id).await,
        }
    }

    /// Sends the browser to where people sign in.
    pub(super) fn login(&self, inbound: &Inbound) -> Answer {
        match self {
            Self::WorkOs(gate) => workos::login::start(gate, inbound),
            Self::Stytch(gate) => gate.login(inbound),
        }
    }

    /// Finishes a sign-in, where that is the gateway's part.
    pub(super) async fn callback(&self, inbound: &Inbound) -> Answer {
        match self {
            Self::WorkOs(gate) => workos::callback::finish(gate, inbound).await,
            Self::Stytch(_) => answer::no_such_endpoint(inbound, NoEndpoint::NotFound),
        }
    }

    /// Signs out.
    pub(super) async fn logout(&self, inbound: &Inbound) -> Answer {
        match self {
            Self::WorkOs(gate) => workos::logout::finish(gate, inbound),
            Self::Stytch(gate) => gate.logout(inbound).await,
        }
    }

    /// Takes a webhook of the provider's in.
    pub(super) async fn webhook(&self, inbound: &Inbound, signature: Option<&str>, body: Option<&str>) -> Answer {
        match self {
            Self::WorkOs(gate) => workos::webhooks::receive(gate, inbound, signature, body).await,
            Self::Stytch(_) => answer::no_such_endpoint(inbound, NoEndpoint::NotFound),
        }
    }

    /// What is revoked in the environment of the provider.
    pub(super) fn revocations(&self) -> RevocationClient<'_, H> {
        match self {
            Self::WorkOs(gate) => gate.revocations(),
            Self::Stytch(gate) => gate.revocations(),
        }
    }

    /// Ends at the provider what it can end; says whether that is known to have been done.
    pub(super) async fn end_at_provider(&self, target: &Target) -> bool {
        match self {
            Self::WorkOs(gate) => gate.end_at_provider(target).await,
            Self::Stytch(gate) => gate.end_at_provider(target).await,
        }
    }

    /// How long a session may last that the provider was not told to end, in seconds.
    pub(super) const fn longest_session_seconds(&self) -> i64 {
        match self {
            Self::WorkOs(gate) => gate.longest_session_seconds(),
            Self::Stytch(_) => limits::COOKIE_MAX_AGE_SECONDS,
        }
    }

    pub(super) const fn host(&self) -> &'a H {
        match self {
            Self::WorkOs(gate) => gate.host(),
            Self::Stytch(gate) => gate.host(),
        }
    }

    /// The one session cookie for the upstream, as it stands in the `Cookie` header.
    pub(super) fn cookie_for_upstream(&self, admitted: &Admitted) -> Option<String> {
        match self {
            Self::WorkOs(gate) => gate.cookie_for_upstream(admitted),
            Self::Stytch(gate) => gate.cookie_for_upstream(admitted),
        }
    }

    /// The provider's keys, as they are cached here.
    pub(super) async fn keys_status(&self) -> Result<KeysStatus, Rejection> {
        match self {
            Self::WorkOs(gate) => gate.keys_status().await,
            Self::Stytch(gate) => gate.client().keys_status().await,
        }
    }

    /// How far the provider's clock is ahead of ours, as far as that is known.
    pub(super) fn clock_skew_seconds(&self) -> Option<i64> {
        match self {
            Self::WorkOs(gate) => gate.clock_skew_seconds(),
            Self::Stytch(gate) => gate.client().clock_skew_seconds(),
        }
    }

    /// How refreshes of one session are kept from each other: by its `object`, within one `isolate`, or not at all, where they do not
    /// disturb each other.
    pub(super) fn coordination(&self) -> &'static str {
        match self {
            Self::WorkOs(gate) => gate.coordination(),
            Self::Stytch(_) => "none",
        }
    }

    /// Whether cookies can be sealed and opened; none where none is sealed.
    pub(super) fn seals_and_unseals(&self) -> Option<bool> {
        match self {
            Self::WorkOs(gate) => Some(gate.seals_and_unseals()),
            Self::Stytch(_) => None,
        }
    }
}

impl Provider {
    /// Whether a cookie is the gateway's own or the session's: none of them reaches the upstream.
    pub(super) fn is_own_cookie(&self, name: &str) -> bool {
        match self {
            Self::WorkOs(settings) => settings.is_own_cookie(name),
            Self::Stytch(settings) => settings.is_session_cookie(name),
        }
    }

    /// What is revoked is revoked in this environment alone.
    pub(super) fn revocation_scope(&self) -> &str {
        match self {
            Self::WorkOs(settings) => settings.workos.revocation_scope(),
            Self::Stytch(settings) => settings.stytch.revocation_scope(),
        }
    }
}
