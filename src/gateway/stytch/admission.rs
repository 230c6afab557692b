//! Admission with Stytch: from a request's cookies to a session, renewed by Stytch on the way if need be, or to a refusal.
//!
//! Asking uses nothing up: each question about a session gets a JWT of its own, and all of them are good. So ten tabs that wake up
//! together ask ten times, and nobody has to wait for a request that may have vanished.

use secrecy::ExposeSecret;

use super::candidates::{Askable, Candidates, Verdict};
use super::{Gate, person};
use crate::error::Rejection;
use crate::gateway::admission::{Admission, Admitted, Credential, Refusal};
use crate::gateway::inbound::Inbound;
use crate::host::Host;
use crate::limits;
use crate::provider::stytch::{Authenticate, RemoteSession, StytchRejection};
use crate::session::Session;
use crate::time::Timestamp;

/// What a request wants of its session.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wish {
    /// To be authenticated.
    Authenticate,
    /// To be renewed, however good its token is.
    Renew,
}

impl<H: Host> Gate<'_, H> {
    /// Who is signed in. Session cookies come first: where there is one, what stands in `Authorization` is for the upstream.
    pub(in crate::gateway) async fn admit(&self, inbound: &Inbound) -> Admission {
        match self.admit_cookies(inbound, Wish::Authenticate).await {
            Admission::Refused(refusal) if refusal.rejection == Rejection::CookieMissing => {
                self.admit_bearer(inbound).await
            }
            admission => admission,
        }
    }

    /// The session as Stytch says it is now, with a JWT of now.
    pub(in crate::gateway) async fn renew(&self, inbound: &Inbound) -> Admission {
        self.admit_cookies(inbound, Wish::Renew).await
    }

    async fn admit_cookies(&self, inbound: &Inbound, wish: Wish) -> Admission {
        let max_age = match wish {
            Wish::Authenticate => self.settings.max_token_age_seconds,
            Wish::Renew => Some(0),
        };
        let candidates = match self.candidates(inbound, max_age).await {
            Ok(candidates) => candidates,
            Err(conflict) => return Admission::Refused(conflict),
        };
        let Candidates { good, askable, tokens, rejection } = candidates;
        if let Some((session, jwt)) = good {
            return Admission::admitted(Admitted::with(session, Credential::SessionJwt(jwt.into())));
        }
        let rejection = rejection.unwrap_or(Rejection::CookieMissing);
        // Whatever a browser fetches ahead of time, nobody may ever look at: Stytch is not asked about it.
        if inbound.is_prefetch {
            return Admission::Refused(rejection.into());
        }
        let (mut over, mut refused_by_stytch) = (false, None);
        let questions = askable.iter().map(Question::Jwt).chain(tokens.into_iter().map(Question::Token));
        for (asked, question) in questions.enumerate() {
            // One that is over says nothing about the others: the cookies go when all of them are.
            if asked == limits::STYTCH_QUESTIONS {
                return Admission::Refused(rejection.into());
            }
            match self.ask(&question, max_age).await {
                Ok(remote) => return self.admit_renewed(&remote).await,
                Err(refused) if refused.rejection.ends_session() => over = true,
                Err(refused) if refused.rejection.is_retryable() => {
                    return self.admit_degraded(&question, wish, &refused).await;
                }
                Err(refused) => refused_by_stytch = refused_by_stytch.or(Some(refused.rejection)),
            }
        }
        if over {
            return self.refuse(Rejection::SessionNotFound);
        }
        self.refuse(refused_by_stytch.unwrap_or(rejection))
    }

    /// Refuses, and forgets a session that is over.
    pub(super) fn refuse(&self, rejection: Rejection) -> Admission {
        let cookies = if rejection.ends_session() { self.deletion() } else { Vec::new() };
        Admission::Refused(Refusal { rejection, retry_after: None, cookies })
    }

    /// Authenticates an API client by its session JWT, as a cookie would. A renewed one has nowhere to go, so whoever comes with an old
    /// one again costs another question.
    async fn admit_bearer(&self, inbound: &Inbound) -> Admission {
        let Some(jwt) = inbound.bearer() else {
            return Admission::Refused(Rejection::CookieMissing.into());
        };
        let max_age = self.settings.max_token_age_seconds;
        let reason = match self.check(jwt, max_age).await {
            Verdict::Good(session) => return Admission::admitted(Admitted::with(*session, Credential::Bearer)),
            Verdict::Askable(reason, _) if !inbound.is_prefetch => reason,
            Verdict::Askable(_, rejection) | Verdict::Refused(rejection) => {
                return Admission::Refused(rejection.into());
            }
        };
        let question = Question::Jwt(&Askable { jwt, reason });
        match self.ask(&question, max_age).await {
            Ok(remote) => match self.session_of(&remote).await {
                Ok(session) => {
                    let admitted = Admitted::with(session, Credential::Bearer);
                    Admission::admitted(Admitted { was_provider_asked: true, ..admitted })
                }
                Err(rejection) => Admission::Refused(rejection.into()),
            },
            Err(refused) if refused.rejection.is_retryable() => {
                self.admit_degraded(&question, Wish::Authenticate, &refused).await
            }
            Err(refused) => Admission::Refused(refused.rejection.into()),
        }
    }

    pub(super) async fn ask(
        &self,
        question: &Question<'_>,
        max_age: Option<i64>,
    ) -> Result<RemoteSession, StytchRejection> {
        match question {
            Question::Jwt(Askable { jwt, reason }) => self.client().ask_about(&self.call(jwt, max_age), *reason).await,
            Question::Token(token) => {
                let call = Authenticate {
                    session_token: Some(token),
                    session_duration_minutes: self.settings.session_duration_minutes,
                    ..Authenticate::default()
                };
                self.client().authenticate_sparingly(&call).await
            }
        }
    }

    /// A session that Stytch has vouched for, with the cookies of now.
    pub(super) async fn admit_renewed(&self, remote: &RemoteSession) -> Admission {
        let credential = remote.answer().session_jwt().map_or(Credential::Bearer, Credential::SessionJwt);
        let session = match self.session_of(remote).await {
            Ok(session) => session,
            Err(rejection) => return self.refuse(rejection),
        };
        let admitted = Admitted::with(session, credential);
        let cookies = self.session_cookies(remote);
        Admission::admitted(Admitted { was_provider_asked: true, cookies, ..admitted })
    }

    /// What its new JWT says, so that it is the same as with every request after this one; if that cannot be checked now, what the answer
    /// says.
    ///
    /// # Errors
    /// It was revoked here, or nobody knows.
    pub(super) async fn session_of(&self, remote: &RemoteSession) -> Result<Session, Rejection> {
        let started_at = remote.session().and_then(|session| session.get("started_at")?.as_str());
        let session = self.renewed_session(remote).await;
        self.check_ended(self.revocable(&session, started_at)).await?;
        Ok(session)
    }

    async fn renewed_session(&self, remote: &RemoteSession) -> Session {
        if let Some(jwt) = remote.answer().session_jwt() {
            let keys = self.ready_keys();
            if let Ok(verified) = self.client().authenticate_jwt_local(&self.call(jwt.expose_secret(), None)).await {
                return self.remember(jwt.expose_secret(), keys, &verified).session;
            }
        }
        person::of_answer(remote)
    }

    /// While Stytch is down, whoever was signed in a moment ago still is, if the operator wants it so. Never longer than the session.
    async fn admit_degraded(&self, question: &Question<'_>, wish: Wish, refused: &StytchRejection) -> Admission {
        let seconds = self.site.degraded_seconds;
        if let Question::Jwt(Askable { jwt, .. }) = question
            && wish == Wish::Authenticate
            && seconds > 0
            && let Ok(verified) = self.read_expired(jwt, seconds).await
            && Timestamp::from_rfc3339(verified.session().expires_at()).is_some_and(|end| self.host.now() < end)
        {
            let session = person::of_token(&verified);
            match self.check_revoked(self.revocable(&session, verified.session().started_at())).await {
                Ok(()) => {
                    let admitted = Admitted::with(session, Credential::SessionJwt((*jwt).into()));
                    let degraded = Some(refused.rejection);
                    return Admission::admitted(Admitted { was_provider_asked: true, degraded, ..admitted });
                }
                Err(rejection) if rejection.ends_session() => return self.refuse(rejection),
                // What is not true any more, or may not be, is not served.
                Err(_) => {}
            }
        }
        let StytchRejection { rejection, retry_after, .. } = *refused;
        Admission::Refused(Refusal { rejection, retry_after, cookies: Vec::new() })
    }
}

/// What Stytch is asked about.
pub(super) enum Question<'b> {
    Jwt(&'b Askable<'b>),
    Token(&'b str),
}
