//! Why a call gave nothing: what it means for the session, and the error that the Stytch SDK throws for it.
//!
//! The line that matters: only a definite answer about the *session* may end it. Wrong credentials of *this client* are errors of the
//! same family at Stytch, and end nothing here.

use core::fmt;

use http::StatusCode;
use secrecy::ExposeSecret;
use serde::Serialize;
use serde_json::{Map, Value};

use super::FallbackReason;
use crate::error::Rejection;
use crate::http::{FetchFault, InboundResponse, retry_after};
use crate::provider::outcome::{fault_rejection, provider_fault, read_json};

/// Why a call gave nothing.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StytchRejection {
    /// What happened, and what it means for the session.
    pub rejection: Rejection,
    /// The SDK's error.
    pub error: StytchError,
    /// Why Stytch was asked, where it need not have been.
    pub fallback_reason: Option<FallbackReason>,
    /// How long Stytch asks to wait, in seconds.
    pub retry_after: Option<u64>,
}

/// The errors of the SDK.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum StytchError {
    /// `ClientError`: refused here.
    Client {
        /// `jwt_invalid`, `jwt_too_old`, `invalid_permissions`, `tenancy_mismatch`, `missing_scopes`.
        code: &'static str,
        /// The SDK's sentence, behind the code.
        message: String,
    },
    /// `RequestError`: there is no answer, or one that is no JSON.
    Request {
        /// What happened.
        message: &'static str,
    },
    /// `StytchError`: Stytch itself refuses.
    Api(Box<ApiError>),
}

/// An error of Stytch's API. What it does not say is not there.
#[derive(Clone, Debug, Default, Serialize, PartialEq)]
#[non_exhaustive]
pub struct ApiError {
    /// 400 to 599.
    pub status_code: u16,
    /// For Stytch's support.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The stable code, `session_not_found`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_type: Option<String>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// Where it is explained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_url: Option<String>,
    /// What the type has besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_details: Option<Value>,
}

const NOT_UNDERSTOOD: &str = "Stytch's answer is not one that can be understood";

impl StytchRejection {
    /// The same, after a question that need not have been asked.
    #[must_use]
    pub(crate) fn because(self, reason: FallbackReason) -> Self {
        Self { fallback_reason: Some(reason), ..self }
    }

    /// An answer that is no success, or none.
    pub(super) fn of(answer: &Result<InboundResponse, FetchFault>) -> Self {
        match answer {
            Ok(response) => Self::of_response(response),
            Err(fault) => Self::of_fault(*fault),
        }
    }

    fn of_fault(fault: FetchFault) -> Self {
        Self::request(
            fault_rejection(fault),
            match fault {
                FetchFault::Timeout => "Stytch did not answer in time",
                FetchFault::Unreachable => "Stytch could not be reached",
                FetchFault::TooLarge => "Stytch's answer is larger than any that it should give",
            },
        )
    }

    const fn request(rejection: Rejection, message: &'static str) -> Self {
        Self { rejection, error: StytchError::Request { message }, fallback_reason: None, retry_after: None }
    }

    fn of_response(response: &InboundResponse) -> Self {
        let status = response.status();
        let members = read_json::<Map<String, Value>>(response.body().expose_secret());
        let members = members.filter(|_| status.is_client_error() || status.is_server_error());
        let Some(members) = members else {
            let rejection = provider_fault(status);
            return Self { retry_after: retry_after(response), ..Self::request(rejection, NOT_UNDERSTOOD) };
        };
        let error = ApiError::read(status, &members);
        Self {
            rejection: error.rejection(status),
            error: StytchError::Api(Box::new(error)),
            fallback_reason: None,
            retry_after: retry_after(response),
        }
    }
}

/// What was refused here, or what somebody else was told a moment ago.
impl From<Rejection> for StytchRejection {
    fn from(rejection: Rejection) -> Self {
        let (code, sentence) = match rejection {
            Rejection::ProviderTimeout => return Self::of_fault(FetchFault::Timeout),
            Rejection::ProviderUnreachable | Rejection::ProviderUnavailable => {
                return Self { rejection, ..Self::of_fault(FetchFault::Unreachable) };
            }
            Rejection::ProviderAnswerInvalid => return Self::request(rejection, NOT_UNDERSTOOD),
            Rejection::ProviderRefusedCall => return Self::request(rejection, "No URL can hold the id"),
            Rejection::TokenTooOld => ("jwt_too_old", "JWT was issued longer ago than max_token_age_seconds"),
            Rejection::PermissionDenied => {
                ("invalid_permissions", "The roles or scopes do not have permission to perform the requested action")
            }
            Rejection::TenancyMismatch => ("tenancy_mismatch", "Member belongs to different organization"),
            Rejection::MissingScopes => ("missing_scopes", "Missing at least one required scope"),
            Rejection::PolicyUnavailable => ("policy_unavailable", "Could not load the RBAC policy"),
            _ => ("jwt_invalid", "Could not verify JWT"),
        };
        let message = match code {
            "jwt_invalid" => format!("{code}: {sentence}: {rejection}"),
            _ => format!("{code}: {sentence}"),
        };
        Self { rejection, error: StytchError::Client { code, message }, fallback_reason: None, retry_after: None }
    }
}

impl fmt::Display for StytchRejection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rejection.fmt(formatter)
    }
}

impl core::error::Error for StytchRejection {}

impl ApiError {
    /// Stytch's own members, or those of OAuth (RFC 6749 §5.2).
    fn read(status: StatusCode, members: &Map<String, Value>) -> Self {
        let text = |names: [&str; 2]| {
            let found = names.into_iter().find_map(|name| members.get(name)).and_then(Value::as_str);
            found.map(str::to_owned)
        };
        Self {
            status_code: status.as_u16(),
            request_id: text(["request_id", "request_id"]),
            error_type: text(["error_type", "error"]),
            error_message: text(["error_message", "error_description"]),
            error_url: text(["error_url", "error_uri"]),
            error_details: members.get("error_details").cloned(),
        }
    }

    fn rejection(&self, status: StatusCode) -> Rejection {
        match provider_fault(status) {
            // Something in front of Stytch may answer these with any body: the status decides there.
            fault @ (Rejection::ProviderTimeout | Rejection::ProviderRateLimited | Rejection::ProviderUnavailable) => {
                fault
            }
            fault => {
                let error_type = self.error_type.as_deref();
                error_type
                    .map_or(fault, |error_type| definite(error_type).unwrap_or_else(|| of_client(error_type, fault)))
            }
        }
    }
}

/// The types that speak of the session or the token (Stytch: errors).
fn definite(error_type: &str) -> Option<Rejection> {
    match error_type {
        "session_not_found" | "user_unauthenticated" => Some(Rejection::SessionNotFound),
        "session_authorization_error" | "consumer_session_authorization_error" => Some(Rejection::PermissionDenied),
        "session_authorization_tenancy_error" => Some(Rejection::TenancyMismatch),
        "unable_to_parse_session_jwt"
        | "invalid_session_token"
        | "incompatible_session_type"
        | "jwt_invalid_issuer"
        | "jwt_invalid_audience"
        | "jwt_invalid_claims" => Some(Rejection::TokenRefused),
        _ => None,
    }
}

/// Every other one is about this client: its credentials, by type or by status, or what it has asked for.
fn of_client(error_type: &str, fault: Rejection) -> Rejection {
    let is_about_credentials = matches!(
        error_type,
        "unauthorized_credentials" | "invalid_secret_authentication" | "invalid_project_id_authentication"
    ) || error_type.starts_with("unauthorized_project_id");
    match fault {
        Rejection::ProviderRefusedClient => fault,
        _ if is_about_credentials => Rejection::ProviderRefusedClient,
        _ => Rejection::ProviderRefusedCall,
    }
}
