//! Admission: from a request's cookies to an authenticated session, refreshed on the way if need be, or to a refusal.

use super::inbound::Inbound;
use super::settings::Settings;
use crate::client::Client;
use crate::cookie::{Attributes, parts};
use crate::error::Rejection;
use crate::host::Host;
use crate::limits;
use crate::provider::workos::ExchangeRejection;
use crate::session::{AuthenticatedSession, UnsealedSession};

/// What serves one request.
pub(super) struct Gate<'a, H> {
    pub(super) settings: &'a Settings,
    pub(super) host: &'a H,
}

/// The verdict on a request.
pub(super) enum Admission {
    Admitted(Box<Admitted>),
    Refused(Refusal),
}

impl Admission {
    fn admitted(admitted: Admitted) -> Self {
        Self::Admitted(Box::new(admitted))
    }
}

/// A request with a session.
pub(super) struct Admitted {
    pub(super) session: AuthenticatedSession,
    /// What it was authenticated from; none where it was an access token alone.
    pub(super) unsealed: Option<UnsealedSession>,
    /// The provider was asked for the next generation while this request waited. Once is enough.
    pub(super) was_refresh_tried: bool,
    /// The lines that bring the next generation to the browser, after a refresh; or move a session to its new name.
    pub(super) cookies: Vec<String>,
}

/// A request without one.
pub(super) struct Refusal {
    pub(super) rejection: Rejection,
    /// In seconds.
    pub(super) retry_after: Option<u64>,
    /// A new generation that cannot be checked yet, or the deletion of a session that is over.
    pub(super) cookies: Vec<String>,
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        Self { rejection, retry_after: None, cookies: Vec::new() }
    }
}

/// A session cookie that opened.
pub(super) struct Opened {
    pub(super) session: UnsealedSession,
    /// The cookie has the name that it had before it was renamed.
    has_old_name: bool,
}

impl<H: Host> Gate<'_, H> {
    pub(super) fn client(&self) -> Client<'_, H> {
        Client::new(&self.settings.workos, self.host)
    }

    /// Authenticates the session cookie; an expired token is refreshed first.
    pub(super) async fn admit(&self, inbound: &Inbound) -> Admission {
        let opened = match self.open(inbound) {
            Ok(opened) => opened,
            Err(Rejection::CookieConflict) => return self.forget_planted(inbound),
            Err(Rejection::CookieMissing) => return self.admit_bearer(inbound).await,
            Err(rejection) => return Admission::Refused(rejection.into()),
        };
        let (mut expired, mut first_rejection) = (Vec::new(), None);
        for Opened { session: unsealed, has_old_name } in opened {
            match self.client().authenticate(&unsealed).await {
                // The leeway is for clocks that differ. A token that lives on it alone is refreshed, where that can be done.
                Ok(session) if !inbound.is_prefetch && self.has_ended(&session) => {
                    expired.push((unsealed, Some(session)));
                }
                Ok(session) => {
                    let cookies = if has_old_name {
                        self.session_cookies(&unsealed, inbound).unwrap_or_default()
                    } else {
                        vec![]
                    };
                    let unsealed = Some(unsealed);
                    return Admission::admitted(Admitted { session, unsealed, was_refresh_tried: false, cookies });
                }
                // Whatever a browser fetches ahead of time, nobody may ever look at: it uses no refresh token up.
                Err(Rejection::TokenExpired) if !inbound.is_prefetch => expired.push((unsealed, None)),
                Err(rejection) => first_rejection = first_rejection.or(Some(rejection)),
            }
        }
        // One that is over says nothing about the others: the cookie goes when all of them are.
        let mut over = None;
        for (unsealed, on_leeway) in expired {
            match (self.refresh(&unsealed, None, inbound).await, on_leeway) {
                (Admission::Refused(refusal), _) if refusal.rejection.ends_session() => over = over.or(Some(refusal)),
                (Admission::Refused(refusal), Some(session)) if refusal.cookies.is_empty() => {
                    let (unsealed, cookies) = (Some(unsealed), Vec::new());
                    return Admission::admitted(Admitted { session, unsealed, was_refresh_tried: true, cookies });
                }
                (admission, _) => return admission,
            }
        }
        let rejection = first_rejection.unwrap_or(Rejection::CookieMissing);
        Admission::Refused(over.unwrap_or_else(|| rejection.into()))
    }

    /// Authenticates an API client by its access token. A session cookie comes first: where there is one, what stands in
    /// `Authorization` is for the upstream. Nothing is refreshed.
    async fn admit_bearer(&self, inbound: &Inbound) -> Admission {
        let Some(token) = inbound.bearer() else {
            return Admission::Refused(Rejection::CookieMissing.into());
        };
        match self.client().authenticate_access_token(&token.into()).await {
            Ok(session) => {
                Admission::admitted(Admitted { session, unsealed: None, was_refresh_tried: false, cookies: Vec::new() })
            }
            Err(rejection) => Admission::Refused(rejection.into()),
        }
    }

    /// Whether the token is past its end by our own clock.
    fn has_ended(&self, session: &AuthenticatedSession) -> bool {
        session.session().expires_at() <= self.host.now()
    }

    /// Exchanges the session for its next generation, in another organization if one is named.
    pub(super) async fn refresh(
        &self,
        session: &UnsealedSession,
        organization_id: Option<&str>,
        inbound: &Inbound,
    ) -> Admission {
        let next = match self.client().refresh(session, organization_id).await {
            Ok(next) => next,
            Err(ExchangeRejection { rejection, retry_after }) => {
                // Another organization may demand what this one does not: that refuses the switch, not the session.
                let is_over = match rejection {
                    Rejection::InvalidGrant => true,
                    _ => organization_id.is_none() && rejection.ends_session(),
                };
                let cookies = if is_over { self.deletion(inbound) } else { Vec::new() };
                return Admission::Refused(Refusal { rejection, retry_after, cookies });
            }
        };
        // From here on the old pair is used up: whatever the check says, the new one has to reach the browser. One that has
        // outgrown four cookies cannot; it lasts as long as the provider's grace, and the next sign-in says why.
        let cookies = self.session_cookies(&next, inbound).unwrap_or_default();
        match self.client().authenticate(&next).await {
            Ok(session) => {
                Admission::admitted(Admitted { session, unsealed: Some(next), was_refresh_tried: true, cookies })
            }
            Err(rejection) => Admission::Refused(Refusal { rejection, retry_after: None, cookies }),
        }
    }

    /// The session cookies that open, the newest before all others: a browser sends one per path and domain. Never none.
    ///
    /// All of one person: a second person's was planted, from another host of the domain, and it is not for us to guess
    /// who is whose guest.
    pub(super) fn open(&self, inbound: &Inbound) -> Result<Vec<Opened>, Rejection> {
        let Settings { cookie, cookie_name_before, passwords, accept_formats, .. } = self.settings;
        let open = |sealed: String| UnsealedSession::open(Some(&sealed), passwords, *accept_formats, self.host.now());
        let mut opened = Vec::new();
        let mut rejection = None;
        for (name, has_old_name) in [(Some(&cookie.name), false), (cookie_name_before.as_ref(), true)] {
            for value in name.into_iter().flat_map(|name| parts::read(&inbound.cookie, name)) {
                match value.and_then(open) {
                    Ok(session) => opened.push(Opened { session, has_old_name }),
                    // What may open in a moment is not given up for what never will.
                    Err(again) if again.is_retryable() => rejection = Some(again),
                    Err(first) => rejection = rejection.or(Some(first)),
                }
            }
        }
        if opened.is_empty() {
            return Err(rejection.unwrap_or(Rejection::CookieMissing));
        }
        if opened.len() > 1 {
            // Not a sort: there are a handful, only the first counts, and sorting weighs 58 KB of wasm.
            let by_age = opened.iter().enumerate().rev().max_by_key(|(_, opened)| opened.session.issued_at());
            if let Some((newest, _)) = by_age {
                opened.swap(0, newest);
            }
            let mut people = opened.iter().filter_map(|opened| opened.session.user_id());
            let first = people.next();
            if people.any(|other| first.as_ref() != Some(&other)) {
                return Err(Rejection::CookieConflict);
            }
        }
        Ok(opened)
    }

    /// The newest of the session cookies.
    pub(super) fn open_newest(&self, inbound: &Inbound) -> Result<UnsealedSession, Rejection> {
        self.open(inbound)?.into_iter().next().map(|opened| opened.session).ok_or(Rejection::CookieMissing)
    }

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

    /// Refuses two people at once.
    pub(super) fn forget_planted(&self, inbound: &Inbound) -> Admission {
        let cookies = self.planted_deletion(inbound);
        Admission::Refused(Refusal { rejection: Rejection::CookieConflict, retry_after: None, cookies })
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
