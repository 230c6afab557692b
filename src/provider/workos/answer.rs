//! What WorkOS's token endpoint answers, and what that means for the session.
//!
//! The line that matters: only a definite answer about the *session* may end it. An outage, a rate limit, or a refusal
//! of *this client* (a rotated API key) is retryable, and the cookie is kept.

use http::StatusCode;
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::Value;

use crate::error::Rejection;
use crate::http::{FetchFault, InboundResponse, retry_after};
#[cfg(feature = "js")]
pub(super) use crate::provider::outcome::fault_rejection;
pub(super) use crate::provider::outcome::{arrived, provider_fault, read_json};
use crate::session::{Impersonator, TokenPair, User};

/// Why an exchange gave no tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExchangeRejection {
    /// What happened.
    pub rejection: Rejection,
    /// How long the provider asks to wait, in seconds.
    pub retry_after: Option<u64>,
}

impl From<Rejection> for ExchangeRejection {
    fn from(rejection: Rejection) -> Self {
        Self { rejection, retry_after: None }
    }
}

/// Reads the answer to a code or refresh request.
///
/// # Errors
/// A rejection of the SDK's `refresh()`, finer where it throws.
pub fn exchange_response(answer: Result<InboundResponse, FetchFault>) -> Result<TokenPair, ExchangeRejection> {
    read_exchange(&arrived(answer)?)
}

/// The same for an answer that is needed again.
pub(super) fn read_exchange(response: &InboundResponse) -> Result<TokenPair, ExchangeRejection> {
    let body = response.body().expose_secret();
    if response.status() == StatusCode::OK {
        return read_json(body).and_then(Answer::into_pair).ok_or_else(|| Rejection::ProviderAnswerInvalid.into());
    }
    let fault: Fault = serde_json::from_slice(body).unwrap_or_default();
    Err(ExchangeRejection { rejection: fault.rejection(response.status()), retry_after: retry_after(response) })
}

/// Only the tokens have to be as expected: they are rotated already, and a pair that is thrown away is a session lost.
#[derive(Deserialize)]
struct Answer {
    access_token: String,
    refresh_token: String,
    #[serde(default)]
    user: Value,
    #[serde(default)]
    impersonator: Value,
    #[serde(default)]
    authentication_method: Value,
}

impl Answer {
    fn into_pair(self) -> Option<TokenPair> {
        if self.access_token.is_empty() || self.refresh_token.is_empty() {
            return None;
        }
        let user = if let Value::Object(user) = self.user { Some(User::from_members(user)) } else { None };
        Some(TokenPair {
            access_token: self.access_token.into(),
            refresh_token: self.refresh_token.into(),
            user,
            impersonator: Some(self.impersonator).filter(|who| !who.is_null()).map(Impersonator::from_value),
            authentication_method: self.authentication_method.as_str().map(str::to_owned),
        })
    }
}

/// OAuth errors come in `error`, AuthKit's own in `code`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Fault {
    error: Option<String>,
    code: Option<String>,
}

impl Fault {
    fn rejection(&self, status: StatusCode) -> Rejection {
        match provider_fault(status) {
            // Something in front of WorkOS may answer these with any body: the status decides there.
            fault @ (Rejection::ProviderTimeout | Rejection::ProviderRateLimited | Rejection::ProviderUnavailable) => {
                fault
            }
            fault => {
                let codes = [&self.error, &self.code];
                codes.into_iter().flatten().find_map(|code| definite(code)).unwrap_or(fault)
            }
        }
    }
}

/// The codes that speak of the session or the person (WorkOS: authentication errors).
fn definite(code: &str) -> Option<Rejection> {
    match code {
        "invalid_grant" => Some(Rejection::InvalidGrant),
        "mfa_enrollment" => Some(Rejection::MfaEnrollment),
        "sso_required" => Some(Rejection::SsoRequired),
        "email_verification_required"
        | "organization_selection_required"
        | "mfa_challenge"
        | "mfa_verification"
        | "radar_email_challenge"
        | "radar_sms_challenge" => Some(Rejection::InteractionRequired),
        "invalid_client" | "unauthorized_client" => Some(Rejection::ProviderRefusedClient),
        _ if code.starts_with("organization_") => Some(Rejection::OrganizationRefused),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rejection(status: u16, body: &str) -> Rejection {
        let response = http::Response::builder().status(status).body(body.as_bytes().to_vec().into()).unwrap();
        exchange_response(Ok(response)).err().unwrap().rejection
    }

    #[test]
    fn only_definite_answers_end_a_session() {
        assert_eq!(rejection(400, r#"{"error":"invalid_grant"}"#), Rejection::InvalidGrant);
        assert_eq!(rejection(403, r#"{"code":"sso_required"}"#), Rejection::SsoRequired);
        assert_eq!(rejection(403, r#"{"error":"sso_required"}"#), Rejection::SsoRequired);
        assert_eq!(rejection(403, r#"{"code":"mfa_enrollment"}"#), Rejection::MfaEnrollment);
        for (status, body) in [
            (401, r#"{"message":"Unauthorized"}"#),
            (403, "{}"),
            (422, r#"{"code":"invalid_client"}"#),
            (408, r#"{"error":"invalid_grant"}"#),
            (429, r#"{"error":"invalid_grant"}"#),
            (500, r#"{"error":"invalid_grant"}"#),
            (502, "<html>"),
            (503, ""),
            (302, ""),
            (204, ""),
            (200, "<html>"),
            (200, r#"{"access_token":"","refresh_token":"r"}"#),
            (400, "null"),
            (400, r#"{"error":7}"#),
            (404, "{}"),
        ] {
            let rejection = rejection(status, body);
            assert!(rejection.is_retryable() && !rejection.ends_session(), "{status} {body}: {rejection}");
        }
        for fault in [FetchFault::Timeout, FetchFault::Unreachable, FetchFault::TooLarge] {
            assert!(exchange_response(Err(fault)).err().unwrap().rejection.is_retryable());
        }
    }

    #[test]
    fn a_rotated_pair_survives_whatever_stands_beside_it() {
        for beside in [
            r#""user":7"#,
            r#""user":{"first_name":"cut \ud83d"}"#,
            r#""authentication_method":["Password"]"#,
            r#""impersonator":null"#,
        ] {
            let body = format!(r#"{{"access_token":"a","refresh_token":"r",{beside}}}"#);
            let response = http::Response::new(body.into_bytes().into());
            assert!(exchange_response(Ok(response)).is_ok_and(|pair| pair.impersonator.is_none()), "{beside}");
        }
        let body = br#"{"access_token":"a","refresh_token":"r","impersonator":{"reason":"support"}}"#.to_vec();
        let pair = exchange_response(Ok(http::Response::new(body.into()))).ok().unwrap();
        assert_eq!(pair.impersonator.unwrap().email, "unknown");
    }

    #[test]
    fn a_refused_client_is_no_verdict_on_the_session() {
        assert_eq!(rejection(400, r#"{"error":"invalid_client"}"#), Rejection::ProviderRefusedClient);
    }

    #[test]
    fn retry_after_is_bounded() {
        let response = |value: &str| {
            let body = Vec::new().into();
            http::Response::builder().status(429).header("retry-after", value).body(body).unwrap()
        };
        let seconds = |value: &str| exchange_response(Ok(response(value))).err().unwrap().retry_after;
        assert_eq!(seconds("7"), Some(7));
        assert_eq!(seconds("86400"), Some(60));
        assert_eq!(seconds("Wed, 21 Oct 2026 07:28:00 GMT"), None);
    }
}
