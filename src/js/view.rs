//! What an authenticated session looks like to JavaScript, and a refusal. One text crosses the boundary, and becomes one frozen
//! value: it may be handed out again.

use secrecy::ExposeSecret;
use serde::Serialize;
use serde_json::{Map, Value, json};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::json;
use crate::error::Rejection;
use crate::session::{AuthenticatedSession, CamelCase, Impersonator};

#[wasm_bindgen(module = "/src/js/frozen.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn frozen(text: &str) -> Result<JsValue, JsValue>;
}

/// A session in the spelling of the Node SDK. What the token does not say is not there.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SessionView<'a> {
    authenticated: bool,
    access_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_id: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    roles: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entitlements: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    feature_flags: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<CamelCase<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    impersonator: Option<&'a Impersonator>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authentication_method: Option<&'a str>,
    claims: &'a Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_at: Option<i64>,
    expires_at: i64,
}

/// A session, frozen through and through.
pub(super) fn authenticated(authenticated: &AuthenticatedSession) -> Result<JsValue, JsValue> {
    let session = authenticated.session();
    let claims = authenticated.claims().members();
    let view = SessionView {
        authenticated: true,
        access_token: authenticated.access_token().expose_secret(),
        session_id: claims.get("sid"),
        organization_id: claims.get("org_id"),
        role: claims.get("role"),
        roles: claims.get("roles"),
        permissions: claims.get("permissions"),
        entitlements: claims.get("entitlements"),
        feature_flags: claims.get("feature_flags"),
        user: session.user.as_ref().map(CamelCase),
        impersonator: session.impersonator.as_ref(),
        authentication_method: session.authentication_method.as_deref(),
        claims,
        issued_at: session.issued_at,
        expires_at: session.expires_at,
    };
    // A value of strings, numbers and maps always becomes text.
    frozen(&serde_json::to_string(&view).unwrap_or_default())
}

/// A refusal, as a value.
pub(super) fn refused(rejection: Rejection) -> Result<JsValue, JsValue> {
    json::plain(&json!({
        "authenticated": false,
        "reason": rejection.reason().code(),
        "detail": rejection.code(),
        "retryable": rejection.is_retryable(),
    }))
}
