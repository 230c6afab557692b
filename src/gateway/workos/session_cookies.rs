//! The lines of `Set-Cookie` that store a session, and those that delete it wherever it may stand. Decides nothing.

use super::Gate;
use crate::cookie::{Attributes, parts};
use crate::error::Rejection;
use crate::gateway::cookie_scopes::{domains_of, paths_of};
use crate::gateway::inbound::Inbound;
use crate::host::Host;
use crate::limits;
use crate::session::UnsealedSession;

impl<H: Host> Gate<'_, H> {
    /// The lines that store a session.
    ///
    /// # Errors
    /// [`Rejection::CookieTooLarge`].
    pub(in crate::gateway) fn session_cookies(
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
        let cookie = &self.settings.cookie;
        // A `__Host-` name has no domain.
        let domains = domains_of(&self.site.public_origin).filter(|_| !name.starts_with("__Host-"));
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
