//! What the calls of `edgeseal/stytch` give to JavaScript: one JSON text each, `{ local }`, `{ remote, fallback_reason }`, `{ answer }`
//! or `{ refused }`. `npm/lib/stytch_clients.js` reads them.

use serde::Serialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::error::Rejection;
use crate::provider::stytch::{
    ApiError, FallbackReason, StytchAnswer, StytchError, StytchRejection, VerifiedSession, Vertical,
};

#[wasm_bindgen(module = "/src/js/results.js")]
extern "C" {
    fn text(json: &[u8]) -> JsValue;
}

#[derive(Serialize)]
struct Local<T> {
    local: T,
}

#[derive(Serialize)]
struct Remote<T> {
    remote: T,
    fallback_reason: &'static str,
}

#[derive(Serialize)]
struct Answer<T> {
    answer: T,
}

#[derive(Serialize)]
struct Refused<T> {
    refused: T,
}

/// Everything that an error of the SDK says, and what it means.
#[derive(Serialize)]
struct Refusal<'a> {
    error: ErrorMembers<'a>,
    reason: &'static str,
    detail: &'static str,
    retryable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    fallback_reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
}

/// By the class of the error.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum ErrorMembers<'a> {
    Client { code: &'a str, message: &'a str },
    Request { message: &'a str },
    Api(&'a ApiError),
}

/// A session that was checked here.
pub(super) fn local(session: &VerifiedSession) -> JsValue {
    written(&Local { local: session.session() })
}

/// A session that Stytch was asked about, and why.
pub(super) fn remote(answer: &StytchAnswer, fallback_reason: FallbackReason) -> JsValue {
    written(&Remote { remote: answer.members(), fallback_reason: fallback_reason.code() })
}

/// Anything else that a call gives.
pub(super) fn answer(answer: &impl Serialize) -> JsValue {
    written(&Answer { answer })
}

/// Why a call gives nothing.
pub(super) fn refused(refused: &StytchRejection, vertical: Vertical) -> JsValue {
    let StytchRejection { rejection, error, fallback_reason, retry_after, .. } = refused;
    let error = match error {
        StytchError::Client { code, message } => {
            let sentence = message.strip_prefix(code).and_then(|message| message.strip_prefix(": "));
            let message = match (rejection, vertical) {
                (Rejection::PermissionDenied, Vertical::Consumer) => {
                    "User does not have permission to perform the requested action"
                }
                (Rejection::PermissionDenied, Vertical::B2b) => {
                    "Member does not have permission to perform the requested action"
                }
                _ => sentence.unwrap_or(message),
            };
            ErrorMembers::Client { code, message }
        }
        StytchError::Request { message } => ErrorMembers::Request { message },
        StytchError::Api(error) => ErrorMembers::Api(error),
    };
    written(&Refused {
        refused: Refusal {
            error,
            reason: rejection.reason().code(),
            detail: rejection.code(),
            retryable: rejection.is_retryable(),
            fallback_reason: fallback_reason.map(FallbackReason::code),
            retry_after: *retry_after,
        },
    })
}

fn written(value: &impl Serialize) -> JsValue {
    // Strings, numbers and maps of them always become JSON.
    text(&serde_json::to_vec(value).unwrap_or_default())
}
