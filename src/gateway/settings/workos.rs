//! The settings of WorkOS's sessions: the environment, and how their cookie is named and sealed.

use secrecy::SecretString;

use super::conduct::max_age;
use super::cookie::{attributes, cookie_name};
use super::upstream::UpstreamSeal;
use crate::cookie::{Attributes, parts};
use crate::error::ConfigurationError;
use crate::jwt::TokenPolicy;
use crate::limits;
use crate::provider::workos::{DEFAULT_BASE_URL, WorkOs, WorkOsOptions};
use crate::seal::{PasswordRing, SealFormat, SealFormats};

/// Settings of WorkOS that can work. They cannot be printed: secrets are among them.
pub(in crate::gateway) struct WorkOsSettings {
    pub(in crate::gateway) workos: WorkOs,
    pub(in crate::gateway) passwords: PasswordRing,
    pub(in crate::gateway) redirect_uri: String,
    pub(in crate::gateway) cookie: Attributes,
    /// `COOKIE_NAME_BEFORE`: still read, and moved to the new name.
    pub(in crate::gateway) cookie_name_before: Option<String>,
    pub(in crate::gateway) cookie_max_age: i64,
    pub(in crate::gateway) seal_format: SealFormat,
    /// `ACCEPT_FORMATS`.
    pub(in crate::gateway) accept_formats: SealFormats,
    /// `UPSTREAM_SEAL`; none: the upstream gets no session cookie.
    pub(in crate::gateway) upstream_seal: Option<UpstreamSeal>,
}

impl WorkOsSettings {
    /// Reads settings by name; `raw` leaves the white space of passwords where it is.
    pub(super) fn read(
        optional: &impl Fn(&'static str) -> Option<String>,
        raw: &impl Fn(&str) -> Option<String>,
        public_origin: &str,
        prefix: &str,
    ) -> Result<Self, ConfigurationError> {
        const NO_API_KEY: &str = "is missing; write the API key of your environment, `sk_…`";
        let api_key = optional("WORKOS_API_KEY").ok_or(ConfigurationError::new("WORKOS_API_KEY", NO_API_KEY))?;
        let workos = WorkOs::new(WorkOsOptions {
            client_id: optional("WORKOS_CLIENT_ID").unwrap_or_default(),
            api_key: Some(api_key.into()),
            base_url: optional("WORKOS_BASE_URL").unwrap_or_else(|| DEFAULT_BASE_URL.to_owned()),
            policy: TokenPolicy {
                issuers: optional("WORKOS_ISSUER").into_iter().collect(),
                audiences: Vec::new(),
                leeway_seconds: limits::GATEWAY_LEEWAY_SECONDS,
            },
        })?;
        let workos = match optional("PINNED_KEYS") {
            Some(jwks) => workos.with_pinned_keys(jwks.as_bytes())?,
            None => workos,
        };
        let passwords = passwords(PASSWORD_SETTING, raw(PASSWORD_SETTING))?;
        let name = optional("COOKIE_NAME").unwrap_or_else(|| "wos-session".to_owned());
        let cookie = attributes(optional, ("COOKIE_NAME", name), public_origin.starts_with("https://"))?;
        let accept_formats = accept_formats(optional("ACCEPT_FORMATS"), &passwords)?;
        Ok(Self {
            workos,
            redirect_uri: optional("REDIRECT_URI").unwrap_or_else(|| format!("{public_origin}{prefix}/callback")),
            cookie_name_before: optional("COOKIE_NAME_BEFORE")
                .map(|name| cookie_name("COOKIE_NAME_BEFORE", name))
                .transpose()?,
            cookie_max_age: max_age(optional("COOKIE_MAX_AGE"))?,
            seal_format: seal_format(optional("SEAL_FORMAT"), &passwords, accept_formats)?,
            accept_formats,
            upstream_seal: optional("UPSTREAM_SEAL")
                .map(|format| {
                    let password = raw("UPSTREAM_COOKIE_PASSWORD");
                    UpstreamSeal::read(&format, optional("UPSTREAM_COOKIE_NAME"), password, &cookie.name, &passwords)
                })
                .transpose()?,
            cookie,
            passwords,
        })
    }

    /// Whether a cookie is the session's, whole or in part, under any of its names: no such cookie of the browser's reaches the
    /// upstream, and none of the upstream's reaches the browser.
    pub(in crate::gateway) fn is_session_cookie(&self, name: &str) -> bool {
        let upstream_name = self.upstream_seal.as_ref().map(|seal| &seal.cookie_name);
        let names = [Some(&self.cookie.name), self.cookie_name_before.as_ref(), upstream_name];
        names.into_iter().flatten().any(|own| parts::belongs_to(name, own))
    }
}

const PASSWORD_SETTING: &str = "WORKOS_COOKIE_PASSWORD";
pub(super) const UNKNOWN_FORMAT_PROBLEM: &str = "is not known; there are `iron`, `remix`, `fernet`, `ruby`, `go`, `php`, `dotnet`, `edgeseal`, `json` and, to read only, `ruby-legacy`";
const PASSWORD_PROBLEM: &str =
    "is missing; write 32 random characters or more, for example the output of `openssl rand -base64 32`";

/// One password, or a JSON array of them, newest first. Taken to the octet, white space and all, as the SDKs do.
pub(super) fn passwords(name: &'static str, setting: Option<String>) -> Result<PasswordRing, ConfigurationError> {
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
mod tests {
    use super::super::workos_settings as settings;
    use super::*;

    #[test]
    fn passwords_rotate() {
        let ring = r#"["the new password, 32 characters or more", "the old password, 32 characters or more"]"#;
        assert_eq!(settings(&[("WORKOS_COOKIE_PASSWORD", ring)]).unwrap().passwords.len(), 2);
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
