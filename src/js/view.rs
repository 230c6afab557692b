//! What sessions, refreshes and refusals look like to JavaScript, in the spelling of the Node SDK. One text crosses the boundary.

use js_sys::{Error, Reflect};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde_json::{Map, Value};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::error::{Reason, Rejection};
use crate::jwt::VerifiedJwt;
use crate::provider::workos::ExchangeRejection;
use crate::session::{AuthenticatedSession, CamelCase, Session, UnsealedSession};

#[wasm_bindgen(module = "/src/js/results.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn read(json: &[u8]) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    fn session(json: &[u8]) -> Result<JsValue, JsValue>;
}

/// A session, frozen through and through: it may be handed out again. What the claims say is said by them alone.
pub(super) fn authenticated(authenticated: &AuthenticatedSession) -> Result<JsValue, JsValue> {
    let Session { user, impersonator, authentication_method, .. } = authenticated.session();
    let mut text = ObjectText::new();
    text.put("accessToken", authenticated.access_token().expose_secret());
    text.put_some("user", user.as_ref().map(CamelCase));
    text.put_some("impersonator", impersonator.as_ref());
    text.put_some("authenticationMethod", authentication_method.as_ref());
    text.put_json("claims", authenticated.claims().json());
    session(&text.end())
}

/// The next generation. What it says of itself is the provider's own answer, vouched for by the connection it came on.
pub(super) fn refreshed(
    next: &UnsealedSession,
    sealed_session: &str,
    is_coordinated: bool,
) -> Result<JsValue, JsValue> {
    let mut session = next.camel_case_members();
    session.insert("sealedSession".to_owned(), sealed_session.into());
    let mut text = ObjectText::new();
    text.put("authenticated", &true);
    text.put("sealedSession", sealed_session);
    text.put("session", &session);
    text.put_claims(&next.claims());
    for name in ["user", "impersonator", "authenticationMethod"] {
        text.put_some(name, session.get(name));
    }
    text.put("coordination", if is_coordinated { "object" } else { "isolate" });
    read(&text.end())
}

/// A token that is good.
pub(super) fn verified(jwt: &VerifiedJwt) -> Result<JsValue, JsValue> {
    let mut text = ObjectText::new();
    text.put("valid", &true);
    text.put_json("header", jwt.header().json());
    text.put_json("claims", jwt.claims_json());
    read(&text.end())
}

/// A token that is not.
pub(super) fn unverified(rejection: Rejection) -> Result<JsValue, JsValue> {
    let mut text = ObjectText::new();
    text.put("valid", &false);
    text.put("detail", rejection.code());
    read(&text.end())
}

/// A refusal to authenticate.
pub(super) fn refused(rejection: Rejection) -> Result<JsValue, JsValue> {
    let reason = match rejection.reason() {
        // The SDK has no other for a token that is good and refused all the same, or cannot be checked now.
        Reason::InvalidGrant | Reason::ServerError => Reason::InvalidJwt,
        reason => reason,
    };
    refusal(reason, rejection.into())
}

/// A refusal to refresh.
pub(super) fn not_refreshed(rejection: ExchangeRejection) -> Result<JsValue, JsValue> {
    refusal(rejection.rejection.reason(), rejection)
}

fn refusal(reason: Reason, rejection: ExchangeRejection) -> Result<JsValue, JsValue> {
    let ExchangeRejection { rejection, retry_after } = rejection;
    let mut text = ObjectText::new();
    text.put("authenticated", &false);
    text.put("reason", reason.code());
    text.put("detail", rejection.code());
    text.put("retryable", &rejection.is_retryable());
    text.put_some("retryAfter", retry_after);
    read(&text.end())
}

/// An Error that says why, for what throws in the SDK too.
pub(super) fn error(message: &str, rejection: Rejection) -> JsValue {
    let error = Error::new(message);
    for (name, value) in [
        ("reason", rejection.reason().code().into()),
        ("detail", rejection.code().into()),
        ("retryable", rejection.is_retryable().into()),
    ] {
        // A new object takes any member.
        let _ = Reflect::set(&error, &name.into(), &value);
    }
    error.into()
}

/// A JSON object, written down member by member.
struct ObjectText(Vec<u8>);

impl ObjectText {
    const fn new() -> Self {
        Self(Vec::new())
    }

    fn put<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) {
        self.put_name(name);
        // Text, numbers and maps of them always become JSON.
        let _ = serde_json::to_writer(&mut self.0, value);
    }

    /// A value that is JSON already.
    fn put_json(&mut self, name: &str, json: &[u8]) {
        self.put_name(name);
        self.0.extend(json);
    }

    /// What is not there is not said.
    fn put_some<T: Serialize>(&mut self, name: &str, value: Option<T>) {
        if let Some(value) = value {
            self.put(name, &value);
        }
    }

    fn put_claims(&mut self, claims: &Map<String, Value>) {
        for (name, claim) in [
            ("sessionId", "sid"),
            ("organizationId", "org_id"),
            ("role", "role"),
            ("roles", "roles"),
            ("permissions", "permissions"),
            ("entitlements", "entitlements"),
            ("featureFlags", "feature_flags"),
        ] {
            self.put_some(name, claims.get(claim));
        }
    }

    fn put_name(&mut self, name: &str) {
        self.0.push(if self.0.is_empty() { b'{' } else { b',' });
        self.0.push(b'"');
        self.0.extend(name.as_bytes());
        self.0.extend(b"\":");
    }

    fn end(mut self) -> Vec<u8> {
        self.0.push(b'}');
        self.0
    }
}
