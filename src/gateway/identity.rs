//! Identity headers: who is signed in, for the upstream. What comes from outside under such a name is removed.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::session::Session;

const PREFIX: &str = "x-edgeseal-";

/// Says to the upstream and to the visitor that the token has expired and the provider is down, by the code of its failure.
pub(super) const DEGRADED: &str = "x-edgeseal-degraded";

/// What a header value cannot hold plainly: controls, non-ASCII (always encoded), the escape itself, the separator of
/// lists, and spaces, which are lost at either end.
const ENCODED: &AsciiSet = &CONTROLS.add(b'%').add(b',').add(b' ');

/// Whether a header from outside has to go. CGI-like upstreams read `_`, and some of them `.` and all else that is no
/// letter or digit, as they read `-`, so every such spelling does.
pub(super) fn is_identity_header(name: &str) -> bool {
    let mut bytes =
        name.bytes().map(|byte| if byte.is_ascii_alphanumeric() { byte.to_ascii_lowercase() } else { b'-' });
    PREFIX.bytes().all(|expected| bytes.next() == Some(expected))
}

/// The headers that say who is signed in. UTF-8 percent-encoded, lists joined by commas.
pub(super) fn headers(session: &Session, provider: &str) -> Vec<(&'static str, String)> {
    let text = |value: Option<&str>| value.map(encode);
    let list = |values: &[String]| {
        (!values.is_empty()).then(|| values.iter().map(|value| encode(value)).collect::<Vec<_>>().join(","))
    };
    [
        ("x-edgeseal-provider", Some(provider.to_owned())),
        ("x-edgeseal-user-id", text(session.user_id.as_deref())),
        ("x-edgeseal-email", text(session.user.as_ref().and_then(|user| user.email()))),
        ("x-edgeseal-session-id", text(session.session_id.as_deref())),
        ("x-edgeseal-organization-id", text(session.organization_id.as_deref())),
        ("x-edgeseal-role", text(session.role.as_deref())),
        ("x-edgeseal-roles", list(&session.roles)),
        ("x-edgeseal-permissions", list(&session.permissions)),
        ("x-edgeseal-impersonator", text(session.impersonator.as_ref().map(|who| who.email.as_str()))),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}

fn encode(value: &str) -> String {
    utf8_percent_encode(value, ENCODED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_recognised() {
        for name in
            ["x-edgeseal-user-id", "X-Edgeseal-User-Id", "x_edgeseal_user_id", "X-EDGESEAL_ANYTHING", "x.edgeseal.role"]
        {
            assert!(is_identity_header(name), "{name}");
        }
        for name in ["x-edgeseal", "xx-edgeseal-user-id", "edgeseal-user-id", "cookie"] {
            assert!(!is_identity_header(name), "{name}");
        }
    }

    #[test]
    fn values_stay_one_header_line() {
        assert_eq!(encode("ada@example.com"), "ada@example.com");
        assert_eq!(encode("a,b%\r\nx: y"), "a%2Cb%25%0D%0Ax:%20y");
        assert_eq!(encode("Łódź"), "%C5%81%C3%B3d%C5%BA");
    }
}
