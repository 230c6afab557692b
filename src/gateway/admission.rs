//! Admission: from a request's cookies to an authenticated session, refreshed on the way if need be, or to a refusal.

use super::inbound::Inbound;
use super::settings::Settings;
use crate::client::Client;
use crate::cookie;
use crate::error::Rejection;
use crate::host::Host;
use crate::provider::workos::ExchangeRejection;
use crate::session::{AuthenticatedSession, UnsealedSession};

/// What serves one request.
pub(super) struct Gate<'a, H> {
    pub(super) settings: &'a Settings,
    pub(super) host: &'a H,
}

/// The verdict on a request.
pub(super) enum Admission {
    Admitted(Admitted),
    Refused(Refusal),
}

/// A request with a session.
pub(super) struct Admitted {
    pub(super) session: AuthenticatedSession,
    /// The line that brings the next generation to the browser, after a refresh.
    pub(super) set_cookie: Option<String>,
}

/// A request without one.
pub(super) struct Refusal {
    pub(super) rejection: Rejection,
    /// In seconds.
    pub(super) retry_after: Option<u64>,
    /// A new generation that cannot be checked yet, or the deletion of a session that the provider has ended.
    pub(super) set_cookie: Option<String>,
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        Self { rejection, retry_after: None, set_cookie: None }
    }
}

impl<H: Host> Gate<'_, H> {
    pub(super) fn client(&self) -> Client<'_, H> {
        Client::new(&self.settings.workos, self.host)
    }

    /// Authenticates the session cookie; an expired token is refreshed first.
    pub(super) async fn admit(&self, inbound: &Inbound) -> Admission {
        let session = match self.open(inbound) {
            Ok(session) => session,
            Err(rejection) => return Admission::Refused(rejection.into()),
        };
        match self.client().authenticate(&session).await {
            Ok(session) => Admission::Admitted(Admitted { session, set_cookie: None }),
            Err(Rejection::TokenExpired) => self.refresh(&session, None).await,
            Err(rejection) => Admission::Refused(rejection.into()),
        }
    }

    /// Exchanges the session for its next generation, in another organization if one is named.
    pub(super) async fn refresh(&self, session: &UnsealedSession, organization_id: Option<&str>) -> Admission {
        let next = match self.client().refresh(session, organization_id).await {
            Ok(next) => next,
            Err(ExchangeRejection { rejection, retry_after }) => {
                // Another organization may demand what this one does not: that refuses the switch, not the session.
                let is_over = match rejection {
                    Rejection::InvalidGrant => true,
                    _ => organization_id.is_none() && rejection.ends_session(),
                };
                let set_cookie = is_over.then(|| self.settings.cookie.delete());
                return Admission::Refused(Refusal { rejection, retry_after, set_cookie });
            }
        };
        // From here on the old pair is used up: whatever the check says, the new one has to reach the browser.
        let set_cookie = Some(self.session_cookie(&next));
        match self.client().authenticate(&next).await {
            Ok(session) => Admission::Admitted(Admitted { session, set_cookie }),
            Err(rejection) => Admission::Refused(Refusal { rejection, retry_after: None, set_cookie }),
        }
    }

    /// The first of the session cookies that opens. Several of one name come from several paths or domains.
    pub(super) fn open(&self, inbound: &Inbound) -> Result<UnsealedSession, Rejection> {
        let mut first_rejection = None;
        for sealed in cookie::values(&inbound.cookie, &self.settings.cookie.name) {
            match UnsealedSession::open(Some(sealed), &self.settings.passwords, self.host.now()) {
                Ok(session) => return Ok(session),
                Err(rejection) => first_rejection = first_rejection.or(Some(rejection)),
            }
        }
        Err(first_rejection.unwrap_or(Rejection::CookieMissing))
    }

    /// The line that sets the session cookie.
    pub(super) fn session_cookie(&self, session: &UnsealedSession) -> String {
        let sealed = self.client().seal(session, &self.settings.passwords);
        self.settings.cookie.set(&sealed, self.settings.cookie_max_age)
    }
}
