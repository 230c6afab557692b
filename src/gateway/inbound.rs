//! What a request says about itself, as plain data: all that the gateway's decisions look at.

use form_urlencoded::parse;
use http::Method;

/// What a page shows and no script reads (Fetch, `Sec-Fetch-Dest`): better cached than with a cookie.
const EMBEDDED: [&str; 6] = ["image", "font", "style", "audio", "video", "track"];

/// The parts of a request that matter. The body stays where it is.
pub(super) struct Inbound {
    pub(super) method: Method,
    /// As it was sent, still percent-encoded.
    pub(super) path: String,
    /// Without the question mark.
    pub(super) query: String,
    pub(super) cookie: String,
    accept: String,
    origin: Option<String>,
    fetch_site: Option<String>,
    fetch_dest: Option<String>,
    authorization: Option<String>,
    /// It may be answered with 304, or with a connection of another kind: what carries no cookie well.
    is_conditional_or_upgrade: bool,
    /// A browser guesses what will be asked for next. Nobody has asked yet, so it starts nothing.
    pub(super) is_prefetch: bool,
    /// Names this request in pages and logs.
    pub(super) id: String,
}

impl Inbound {
    pub(super) fn read(request: &worker::Request, own_id: String) -> worker::Result<Self> {
        let header = |name: &str| request.headers().get(name);
        let url = request.inner().url();
        // As it was sent: `worker` takes every method that it does not know for GET.
        Ok(Self::new(&request.inner().method(), &url, own_id, |name| header(name).ok().flatten()))
    }

    pub(super) fn new(method: &str, url: &str, own_id: String, header: impl Fn(&str) -> Option<String>) -> Self {
        let header = &header;
        let (path, query) = split_url(url);
        Self {
            // What is no method at all falls under no rule that names methods.
            method: Method::from_bytes(method.as_bytes()).unwrap_or(Method::CONNECT),
            path: path.to_owned(),
            query: query.to_owned(),
            cookie: header("cookie").unwrap_or_default(),
            accept: header("accept").unwrap_or_default(),
            origin: header("origin"),
            fetch_site: header("sec-fetch-site"),
            fetch_dest: header("sec-fetch-dest"),
            authorization: header("authorization"),
            is_conditional_or_upgrade: ["if-none-match", "if-modified-since", "upgrade"]
                .into_iter()
                .any(|name| header(name).is_some()),
            id: header("cf-ray").filter(|ray| is_plain(ray)).unwrap_or(own_id),
            is_prefetch: ["sec-purpose", "purpose", "x-moz", "x-purpose"]
                .into_iter()
                .filter_map(header)
                .any(|purpose| is_ahead_of_time(&purpose.to_ascii_lowercase())),
        }
    }

    /// A parameter of the query, decoded; an empty one counts as missing.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        let (_, value) = parse(self.query.as_bytes()).find(|(own, _)| own == name)?;
        Some(value.into_owned()).filter(|value| !value.is_empty())
    }

    /// Whether a browser asks for a page to show, so that a redirect to sign-in makes sense.
    pub(super) fn wants_document(&self) -> bool {
        if self.is_prefetch || !matches!(self.method, Method::GET | Method::HEAD) {
            return false;
        }
        match self.fetch_dest.as_deref() {
            Some(destination) => destination == "document",
            // Browsers without fetch metadata ask for HTML by name; scripts say `*/*`.
            None => self.accept.contains("text/html"),
        }
    }

    /// Whether the answer is read by a script of the site rather than shown.
    pub(super) fn is_from_script(&self) -> bool {
        match self.fetch_dest.as_deref() {
            Some(destination) => destination == "empty",
            None => self.accept.contains("application/json"),
        }
    }

    /// Whether a page of this origin caused the request. A browser says so in one of two headers that no script can set;
    /// what says nothing is not believed. A link that is fetched ahead of time has been followed by nobody.
    pub(super) fn is_same_origin(&self, public_origin: &str) -> bool {
        if self.is_prefetch {
            return false;
        }
        match (&self.fetch_site, &self.origin) {
            (Some(site), _) => site == "same-origin",
            (None, Some(origin)) => origin == public_origin,
            (None, None) => false,
        }
    }

    /// Whether a refresh that nobody has to wait for may begin with this request: its answer should be able to bring a cookie, and
    /// somebody should have asked for it.
    pub(super) fn may_start_refresh(&self) -> bool {
        let is_embedded = self.fetch_dest.as_deref().is_some_and(|it| EMBEDDED.contains(&it));
        !self.is_prefetch && !self.is_conditional_or_upgrade && !is_embedded
    }

    /// The token of `Authorization: Bearer` (RFC 6750 §2.1).
    pub(super) fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.authorization.as_deref()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }

    /// Path and query, to come back to.
    pub(super) fn path_and_query(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) }
    }
}

fn is_ahead_of_time(purpose: &str) -> bool {
    ["prefetch", "prerender", "preview"].into_iter().any(|word| purpose.contains(word))
}

/// Cloudflare's own id of a request: letters, digits and a dash. Elsewhere a visitor may have made it up.
fn is_plain(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Path and query of an absolute URL. The runtime has parsed it already, so it needs no second parser.
fn split_url(url: &str) -> (&str, &str) {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path_and_query = after_scheme.find(['/', '?']).and_then(|start| after_scheme.get(start..)).unwrap_or("/");
    let path_and_query = path_and_query.split_once('#').map_or(path_and_query, |(before, _)| before);
    match path_and_query.split_once('?') {
        Some(("", query)) => ("/", query),
        Some(parts) => parts,
        None => (path_and_query, ""),
    }
}

#[cfg(test)]
pub(super) fn inbound(method: &str, url: &str, headers: &[(&str, &str)]) -> Inbound {
    Inbound::new(method, url, "request-1".to_owned(), |name| {
        headers.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_split_where_the_runtime_left_them() {
        for (url, parts) in [
            ("https://a.example/", ("/", "")),
            ("https://a.example", ("/", "")),
            ("https://a.example?x=1", ("/", "x=1")),
            ("https://a.example/b//c?d=/e?f", ("/b//c", "d=/e?f")),
            ("http://localhost:8787/%2F?#x", ("/%2F", "")),
        ] {
            assert_eq!(split_url(url), parts, "{url}");
        }
    }

    #[test]
    fn documents_are_told_from_all_else() {
        let document = |method, headers: &[_]| inbound(method, "https://a/", headers).wants_document();
        assert!(document("GET", &[("sec-fetch-dest", "document"), ("accept", "*/*")]));
        assert!(document("GET", &[("accept", "text/html,*/*")]));
        assert!(!document("POST", &[("accept", "text/html")]));
        assert!(!document("GET", &[("sec-fetch-dest", "empty"), ("accept", "text/html")]));
        assert!(!document("GET", &[("sec-fetch-dest", "image")]));
        assert!(!document("GET", &[("accept", "*/*")]));
        assert!(!document("GET", &[]));
        for ahead in
            [("sec-purpose", "prefetch"), ("sec-purpose", "Prerender"), ("x-moz", "prefetch"), ("purpose", "preview")]
        {
            assert!(!document("GET", &[("sec-fetch-dest", "document"), ahead]), "{ahead:?}");
        }
    }

    #[test]
    fn a_refresh_begins_where_its_cookie_can_go_out() {
        let may_start = |headers: &[_]| inbound("GET", "https://a/", headers).may_start_refresh();
        for headers in [&[][..], &[("sec-fetch-dest", "document")], &[("sec-fetch-dest", "empty"), ("accept", "*/*")]] {
            assert!(may_start(headers), "{headers:?}");
        }
        for header in [
            ("sec-fetch-dest", "image"),
            ("sec-fetch-dest", "font"),
            ("if-none-match", "\"1\""),
            ("if-modified-since", "Wed, 21 Oct 2026 07:28:00 GMT"),
            ("upgrade", "websocket"),
            ("sec-purpose", "prefetch"),
        ] {
            assert!(!may_start(&[header]), "{header:?}");
        }
    }

    #[test]
    fn same_origin_is_what_the_browser_says() {
        let same = |headers: &[_]| inbound("POST", "https://a/", headers).is_same_origin("https://a");
        assert!(same(&[("sec-fetch-site", "same-origin")]));
        assert!(same(&[("origin", "https://a")]));
        assert!(!same(&[("sec-fetch-site", "same-site"), ("origin", "https://a")]));
        assert!(!same(&[("sec-fetch-site", "cross-site")]));
        assert!(!same(&[("sec-fetch-site", "none")]));
        assert!(!same(&[("origin", "https://a.evil")]));
        assert!(!same(&[("origin", "null")]));
        assert!(!same(&[("sec-fetch-site", "same-origin"), ("sec-purpose", "prefetch;prerender")]));
        assert!(!same(&[]));
    }
}
