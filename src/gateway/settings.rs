//! The operator's settings, checked as a whole before the first request is served.
//!
//! A setting that cannot work is an error that names it and says what to write; nothing is guessed or half accepted.

mod conduct;
mod upstream;

use conduct::{
    admin_token, degraded_seconds, is_revocation_strict, max_age, portable_signatures, revocation_outage_seconds,
};
use secrecy::SecretString;
pub(super) use upstream::{Upstream, UpstreamSeal};

use super::route::Routes;
use crate::cookie::{Attributes, SameSite, parts};
use crate::error::ConfigurationError;
use crate::jwt::TokenPolicy;
use crate::limits;
use crate::provider::workos::{DEFAULT_BASE_URL, WorkOs, WorkOsOptions};
use crate::seal::{PasswordRing, SealFormat, SealFormats};

/// Settings that can work. They cannot be printed: secrets are among them.
pub(super) struct Settings {
    pub(super) workos: WorkOs,
    pub(super) passwords: PasswordRing,
    /// Scheme and host of the site, as browsers see it. Never taken from a request.
    pub(super) public_origin: String,
    /// `AUTH_PREFIX`, without a slash at the end.
    pub(super) prefix: String,
    pub(super) redirect_uri: String,
    pub(super) cookie: Attributes,
    /// `COOKIE_NAME_BEFORE`: still read, and moved to the new name.
    pub(super) cookie_name_before: Option<String>,
    pub(super) cookie_max_age: i64,
    pub(super) seal_format: SealFormat,
    /// `ACCEPT_FORMATS`.
    pub(super) accept_formats: SealFormats,
    pub(super) routes: Routes,
    /// `UPSTREAM_URL`.
    pub(super) upstream: Option<Upstream>,
    /// `UPSTREAM_SEAL`; none: the upstream gets no session cookie.
    pub(super) upstream_seal: Option<UpstreamSeal>,
    /// `DEGRADED_SECONDS`: how long an expired session is served while the provider is down.
    pub(super) degraded_seconds: i64,
    /// `SIGNATURES`: RSA does without the kernel of this build.
    pub(super) portable_signatures: bool,
    /// `REVOCATION`: whether the object itself is asked about each session.
    pub(super) is_revocation_strict: bool,
    /// `REVOCATION_OUTAGE_SECONDS`: how long the last list is believed while none can be read.
    pub(super) revocation_outage_seconds: i64,
    /// `WORKOS_WEBHOOK_SECRET`: what WorkOS signs its webhooks with.
    pub(super) webhook_secret: Option<SecretString>,
    /// Who shows it sees the details of `/ready`, and revokes.
    pub(super) admin_token: Option<SecretString>,
}

impl Settings {
    /// Reads settings by name. Structured ones come as JSON; an empty one counts as missing.
    pub(super) fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigurationError> {
        let optional =
            |name: &'static str| variable(name).map(|value| value.trim().to_owned()).filter(|v| !v.is_empty());
        let required = |name: &'static str, problem: &'static str| {
            optional(name).ok_or_else(|| ConfigurationError::new(name, problem))
        };
        if optional("PROVIDER").is_some_and(|provider| provider != "workos") {
            return Err(ConfigurationError::new("PROVIDER", "is not supported; write `workos`"));
        }
        let public_origin = origin("PUBLIC_URL", &required("PUBLIC_URL", PUBLIC_URL_PROBLEM)?)?;
        let is_secure = public_origin.starts_with("https://");
        let prefix = prefix(optional("AUTH_PREFIX"))?;
        let redirect_uri = optional("REDIRECT_URI").unwrap_or_else(|| format!("{public_origin}{prefix}/callback"));
        let workos = WorkOs::new(WorkOsOptions {
            client_id: optional("WORKOS_CLIENT_ID").unwrap_or_default(),
            api_key: Some(
                required("WORKOS_API_KEY", "is missing; write the API key of your environment, `sk_…`")?.into(),
            ),
            base_url: optional("WORKOS_BASE_URL").unwrap_or_else(|| DEFAULT_BASE_URL.to_owned()),
            policy: TokenPolicy {
                issuers: optional("WORKOS_ISSUER").into_iter().collect(),
                audiences: Vec::new(),
                leeway_seconds: limits::GATEWAY_LEEWAY_SECONDS,
            },
        })?;
        let passwords = passwords(PASSWORD_SETTING, variable(PASSWORD_SETTING))?;
        let cookie = cookie(&optional, is_secure)?;
        let accept_formats = accept_formats(optional("ACCEPT_FORMATS"), &passwords)?;
        Ok(Self {
            workos,
            cookie_name_before: optional("COOKIE_NAME_BEFORE")
                .map(|name| cookie_name("COOKIE_NAME_BEFORE", name))
                .transpose()?,
            cookie_max_age: max_age(optional("COOKIE_MAX_AGE"))?,
            seal_format: seal_format(optional("SEAL_FORMAT"), &passwords, accept_formats)?,
            accept_formats,
            routes: Routes::parse(optional("ROUTES").as_deref())?,
            upstream: optional("UPSTREAM_URL").map(Upstream::read).transpose()?,
            upstream_seal: optional("UPSTREAM_SEAL")
                .map(|format| {
                    let password = variable("UPSTREAM_COOKIE_PASSWORD");
                    UpstreamSeal::read(&format, optional("UPSTREAM_COOKIE_NAME"), password, &cookie.name, &passwords)
                })
                .transpose()?,
            cookie,
            passwords,
            degraded_seconds: degraded_seconds(optional("DEGRADED_SECONDS"))?,
            portable_signatures: portable_signatures(optional("SIGNATURES"))?,
            is_revocation_strict: is_revocation_strict(optional("REVOCATION"))?,
            revocation_outage_seconds: revocation_outage_seconds(optional("REVOCATION_OUTAGE_SECONDS"))?,
            webhook_secret: optional("WORKOS_WEBHOOK_SECRET").map(Into::into),
            admin_token: admin_token(optional("ADMIN_TOKEN"))?,
            public_origin,
            prefix,
            redirect_uri,
        })
    }

    /// Whether a cookie is the session's, whole or in part, under any of its names: no such cookie of the browser's reaches the
    /// upstream, and none of the upstream's reaches the browser.
    pub(super) fn is_session_cookie(&self, name: &str) -> bool {
        let upstream_name = self.upstream_seal.as_ref().map(|seal| &seal.cookie_name);
        let names = [Some(&self.cookie.name), self.cookie_name_before.as_ref(), upstream_name];
        names.into_iter().flatten().any(|own| parts::belongs_to(name, own))
    }

    /// The path of an endpoint of the gateway.
    pub(super) fn endpoint(&self, name: &str) -> String {
        format!("{}/{name}", self.prefix)
    }
}

const PUBLIC_URL_PROBLEM: &str =
    "is missing; write the address of your site as browsers see it, for example `https://app.example.com`";
const PASSWORD_SETTING: &str = "WORKOS_COOKIE_PASSWORD";
const UNKNOWN_FORMAT_PROBLEM: &str = "is not known; there are `iron`, `remix`, `fernet`, `ruby`, `go`, `php`, `dotnet`, `edgeseal`, `json` and, to read only, `ruby-legacy`";
const PASSWORD_PROBLEM: &str =
    "is missing; write 32 random characters or more, for example the output of `openssl rand -base64 32`";

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

/// One password, or a JSON array of them, newest first. Taken to the octet, white space and all, as the SDKs do.
fn passwords(name: &'static str, setting: Option<String>) -> Result<PasswordRing, ConfigurationError> {
    let setting = setting.filter(|setting| !setting.trim().is_empty());
    let setting = setting.as_deref().ok_or_else(|| ConfigurationError::new(name, PASSWORD_PROBLEM))?;
    let passwords: Vec<SecretString> = if setting.trim_start().starts_with('[') {
        serde_json::from_str::<Vec<String>>(setting)
            .map_err(|_| {
                ConfigurationError::new(name, "is not a list; write `[\"newest\", \"older\"]` or one password")
            })?
            .into_iter()
            .map(Into::into)
            .collect()
    } else {
        vec![setting.into()]
    };
    PasswordRing::list(passwords).map_err(|error| error.of_setting(name))
}

fn cookie(
    optional: &impl Fn(&'static str) -> Option<String>,
    is_secure: bool,
) -> Result<Attributes, ConfigurationError> {
    let name = cookie_name("COOKIE_NAME", optional("COOKIE_NAME").unwrap_or_else(|| "wos-session".to_owned()))?;
    let domain = optional("COOKIE_DOMAIN");
    let demands_secure = name.starts_with("__Host-") || name.starts_with("__Secure-");
    if demands_secure && !is_secure {
        return Err(ConfigurationError::new(
            "COOKIE_NAME",
            "starts with a prefix that browsers keep for https sites only",
        ));
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
    Ok(Attributes { name, path: "/".to_owned(), domain, same_site, secure: is_secure })
}

/// A token (RFC 6265 §4.1.1).
fn cookie_name(setting: &'static str, name: String) -> Result<String, ConfigurationError> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if !name.bytes().all(is_token) {
        return Err(ConfigurationError::new(
            setting,
            "has a character that no cookie name may have; write letters, digits and `-`, for example `wos-session`",
        ));
    }
    Ok(name)
}

/// The formats that are read: names between commas, or a JSON array of them. One that is named has to work.
fn accept_formats(setting: Option<String>, passwords: &PasswordRing) -> Result<SealFormats, ConfigurationError> {
    const SETTING: &str = "ACCEPT_FORMATS";
    let Some(setting) = setting else {
        return Ok(SealFormats::DEFAULT);
    };
    let names: Vec<String> = if setting.starts_with('[') {
        serde_json::from_str(&setting)
            .map_err(|_| ConfigurationError::new(SETTING, "is not a list; write `[\"iron\", \"go\"]` or `iron, go`"))?
    } else {
        setting.split(',').map(str::to_owned).collect()
    };
    let formats: Option<Vec<_>> = names.iter().map(|name| SealFormat::from_name(name.trim())).collect();
    let formats = formats.filter(|formats| !formats.is_empty());
    let formats = formats.ok_or(ConfigurationError::new(SETTING, UNKNOWN_FORMAT_PROBLEM))?;
    if let Some(format) = formats.iter().find(|format| passwords.newest_for(**format).is_none()) {
        return Err(format.password_error().of_setting(PASSWORD_SETTING));
    }
    let set: SealFormats = formats.iter().copied().collect();
    if !formats.iter().all(|format| set.contains(format.written())) {
        return Err(ConfigurationError::new(
            SETTING,
            "has `ruby-legacy` without `ruby`, in which a refresh seals; add it",
        ));
    }
    Ok(set)
}

/// The format of new sessions. Its password is the newest one: with an older one, replacing a password would change nothing.
fn seal_format(
    setting: Option<String>,
    passwords: &PasswordRing,
    accepted: SealFormats,
) -> Result<SealFormat, ConfigurationError> {
    const SETTING: &str = "SEAL_FORMAT";
    let format = match setting {
        None => SealFormat::Iron,
        Some(name) => SealFormat::from_name(&name).ok_or(ConfigurationError::new(SETTING, UNKNOWN_FORMAT_PROBLEM))?,
    };
    if format.written() != format {
        return Err(ConfigurationError::new(SETTING, "is a format that is only read; write `ruby`"));
    }
    format.check(passwords).map_err(|error| error.of_setting(PASSWORD_SETTING))?;
    if !accepted.contains(format) {
        return Err(ConfigurationError::new(
            SETTING,
            "is not among ACCEPT_FORMATS, so that no session could be read again; name it there too",
        ));
    }
    Ok(format)
}

#[cfg(test)]
pub(super) fn settings(changes: &[(&str, &str)]) -> Result<Settings, ConfigurationError> {
    Settings::read(|name| {
        let defaults = [
            ("PUBLIC_URL", "https://app.example.com"),
            ("WORKOS_CLIENT_ID", "client_1"),
            ("WORKOS_API_KEY", "sk_test"),
            ("WORKOS_COOKIE_PASSWORD", "a password of at least 32 characters"),
        ];
        changes.iter().chain(&defaults).find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_settings_are_enough() {
        let settings = settings(&[]).unwrap();
        assert_eq!(settings.redirect_uri, "https://app.example.com/auth/callback");
        assert_eq!(settings.cookie.name, "wos-session");
        assert!(settings.cookie.secure);
        assert_eq!(settings.endpoint("login"), "/auth/login");
    }

    #[test]
    fn signatures_are_verified_fast_unless_that_is_not_wanted() {
        let is_portable = |value| settings(&[("SIGNATURES", value)]).map(|settings| settings.portable_signatures);
        assert_eq!(["", "fast", "portable"].map(is_portable), [Ok(false), Ok(false), Ok(true)]);
    }

    #[test]
    fn passwords_rotate() {
        let ring = r#"["the new password, 32 characters or more", "the old password, 32 characters or more"]"#;
        assert_eq!(settings(&[("WORKOS_COOKIE_PASSWORD", ring)]).unwrap().passwords.len(), 2);
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

    #[test]
    fn formats_are_named_one_by_one_and_have_to_work() {
        let accepted = |names: &str| settings(&[("ACCEPT_FORMATS", names)]).map(|settings| settings.accept_formats);
        let both = [SealFormat::Iron, SealFormat::Go].into_iter().collect();
        assert_eq!(settings(&[]).unwrap().accept_formats, SealFormats::DEFAULT);
        assert_eq!(accepted("iron, go").unwrap(), both);
        assert_eq!(accepted(r#"["go", "iron"]"#).unwrap(), both);
        assert_eq!(accepted("go").err().unwrap().setting(), "SEAL_FORMAT", "what is sealed has to be read");
        // A password that does not suit a format is no error until somebody asks for that format.
        assert_eq!(accepted("iron, fernet").err().unwrap().setting(), "WORKOS_COOKIE_PASSWORD");
        let fernet = ("SEAL_FORMAT", "fernet");
        let error = settings(&[fernet]).err().unwrap();
        assert!(error.setting() == "WORKOS_COOKIE_PASSWORD" && error.to_string().contains("`fernet`"), "{error}");
        let key = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
        assert!(settings(&[fernet, ("WORKOS_COOKIE_PASSWORD", key)]).is_ok());
        assert_eq!(
            settings(&[("SEAL_FORMAT", "json")]).err().unwrap().setting(),
            "SEAL_FORMAT",
            "accepted by name only"
        );
        assert!(settings(&[("SEAL_FORMAT", "json"), ("ACCEPT_FORMATS", "json, iron")]).is_ok());
        let legacy = |formats| {
            settings(&[("ACCEPT_FORMATS", formats), ("WORKOS_COOKIE_PASSWORD", "a password of exactly 32 bytes..")])
        };
        assert_eq!(legacy("iron, ruby-legacy").err().unwrap().setting(), "ACCEPT_FORMATS");
        assert!(legacy("iron, ruby, ruby-legacy").is_ok());
        let older = format!(r#"["a password of at least 32 characters", "{key}"]"#);
        assert!(settings(&[("ACCEPT_FORMATS", "iron, fernet"), ("WORKOS_COOKIE_PASSWORD", &older)]).is_ok());
        assert!(settings(&[fernet, ("WORKOS_COOKIE_PASSWORD", &older)]).is_err(), "the newest seals");
    }

    #[test]
    fn cookie_prefixes_keep_their_promise() {
        let local = ("PUBLIC_URL", "http://localhost:8787");
        let host_name = ("COOKIE_NAME", "__Host-session");
        assert!(settings(&[host_name]).is_ok());
        assert_eq!(settings(&[local, host_name]).err().unwrap().setting(), "COOKIE_NAME");
        assert_eq!(settings(&[host_name, ("COOKIE_DOMAIN", "a.example")]).err().unwrap().setting(), "COOKIE_DOMAIN");
        assert!(!settings(&[local]).unwrap().cookie.secure);
        assert_eq!(settings(&[local, ("COOKIE_SAMESITE", "none")]).err().unwrap().setting(), "COOKIE_SAMESITE");
    }
}
