//! Admission: from a request's cookies to an authenticated session, refreshed on the way if need be, or to a refusal.

use super::Gate;
use crate::cookie::parts;
use crate::error::Rejection;
use crate::gateway::admission::{Admission, Admitted, Credential, Refusal};
use crate::gateway::inbound::Inbound;
use crate::gateway::settings::WorkOsSettings;
use crate::host::Host;
use crate::limits;
use crate::provider::workos::ExchangeRejection;
use crate::revocation::Identity;
use crate::session::{AuthenticatedSession, Session, UnsealedSession};

/// A session cookie that opened.
pub(super) struct Opened {
    pub(super) session: UnsealedSession,
    /// The cookie's value.
    sealed: String,
    /// It was verified a moment ago, and nothing has changed since.
    verified: Option<(AuthenticatedSession, Option<Identity>)>,
    /// The cookie has the name that it had before it was renamed.
    has_old_name: bool,
}

impl<H: Host> Gate<'_, H> {
    /// Authenticates the session cookie; an expired token is refreshed first.
    pub(in crate::gateway) async fn admit(&self, inbound: &Inbound) -> Admission {
        let opened = match self.open(inbound) {
            Ok(opened) => opened,
            Err(Rejection::CookieConflict) => return self.forget_planted(inbound),
            Err(Rejection::CookieMissing) => return self.admit_bearer(inbound).await,
            Err(rejection) => return Admission::Refused(rejection.into()),
        };
        let (mut expired, mut first_rejection) = (Vec::new(), None);
        for Opened { session: unsealed, sealed, verified, has_old_name } in opened {
            let outcome = match verified {
                Some(session) => Ok(session),
                None => self.authenticate(&unsealed, &sealed).await,
            };
            let outcome = match outcome {
                Ok((session, identity)) => {
                    self.client().revocations().check(identity, self.site.revocation).await.map(|()| session)
                }
                Err(rejection) => Err(rejection),
            };
            match outcome {
                // The leeway is for clocks that differ. A token that lives on it alone is refreshed, where that can be done.
                Ok(session) if !inbound.is_prefetch && self.has_ended(&session) => {
                    expired.push((unsealed, Some(session)));
                }
                Ok(session) => {
                    return Admission::admitted(self.admit_good(session, unsealed, has_old_name, inbound).await);
                }
                // Whatever a browser fetches ahead of time, nobody may ever look at: it uses no refresh token up.
                // One that was revoked is refused there, and its cookie goes.
                Err(Rejection::TokenExpired | Rejection::SessionStale | Rejection::SessionRevoked)
                    if !inbound.is_prefetch =>
                {
                    expired.push((unsealed, None));
                }
                Err(rejection) => first_rejection = first_rejection.or(Some(rejection)),
            }
        }
        // One that is over says nothing about the others: the cookie goes when all of them are.
        let mut over = None;
        for (unsealed, on_leeway) in expired {
            let refusal = match self.refresh(&unsealed, None, inbound).await {
                Admission::Refused(refusal) => refusal,
                admitted => return admitted,
            };
            if refusal.rejection.ends_session() {
                over = over.or(Some(refusal));
            } else if !refusal.cookies.is_empty() {
                return Admission::Refused(refusal);
            } else if let Some(session) = on_leeway {
                let admitted = Admitted::with(session.into_session(), unsealed.into());
                return Admission::admitted(Admitted { was_provider_asked: true, ..admitted });
            } else {
                return self.admit_degraded(unsealed, refusal).await;
            }
        }
        let rejection = first_rejection.unwrap_or(Rejection::CookieMissing);
        Admission::Refused(over.unwrap_or_else(|| rejection.into()))
    }

    async fn authenticate(
        &self,
        unsealed: &UnsealedSession,
        sealed: &str,
    ) -> Result<(AuthenticatedSession, Option<Identity>), Rejection> {
        let keys = self.ready_keys();
        let session = self.client().authenticate(unsealed).await?;
        let identity = self.client().identity(session.session());
        self.remember(sealed, keys, (unsealed.clone(), session.clone(), identity));
        Ok((session, identity))
    }

    /// A token that is good. Near its end the next generation takes its place if it is there already; else it is due.
    async fn admit_good(
        &self,
        session: AuthenticatedSession,
        unsealed: UnsealedSession,
        has_old_name: bool,
        inbound: &Inbound,
    ) -> Admitted {
        if inbound.may_start_refresh() && self.host.has_session_objects() && self.ends_soon(session.session()) {
            if let Some(next) = self.client().successor(&unsealed)
                && let Ok(newer) = self.client().authenticate(&next).await
            {
                let cookies = self.session_cookies(&next, inbound).unwrap_or_default();
                return Admitted { cookies, ..Admitted::with(newer.into_session(), next.into()) };
            }
            *self.due.borrow_mut() = Some(unsealed.clone()).filter(|session| session.refresh_token().is_some());
        }
        let cookies =
            if has_old_name { self.session_cookies(&unsealed, inbound).unwrap_or_default() } else { Vec::new() };
        Admitted { cookies, ..Admitted::with(session.into_session(), unsealed.into()) }
    }

    /// The session that should be refreshed beside this request, if there is one. It is handed out once.
    pub(in crate::gateway) fn take_due(&self) -> Option<UnsealedSession> {
        self.due.take()
    }

    /// Whether the token is in the last fifth of its life.
    fn ends_soon(&self, session: &Session) -> bool {
        let remaining = session.expires_at().milliseconds() - self.host.now().milliseconds();
        let life = session.issued_at.map_or(0, |issued_at| session.expires_at - issued_at);
        let most = limits::REFRESH_AHEAD_SECONDS * 1000;
        // An upstream that runs an SDK gets no token that ends within its own buffer: there is to be time before that.
        let ahead = if self.settings.upstream_seal.is_some() { most } else { (life * 1000 / 5).min(most) };
        remaining <= ahead
    }

    /// While the provider is down, whoever was signed in a moment ago still is, if the operator wants it so.
    async fn admit_degraded(&self, unsealed: UnsealedSession, refusal: Refusal) -> Admission {
        let seconds = self.site.degraded_seconds;
        if seconds > 0
            && refusal.rejection.is_retryable()
            && let Ok(session) = self.client().authenticate_expired(&unsealed, seconds).await
            && self.stands(&session).await
        {
            let admitted = Admitted::with(session.into_session(), unsealed.into());
            return Admission::admitted(Admitted {
                was_provider_asked: true,
                degraded: Some(refusal.rejection),
                ..admitted
            });
        }
        Admission::Refused(refusal)
    }

    /// Whether nothing is known against a session, and it is known that nothing is.
    async fn stands(&self, session: &AuthenticatedSession) -> bool {
        let identity = self.client().identity(session.session());
        self.client().revocations().check(identity, self.site.revocation).await.is_ok()
    }

    /// Authenticates an API client by its access token. A session cookie comes first: where there is one, what stands in
    /// `Authorization` is for the upstream. Nothing is refreshed.
    async fn admit_bearer(&self, inbound: &Inbound) -> Admission {
        let Some(token) = inbound.bearer() else {
            return Admission::Refused(Rejection::CookieMissing.into());
        };
        let session = match self.client().authenticate_access_token(&token.into()).await {
            Ok(session) => session,
            Err(rejection) => return Admission::Refused(rejection.into()),
        };
        let identity = self.client().identity(session.session());
        match self.client().revocations().check(identity, self.site.revocation).await {
            Ok(()) => Admission::admitted(Admitted::with(session.into_session(), Credential::Bearer)),
            Err(rejection) => Admission::Refused(rejection.into()),
        }
    }

    /// Whether the token is past its end by our own clock.
    fn has_ended(&self, session: &AuthenticatedSession) -> bool {
        session.session().expires_at() <= self.host.now()
    }

    /// Exchanges the session for its next generation, in another organization if one is named.
    pub(super) async fn refresh(
        &self,
        session: &UnsealedSession,
        organization_id: Option<&str>,
        inbound: &Inbound,
    ) -> Admission {
        let revoked = || {
            let cookies = self.deletion(inbound);
            Admission::Refused(Refusal { rejection: Rejection::SessionRevoked, retry_after: None, cookies })
        };
        match self.client().check_refreshable(session, self.site.revocation).await {
            Ok(()) => {}
            Err(Rejection::SessionRevoked) => return revoked(),
            Err(rejection) => return Admission::Refused(rejection.into()),
        }
        let next = match self.client().refresh(session, organization_id).await {
            Ok(next) => next,
            Err(ExchangeRejection { rejection, retry_after }) => {
                // Another organization may demand what this one does not: that refuses the switch, not the session.
                let is_over = match rejection {
                    Rejection::InvalidGrant => true,
                    _ => organization_id.is_none() && rejection.ends_session(),
                };
                let cookies = if is_over { self.deletion(inbound) } else { Vec::new() };
                return Admission::Refused(Refusal { rejection, retry_after, cookies });
            }
        };
        if self.client().was_outrun(session).await {
            return revoked();
        }
        // From here on the old pair is used up: whatever the check says, the new one has to reach the browser. One that has
        // outgrown four cookies cannot; it lasts as long as the provider's grace, and the next sign-in says why.
        let cookies = self.session_cookies(&next, inbound).unwrap_or_default();
        match self.client().authenticate(&next).await {
            Ok(session) => {
                let admitted = Admitted::with(session.into_session(), next.into());
                Admission::admitted(Admitted { was_provider_asked: true, cookies, ..admitted })
            }
            Err(rejection) => Admission::Refused(Refusal { rejection, retry_after: None, cookies }),
        }
    }

    /// The next generation of the newest session now, in another organization if one is named.
    pub(in crate::gateway) async fn renew(&self, inbound: &Inbound, organization_id: Option<&str>) -> Admission {
        match self.open_newest(inbound) {
            Ok(session) => self.refresh(&session, organization_id, inbound).await,
            Err(Rejection::CookieConflict) => self.forget_planted(inbound),
            Err(rejection) => Admission::Refused(rejection.into()),
        }
    }

    /// The session cookies that open, the newest before all others: a browser sends one per path and domain. Never none.
    ///
    /// All of one person: a second person's was planted, from another host of the domain, and it is not for us to guess
    /// who is whose guest.
    pub(super) fn open(&self, inbound: &Inbound) -> Result<Vec<Opened>, Rejection> {
        let WorkOsSettings { cookie, cookie_name_before, passwords, accept_formats, .. } = self.settings;
        let open = |sealed: String| {
            let (session, verified) = match self.recall(&sealed) {
                Some((session, verified, identity)) => (session, Some((verified, identity))),
                None => (UnsealedSession::open(Some(&sealed), passwords, *accept_formats, self.host.now())?, None),
            };
            Ok((session, verified, sealed))
        };
        let mut opened = Vec::new();
        let mut rejection = None;
        for (name, has_old_name) in [(Some(&cookie.name), false), (cookie_name_before.as_ref(), true)] {
            for value in name.into_iter().flat_map(|name| parts::read(&inbound.cookie, name)) {
                match value.and_then(open) {
                    Ok((session, verified, sealed)) => opened.push(Opened { session, sealed, verified, has_old_name }),
                    // What may open in a moment is not given up for what never will.
                    Err(again) if again.is_retryable() => rejection = Some(again),
                    Err(first) => rejection = rejection.or(Some(first)),
                }
            }
        }
        if opened.is_empty() {
            return Err(rejection.unwrap_or(Rejection::CookieMissing));
        }
        if opened.len() > 1 {
            // Not a sort: there are a handful, only the first counts, and sorting weighs 58 KB of wasm.
            let by_age = opened.iter().enumerate().rev().max_by_key(|(_, opened)| opened.session.issued_at());
            if let Some((newest, _)) = by_age {
                opened.swap(0, newest);
            }
            let mut people = opened.iter().filter_map(|opened| opened.session.user_id());
            let first = people.next();
            if people.any(|other| first.as_ref() != Some(&other)) {
                return Err(Rejection::CookieConflict);
            }
        }
        Ok(opened)
    }

    /// The newest of the session cookies.
    pub(super) fn open_newest(&self, inbound: &Inbound) -> Result<UnsealedSession, Rejection> {
        self.open(inbound)?.into_iter().next().map(|opened| opened.session).ok_or(Rejection::CookieMissing)
    }

    /// Refuses two people at once.
    fn forget_planted(&self, inbound: &Inbound) -> Admission {
        let cookies = self.planted_deletion(inbound);
        Admission::Refused(Refusal { rejection: Rejection::CookieConflict, retry_after: None, cookies })
    }
}
