//! What the calls of `edgeseal/stytch` take, in the names of the Stytch SDK. Everything that is wrong is a TypeError that names the
//! argument; a token that is no token is not: it comes from strangers.

use js_sys::Date;
use serde_json::{Map, Value};
use wasm_bindgen::{JsCast, JsValue};

use crate::client::AuthenticateJwt;
use crate::js::arguments::{Options, long_string, timestamp, wrong};
use crate::js::json;
use crate::json::parse_object;
use crate::provider::stytch::{Authenticate, Exchange, IntrospectToken, TokenTimes, Vertical};
use crate::rbac::AuthorizationCheck;
use crate::time::Timestamp;

/// What `sessions.authenticateJwt`, `authenticateJwtLocal` and `check` take.
pub(super) struct SessionJwt {
    /// Empty where the visitor has none.
    pub(super) session_jwt: String,
    pub(super) times: TokenTimes,
    pub(super) current_date: Option<Timestamp>,
    pub(super) authorization_check: Option<AuthorizationCheck>,
    pub(super) asks_when_denied: bool,
    pub(super) extension: Extension,
}

/// What a call may change about the session; only where Stytch is asked.
pub(super) struct Extension {
    session_duration_minutes: Option<u32>,
    session_custom_claims: Option<Map<String, Value>>,
}

/// A session, by its opaque token or by its JWT.
pub(super) struct Tokens {
    pub(super) session_token: Option<String>,
    pub(super) session_jwt: Option<String>,
}

/// What `idp.introspectTokenLocal` takes beside the token.
pub(super) struct Introspection {
    pub(super) token: String,
    pub(super) authorization_check: Option<AuthorizationCheck>,
    pub(super) clock_tolerance_seconds: i64,
    pub(super) current_date: Option<Timestamp>,
}

impl SessionJwt {
    pub(super) fn read(options: &Options<'_>, vertical: Vertical) -> Result<Self, JsValue> {
        Ok(Self {
            session_jwt: strangers_token(options, "session_jwt")?,
            times: times(options)?,
            current_date: date(options)?,
            authorization_check: authorization_check(options, vertical)?,
            asks_when_denied: options.boolean("ask_when_denied")?.unwrap_or_default(),
            extension: Extension::read(options)?,
        })
    }

    pub(super) const fn is_max_age_zero(&self) -> bool {
        matches!(self.times.max_token_age_seconds, Some(0))
    }

    pub(super) fn call(&self) -> AuthenticateJwt<'_> {
        AuthenticateJwt {
            session_jwt: &self.session_jwt,
            max_token_age_seconds: self.times.max_token_age_seconds,
            clock_tolerance_seconds: self.times.clock_tolerance_seconds,
            current_date: self.current_date,
            authorization_check: self.authorization_check.as_ref(),
            asks_when_denied: self.asks_when_denied,
            session_duration_minutes: self.extension.session_duration_minutes,
            session_custom_claims: self.extension.session_custom_claims.as_ref(),
        }
    }
}

impl Extension {
    pub(super) fn read(options: &Options<'_>) -> Result<Self, JsValue> {
        // An alias.
        let claims = match object(options, "session_custom_claims")? {
            None => object(options, "custom_claims")?,
            claims => claims,
        };
        Ok(Self {
            session_duration_minutes: options.count("session_duration_minutes", u32::MAX)?,
            session_custom_claims: claims,
        })
    }
}

impl Tokens {
    pub(super) fn read(options: &Options<'_>) -> Result<Self, JsValue> {
        let long = |name| options.value(name)?.map(|value| long_string(name, &value)).transpose();
        Ok(Self { session_token: options.string("session_token")?, session_jwt: long("session_jwt")? })
    }

    pub(super) fn authenticate<'a>(
        &'a self,
        extension: &'a Extension,
        authorization_check: Option<&'a AuthorizationCheck>,
    ) -> Authenticate<'a> {
        Authenticate {
            session_token: self.session_token.as_deref(),
            session_jwt: self.session_jwt.as_deref(),
            session_duration_minutes: extension.session_duration_minutes,
            session_custom_claims: extension.session_custom_claims.as_ref(),
            authorization_check,
        }
    }

    pub(super) fn exchange<'a>(
        &'a self,
        extension: &'a Extension,
        organization_id: &'a str,
        locale: Option<&'a str>,
    ) -> Exchange<'a> {
        Exchange {
            organization_id,
            session_token: self.session_token.as_deref(),
            session_jwt: self.session_jwt.as_deref(),
            session_duration_minutes: extension.session_duration_minutes,
            session_custom_claims: extension.session_custom_claims.as_ref(),
            locale,
        }
    }
}

impl Introspection {
    pub(super) fn read(token: &JsValue, options: &JsValue, vertical: Vertical) -> Result<Self, JsValue> {
        let token = token_text("token", token)?;
        if options.is_undefined() {
            let (authorization_check, current_date) = (None, None);
            return Ok(Self { token, authorization_check, clock_tolerance_seconds: 0, current_date });
        }
        let options = Options::new(options)?;
        Ok(Self {
            token,
            authorization_check: authorization_check(&options, vertical)?,
            clock_tolerance_seconds: options.seconds("clock_tolerance_seconds")?.unwrap_or_default(),
            current_date: date(&options)?,
        })
    }

    pub(super) fn call(&self) -> IntrospectToken<'_> {
        IntrospectToken {
            token: &self.token,
            authorization_check: self.authorization_check.as_ref(),
            clock_tolerance_seconds: self.clock_tolerance_seconds,
            current_date: self.current_date,
        }
    }
}

/// A token of a visitor's, who need not have one.
pub(super) fn strangers_token(options: &Options<'_>, name: &'static str) -> Result<String, JsValue> {
    token_text(name, &options.value(name)?.unwrap_or_default())
}

fn token_text(name: &str, value: &JsValue) -> Result<String, JsValue> {
    if value.is_null() || value.is_undefined() { Ok(String::new()) } else { long_string(name, value) }
}

/// `max_token_age_seconds` and `clock_tolerance_seconds`.
pub(super) fn times(options: &Options<'_>) -> Result<TokenTimes, JsValue> {
    Ok(TokenTimes {
        max_token_age_seconds: options.seconds("max_token_age_seconds")?,
        clock_tolerance_seconds: options.seconds("clock_tolerance_seconds")?.unwrap_or_default(),
    })
}

/// `current_date`, a Date.
fn date(options: &Options<'_>) -> Result<Option<Timestamp>, JsValue> {
    const NAME: &str = "current_date";
    let Some(value) = options.value(NAME)? else {
        return Ok(None);
    };
    let milliseconds = value.dyn_ref::<Date>().map(Date::get_time).filter(|time| time.is_finite());
    let milliseconds = milliseconds.ok_or_else(|| wrong(NAME, "has to be a valid Date"))?;
    timestamp(NAME, milliseconds).map(Some)
}

/// `authorization_check`, whole: one that names less would check less.
pub(super) fn authorization_check(
    options: &Options<'_>,
    vertical: Vertical,
) -> Result<Option<AuthorizationCheck>, JsValue> {
    const NAME: &str = "authorization_check";
    let Some(value) = options.value(NAME)? else {
        return Ok(None);
    };
    if !value.is_object() {
        return Err(wrong(NAME, "has to be an object"));
    }
    let check = Options::new(&value)?;
    Ok(Some(AuthorizationCheck {
        organization_id: match vertical {
            Vertical::Consumer => None,
            Vertical::B2b => Some(check.required("organization_id")?),
        },
        resource_id: check.required("resource_id")?,
        action: check.required("action")?,
    }))
}

/// A plain object, as JSON has it.
fn object(options: &Options<'_>, name: &'static str) -> Result<Option<Map<String, Value>>, JsValue> {
    let Some(value) = options.value(name)? else {
        return Ok(None);
    };
    let object = parse_object(json::write(name, &value)?.as_bytes());
    object.map(Some).ok_or_else(|| wrong(name, "has to be an object, and not a deep one"))
}
