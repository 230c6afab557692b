//! The lines of `Set-Cookie` that renew the two cookies of a session, and those that delete them wherever they may stand. Decides
//! nothing.

use secrecy::ExposeSecret;

use super::Gate;
use crate::cookie::Attributes;
use crate::gateway::cookie_scopes::{domains_of, paths_of};
use crate::gateway::inbound::Inbound;
use crate::host::Host;
use crate::limits;
use crate::provider::stytch::RemoteSession;

impl<H: Host> Gate<'_, H> {
    /// The lines that renew both cookies. They end with the session, as those of Stytch's browser SDK, and not with the JWT: one that has
    /// expired is what Stytch is asked about.
    ///
    /// One that is longer than browsers keep is left out. The other one will do, at the cost of a question with each request.
    pub(super) fn session_cookies(&self, remote: &RemoteSession) -> Vec<String> {
        let now = self.host.now();
        // A session without an end is as good as its token.
        let end = remote.expires_at().unwrap_or_else(|| now.plus_seconds(limits::STYTCH_TOKEN_SECONDS));
        let max_age = end.seconds_since(now).clamp(1, limits::COOKIE_MAX_AGE_SECONDS);
        let answer = remote.answer();
        [(&self.settings.jwt_cookie, answer.session_jwt()), (&self.settings.token_cookie, answer.session_token())]
            .into_iter()
            .filter_map(|(cookie, value)| Some((cookie, value.filter(|value| is_cookie_value(value.expose_secret()))?)))
            .map(|(cookie, value)| cookie.set(value.expose_secret(), max_age))
            .filter(|line| line.len() <= limits::SET_COOKIE_BYTES)
            .collect()
    }

    /// The lines that delete the session, whoever has set it: the browser SDK sets cookies of its own domain and path.
    pub(super) fn deletion(&self) -> Vec<String> {
        let own = self.settings.jwt_cookie.path.as_str();
        let paths = ["/"].into_iter().chain(Some(own).filter(|path| *path != "/"));
        self.deletion_for(paths)
    }

    /// Deletes what may have been planted beside our own cookies: for this host alone and for every domain that it is in, for every path
    /// that this request is under. Deleting our own alone would leave the visitor with the planted ones.
    pub(super) fn planted_deletion(&self, inbound: &Inbound) -> Vec<String> {
        self.deletion_for(paths_of(&inbound.path))
    }

    fn deletion_for<'b>(&self, paths: impl Iterator<Item = &'b str>) -> Vec<String> {
        let both = [&self.settings.jwt_cookie, &self.settings.token_cookie];
        let lines = paths.flat_map(|path| both.into_iter().flat_map(move |cookie| self.deletion_at(cookie, path)));
        lines.take(limits::PLANTED_LINES).collect()
    }

    /// The lines that delete a cookie of one path, on this host alone and in every domain that it is in.
    fn deletion_at(&self, cookie: &Attributes, path: &str) -> Vec<String> {
        // A `__Host-` name has no domain.
        let domains = domains_of(&self.site.public_origin).filter(|_| !cookie.name.starts_with("__Host-"));
        let at = |domain: Option<&str>| {
            let (path, domain) = (path.to_owned(), domain.map(str::to_owned));
            Attributes { path, domain, ..cookie.clone() }.delete()
        };
        std::iter::once(None).chain(domains.map(Some)).map(at).collect()
    }
}

/// An answer may hold anything; a line of `Set-Cookie` may not.
fn is_cookie_value(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_graphic() && !b"\",;\\".contains(&byte))
}
