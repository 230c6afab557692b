//! The gate of Stytch: JWTs in the cookies of its browser SDK, checked here; Stytch is asked where it could know better. People sign in
//! on the application's own page, so there is no callback.

mod admission;
mod candidates;
mod end;
mod login;
mod logout;
mod person;
mod remembered;
mod revoked;
mod session_cookies;
mod switch;

use secrecy::ExposeSecret;

use super::admission::{Admitted, Credential};
use super::settings::{Settings, StytchSettings};
use crate::client::{AuthenticateJwt, StytchClient};
use crate::cookie;
use crate::host::Host;
use crate::limits;

/// What serves one request.
pub(super) struct Gate<'a, H> {
    site: &'a Settings,
    settings: &'a StytchSettings,
    host: &'a H,
}

impl<'a, H: Host> Gate<'a, H> {
    pub(super) const fn new(site: &'a Settings, settings: &'a StytchSettings, host: &'a H) -> Self {
        Self { site, settings, host }
    }

    pub(super) const fn host(&self) -> &'a H {
        self.host
    }

    pub(super) fn client(&self) -> StytchClient<'_, H> {
        StytchClient::new(&self.settings.stytch, self.host)
    }

    /// A check of this token. Where Stytch is asked, the session lives as long as the operator wants.
    fn call<'b>(&self, session_jwt: &'b str, max_token_age_seconds: Option<i64>) -> AuthenticateJwt<'b> {
        AuthenticateJwt {
            session_jwt,
            max_token_age_seconds,
            clock_tolerance_seconds: limits::GATEWAY_LEEWAY_SECONDS,
            session_duration_minutes: self.settings.session_duration_minutes,
            ..AuthenticateJwt::default()
        }
    }

    /// The JWT for an upstream that reads it itself, as it stands in the `Cookie` header. An API client's is in `Authorization` already.
    pub(super) fn cookie_for_upstream(&self, admitted: &Admitted) -> Option<String> {
        let name = self.settings.upstream_cookie_name.as_ref()?;
        match &admitted.credential {
            Credential::SessionJwt(jwt) => Some(format!("{name}={}", jwt.expose_secret())),
            Credential::Sealed(_) | Credential::Bearer => None,
        }
    }

    /// Whether the upstream sets a cookie of the session with these lines: its own sign-in or sign-out, which is the last word.
    pub(super) fn sets_session(&self, lines: &[String]) -> bool {
        let names = lines.iter().filter_map(|line| line.split('=').next());
        names.map(str::trim).any(|name| self.settings.is_browsers_cookie(name))
    }
}

/// The different values of a cookie, in the order of the browser.
fn distinct<'b>(header: &'b str, name: &'b str) -> Vec<&'b str> {
    let mut values: Vec<&str> = Vec::new();
    for value in cookie::values(header, name) {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    values
}
