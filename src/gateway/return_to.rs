//! Where a visitor may be sent after sign-in: a path of this site, and nowhere else.

use crate::limits;

/// The path, if it is one. Browsers read `\` as `/`, skip tabs and line breaks, and take `//host` for another site; so
/// what is not plainly a path becomes `/`.
pub(super) fn safe(return_to: Option<&str>, prefix: &str) -> String {
    return_to.filter(|path| is_safe(path) && !is_under(path, prefix)).unwrap_or("/").to_owned()
}

fn is_safe(path: &str) -> bool {
    path.len() <= limits::RETURN_TO_BYTES
        && path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
        && !leaves_by_dots(path)
}

/// `/..//host` is `//host` once a browser has resolved the dots.
fn leaves_by_dots(path: &str) -> bool {
    let path = path.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase().replace("%2e", ".");
    path.contains("//") || path.split('/').any(|segment| matches!(segment, "." | ".."))
}

/// Coming back to an endpoint of the gateway would start over, or sign out.
fn is_under(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_the_site_are_kept() {
        for path in ["/", "/app/", "/app?x=1&y=//z", "/a#b", "/%E2%9C%93", "/authors", "/a..b/"] {
            assert_eq!(safe(Some(path), "/auth"), path);
        }
    }

    #[test]
    fn everything_else_becomes_the_start_page() {
        let long = format!("/{}", "a".repeat(limits::RETURN_TO_BYTES));
        for path in [
            "",
            "app",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil",
            "https://evil.example",
            "/\t/evil.example",
            "/\n/evil",
            " /app",
            "/a b",
            "/..//evil.example",
            "/./%2e%2E//evil",
            "/a//b",
            "javascript:alert(1)",
            "/é",
            "/auth",
            "/auth/logout",
            "/auth?x",
            &long,
        ] {
            assert_eq!(safe(Some(path), "/auth"), "/", "{path:?}");
        }
        assert_eq!(safe(None, "/auth"), "/");
    }
}
