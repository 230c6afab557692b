//! Cookies on the wire (RFC 6265): values out of a `Cookie` header, and lines of `Set-Cookie`.
//!
//! Only the exact octets of a name count. Nothing here knows what a value means.

#[cfg(feature = "gateway")]
pub(crate) mod parts;

use core::fmt;

use crate::limits;

/// The values of a cookie, in the order in which the browser sent them. Empty values are left out.
///
/// Two header lines reach us joined by `, `. A name with a prefix (`__Host-`, `__Secure-`) is not looked for behind one: there
/// it may as well stand in the value of another cookie, which any host of the domain can set.
///
/// ```
/// use edgeseal::cookie;
/// let values: Vec<_> = cookie::values("a=1; wos-session=x; b=2; wos-session=y", "wos-session").collect();
/// assert_eq!(values, ["x", "y"]);
/// ```
pub fn values<'a>(header: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    let is_prefixed = name.starts_with("__");
    pieces(header)
        .filter(move |piece| !(piece.follows_comma && is_prefixed))
        .filter_map(|piece| piece.pair())
        .filter(move |(own, _)| *own == name)
        .map(|(_, value)| unquote(value))
        .filter(|value| !value.is_empty())
        .take(limits::COOKIE_VALUES)
}

/// The header without the cookies whose names `drop` names, wherever another reader might find them; `None` when nothing is
/// left.
pub fn without(header: &str, drop: impl Fn(&str) -> bool) -> Option<String> {
    let mut kept = String::with_capacity(header.len());
    let mut follows_kept = false;
    for piece in pieces(header) {
        follows_kept &= piece.follows_comma;
        // What has a prefix and stood behind a comma alone is read by nobody, and must not come to stand at the front.
        let would_be_forged = piece.text.trim().starts_with("__") && piece.follows_comma && !follows_kept;
        // Other readers trim more than we do.
        let is_dropped = would_be_forged || piece.pair().is_some_and(|(name, _)| drop(name.trim()));
        if is_dropped || piece.text.is_empty() {
            continue;
        }
        kept.push_str(match (kept.is_empty(), follows_kept) {
            (true, _) => "",
            (false, true) => ", ",
            (false, false) => "; ",
        });
        kept.push_str(piece.text);
        follows_kept = true;
    }
    Some(kept).filter(|kept| !kept.is_empty())
}

/// The names of all cookies, in the order in which the browser sent them.
pub fn names(header: &str) -> impl Iterator<Item = &str> {
    pairs(header).map(|(name, _)| name)
}

/// Name and raw value of each pair.
fn pairs(header: &str) -> impl Iterator<Item = (&str, &str)> {
    pieces(header).filter_map(|piece| piece.pair())
}

/// What stands between two separators.
#[derive(Clone, Copy)]
struct Piece<'a> {
    text: &'a str,
    /// Whether the separator before it is `, `: another header line, or the middle of a value.
    follows_comma: bool,
}

impl<'a> Piece<'a> {
    fn pair(self) -> Option<(&'a str, &'a str)> {
        let (name, value) = self.text.split_once('=')?;
        Some((trim(name), trim(value)))
    }
}

fn pieces(header: &str) -> impl Iterator<Item = Piece<'_>> {
    let header = if header.len() > limits::COOKIE_HEADER_BYTES { "" } else { header };
    let split = header.split(';').flat_map(|text| text.split(", ").enumerate());
    split.map(|(index, text)| Piece { text: trim(text), follows_comma: index > 0 })
}

/// White space is SP and HTAB alone: Unicode's would let ` __Host-x` pass as `__Host-x`.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

fn unquote(value: &str) -> &str {
    value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value)
}

/// `SameSite` (RFC 6265bis §5.4.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameSite {
    /// Sent along when the browser navigates here from elsewhere.
    Lax,
    /// Sent from this site only.
    Strict,
    /// Sent from everywhere; needs `Secure`.
    None,
}

/// One `Set-Cookie` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attributes {
    /// The cookie's name.
    pub name: String,
    /// `Path`.
    pub path: String,
    /// `Domain`; none restricts the cookie to this host.
    pub domain: Option<String>,
    /// `SameSite`.
    pub same_site: SameSite,
    /// `Secure`: sent over https alone.
    pub secure: bool,
    /// `HttpOnly`: no script can read it. Off only for cookies that the provider's own script has to read.
    pub http_only: bool,
}

impl Attributes {
    /// The line that sets the cookie for so many seconds.
    pub fn set(&self, value: &str, max_age_seconds: i64) -> String {
        format!("{}={value}; Max-Age={max_age_seconds}{self}", self.name)
    }

    /// The line that deletes it.
    pub fn delete(&self) -> String {
        format!("{}=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT{self}", self.name)
    }
}

/// The attributes as they end the line.
impl fmt::Display for Attributes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "; Path={}", self.path)?;
        formatter.write_str(if self.http_only { "; HttpOnly" } else { "" })?;
        formatter.write_str(match self.same_site {
            SameSite::Lax => "; SameSite=Lax",
            SameSite::Strict => "; SameSite=Strict",
            SameSite::None => "; SameSite=None",
        })?;
        if let Some(domain) = &self.domain {
            write!(formatter, "; Domain={domain}")?;
        }
        formatter.write_str(if self.secure { "; Secure" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all<'a>(header: &'a str, name: &'a str) -> Vec<&'a str> {
        values(header, name).collect()
    }

    #[test]
    fn only_the_exact_name_counts() {
        let header = "xs=0; s=1; S=2; s2=3; \u{2000}s=4; s =5; \ts\t= 6 ;=7; s; s=\"8\"; s=";
        assert_eq!(all(header, "s"), ["1", "5", "6", "8"]);
    }

    #[test]
    fn values_keep_their_equal_signs() {
        assert_eq!(all("s=a=b==", "s"), ["a=b=="]);
    }

    #[test]
    fn hostile_headers_are_bounded() {
        assert_eq!(all(&"s=1;".repeat(1000), "s").len(), limits::COOKIE_VALUES);
        assert!(all(&format!("s=1; x={}", "y".repeat(limits::COOKIE_HEADER_BYTES)), "s").is_empty());
    }

    #[test]
    fn cookies_are_dropped_by_name() {
        let header = "a=1; s=secret; b=\"2\"; s=other";
        assert_eq!(without(header, |name| name == "s").as_deref(), Some("a=1; b=\"2\""));
        assert_eq!(without("s=secret", |name| name == "s"), None);
    }

    #[test]
    fn two_header_lines_are_one_with_a_comma() {
        assert_eq!(all("a=1, s=2", "s"), ["2"]);
        assert_eq!(all("s=2, a=1; s=3", "s"), ["2", "3"]);
        assert_eq!(without("a=1, s=2; b=3", |name| name == "s").as_deref(), Some("a=1; b=3"));
        assert_eq!(without("s=2, a=1", |name| name == "s").as_deref(), Some("a=1"));
        let json = r#"a={"x":1, "y":"=2", 3}; b"#;
        assert_eq!(without(json, |name| name == "s").as_deref(), Some(json), "another cookie's value stays as it is");
    }

    #[test]
    fn no_prefix_is_forged_inside_of_another_value() {
        let header = "a=1, __Host-s=evil; __Host-s=good, b=2; c=, __Host-s=evil";
        assert_eq!(all(header, "__Host-s"), ["good"]);
        assert_eq!(without(header, |name| name == "__Host-s").as_deref(), Some("a=1; b=2; c="));
        assert_eq!(without("\u{2000}__Host-s=evil; a=1", |name| name == "__Host-s").as_deref(), Some("a=1"));
    }

    #[test]
    fn what_is_dropped_leaves_no_cookie_of_its_own_behind() {
        let kept = |header| without(header, |name| name == "s");
        assert_eq!(kept("s=1, __Host-a=evil, __Host-b"), None);
        assert_eq!(kept("s=1, , s=2, \u{2000}__Host-a=evil; b=2").as_deref(), Some("b=2"));
        assert_eq!(kept("b=1; s=1, evil; c=3").as_deref(), Some("b=1; evil; c=3"), "b is as it was");
        assert_eq!(kept("a=1, s=2, __Host-b=3").as_deref(), Some("a=1, __Host-b=3"), "still behind a comma");
    }

    #[test]
    fn lines_carry_their_attributes() {
        let mut attributes = Attributes {
            name: "s".into(),
            path: "/".into(),
            domain: None,
            same_site: SameSite::Lax,
            secure: true,
            http_only: true,
        };
        assert_eq!(attributes.set("v", 60), "s=v; Max-Age=60; Path=/; HttpOnly; SameSite=Lax; Secure");
        attributes.domain = Some("example.com".into());
        attributes.secure = false;
        assert_eq!(
            attributes.delete(),
            "s=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; HttpOnly; SameSite=Lax; Domain=example.com"
        );
        attributes.http_only = false;
        assert_eq!(attributes.set("v", 60), "s=v; Max-Age=60; Path=/; SameSite=Lax; Domain=example.com");
    }
}
