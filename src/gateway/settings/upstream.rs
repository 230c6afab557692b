//! The settings of what stands behind the gateway: where it is, and which session cookie it reads. Nothing here asks it.

use super::cookie::cookie_name;
use super::origin;
use super::workos::{UNKNOWN_FORMAT_PROBLEM, passwords};
use crate::error::ConfigurationError;
use crate::seal::{PasswordRing, SealFormat};

/// Where the site behind the gateway is, when it is neither a service nor assets.
pub(in crate::gateway) enum Upstream {
    /// `origin`: at the same URL. A Worker on a route reaches the site that it stands before.
    SameUrl,
    /// At this scheme and host.
    At(String),
}

impl Upstream {
    /// Reads `UPSTREAM_URL`.
    pub(super) fn read(setting: String) -> Result<Self, ConfigurationError> {
        if setting == "origin" { Ok(Self::SameUrl) } else { origin("UPSTREAM_URL", &setting).map(Self::At) }
    }
}

/// The session cookie that the upstream's SDK reads and writes.
pub(in crate::gateway) struct UpstreamSeal {
    pub(in crate::gateway) format: SealFormat,
    pub(in crate::gateway) cookie_name: String,
    pub(in crate::gateway) passwords: PasswordRing,
}

const PASSWORD_SETTING: &str = "UPSTREAM_COOKIE_PASSWORD";

impl UpstreamSeal {
    /// Reads `UPSTREAM_SEAL` and what goes with it. Name and passwords are those of the browser's cookie where nothing else
    /// is said.
    pub(super) fn read(
        format: &str,
        name: Option<String>,
        password: Option<String>,
        browser_name: &str,
        browser_passwords: &PasswordRing,
    ) -> Result<Self, ConfigurationError> {
        const SETTING: &str = "UPSTREAM_SEAL";
        let format = SealFormat::from_name(format).ok_or(ConfigurationError::new(SETTING, UNKNOWN_FORMAT_PROBLEM))?;
        if format.written() != format {
            return Err(ConfigurationError::new(SETTING, "is a format that is only read; write `ruby`"));
        }
        let passwords = match password.filter(|password| !password.trim().is_empty()) {
            Some(password) => {
                passwords(PASSWORD_SETTING, Some(password))?.sharing(browser_passwords.derived_keys().clone())
            }
            None => browser_passwords.clone(),
        };
        // The newest, as in SEAL_FORMAT. Where it is the browser's that does not suit, this setting is the one to write.
        format.check(&passwords).map_err(|error| error.of_setting(PASSWORD_SETTING))?;
        let cookie_name = match name {
            Some(name) => cookie_name("UPSTREAM_COOKIE_NAME", name)?,
            None => browser_name.to_owned(),
        };
        Ok(Self { format, cookie_name, passwords })
    }
}

#[cfg(test)]
mod tests {
    use super::super::workos_settings as settings;
    use super::*;

    const FERNET_KEY: &str = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";

    fn read(changes: &[(&str, &str)]) -> Result<Option<UpstreamSeal>, ConfigurationError> {
        settings(changes).map(|settings| std::rc::Rc::into_inner(settings).unwrap().upstream_seal)
    }

    #[test]
    fn without_the_setting_there_is_no_cookie_for_the_upstream() {
        assert!(read(&[]).unwrap().is_none());
        assert!(read(&[("UPSTREAM_COOKIE_NAME", "other")]).unwrap().is_none());
    }

    #[test]
    fn name_and_password_are_the_browsers_unless_said_otherwise() {
        let seal = read(&[("UPSTREAM_SEAL", "go"), ("COOKIE_NAME", "own")]).unwrap().unwrap();
        assert_eq!((seal.format, seal.cookie_name.as_str(), seal.passwords.len()), (SealFormat::Go, "own", 1));
        let ring = format!(r#"["{FERNET_KEY}", "an older password of 32 characters"]"#);
        let own = [
            ("UPSTREAM_SEAL", "fernet"),
            ("UPSTREAM_COOKIE_NAME", "django_session"),
            ("UPSTREAM_COOKIE_PASSWORD", ring.as_str()),
        ];
        let seal = read(&own).unwrap().unwrap();
        assert_eq!((seal.cookie_name.as_str(), seal.passwords.newest()), ("django_session", ("1", FERNET_KEY)));
    }

    #[test]
    fn what_cannot_work_names_the_rule() {
        let fernet = ("UPSTREAM_SEAL", "fernet");
        let older = format!(r#"["a password of at least 32 characters", "{FERNET_KEY}"]"#);
        for (changes, setting, rule) in [
            (vec![("UPSTREAM_SEAL", "rot13")], "UPSTREAM_SEAL", "`fernet`"),
            (vec![("UPSTREAM_SEAL", "ruby-legacy")], "UPSTREAM_SEAL", "only read"),
            (vec![fernet], PASSWORD_SETTING, "url-safe base64 of 32 bytes"),
            (vec![fernet, (PASSWORD_SETTING, older.as_str())], PASSWORD_SETTING, "url-safe base64 of 32 bytes"),
            (vec![("UPSTREAM_SEAL", "php")], PASSWORD_SETTING, "base64 of 32 bytes"),
            (vec![fernet, (PASSWORD_SETTING, "short")], PASSWORD_SETTING, "too short"),
            (vec![("UPSTREAM_SEAL", "iron"), (PASSWORD_SETTING, "[1]")], PASSWORD_SETTING, "not a list"),
            (vec![("UPSTREAM_SEAL", "iron"), ("UPSTREAM_COOKIE_NAME", "a;b")], "UPSTREAM_COOKIE_NAME", "character"),
        ] {
            let error = read(&changes).err().unwrap();
            assert_eq!(error.setting(), setting, "{changes:?}");
            assert!(error.to_string().contains(rule), "{error}");
        }
    }
}
