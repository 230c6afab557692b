//! The one path that rules are matched against. A path that the upstream might read differently has none.
//!
//! Most holes of gateways are here: the gateway sees `/docs/..%2fapp`, the upstream `/app` (CVE-2026-41248 and its kin).

use percent_encoding::percent_decode_str;

/// The path, decoded once; `None` for a path with two readings: encoded or repeated slashes, backslashes, dot segments,
/// path parameters, control characters, double encoding, or bytes that are no UTF-8.
pub(super) fn canonical(path: &str) -> Option<String> {
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    let slashes = |text: &str| text.bytes().filter(|byte| *byte == b'/').count();
    let is_ambiguous = slashes(path) != slashes(&decoded)
        || decoded.contains("//")
        || decoded.chars().any(|character| matches!(character, '\\' | ';' | '%' | '?' | '#') || character.is_control())
        || decoded.split('/').any(|segment| matches!(segment, "." | ".."));
    (!is_ambiguous && decoded.starts_with('/')).then(|| decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_paths_are_decoded_once() {
        for (path, expected) in [
            ("/", "/"),
            ("/app/", "/app/"),
            ("/%61pp", "/app"),
            ("/caf%C3%A9", "/café"),
            ("/a.b/..c/...", "/a.b/..c/..."),
            ("/a%20b+c", "/a b+c"),
        ] {
            assert_eq!(canonical(path).as_deref(), Some(expected), "{path}");
        }
    }

    #[test]
    fn paths_with_two_readings_have_none() {
        for path in [
            "//a",
            "/a//b",
            "/docs/..%2fapp",
            "/docs/%2e%2e/app",
            "/docs/../app",
            "/./app",
            "/a%5cb",
            "/a\\b",
            "/a;x=1/b",
            "/a%00",
            "/a%0d%0a",
            "/%ff",
            "/%252e",
            "/a%25",
            "/a%3Fb",
            "/a%23",
            "",
            "app",
        ] {
            assert_eq!(canonical(path), None, "{path}");
        }
    }
}
