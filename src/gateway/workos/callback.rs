//! `GET /callback`: finishes a sign-in that this browser started, and no other.

use super::Gate;
use super::flow::Flow;
use super::sign_in_loop::SignIns;
use crate::cookie::SameSite;
use crate::error::Rejection;
use crate::gateway::answer::{self, Answer};
use crate::gateway::inbound::Inbound;
use crate::gateway::page;
use crate::gateway::settings::WorkOsSettings;
use crate::host::Host;
use crate::provider::workos::ExchangeRejection;

/// `?code=&state=` or `?error=&state=`; sets the session cookie and goes where the sign-in was started for.
pub(in crate::gateway) async fn finish<H: Host>(gate: &Gate<'_, H>, inbound: &Inbound) -> Answer {
    let settings = gate.settings;
    let state = inbound.parameter("state");
    let flow = match Flow::resume(settings, &inbound.cookie, state.as_deref(), gate.host.now()) {
        Ok(flow) => flow,
        Err(rejection) => return page::sign_in_failed(gate.site, 400, rejection.code(), None),
    };
    let failed = |status, detail| {
        page::sign_in_failed(gate.site, status, detail, Some(flow.return_to()))
            .with_cookie(Flow::delete_cookie(settings, flow.state()))
    };
    let Some(code) = inbound.parameter("code") else {
        let detail = if inbound.parameter("error").is_some() { "sign_in_denied" } else { "code_missing" };
        return failed(400, detail);
    };
    let client = gate.client();
    let session = match client.authenticate_with_code(&code, flow.code_verifier(), settings.seal_format).await {
        Ok(session) => session,
        // The code was not looked at: reloading this page may still work, so the flow stays.
        Err(ExchangeRejection { rejection, retry_after }) if rejection.is_retryable() => {
            return page::unavailable(rejection, retry_after);
        }
        Err(ExchangeRejection { rejection, .. }) => {
            let detail = if rejection == Rejection::InvalidGrant { "code_rejected" } else { rejection.code() };
            return failed(400, detail);
        }
    };
    // A token that came straight from the provider is checked all the same. Keys that cannot be had now are no reason to
    // throw the session away: the next request checks it.
    match client.authenticate(&session).await {
        Err(rejection) if rejection != Rejection::KeysUnavailable => {
            return failed(400, rejection.code());
        }
        _ => {}
    }
    let Ok(cookies) = gate.session_cookies(&session, inbound) else {
        return failed(422, "session_too_large");
    };
    // A browser that comes back from sign-in without the session of the last one may be going round in circles. One of
    // another person's is not that: it may have been planted, and be in the way of ours.
    let has_own_session = gate.open_newest(inbound).is_ok_and(|open| open.user_id() == session.user_id());
    let sign_ins = (!has_own_session).then(|| SignIns::one_more(settings, &inbound.cookie, gate.host.now()));
    let answer = match &sign_ins {
        Some(sign_ins) if sign_ins.is_loop() => failed(400, "sign_in_loop"),
        _ => arrive(settings, flow.return_to()).with_cookie(Flow::delete_cookie(settings, flow.state())),
    };
    answer.with_cookies(sign_ins.map(|sign_ins| sign_ins.set_cookie(settings))).with_cookies(cookies)
}

/// A redirect still counts as the provider's doing, and a browser sends no `SameSite=Strict` cookie along. So it is a page
/// of this site that goes on in that case.
fn arrive(settings: &WorkOsSettings, return_to: &str) -> Answer {
    match settings.cookie.same_site {
        SameSite::Strict => page::signed_in(return_to),
        SameSite::Lax | SameSite::None => answer::redirect(302, return_to),
    }
}
