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
        let said = Said::read(response);
        let class = match response.status().as_u16() {
            401 => {
                Class::new("UnauthorizedException", "Could not authorize the request. Maybe your API key is invalid?")
            }
            404 => {
                let not_found = || format!("The requested path '{path}' could not be found.");
                Class::new("NotFoundException", said.text("message").map_or_else(not_found, str::to_owned))
            }
            409 => Class::new("ConflictException", said.message_or_error("A conflict has occurred on the server.")),
            422 => said.unprocessable(),
            429 => Class::new("RateLimitExceededException", said.text("message").unwrap_or(INCOMPLETE))
                .with("retryAfter", retry_after(response))
                .with("rawData", json!({})),
            _ => said.authentication().or_else(|| said.oauth()).or_else(|| said.bad_request()).unwrap_or_else(|| {
                Class::new("GenericServerException", said.text("message").unwrap_or(INCOMPLETE))
                    .with("rawData", said.0.clone())
            }),
        };

        let request_id = response.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok());
        let mut members = Map::new();
        members.insert("requestID".to_owned(), request_id.unwrap_or_default().into());
        members.insert("status".to_owned(), response.status().as_u16().into());
        members.extend(said.text("code").map(|code| ("code".to_owned(), code.into())));
        members.extend(class.members.into_iter().map(|(name, value)| (name.to_owned(), value)));
        Self { name: class.name, message: class.message, members, rejection }
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

/// A class of the SDK's, with what it is made with.
struct Class {
    name: &'static str,
    message: String,
    members: Vec<(&'static str, Value)>,
}

impl Class {
    fn new(name: &'static str, message: impl Into<String>) -> Self {
        Self { name, message: message.into(), members: Vec::new() }
    }

    fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.members.push((name, value.into()));
        self
    }
}

/// The body of an answer; `null` where it is no JSON.
struct Said(Value);

impl Said {
    fn read(response: &InboundResponse) -> Self {
        Self(serde_json::from_slice(response.body().expose_secret()).unwrap_or_default())
    }

    /// A member that is text, and not empty.
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    fn errors(&self) -> Option<&Vec<Value>> {
        self.0.get("errors").and_then(Value::as_array)
    }

    fn message_or_error(&self, neither: &str) -> String {
        match (self.text("message"), self.text("error")) {
            (Some(message), _) => message.to_owned(),
            (None, Some(error)) => format!("Error: {error}"),
            (None, None) => neither.to_owned(),
        }
    }

    /// What it demands, or what it says.
    fn unprocessable(&self) -> Class {
        let said = || self.message_or_error("Unprocessable entity");
        Class::new("UnprocessableEntityException", self.errors().map_or_else(said, |errors| requirements(errors)))
    }

    /// A demand of the person.
    fn authentication(&self) -> Option<Class> {
        let codes = [self.text("code"), self.text("error")];
        let code = codes.into_iter().flatten().find(|code| AUTHENTICATION_CODES.contains(code))?;
        let message = self.text("message").or_else(|| self.text("error_description")).unwrap_or(INCOMPLETE);
        let mut class =
            Class::new("AuthenticationException", message).with("code", code).with("rawData", self.0.clone());
        for (ours, theirs) in
            [("pendingAuthenticationToken", "pending_authentication_token"), ("radarChallengeId", "radar_challenge_id")]
        {
            if let Some(value) = self.0.get(theirs) {
                class = class.with(ours, value.clone());
            }
        }
        Some(class)
    }

    /// An error of OAuth (RFC 6749 §5.2).
    fn oauth(&self) -> Option<Class> {
        let (error, description) = (self.text("error"), self.text("error_description"));
        let message = match (error, description) {
            (Some(error), Some(description)) => format!("Error: {error}\nError Description: {description}"),
            (Some(error), None) => format!("Error: {error}"),
            (None, Some(_)) => "An error has occurred.".to_owned(),
            (None, None) => return None,
        };
        let class = Class::new("OauthException", message).with("error", error).with("errorDescription", description);
        Some(class.with("rawData", self.0.clone()))
    }

    /// One with a code and a list.
    fn bad_request(&self) -> Option<Class> {
        let errors = self.errors().filter(|_| self.text("code").is_some())?;
        let message = self.text("message").unwrap_or("Bad request");
        Some(Class::new("BadRequestException", message).with("errors", errors.clone()))
    }
}

/// The list of an answer, one line each.
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
