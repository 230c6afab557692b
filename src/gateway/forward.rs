//! The headers that go on to the upstream. Pure: header pairs in, header pairs out.
//!
//! Gone are identity from outside, forwarding claims of the visitor's own, what concerns one connection only, and our cookies.

use super::identity;
use super::settings::Settings;
use crate::cookie;
use crate::session::Session;

/// Headers of one connection (RFC 9110 §7.6.1). `upgrade` is handled apart.
const HOP_BY_HOP: [&str; 8] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
];

/// Claims about the request that upstreams are tempted to believe (CVE-2026-40575, CVE-2025-29927 and their kin).
const FORWARDING: [&str; 11] = [
    "forwarded",
    "x-forwarded",
    "x-real-ip",
    "x-client-ip",
    "client-ip",
    "true-client-ip",
    "x-cluster-client-ip",
    "x-host",
    "x-http-host-override",
    "x-url-scheme",
    "front-end-https",
];
const FORWARDING_FAMILIES: [&str; 4] = ["x-forwarded-", "x-original-", "x-rewrite-", "x-middleware-subrequest"];

/// Another method than the one that the rules have seen.
const METHODS: [&str; 3] = ["x-http-method-override", "x-http-method", "x-method-override"];

/// The visitor's headers, cleaned; then who is signed in, and how the request reached us. `session_cookie` is the one that the
/// upstream's SDK reads, name and value.
pub(super) fn headers(
    inbound: impl IntoIterator<Item = (String, String)>,
    settings: &Settings,
    session: Option<&Session>,
    session_cookie: Option<&str>,
) -> Vec<(String, String)> {
    let inbound: Vec<_> = inbound.into_iter().collect();
    let named_by_connection: Vec<String> = inbound
        .iter()
        .filter(|(name, _)| name == "connection")
        .flat_map(|(_, value)| value.split(',').map(|name| name.trim().to_ascii_lowercase()))
        .filter(|name| name != "upgrade")
        .collect();
    let client_address = inbound.iter().find(|(name, _)| name == "cf-connecting-ip").map(|(_, value)| value.clone());

    let mut outbound = Vec::with_capacity(inbound.len() + 12);
    let mut other_cookies = Vec::new();
    for (name, value) in inbound {
        let is_dropped = identity::is_identity_header(&name)
            || HOP_BY_HOP.contains(&name.as_str())
            || is_forwarding(&name)
            // Whoever has a session may use any method; a public rule may be for some of them only.
            || (session.is_none() && METHODS.contains(&&*with_dashes(&name)))
            || named_by_connection.contains(&name)
            || (name == "upgrade" && !value.eq_ignore_ascii_case("websocket"));
        if is_dropped {
            continue;
        }
        if name == "cookie" {
            other_cookies.extend(cookies(&value, settings));
        } else {
            outbound.push((name, value));
        }
    }
    // First, so that no other cookie's value can hide it from a parser that gives up half way.
    let cookies: Vec<&str> = session_cookie.into_iter().chain(other_cookies.iter().map(String::as_str)).collect();
    if !cookies.is_empty() {
        outbound.push(("cookie".to_owned(), cookies.join("; ")));
    }
    let (scheme, host) = settings.public_origin.split_once("://").unwrap_or_default();
    outbound.push(("x-forwarded-host".to_owned(), host.to_owned()));
    outbound.push(("x-forwarded-proto".to_owned(), scheme.to_owned()));
    outbound.extend(client_address.map(|address| ("x-forwarded-for".to_owned(), address)));
    if let Some(session) = session {
        outbound.extend(
            identity::headers(session, settings.provider.name())
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value)),
        );
    }
    outbound
}

fn is_forwarding(name: &str) -> bool {
    let name = with_dashes(name);
    FORWARDING_FAMILIES.iter().any(|family| name.starts_with(family)) || FORWARDING.contains(&name.as_str())
}

/// As upstreams that turn headers into variables read it.
fn with_dashes(name: &str) -> String {
    name.replace(|character: char| !character.is_ascii_alphanumeric(), "-")
}

fn cookies(header: &str, settings: &Settings) -> Option<String> {
    cookie::without(header, |name| settings.provider.is_own_cookie(name))
}

#[cfg(test)]
mod tests {
    use super::super::settings::settings;
    use super::*;

    fn forwarded(inbound: &[(&str, &str)]) -> Vec<(String, String)> {
        let inbound = inbound.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        headers(inbound, &settings(&[]).unwrap(), None, None)
    }

    fn names(inbound: &[(&str, &str)]) -> Vec<String> {
        let ours = ["x-forwarded-host", "x-forwarded-proto"];
        forwarded(inbound).into_iter().map(|(name, _)| name).filter(|name| !ours.contains(&name.as_str())).collect()
    }

    #[test]
    fn identity_and_forwarding_claims_of_the_visitor_go() {
        for name in [
            "x-edgeseal-user-id",
            "x_edgeseal_user_id",
            "x-forwarded-for",
            "x-forwarded-host",
            "x_forwarded_proto",
            "x-forwarded-uri",
            "forwarded",
            "x-original-url",
            "x-rewrite-url",
            "x-middleware-subrequest",
            "x-middleware-subrequest-id",
            "x-original-host",
            "x~original~url",
            "x-real-ip",
            "x-http-method-override",
        ] {
            assert_eq!(names(&[(name, "evil"), ("accept", "*/*")]), ["accept"], "{name}");
        }
    }

    #[test]
    fn headers_of_one_connection_go() {
        let inbound = [("connection", "close, X-Private"), ("x-private", "1"), ("te", "trailers"), ("accept", "*/*")];
        assert_eq!(names(&inbound), ["accept"]);
        assert_eq!(names(&[("upgrade", "h2c")]), [""; 0]);
        assert_eq!(names(&[("connection", "Upgrade"), ("upgrade", "WebSocket")]), ["upgrade"]);
    }

    #[test]
    fn our_own_cookies_go_and_others_stay() {
        let cookie = "a=1; wos-session=x; wos-session.0=y; __Host-edgeseal-flow-abc=z; b=2";
        let cookies: Vec<_> =
            forwarded(&[("cookie", cookie)]).into_iter().filter(|(name, _)| name == "cookie").collect();
        assert_eq!(cookies, [("cookie".to_owned(), "a=1; b=2".to_owned())]);
        assert_eq!(names(&[("cookie", "wos-session=x")]), [""; 0]);
    }

    #[test]
    fn an_upstream_that_reads_the_session_gets_one_cookie_of_it() {
        let settings = settings(&[("UPSTREAM_SEAL", "go"), ("UPSTREAM_COOKIE_NAME", "site")]).unwrap();
        let cookie = |inbound: &[&str], session_cookie| {
            let inbound = inbound.iter().map(|value| ("cookie".to_owned(), (*value).to_owned()));
            let outbound = headers(inbound, &settings, None, session_cookie);
            outbound.into_iter().filter(|(name, _)| name == "cookie").map(|(_, value)| value).collect::<Vec<_>>()
        };
        let forged = "site=forged; a=1; wos-session.1=y; site.0=2.t.x; b=2";
        assert_eq!(cookie(&[forged], Some("site=sealed")), ["site=sealed; a=1; b=2"]);
        assert_eq!(cookie(&[forged], None), ["a=1; b=2"]);
        assert_eq!(cookie(&[], Some("site=sealed")), ["site=sealed"]);
        assert_eq!(cookie(&["site=forged"], None), [""; 0]);
    }

    #[test]
    fn an_upstream_gets_none_of_the_cookies_of_stytch_unless_it_reads_one() {
        let cookies = |changes: &[_], session_cookie| {
            let settings = settings(changes).unwrap();
            let inbound = "a=1; stytch_session=x; stytch_session_jwt=y; wos-session=z; jwt=forged";
            let outbound = headers([("cookie".to_owned(), inbound.to_owned())], &settings, None, session_cookie);
            outbound.into_iter().find(|(name, _)| name == "cookie").map(|(_, value)| value)
        };
        let stytch = ("PROVIDER", "stytch");
        assert_eq!(cookies(&[stytch], None).as_deref(), Some("a=1; wos-session=z; jwt=forged"));
        let read = cookies(&[stytch, ("UPSTREAM_COOKIE_NAME", "jwt")], Some("jwt=good"));
        assert_eq!(read.as_deref(), Some("jwt=good; a=1; wos-session=z"));
    }

    #[test]
    fn the_upstream_learns_how_the_request_came() {
        let outbound = forwarded(&[("cf-connecting-ip", "192.0.2.1")]);
        for (name, value) in
            [("x-forwarded-host", "app.example.com"), ("x-forwarded-proto", "https"), ("x-forwarded-for", "192.0.2.1")]
        {
            assert!(outbound.contains(&(name.to_owned(), value.to_owned())), "{name}");
        }
    }
}
