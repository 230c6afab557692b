//! The lines of `Set-Cookie` that store a session, and those that delete it wherever it may stand. Decides nothing.

use super::admission::Gate;
use super::inbound::Inbound;
use super::settings::Settings;
use crate::cookie::{Attributes, parts};
use crate::error::Rejection;
use crate::host::Host;
use crate::limits;
use crate::session::UnsealedSession;

impl<H: Host> Gate<'_, H> {
    /// The lines that store a session.
    ///
    /// # Errors
    /// [`Rejection::CookieTooLarge`].
    pub(super) fn session_cookies(
        &self,
        session: &UnsealedSession,
        inbound: &Inbound,
    ) -> Result<Vec<String>, Rejection> {
        let sealed = self.client().seal(session, &self.settings.passwords);
        let sealed = session.format().written().cookie_value(sealed);
        let mut lines = parts::set(&self.settings.cookie, &sealed, self.settings.cookie_max_age, &inbound.cookie)?;
        lines.extend(self.old_name_deletion(inbound));
        Ok(lines)
    }

    /// The lines that delete the session, under every name it may have here.
    pub(super) fn deletion(&self, inbound: &Inbound) -> Vec<String> {
        // One of before `COOKIE_DOMAIN` was changed would keep the visitor signed in, or be refused again and again.
        let mut lines = self.deletion_in_all_domains(&self.settings.cookie.name, "/", inbound);
        lines.extend(self.old_name_deletion(inbound));
        lines
    }

    fn old_name_deletion(&self, inbound: &Inbound) -> Vec<String> {
        let old = self.settings.cookie_name_before.as_ref();
        let old = old.filter(|name| !parts::read(&inbound.cookie, name).is_empty());
        // It may have had another domain: a `__Host-` name has none.
        old.map_or_else(Vec::new, |name| self.deletion_in_all_domains(name, "/", inbound))
    }

    /// The lines that delete a name on this host alone, and in every domain that it is in.
    fn deletion_in_all_domains(&self, name: &str, path: &str, inbound: &Inbound) -> Vec<String> {
        let Settings { cookie, public_origin, .. } = self.settings;
        // A `__Host-` name has no domain.
        let domains = domains_of(public_origin).filter(|_| !name.starts_with("__Host-"));
        std::iter::once(None)
            .chain(domains.map(Some))
            .map(|domain| Attributes {
                name: name.to_owned(),
                path: path.to_owned(),
                domain: domain.map(str::to_owned),
                ..cookie.clone()
            })
            .flat_map(|attributes| parts::delete(&attributes, &inbound.cookie))
            .collect()
    }

    /// Deletes what may have been planted beside our own cookie: for this host alone and for every domain that it is in, for
    /// every path that this request is under. Deleting our own alone would leave the visitor with the planted one.
    pub(super) fn planted_deletion(&self, inbound: &Inbound) -> Vec<String> {
        let name = &self.settings.cookie.name;
        let planted = paths_of(&inbound.path).flat_map(|path| self.deletion_in_all_domains(name, path, inbound));
        self.old_name_deletion(inbound).into_iter().chain(planted).take(limits::PLANTED_LINES).collect()
    }
}

/// The paths for which a cookie may have been set that comes with a request to this one, the shortest first.
fn paths_of(path: &str) -> impl Iterator<Item = &str> {
    // What would end or change the line stands in no path of a cookie.
    let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b';';
    let plain = path.bytes().take_while(|byte| is_plain(*byte)).count();
    let ends = path.match_indices('/').flat_map(|(at, _)| [at, at + 1]).skip(1).chain([path.len()]);
    let mut last = 0;
    ends.filter(move |end| *end <= plain && std::mem::replace(&mut last, *end) != *end)
        .filter_map(|end| path.get(..end))
}

/// The domains for which a host may set cookies, itself first. Of those that are public suffixes, browsers take none.
fn domains_of(origin: &str) -> impl Iterator<Item = &str> {
    let host = origin.split_once("://").map_or(origin, |(_, rest)| rest);
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    std::iter::successors(Some(host), |domain| Some(domain.split_once('.')?.1)).filter(|domain| domain.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::{domains_of, paths_of};

    #[test]
    fn a_host_is_in_all_its_domains() {
        let domains = |origin| domains_of(origin).collect::<Vec<_>>();
        assert_eq!(domains("https://app.eu.example.com"), ["app.eu.example.com", "eu.example.com", "example.com"]);
        assert_eq!(domains("https://example.com:8443"), ["example.com"]);
        assert_eq!(domains("http://localhost:8787"), [""; 0]);
    }

    #[test]
    fn a_path_is_under_all_its_folders() {
        let paths = |path| paths_of(path).collect::<Vec<_>>();
        assert_eq!(paths("/"), ["/"]);
        assert_eq!(paths("/app/x"), ["/", "/app", "/app/", "/app/x"]);
        assert_eq!(paths("/app/"), ["/", "/app", "/app/"]);
        assert_eq!(paths("/app;Domain=x/y"), ["/"]);
    }
}
