//! `GET /login`: sends the browser to the application's own sign-in page, `LOGIN_URL`. It signs in with Stytch's SDK, which sets the
//! cookies, and comes back to `return_to`.

use form_urlencoded::Serializer;

use super::Gate;
use crate::gateway::answer::{self, Answer};
use crate::gateway::inbound::Inbound;
use crate::gateway::return_to;
use crate::gateway::settings::RETURN_PARAMETER;
use crate::host::Host;
use crate::limits;

/// What the page may know of the sign-in that is asked for.
const HINTS: [&str; 3] = ["organization_id", "screen_hint", "login_hint"];

impl<H: Host> Gate<'_, H> {
    /// `?return_to=&organization_id=&screen_hint=&login_hint=`; 302, or `{ url }` for a script. The page is told a whole address, because
    /// it may be on another host: always one of this site.
    pub(in crate::gateway) fn login(&self, inbound: &Inbound) -> Answer {
        if inbound.is_prefetch {
            return answer::prefetched(inbound);
        }
        let parameter = |name: &str| inbound.parameter(name).filter(|value| value.len() <= limits::RETURN_TO_BYTES);
        let path = return_to::safe(parameter("return_to").as_deref(), &self.site.prefix);
        let mut query = Serializer::new(String::new());
        query.append_pair(RETURN_PARAMETER, &format!("{}{path}", self.site.public_origin));
        for (name, value) in HINTS.into_iter().filter_map(|name| Some((name, parameter(name)?))) {
            query.append_pair(name, &value);
        }
        let login_url = &self.settings.login_url;
        let separator = if login_url.contains('?') { '&' } else { '?' };
        answer::go_to(inbound, &format!("{login_url}{separator}{}", query.finish()))
    }
}
