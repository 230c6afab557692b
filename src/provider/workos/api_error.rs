//! What the Node SDK throws for an answer that is no success: the same names and members (its `handleHttpError`), as data.

use http::HeaderName;
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};

use super::answer::{self, ExchangeRejection};
use crate::http::{FetchFault, InboundResponse, retry_after};

/// The error of one call.
pub(crate) struct ApiError {
    /// The class in the SDK.
    pub(crate) name: &'static str,
    pub(crate) message: String,
    /// What the class has besides.
    pub(crate) members: Map<String, Value>,
    /// What it means.
    pub(crate) rejection: ExchangeRejection,
}

/// Codes of AuthKit that demand something of the person (the SDK's `AUTHENTICATION_ERROR_CODES`).
const AUTHENTICATION_CODES: [&str; 8] = [
    "email_verification_required",
    "organization_selection_required",
    "mfa_enrollment",
    "mfa_challenge",
    "mfa_verification",
    "radar_email_challenge",
    "radar_sms_challenge",
    "sso_required",
];

/// Made when this is compiled: made at run time it brings a table of all header names along, 12 KB.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const INCOMPLETE: &str = "The request could not be completed.";

impl ApiError {
    /// Reads an answer that is no success, or that never came.
    pub(crate) fn of(answer: &Result<InboundResponse, FetchFault>, path: &str, rejection: ExchangeRejection) -> Self {
        let response = match answer {
            Ok(response) => response,
            Err(fault) => return Self::of_fault(*fault, rejection),
        };
        let data: Value = serde_json::from_slice(response.body().expose_secret()).unwrap_or_default();
        let status = response.status().as_u16();
        let text = |name: &str| data.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let message = text("message");
        let (code, error, description) = (text("code"), text("error"), text("error_description"));
        let errors = data.get("errors").and_then(Value::as_array);
        let authentication_code = [code, error].into_iter().flatten().find(|code| AUTHENTICATION_CODES.contains(code));

        let mut members = Map::new();
        let mut put = |name: &str, value: Value| {
            members.insert(name.to_owned(), value);
        };
        let request_id = response.headers().get(REQUEST_ID);
        put("requestID", request_id.and_then(|id| id.to_str().ok()).unwrap_or_default().into());
        put("status", status.into());
        if let Some(code) = code {
            put("code", code.into());
        }
        let (name, message) = match status {
            401 => {
                ("UnauthorizedException", "Could not authorize the request. Maybe your API key is invalid?".to_owned())
            }
            404 => (
                "NotFoundException",
                message.map_or_else(|| format!("The requested path '{path}' could not be found."), str::to_owned),
            ),
            409 => (
                "ConflictException",
                message.map_or_else(
                    || {
                        error.map_or_else(
                            || "A conflict has occurred on the server.".to_owned(),
                            |error| format!("Error: {error}"),
                        )
                    },
                    str::to_owned,
                ),
            ),
            422 => (
                "UnprocessableEntityException",
                errors.map_or_else(
                    || {
                        message.map_or_else(
                            || {
                                error.map_or_else(
                                    || "Unprocessable entity".to_owned(),
                                    |error| format!("Error: {error}"),
                                )
                            },
                            str::to_owned,
                        )
                    },
                    |errors| requirements(errors),
                ),
            ),
            429 => {
                put("retryAfter", retry_after(response).map_or(Value::Null, Value::from));
                put("rawData", json!({}));
                ("RateLimitExceededException", message.unwrap_or(INCOMPLETE).to_owned())
            }
            _ if authentication_code.is_some() => {
                put("code", authentication_code.into());
                put("rawData", data.clone());
                for (ours, theirs) in [
                    ("pendingAuthenticationToken", "pending_authentication_token"),
                    ("radarChallengeId", "radar_challenge_id"),
                ] {
                    if let Some(value) = data.get(theirs) {
                        put(ours, value.clone());
                    }
                }
                ("AuthenticationException", message.or(description).unwrap_or(INCOMPLETE).to_owned())
            }
            _ if error.is_some() || description.is_some() => {
                put("error", error.into());
                put("errorDescription", description.into());
                put("rawData", data.clone());
                let message = match (error, description) {
                    (Some(error), Some(description)) => format!("Error: {error}\nError Description: {description}"),
                    (Some(error), None) => format!("Error: {error}"),
                    (None, _) => "An error has occurred.".to_owned(),
                };
                ("OauthException", message)
            }
            _ => {
                if let (Some(_), Some(errors)) = (code, errors) {
                    put("errors", errors.clone().into());
                    ("BadRequestException", message.unwrap_or("Bad request").to_owned())
                } else {
                    put("rawData", data.clone());
                    ("GenericServerException", message.unwrap_or(INCOMPLETE).to_owned())
                }
            }
        };
        Self { name, message, members, rejection }
    }

    /// No answer at all: a timeout is a 408 to the SDK, everything else an Error without a class of its own.
    fn of_fault(fault: FetchFault, rejection: ExchangeRejection) -> Self {
        let mut members = Map::new();
        let (name, message) = match fault {
            FetchFault::Timeout => {
                members.insert("status".to_owned(), 408.into());
                ("GenericServerException", "WorkOS did not answer in time.")
            }
            FetchFault::Unreachable => ("Error", "WorkOS could not be reached."),
            FetchFault::TooLarge => ("Error", "The answer of WorkOS is larger than any that it should give."),
        };
        Self { name, message: message.to_owned(), members, rejection }
    }

    /// The same for a call that is about no session.
    pub(crate) fn of_call(answer: &Result<InboundResponse, FetchFault>, path: &str) -> Self {
        let rejection = match answer {
            Ok(response) => ExchangeRejection {
                rejection: answer::provider_fault(response.status()),
                retry_after: retry_after(response),
            },
            Err(fault) => answer::fault_rejection(*fault).into(),
        };
        Self::of(answer, path, rejection)
    }
}

fn requirements(errors: &[Value]) -> String {
    let noun = if errors.len() == 1 { "requirement" } else { "requirements" };
    let mut message = format!("The following {noun} must be met:\n");
    for error in errors {
        let code = error.get("code").and_then(Value::as_str).unwrap_or_default();
        message.push('\t');
        message.push_str(code);
        message.push('\n');
    }
    message
}
