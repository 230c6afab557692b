//! The settings of Stytch's sessions: the project, its cookies, and where its sign-in page is. Nothing here asks it.

use super::cookie::{attributes, cookie_name};
use crate::cookie::Attributes;
use crate::error::ConfigurationError;
use crate::gateway::path::Path;
use crate::gateway::route::{Decision, Requirement, Routes};
use crate::limits;
use crate::provider::stytch::{Stytch, StytchOptions, Vertical};

/// Settings of Stytch that can work. They cannot be printed: secrets are among them.
pub(in crate::gateway) struct StytchSettings {
    pub(in crate::gateway) stytch: Stytch,
    /// `LOGIN_URL`, with scheme and host.
    pub(in crate::gateway) login_url: String,
    /// Holds a JWT of five minutes. `COOKIE_NAME_JWT`.
    pub(in crate::gateway) jwt_cookie: Attributes,
    /// Holds the session's opaque token. `COOKIE_NAME_TOKEN`.
    pub(in crate::gateway) token_cookie: Attributes,
    /// `UPSTREAM_COOKIE_NAME`: under which the upstream gets the JWT; none: it gets no session cookie.
    pub(in crate::gateway) upstream_cookie_name: Option<String>,
    /// `SESSION_DURATION_MINUTES`: how long a session lives from whenever Stytch is asked; none: as long as before.
    pub(in crate::gateway) session_duration_minutes: Option<u32>,
    /// `MAX_TOKEN_AGE_SECONDS`: how old a JWT may be to be believed without asking; none: as long as it lives.
    pub(in crate::gateway) max_token_age_seconds: Option<i64>,
}

/// What sign-in pages are told: where to come back to.
pub(in crate::gateway) const RETURN_PARAMETER: &str = "return_to";

impl StytchSettings {
    /// Reads settings by name.
    pub(super) fn read(
        optional: &impl Fn(&'static str) -> Option<String>,
        vertical: Vertical,
        public_origin: &str,
        prefix: &str,
        routes: &Routes,
    ) -> Result<Self, ConfigurationError> {
        let stytch = Stytch::new(StytchOptions {
            project_id: optional("STYTCH_PROJECT_ID").unwrap_or_default(),
            secret: optional("STYTCH_SECRET").unwrap_or_default().into(),
            base_url: optional("STYTCH_BASE_URL"),
            vertical,
        })?;
        let stytch = match optional("PINNED_KEYS") {
            Some(jwks) => stytch.with_pinned_keys(jwks.as_bytes())?,
            None => stytch,
        };
        let path = cookie_path(optional("COOKIE_PATH"), prefix)?;
        let http_only = http_only(optional("COOKIE_HTTP_ONLY"))?;
        let cookie = |setting: &'static str, default: &str| {
            let name = optional(setting).unwrap_or_else(|| default.to_owned());
            if name.starts_with("__Host-") && path != "/" {
                return Err(ConfigurationError::new(
                    "COOKIE_PATH",
                    "contradicts a `__Host-` cookie; remove one of the two",
                ));
            }
            let attributes = attributes(optional, (setting, name), public_origin.starts_with("https://"))?;
            Ok(Attributes { path: path.clone(), http_only, ..attributes })
        };
        let jwt_cookie = cookie("COOKIE_NAME_JWT", "stytch_session_jwt")?;
        let token_cookie = cookie("COOKIE_NAME_TOKEN", "stytch_session")?;
        if jwt_cookie.name == token_cookie.name {
            return Err(ConfigurationError::new(
                "COOKIE_NAME_TOKEN",
                "is the name of the other cookie; write another one",
            ));
        }
        Ok(Self {
            stytch,
            login_url: login_url(optional("LOGIN_URL"), public_origin, prefix, routes)?,
            jwt_cookie,
            token_cookie,
            upstream_cookie_name: optional("UPSTREAM_COOKIE_NAME")
                .map(|name| cookie_name("UPSTREAM_COOKIE_NAME", name))
                .transpose()?,
            session_duration_minutes: session_duration_minutes(optional("SESSION_DURATION_MINUTES"))?,
            max_token_age_seconds: max_token_age_seconds(optional("MAX_TOKEN_AGE_SECONDS"))?,
        })
    }

    /// Whether a cookie is one of the browser's two.
    pub(in crate::gateway) fn is_browsers_cookie(&self, name: &str) -> bool {
        [&self.jwt_cookie, &self.token_cookie].into_iter().any(|cookie| cookie.name == name)
    }

    /// Whether a cookie is the session's, the browser's or the upstream's: no such cookie of the browser's reaches the upstream.
    pub(in crate::gateway) fn is_session_cookie(&self, name: &str) -> bool {
        self.is_browsers_cookie(name) || self.upstream_cookie_name.as_deref() == Some(name)
    }

    /// `stytch` or `stytch-b2b`.
    pub(in crate::gateway) const fn name(&self) -> &'static str {
        match self.stytch.vertical() {
            Vertical::Consumer => "stytch",
            Vertical::B2b => "stytch-b2b",
        }
    }
}

/// `LOGIN_URL`: an address, or a path of this site. It must not be one that leads to itself.
fn login_url(
    setting: Option<String>,
    public_origin: &str,
    prefix: &str,
    routes: &Routes,
) -> Result<String, ConfigurationError> {
    let error = |problem| ConfigurationError::new("LOGIN_URL", problem);
    let url = setting.ok_or_else(|| {
        error("is missing; write the address of the page where people sign in, for example `https://app.example.com/login`")
    })?;
    let url = if url.starts_with('/') && !url.starts_with("//") { format!("{public_origin}{url}") } else { url };
    let malformed =
        error("is not an address; write an `https` URL without `#`, or a path of this site such as `/login`");
    let is_plain = url.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\#\"<>".contains(&byte));
    let uri = http::Uri::try_from(&url).ok().filter(|_| is_plain).ok_or_else(|| malformed.clone())?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(malformed);
    };
    let is_local = matches!(authority.host(), "localhost" | "127.0.0.1" | "[::1]");
    if !(scheme == "https" || scheme == "http" && is_local) || authority.as_str().contains('@') {
        return Err(malformed);
    }
    let parameters = uri.query().unwrap_or_default();
    if form_urlencoded::parse(parameters.as_bytes()).any(|(name, _)| name == RETURN_PARAMETER) {
        return Err(error("has a `return_to` already; remove it, the gateway adds the page to come back to"));
    }
    if format!("{scheme}://{authority}").eq_ignore_ascii_case(public_origin) {
        let path = uri.path();
        if path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
            return Err(error("is an endpoint of the gateway; write the page where people sign in"));
        }
        if routes.decide(&http::Method::GET, &Path::read(path)) != Decision::Demand(Requirement::Public) {
            return Err(error("is a page of this site that needs a session itself; make it public in ROUTES"));
        }
    }
    Ok(url)
}

/// `COOKIE_PATH`: the gateway's own endpoints have to see the cookies too.
fn cookie_path(setting: Option<String>, prefix: &str) -> Result<String, ConfigurationError> {
    let path = setting.unwrap_or_else(|| "/".to_owned());
    let is_plain = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b';');
    let covers_prefix =
        prefix.strip_prefix(path.trim_end_matches('/')).is_some_and(|it| it.is_empty() || it.starts_with('/'));
    if path.starts_with('/') && is_plain && covers_prefix {
        Ok(path)
    } else {
        Err(ConfigurationError::new(
            "COOKIE_PATH",
            "does not cover AUTH_PREFIX; write `/`, or a path that both are under",
        ))
    }
}

/// `COOKIE_HTTP_ONLY`. Off unless wanted: Stytch's browser SDK reads both cookies, and takes a person for signed out without them.
fn http_only(setting: Option<String>) -> Result<bool, ConfigurationError> {
    match setting.as_deref() {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(ConfigurationError::new("COOKIE_HTTP_ONLY", "is not known; write `true` or `false`")),
    }
}

/// `SESSION_DURATION_MINUTES`.
fn session_duration_minutes(setting: Option<String>) -> Result<Option<u32>, ConfigurationError> {
    let Some(setting) = setting else {
        return Ok(None);
    };
    let minutes = setting.parse().ok().filter(|minutes| limits::STYTCH_SESSION_MINUTES.contains(minutes));
    minutes.map(Some).ok_or(ConfigurationError::new(
        "SESSION_DURATION_MINUTES",
        "is not between 5 and 527040 minutes (366 days), which is what Stytch takes",
    ))
}

/// `MAX_TOKEN_AGE_SECONDS`.
fn max_token_age_seconds(setting: Option<String>) -> Result<Option<i64>, ConfigurationError> {
    let Some(setting) = setting else {
        return Ok(None);
    };
    let seconds = setting.parse().ok().filter(|seconds| (0..=limits::STYTCH_TOKEN_SECONDS).contains(seconds));
    seconds.map(Some).ok_or(ConfigurationError::new(
        "MAX_TOKEN_AGE_SECONDS",
        "is not between 0 (ask Stytch at every request) and 300 seconds, as long as its tokens live",
    ))
}

#[cfg(test)]
mod tests {
    use super::super::{Settings, stytch_settings as settings};

    #[test]
    fn four_settings_are_enough_and_the_cookies_are_those_of_the_browser_sdk() {
        let settings = settings(&[]).unwrap();
        assert_eq!(settings.login_url, "https://login.example.com/");
        let line = settings.jwt_cookie.set("x", 60);
        assert_eq!(line, "stytch_session_jwt=x; Max-Age=60; Path=/; SameSite=Lax; Secure");
        assert_eq!(settings.token_cookie.name, "stytch_session");
        assert_eq!((settings.session_duration_minutes, settings.max_token_age_seconds), (None, None));
        assert!(settings.is_session_cookie("stytch_session") && !settings.is_session_cookie("stytch_session.0"));
    }

    #[test]
    fn each_provider_does_without_the_settings_of_the_other() {
        let none = ["WORKOS_API_KEY", "WORKOS_CLIENT_ID", "WORKOS_COOKIE_PASSWORD"].map(|name| (name, ""));
        assert!(settings(&none).is_ok());
        let b2b = Settings::read(super::super::given(&[("PROVIDER", "stytch-b2b")])).unwrap();
        assert_eq!(b2b.provider.name(), "stytch-b2b");
    }

    #[test]
    fn a_page_of_this_site_is_named_by_its_path_and_has_to_be_public() {
        let public = ("ROUTES", r#"[{ "path": "/login", "require": "public" }]"#);
        let url = |changes: &[_]| settings(changes).map(|settings| settings.login_url.clone());
        assert_eq!(url(&[("LOGIN_URL", "/login?lang=en"), public]).unwrap(), "https://app.example.com/login?lang=en");
        for changes in [&[("LOGIN_URL", "/login")][..], &[("LOGIN_URL", "https://APP.example.com/sign-in"), public]] {
            let error = url(changes).err().unwrap();
            assert!(error.setting() == "LOGIN_URL" && error.to_string().contains("ROUTES"), "{error}");
        }
    }

    #[test]
    fn settings_that_cannot_work_are_named() {
        for (name, value) in [
            ("STYTCH_PROJECT_ID", ""),
            ("STYTCH_PROJECT_ID", "project test"),
            ("STYTCH_SECRET", ""),
            ("STYTCH_BASE_URL", "http://test.stytch.com"),
            ("LOGIN_URL", ""),
            ("LOGIN_URL", "login.example.com"),
            ("LOGIN_URL", "//login.example.com"),
            ("LOGIN_URL", "http://login.example.com"),
            ("LOGIN_URL", "https://user@login.example.com"),
            ("LOGIN_URL", "javascript:alert(1)"),
            ("LOGIN_URL", "https://login.example.com/#/login"),
            ("LOGIN_URL", "https://login.example.com/?return_to=/"),
            ("LOGIN_URL", "https://login.example.com/?return%5Fto=/"),
            ("LOGIN_URL", "/auth/login"),
            ("COOKIE_NAME_JWT", "a b"),
            ("COOKIE_NAME_TOKEN", "a;b"),
            ("COOKIE_NAME_TOKEN", "stytch_session_jwt"),
            ("COOKIE_DOMAIN", "example.com; Secure"),
            ("COOKIE_SAMESITE", "maybe"),
            ("COOKIE_PATH", "app"),
            ("COOKIE_PATH", "/app"),
            ("COOKIE_PATH", "/au"),
            ("COOKIE_PATH", "/;Domain=x"),
            ("COOKIE_HTTP_ONLY", "yes"),
            ("SESSION_DURATION_MINUTES", "4"),
            ("SESSION_DURATION_MINUTES", "527041"),
            ("SESSION_DURATION_MINUTES", "an hour"),
            ("MAX_TOKEN_AGE_SECONDS", "-1"),
            ("MAX_TOKEN_AGE_SECONDS", "301"),
            ("UPSTREAM_COOKIE_NAME", "a b"),
        ] {
            let error = settings(&[(name, value)]).err().unwrap_or_else(|| panic!("{name}={value} is taken"));
            assert_eq!(error.setting(), name, "{value}");
        }
        for path in ["/", "/auth", "/auth/"] {
            assert_eq!(settings(&[("COOKIE_PATH", path)]).unwrap().token_cookie.path, path);
        }
        let host = [("COOKIE_NAME_JWT", "__Host-jwt"), ("COOKIE_PATH", "/auth")];
        assert_eq!(settings(&host).err().unwrap().setting(), "COOKIE_PATH");
    }
}
