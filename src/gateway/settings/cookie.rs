//! The attributes that the session's cookies have in common, whoever the provider.

use crate::cookie::{Attributes, SameSite};
use crate::error::ConfigurationError;

/// The attributes of a cookie whose name stands in this setting, with `COOKIE_DOMAIN` and `COOKIE_SAMESITE`.
pub(super) fn attributes(
    optional: &impl Fn(&'static str) -> Option<String>,
    (setting, name): (&'static str, String),
    is_secure: bool,
) -> Result<Attributes, ConfigurationError> {
    let name = cookie_name(setting, name)?;
    let domain = optional("COOKIE_DOMAIN");
    let demands_secure = name.starts_with("__Host-") || name.starts_with("__Secure-");
    if demands_secure && !is_secure {
        return Err(ConfigurationError::new(setting, "starts with a prefix that browsers keep for https sites only"));
    }
    if name.starts_with("__Host-") && domain.is_some() {
        return Err(ConfigurationError::new("COOKIE_DOMAIN", "contradicts a `__Host-` cookie; remove one of the two"));
    }
    let is_domain = |domain: &String| domain.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
    if !domain.as_ref().is_none_or(is_domain) {
        return Err(ConfigurationError::new("COOKIE_DOMAIN", "is not a domain; write for example `example.com`"));
    }
    let same_site = match optional("COOKIE_SAMESITE").map(|value| value.to_ascii_lowercase()).as_deref() {
        None | Some("lax") => SameSite::Lax,
        Some("strict") => SameSite::Strict,
        Some("none") if is_secure => SameSite::None,
        Some("none") => {
            return Err(ConfigurationError::new("COOKIE_SAMESITE", "may be `None` on https sites only; write `Lax`"));
        }
        Some(_) => {
            return Err(ConfigurationError::new("COOKIE_SAMESITE", "is not known; write `Lax`, `Strict` or `None`"));
        }
    };
    Ok(Attributes { name, path: "/".to_owned(), domain, same_site, secure: is_secure, http_only: true })
}

/// A token (RFC 6265 §4.1.1).
pub(super) fn cookie_name(setting: &'static str, name: String) -> Result<String, ConfigurationError> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if !name.bytes().all(is_token) {
        return Err(ConfigurationError::new(
            setting,
            "has a character that no cookie name may have; write letters, digits and `-`, for example `wos-session`",
        ));
    }
    Ok(name)
}
