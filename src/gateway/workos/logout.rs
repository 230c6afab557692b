//! `/logout`: forgets the session here, and sends the browser to the provider so that it ends there too.

use super::Gate;
use crate::error::Rejection;
use crate::gateway::answer::{self, Answer};
use crate::gateway::inbound::Inbound;
use crate::host::Host;

/// Clears the cookie whatever it holds; an expired token can sign out as well as any.
pub(in crate::gateway) fn finish<H: Host>(gate: &Gate<'_, H>, inbound: &Inbound) -> Answer {
    let settings = gate.settings;
    let return_to = format!("{}/", gate.site.public_origin);
    let opened = gate.open(inbound);
    for session in opened.iter().flatten() {
        gate.client().end(&session.session);
    }
    let newest = opened.and_then(|opened| opened.into_iter().next().ok_or(Rejection::CookieMissing));
    let cookies = match newest {
        // Nobody stays signed in as somebody else.
        Err(Rejection::CookieConflict) => gate.planted_deletion(inbound),
        _ => gate.deletion(inbound),
    };
    let session_id = newest.ok().and_then(|newest| newest.session.session_id());
    let url = session_id
        .map_or_else(|| return_to.clone(), |session_id| settings.workos.logout_url(&session_id, Some(&return_to)));
    answer::go_to(inbound, &url).with_cookies(cookies)
}
