//! What a shared cache may keep: nothing that depends on who is signed in, and nothing that sets a cookie.

/// Whether a header speaks to one shared cache or another past `Cache-Control` (RFC 9213 and its forerunners).
pub(super) fn is_for_shared_caches(name: &str) -> bool {
    name.ends_with("cdn-cache-control") || ["surrogate-control", "edge-control", "x-accel-expires"].contains(&name)
}

/// `Cache-Control` of an answer to one person: the upstream's, without what lets others share it.
///
/// An answer with a cookie is not kept at all: a cache that replays it would sign others in.
pub(super) fn private(upstream: &str, sets_cookie: bool) -> String {
    if sets_cookie {
        return "private, no-store".to_owned();
    }
    let name_of = |directive: &str| directive.split('=').next().unwrap_or_default().trim().to_ascii_lowercase();
    let kept: Vec<&str> = upstream
        .split(',')
        .map(str::trim)
        .filter(|directive| {
            let shared = ["", "public", "private", "s-maxage", "proxy-revalidate", "must-understand"];
            let name = name_of(directive);
            !shared.contains(&name.as_str()) && !name.starts_with("stale-")
        })
        .collect();
    let is_bounded = kept.iter().any(|directive| ["no-store", "no-cache", "max-age"].contains(&&*name_of(directive)));
    let default = if is_bounded { None } else { Some("no-cache") };
    ["private"].into_iter().chain(kept).chain(default).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_stays_shared() {
        for (upstream, expected) in [
            ("", "private, no-cache"),
            ("public, max-age=31536000, immutable", "private, max-age=31536000, immutable"),
            ("Public, S-MaxAge=60", "private, no-cache"),
            (
                "s-maxage=60, stale-while-revalidate=60, max-age=0, must-revalidate",
                "private, max-age=0, must-revalidate",
            ),
            ("no-store", "private, no-store"),
            ("private=\"set-cookie\", no-cache", "private, no-cache"),
        ] {
            assert_eq!(private(upstream, false), expected, "{upstream}");
        }
        assert_eq!(private("public, max-age=60", true), "private, no-store");
    }
}
