//! `GET /login`: starts a sign-in and sends the browser to the provider.

use super::Gate;
use super::flow::{self, Flow};
use crate::gateway::answer::{self, Answer};
use crate::gateway::inbound::Inbound;
use crate::gateway::return_to;
use crate::host::Host;
use crate::limits;
use crate::provider::workos::AuthorizationUrl;

/// `?return_to=&organization_id=&screen_hint=&login_hint=`; 302, or `{ url }` for a script.
pub(in crate::gateway) fn start<H: Host>(gate: &Gate<'_, H>, inbound: &Inbound) -> Answer {
    if inbound.is_prefetch {
        return answer::prefetched(inbound);
    }
    let settings = gate.settings;
    let parameter = |name: &str| inbound.parameter(name).filter(|value| value.len() <= limits::RETURN_TO_BYTES);
    let flow = Flow::start(gate.host, return_to::safe(parameter("return_to").as_deref(), &gate.site.prefix));
    let screen_hint = parameter("screen_hint").filter(|hint| hint == "sign-in" || hint == "sign-up");
    let url = settings.workos.authorization_url(&AuthorizationUrl {
        redirect_uri: &settings.redirect_uri,
        state: flow.state(),
        code_challenge: &flow.code_challenge(),
        organization_id: parameter("organization_id").as_deref(),
        screen_hint: screen_hint.as_deref(),
        login_hint: parameter("login_hint").as_deref(),
    });
    answer::go_to(inbound, &url)
        .with_cookies(flow::delete_surplus(settings, &inbound.cookie))
        .with_cookie(flow.set_cookie(settings, gate.host))
}
