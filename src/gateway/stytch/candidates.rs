//! The cookies of a request that may be its session, each JWT with its verdict. Several of one name are usual: a browser sends one per
//! path and domain, and scripts set them as well.

use super::remembered::Known;
use super::{Gate, distinct};
use crate::client::AuthenticateJwt;
use crate::error::Rejection;
use crate::gateway::admission::Refusal;
use crate::gateway::inbound::Inbound;
use crate::host::Host;
use crate::limits;
use crate::provider::stytch::{FallbackReason, VerifiedSession};
use crate::session::Session;

/// What a request came with.
pub(super) struct Candidates<'b> {
    /// The newest session whose JWT is good, and that JWT.
    pub(super) good: Option<(Session, &'b str)>,
    /// JWTs that Stytch may make good again.
    pub(super) askable: Vec<Askable<'b>>,
    /// Opaque tokens, which nobody but Stytch can check.
    pub(super) tokens: Vec<&'b str>,
    /// Why the first JWT is not good.
    pub(super) rejection: Option<Rejection>,
}

/// A JWT that is not good, and why Stytch may know better.
pub(super) struct Askable<'b> {
    pub(super) jwt: &'b str,
    pub(super) reason: FallbackReason,
}

/// The verdict on one JWT.
pub(super) enum Verdict {
    Good(Box<Session>),
    /// Refused, and Stytch may know better.
    Askable(FallbackReason, Rejection),
    Refused(Rejection),
}

impl<H: Host> Gate<'_, H> {
    /// Looks at all session cookies. Nobody is asked but for keys.
    ///
    /// All of one person: a second person's was planted, from another host of the domain, and it is not for us to guess who is whose
    /// guest.
    pub(super) async fn candidates<'b>(
        &'b self,
        inbound: &'b Inbound,
        max_age: Option<i64>,
    ) -> Result<Candidates<'b>, Refusal> {
        let mut good: Vec<(Session, &str)> = Vec::new();
        let (mut askable, mut rejection) = (Vec::new(), None);
        for jwt in distinct(&inbound.cookie, &self.settings.jwt_cookie.name) {
            match self.check(jwt, max_age).await {
                Verdict::Good(session) => good.push((*session, jwt)),
                Verdict::Askable(reason, first) => {
                    askable.push(Askable { jwt, reason });
                    rejection = rejection.or(Some(first));
                }
                Verdict::Refused(first) => rejection = rejection.or(Some(first)),
            }
        }
        let is_one_person =
            if good.is_empty() { self.are_of_one_person(&askable).await } else { all_same(good.iter().map(person)) };
        if !is_one_person {
            let cookies = self.planted_deletion(inbound);
            return Err(Refusal { rejection: Rejection::CookieConflict, retry_after: None, cookies });
        }
        let newest = good.into_iter().max_by_key(|(session, _)| session.issued_at);
        let mut tokens = distinct(&inbound.cookie, &self.settings.token_cookie.name);
        let has_garbage = !tokens.is_empty();
        tokens.retain(|token| is_plausible(token));
        if has_garbage && tokens.is_empty() {
            rejection = rejection.or(Some(Rejection::TokenMalformed));
        }
        Ok(Candidates { good: newest, askable, tokens, rejection })
    }

    /// The verdict on a JWT that may be of this age.
    pub(super) async fn check(&self, jwt: &str, max_age: Option<i64>) -> Verdict {
        let known = match self.known(jwt, max_age).await {
            Ok(known) => known,
            Err(verdict) => return verdict,
        };
        match self.check_revoked(known.revocable).await {
            Ok(()) => Verdict::Good(Box::new(known.session)),
            Err(Rejection::SessionStale) => Verdict::Askable(FallbackReason::TokenTooOld, Rejection::SessionStale),
            Err(rejection) => Verdict::Refused(rejection),
        }
    }

    /// What a JWT says that is good by itself, or the verdict on any other.
    async fn known(&self, jwt: &str, max_age: Option<i64>) -> Result<Known, Verdict> {
        let is_usual = max_age == self.settings.max_token_age_seconds;
        if let Some(known) = self.recall(jwt).filter(|_| is_usual) {
            return Ok(known);
        }
        let keys = self.ready_keys();
        match self.client().check_jwt(&self.call(jwt, max_age)).await {
            (Ok(_), Some(reason)) => Err(Verdict::Askable(reason, Rejection::TokenTooOld)),
            (Ok(verified), None) => Ok(self.remember(jwt, keys, &verified)),
            (Err(rejection), Some(reason)) => Err(Verdict::Askable(reason, rejection)),
            (Err(rejection), None) => Err(Verdict::Refused(rejection)),
        }
    }

    /// What a JWT of Stytch's says, even if it was over so many seconds ago. It proves nothing about now.
    pub(super) async fn read_expired(&self, jwt: &str, seconds: i64) -> Result<VerifiedSession, Rejection> {
        let clock_tolerance_seconds = limits::GATEWAY_LEEWAY_SECONDS.saturating_add(seconds);
        let call = AuthenticateJwt { session_jwt: jwt, clock_tolerance_seconds, ..AuthenticateJwt::default() };
        self.client().authenticate_jwt_local(&call).await.map_err(|refused| refused.rejection)
    }

    /// Whether JWTs that are over are of one person, as far as their signatures can be checked.
    async fn are_of_one_person(&self, askable: &[Askable<'_>]) -> bool {
        let mut people = Vec::new();
        // One is of one person; to read it would cost a signature.
        for Askable { jwt, .. } in askable.iter().filter(|_| askable.len() > 1) {
            people.extend(self.read_expired(jwt, limits::COOKIE_MAX_AGE_SECONDS).await.ok());
        }
        all_same(people.iter().map(|verified| Some(verified.session().person_id())))
    }
}

fn person<'c>((session, _): &'c (Session, &str)) -> Option<&'c str> {
    session.user_id.as_deref()
}

fn all_same<T: PartialEq>(mut items: impl Iterator<Item = T>) -> bool {
    let first = items.next();
    items.all(|item| Some(item) == first)
}

/// Whether it looks like an opaque token of Stytch's. What does not costs no call.
pub(super) fn is_plausible(token: &str) -> bool {
    limits::STYTCH_TOKEN_BYTES.contains(&token.len())
        && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_=+/".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn garbage_is_told_from_opaque_tokens() {
        for token in ["WJtR5BCy38Szd5AfoDpf0iqFKEt4EE5JhjlWUY7l3FtY", "mZAYn5aLEqKUlZ_Ad9U_fWr38GaAQ1oFAhT8ds245v7Q"] {
            assert!(is_plausible(token), "{token}");
        }
        let (long, dotted) = ("a".repeat(129), format!("{}.{}", "a".repeat(20), "a".repeat(23)));
        for token in ["", "x", "deleted", "undefined", long.as_str(), dotted.as_str()] {
            assert!(!is_plausible(token), "{token}");
        }
    }

    #[test]
    fn nobody_and_one_are_one_person() {
        assert!(all_same([0; 0].into_iter()) && all_same([1].into_iter()) && all_same([1, 1].into_iter()));
        assert!(!all_same([1, 1, 2].into_iter()));
    }
}
