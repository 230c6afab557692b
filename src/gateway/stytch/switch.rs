//! `POST /switch`: a member's session in another organization. Stytch makes a second session; the browser keeps the new one, and the old
//! one ends by itself.

use super::Gate;
use super::admission::Question;
use super::candidates::{Askable, Candidates};
use crate::error::Rejection;
use crate::gateway::admission::{Admission, Refusal};
use crate::gateway::inbound::Inbound;
use crate::host::Host;
use crate::limits;
use crate::provider::stytch::{Exchange, RemoteSession, StytchRejection, Vertical};

impl<H: Host> Gate<'_, H> {
    /// None for a consumer project, which has no organizations.
    pub(in crate::gateway) async fn switch(&self, inbound: &Inbound, organization_id: &str) -> Option<Admission> {
        match self.settings.stytch.vertical() {
            Vertical::Consumer => None,
            Vertical::B2b => Some(self.exchange(inbound, organization_id).await),
        }
    }

    async fn exchange(&self, inbound: &Inbound, organization_id: &str) -> Admission {
        let candidates = match self.candidates(inbound, self.settings.max_token_age_seconds).await {
            Ok(candidates) => candidates,
            Err(conflict) => return Admission::Refused(conflict),
        };
        let Candidates { good, askable, tokens, rejection } = candidates;
        let is_checked = good.is_some();
        // One that has expired will do: Stytch looks at the session.
        let session_jwt = good.map(|(_, jwt)| jwt).or_else(|| askable.first().map(|Askable { jwt, .. }| *jwt));
        let session_token = if session_jwt.is_none() { tokens.first().copied() } else { None };
        if session_jwt.is_none() && session_token.is_none() {
            return Admission::Refused(rejection.unwrap_or(Rejection::CookieMissing).into());
        }
        if !is_checked && let Some(refusal) = self.refuse_exchange(askable.first(), session_token).await {
            return refusal;
        }
        let session_duration_minutes = self.settings.session_duration_minutes;
        let call =
            Exchange { organization_id, session_token, session_jwt, session_duration_minutes, ..Exchange::default() };
        let asked_at = self.host.now();
        let answer = match self.client().exchange(&call).await {
            Ok(answer) => answer,
            Err(refused) => return self.exchange_refused(&refused),
        };
        match RemoteSession::read(answer, Vertical::B2b, asked_at) {
            Ok(remote) if remote.answer().session_jwt().is_some() => self.admit_renewed(&remote).await,
            // The organization wants a factor first, or a sign-in of its own kind.
            _ => Admission::Refused(Rejection::InteractionRequired.into()),
        }
    }

    /// Refuses a session that was ended here alone: what Stytch makes of it begins now, and no end of the old one would hit it. Nothing where
    /// it stands.
    async fn refuse_exchange(&self, jwt: Option<&Askable<'_>>, token: Option<&str>) -> Option<Admission> {
        if !self.host.has_revocations() {
            return None;
        }
        if let Some(Askable { jwt, .. }) = jwt
            && let Ok(verified) = self.read_expired(jwt, limits::COOKIE_MAX_AGE_SECONDS).await
        {
            let revocable = self.revocable(&verified.to_session(), verified.session().started_at());
            return self.check_ended(revocable).await.err().map(|rejection| self.refuse(rejection));
        }
        // Nobody but Stytch can say whose it is.
        let question = jwt.map(Question::Jwt).or(token.map(Question::Token))?;
        match self.ask(&question, self.settings.max_token_age_seconds).await {
            Ok(remote) => self.session_of(&remote).await.err().map(|rejection| self.refuse(rejection)),
            Err(refused) => Some(self.exchange_refused(&refused)),
        }
    }

    fn exchange_refused(&self, refused: &StytchRejection) -> Admission {
        let rejection = match refused.rejection {
            // All else of the call is ours, so it is the organization.
            Rejection::ProviderRefusedCall | Rejection::PermissionDenied | Rejection::TenancyMismatch => {
                Rejection::OrganizationRefused
            }
            rejection => rejection,
        };
        let cookies = if rejection.ends_session() { self.deletion() } else { Vec::new() };
        Admission::Refused(Refusal { rejection, retry_after: refused.retry_after, cookies })
    }
}
