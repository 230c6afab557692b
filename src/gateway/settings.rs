//! The operator's settings, checked as a whole before the first request is served.
//!
//! A setting that cannot work is an error that names it and says what to write; nothing is guessed or half accepted. Those of the
//! other provider are not looked at.

mod conduct;
mod cookie;
mod stytch;
mod upstream;
mod workos;

use std::rc::Rc;

use conduct::{admin_token, degraded_seconds, portable_signatures, revocation};
use secrecy::SecretString;
pub(super) use stytch::{RETURN_PARAMETER, StytchSettings};
pub(super) use upstream::Upstream;
pub(super) use workos::WorkOsSettings;

use super::route::Routes;
use crate::error::ConfigurationError;
use crate::provider::stytch::Vertical;
use crate::revocation::RevocationPolicy;

/// Settings that can work, of the site and of its provider. They cannot be printed: secrets are among them.
pub(super) struct Settings {
    pub(super) provider: Provider,
    /// Scheme and host of the site, as browsers see it. Never taken from a request.
    pub(super) public_origin: String,
    /// `AUTH_PREFIX`, without a slash at the end.
    pub(super) prefix: String,
    pub(super) routes: Routes,
    /// `UPSTREAM_URL`.
    pub(super) upstream: Option<Upstream>,
    /// `DEGRADED_SECONDS`: how long an expired session is served while the provider is down.
    pub(super) degraded_seconds: i64,
    /// `SIGNATURES`: RSA does without the kernel of this build.
    pub(super) portable_signatures: bool,
    /// `REVOCATION` and `REVOCATION_OUTAGE_SECONDS`.
    pub(super) revocation: RevocationPolicy,
    /// `WORKOS_WEBHOOK_SECRET`: what WorkOS signs its webhooks with.
    pub(super) webhook_secret: Option<SecretString>,
    /// Who shows it sees the details of `/ready`, and revokes.
    pub(super) admin_token: Option<SecretString>,
}

/// `PROVIDER`, with the settings of its own.
pub(super) enum Provider {
    WorkOs(Rc<WorkOsSettings>),
    Stytch(Rc<StytchSettings>),
}

impl Settings {
    /// Reads settings by name. Structured ones come as JSON; an empty one counts as missing.
    pub(super) fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigurationError> {
        let optional =
            |name: &'static str| variable(name).map(|value| value.trim().to_owned()).filter(|v| !v.is_empty());
        let vertical = match optional("PROVIDER").as_deref() {
            None | Some("workos") => None,
            Some("stytch") => Some(Vertical::Consumer),
            Some("stytch-b2b") => Some(Vertical::B2b),
            Some(_) => {
                let problem = "is not supported; write `workos`, `stytch` or `stytch-b2b`";
                return Err(ConfigurationError::new("PROVIDER", problem));
            }
        };
        let public_url = optional("PUBLIC_URL").ok_or(ConfigurationError::new("PUBLIC_URL", PUBLIC_URL_PROBLEM))?;
        let public_origin = origin("PUBLIC_URL", &public_url)?;
        let prefix = prefix(optional("AUTH_PREFIX"))?;
        let routes = Routes::parse(optional("ROUTES").as_deref())?;
        let provider = match vertical {
            None => {
                WorkOsSettings::read(&optional, &variable, &public_origin, &prefix).map(Rc::new).map(Provider::WorkOs)
            }
            Some(vertical) => StytchSettings::read(&optional, vertical, &public_origin, &prefix, &routes)
                .map(Rc::new)
                .map(Provider::Stytch),
        }?;
        Ok(Self {
            provider,
            routes,
            upstream: optional("UPSTREAM_URL").map(Upstream::read).transpose()?,
            degraded_seconds: degraded_seconds(optional("DEGRADED_SECONDS"))?,
            portable_signatures: portable_signatures(optional("SIGNATURES"))?,
            revocation: revocation(optional("REVOCATION"), optional("REVOCATION_OUTAGE_SECONDS"))?,
            webhook_secret: optional("WORKOS_WEBHOOK_SECRET").map(Into::into),
            admin_token: admin_token(optional("ADMIN_TOKEN"))?,
            public_origin,
            prefix,
        })
    }

    /// The path of an endpoint of the gateway.
    pub(super) fn endpoint(&self, name: &str) -> String {
        format!("{}/{name}", self.prefix)
    }
}

impl Provider {
    /// As the operator writes it, and as the upstream and scripts read it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::WorkOs(_) => "workos",
            Self::Stytch(settings) => settings.name(),
        }
    }
}

const PUBLIC_URL_PROBLEM: &str =
    "is missing; write the address of your site as browsers see it, for example `https://app.example.com`";

/// Scheme and host. `http` only on this machine: cookies and tokens travel here.
fn origin(setting: &'static str, url: &str) -> Result<String, ConfigurationError> {
    let problem = "is not usable; write scheme and host only, for example `https://app.example.com`";
    let error = || ConfigurationError::new(setting, problem);
    let url = url.trim_end_matches('/');
    let uri = http::Uri::try_from(url).map_err(|_| error())?;
    let host = uri.host().unwrap_or_default();
    let is_local = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    let scheme_fits = uri.scheme_str() == Some("https") || (uri.scheme_str() == Some("http") && is_local);
    if host.is_empty() || !scheme_fits || uri.path() != "/" || uri.query().is_some() || url.contains('@') {
        return Err(error());
    }
    Ok(url.to_ascii_lowercase())
}

fn prefix(setting: Option<String>) -> Result<String, ConfigurationError> {
    let prefix = setting.unwrap_or_else(|| "/auth".to_owned());
    let prefix = prefix.trim_end_matches('/');
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_/.".contains(&byte);
    if !prefix.starts_with('/') || prefix.contains("//") || prefix.contains("/.") || !prefix.bytes().all(is_plain) {
        return Err(ConfigurationError::new("AUTH_PREFIX", "is not a plain path; write for example `/auth`"));
    }
    Ok(prefix.to_owned())
}

#[cfg(test)]
fn given(changes: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> {
    let changes: Vec<_> = changes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    move |name| {
        let defaults = [
            ("PUBLIC_URL", "https://app.example.com"),
            ("WORKOS_CLIENT_ID", "client_1"),
            ("WORKOS_API_KEY", "sk_test"),
            ("WORKOS_COOKIE_PASSWORD", "a password of at least 32 characters"),
            ("STYTCH_PROJECT_ID", "project-test-1"),
            ("STYTCH_SECRET", "secret-test-1"),
            ("LOGIN_URL", "https://login.example.com/"),
        ];
        let changed = changes.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
        changed.or_else(|| Some(defaults.iter().find(|(own, _)| *own == name)?.1)).map(str::to_owned)
    }
}

#[cfg(test)]
pub(super) fn settings(changes: &[(&str, &str)]) -> Result<Settings, ConfigurationError> {
    Settings::read(given(changes))
}

#[cfg(test)]
pub(super) fn workos_settings(changes: &[(&str, &str)]) -> Result<Rc<WorkOsSettings>, ConfigurationError> {
    settings(changes).map(|settings| match settings.provider {
        Provider::WorkOs(workos) => workos,
        Provider::Stytch(_) => panic!("another provider was asked for"),
    })
}

#[cfg(test)]
pub(super) fn stytch_settings(changes: &[(&str, &str)]) -> Result<Rc<StytchSettings>, ConfigurationError> {
    let changes: Vec<_> = [("PROVIDER", "stytch")].iter().chain(changes).copied().collect();
    settings(&changes).map(|settings| match settings.provider {
        Provider::Stytch(stytch) => stytch,
        Provider::WorkOs(_) => panic!("another provider was asked for"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_settings_are_enough() {
        let workos = workos_settings(&[]).unwrap();
        assert_eq!(workos.redirect_uri, "https://app.example.com/auth/callback");
        assert_eq!(workos.cookie.name, "wos-session");
        assert!(workos.cookie.secure);
        let settings = settings(&[]).unwrap();
        assert_eq!((settings.endpoint("login").as_str(), settings.provider.name()), ("/auth/login", "workos"));
    }

    #[test]
    fn signatures_are_verified_fast_unless_that_is_not_wanted() {
        let is_portable = |value| settings(&[("SIGNATURES", value)]).map(|settings| settings.portable_signatures);
        assert_eq!(["", "fast", "portable"].map(is_portable), [Ok(false), Ok(false), Ok(true)]);
    }

    #[test]
    fn settings_that_cannot_work_are_named() {
        let short_in_ring = r#"["the new password, 32 characters or more", "short"]"#;
        for (name, value) in [
            ("PROVIDER", "okta"),
            ("PUBLIC_URL", ""),
            ("PUBLIC_URL", "app.example.com"),
            ("PUBLIC_URL", "http://app.example.com"),
            ("PUBLIC_URL", "https://app.example.com/app"),
            ("PUBLIC_URL", "https://user:pass@app.example.com"),
            ("AUTH_PREFIX", "auth"),
            ("AUTH_PREFIX", "/a//b"),
            ("AUTH_PREFIX", "/"),
            ("WORKOS_CLIENT_ID", ""),
            ("WORKOS_API_KEY", ""),
            ("WORKOS_BASE_URL", "http://api.workos.com"),
            ("WORKOS_COOKIE_PASSWORD", ""),
            ("WORKOS_COOKIE_PASSWORD", "too short"),
            ("WORKOS_COOKIE_PASSWORD", "[1]"),
            ("WORKOS_COOKIE_PASSWORD", short_in_ring),
            ("COOKIE_NAME", "a b"),
            ("COOKIE_NAME", "a;b"),
            ("COOKIE_NAME_BEFORE", "a b"),
            ("COOKIE_DOMAIN", "example.com; Secure"),
            ("COOKIE_SAMESITE", "maybe"),
            ("COOKIE_MAX_AGE", "1"),
            ("COOKIE_MAX_AGE", "40000000"),
            ("COOKIE_MAX_AGE", "a day"),
            ("SEAL_FORMAT", "rot13"),
            ("SEAL_FORMAT", "ruby-legacy"),
            ("ACCEPT_FORMATS", "iron, rot13"),
            ("ACCEPT_FORMATS", "iron,"),
            ("ACCEPT_FORMATS", "[]"),
            ("ACCEPT_FORMATS", "[iron]"),
            ("ROUTES", "{}"),
            ("UPSTREAM_URL", "ftp://example.com"),
            ("ADMIN_TOKEN", "guess me"),
            ("SIGNATURES", "slow"),
            ("REVOCATION", "maybe"),
            ("REVOCATION_OUTAGE_SECONDS", "-1"),
            ("REVOCATION_OUTAGE_SECONDS", "86401"),
        ] {
            let error = settings(&[(name, value)]).err().unwrap();
            assert_eq!(error.setting(), name, "{value}");
            assert!(error.to_string().starts_with(name));
        }
    }
}
