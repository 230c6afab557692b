//! `/logout`: ends the session at Stytch and forgets it here.

use super::candidates::is_plausible;
use super::{Gate, distinct};
use crate::error::Rejection;
use crate::gateway::answer::{self, Answer};
use crate::gateway::inbound::Inbound;
use crate::host::Host;
use crate::limits;
use crate::provider::stytch::Revoke;
use crate::revocation::Revocation;

impl<H: Host> Gate<'_, H> {
    /// Clears the cookies whatever they hold, and also where Stytch cannot be told: then the session goes on there until it ends by itself,
    /// and a line in the log says so.
    pub(in crate::gateway) async fn logout(&self, inbound: &Inbound) -> Answer {
        if let Err(rejection) = self.revoke(inbound).await {
            let line =
                serde_json::json!({ "event": "revoke_failed", "request": inbound.id, "detail": rejection.code() });
            worker::console_log!("{line}");
        }
        let cookies = self.deletion();
        answer::go_to(inbound, &format!("{}/", self.site.public_origin)).with_cookies(cookies)
    }

    /// Ends every session that the cookies name: mostly one, by its id and once more by its token, because only Stytch knows that they are
    /// the same.
    async fn revoke(&self, inbound: &Inbound) -> Result<(), Rejection> {
        let mut session_ids: Vec<String> = Vec::new();
        let mut unread = Ok(());
        for jwt in distinct(&inbound.cookie, &self.settings.jwt_cookie.name) {
            match self.read_expired(jwt, limits::COOKIE_MAX_AGE_SECONDS).await {
                Ok(verified) => {
                    let session_id = verified.session().session_id().to_owned();
                    if !session_ids.contains(&session_id) {
                        session_ids.push(session_id);
                    }
                }
                // Without keys nobody knows whether it names a session.
                Err(rejection) if rejection.is_retryable() => unread = Err(rejection),
                Err(_) => {}
            }
        }
        if self.host.has_revocations() {
            // JWTs of theirs are good for five minutes more, whatever Stytch is told.
            let token_seconds = Some(limits::STYTCH_TOKEN_SECONDS);
            for session_id in &session_ids {
                let scope = self.settings.stytch.revocation_scope();
                self.revocations().tell(&Revocation::signed_out(scope, session_id, token_seconds, self.host.now()));
            }
        }
        let tokens = distinct(&inbound.cookie, &self.settings.token_cookie.name);
        let tokens = tokens.into_iter().filter(|token| is_plausible(token));
        let calls = session_ids
            .iter()
            .map(|session_id| Revoke { session_id: Some(session_id), ..Revoke::default() })
            .chain(tokens.map(|token| Revoke { session_token: Some(token), ..Revoke::default() }));
        for call in calls.take(limits::STYTCH_QUESTIONS) {
            match self.client().revoke(&call).await {
                Ok(_) => {}
                // It is over already.
                Err(refused) if refused.rejection.ends_session() => {}
                // One that is down is not asked again: somebody waits.
                Err(refused) => return Err(refused.rejection),
            }
        }
        unread
    }
}
