//! The provider's own list of sessions: who is signed in where, and ending one from afar.

use form_urlencoded::Serializer;
use http::Method;
use http::StatusCode;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use serde_json::json;
#[cfg(feature = "js")]
use serde_json::{Map, Value};

#[cfg(feature = "js")]
use super::{ApiError, webhook::camel_case};
use super::{WorkOs, answer};
use crate::error::Rejection;
use crate::http::{FetchFault, InboundResponse, OutboundRequest, get_json};
use crate::limits;
use crate::provider::endpoint::is_id;
use crate::session::Impersonator;

/// A session as WorkOS keeps it (API reference: session object). Members that are not listed are left out.
///
/// There is no `Debug`: it is personal data.
#[derive(Clone, Serialize, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionResource {
    /// `session_…`.
    pub id: String,
    /// `user_…`.
    pub user_id: String,
    /// `org_…`.
    pub organization_id: Option<String>,
    /// `active`, `expired` or `revoked`.
    pub status: String,
    /// `password`, `sso`, `passkey`, …
    pub auth_method: Option<String>,
    /// Where the person signed in from.
    pub ip_address: Option<String>,
    /// With which browser.
    pub user_agent: Option<String>,
    /// Who acts in the person's name.
    pub impersonator: Option<Impersonator>,
    /// ISO 8601.
    pub expires_at: Option<String>,
    /// ISO 8601; none while it lasts.
    pub ended_at: Option<String>,
    /// ISO 8601.
    pub created_at: String,
    /// ISO 8601.
    pub updated_at: String,
}

/// One page of a list.
#[derive(Clone, Serialize, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionList {
    /// Newest first.
    pub data: Vec<SessionResource>,
    /// Where the pages before and after begin.
    pub list_metadata: ListMetadata,
}

/// Cursors of a list.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListMetadata {
    /// The page before ends before this id.
    pub before: Option<String>,
    /// The next page begins after this id.
    pub after: Option<String>,
}

/// Which part of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListOptions {
    /// How many at most, 1 to 100. WorkOS gives 10 where nothing is said.
    pub limit: Option<u32>,
    /// `asc` or `desc`.
    pub order: Option<String>,
    /// Before this id.
    pub before: Option<String>,
    /// After this id.
    pub after: Option<String>,
}

impl WorkOs {
    /// Asks for a person's sessions. Answer: [`list_sessions_response`]. `None` for an id that no URL can hold.
    pub fn list_sessions_request(&self, user_id: &str, options: &ListOptions) -> Option<OutboundRequest> {
        let limit = options.limit.map(|limit| limit.to_string());
        let parameters = [
            ("limit", limit.as_deref()),
            ("order", options.order.as_deref()),
            ("before", options.before.as_deref()),
            ("after", options.after.as_deref()),
        ];
        let mut query = Serializer::new(String::new());
        query.extend_pairs(parameters.into_iter().filter_map(|(name, value)| Some((name, value?))));
        let query = Some(query.finish()).filter(|query| !query.is_empty()).map(|query| format!("?{query}"));
        let path = format!("/user_management/users/{user_id}/sessions{}", query.unwrap_or_default());
        let uri = Some(path).filter(|_| is_id(user_id)).and_then(|path| self.uri(&path).ok())?;
        Some(self.authorized(get_json(uri, limits::EXCHANGE_TIMEOUT_MILLISECONDS, limits::EXCHANGE_BYTES)))
    }

    /// Ends a session at WorkOS. Answer: [`revoke_session_response`].
    pub fn revoke_session_request(&self, session_id: &str) -> OutboundRequest {
        let mut outbound = get_json(self.revoke.clone(), limits::EXCHANGE_TIMEOUT_MILLISECONDS, limits::EXCHANGE_BYTES);
        *outbound.request.method_mut() = Method::POST;
        *outbound.request.body_mut() = json!({ "session_id": session_id }).to_string().into_bytes().into();
        outbound.request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self.authorized(outbound)
    }

    fn authorized(&self, mut outbound: OutboundRequest) -> OutboundRequest {
        if let Some(authorization) = &self.authorization {
            outbound.request.headers_mut().insert(AUTHORIZATION, authorization.clone());
        }
        outbound
    }
}

/// Reads a list of sessions.
///
/// # Errors
/// Why there is none; all of them are about the provider or this client, none about a visitor's session.
pub fn list_sessions_response(answer: Result<InboundResponse, FetchFault>) -> Result<SessionList, Rejection> {
    let response = answer::arrived(answer)?;
    match response.status() {
        StatusCode::OK => {
            serde_json::from_slice(response.body().expose_secret()).map_err(|_| Rejection::ProviderAnswerInvalid)
        }
        status => Err(answer::provider_fault(status)),
    }
}

/// Reads the answer to a revocation. A session that WorkOS does not know is as ended as one can be.
///
/// # Errors
/// Why it is not known to have ended.
pub fn revoke_session_response(answer: Result<InboundResponse, FetchFault>) -> Result<(), Rejection> {
    match answer::arrived(answer)?.status() {
        status if status.is_success() || status == StatusCode::NOT_FOUND => Ok(()),
        status => Err(answer::provider_fault(status)),
    }
}

/// The same in the spelling of the Node SDK (its `deserializeSession`).
///
/// # Errors
/// What the SDK throws.
#[cfg(feature = "js")]
pub(crate) fn list_sessions(
    answer: Result<InboundResponse, FetchFault>,
    path: &str,
) -> Result<Map<String, Value>, ApiError> {
    let list = match &answer {
        Ok(response) if response.status() == StatusCode::OK => {
            serde_json::from_slice::<Map<String, Value>>(response.body().expose_secret()).ok()
        }
        _ => None,
    };
    let Some(mut list) = list else {
        return Err(ApiError::of_call(&answer, path));
    };
    let mut spelled = Map::new();
    for (ours, theirs) in [("data", "data"), ("listMetadata", "list_metadata")] {
        spelled.insert(ours.to_owned(), camel_case(list.remove(theirs).unwrap_or_default()));
    }
    Ok(spelled)
}

/// Reads the answer to a revocation as the SDK does: a session that WorkOS does not know is an error there.
///
/// # Errors
/// What the SDK throws.
#[cfg(feature = "js")]
pub(crate) fn revoke_session(answer: Result<InboundResponse, FetchFault>) -> Result<(), ApiError> {
    match &answer {
        Ok(response) if response.status().is_success() => Ok(()),
        _ => Err(ApiError::of_call(&answer, "/user_management/sessions/revoke")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::options;
    use super::*;
    use crate::provider::workos::DEFAULT_BASE_URL;

    fn workos() -> WorkOs {
        WorkOs::new(options("client_1", DEFAULT_BASE_URL)).unwrap()
    }

    fn response(status: u16, body: &str) -> Result<InboundResponse, FetchFault> {
        Ok(http::Response::builder().status(status).body(body.as_bytes().to_vec().into()).unwrap())
    }

    #[test]
    fn requests_carry_the_key_and_stay_where_they_should() {
        let after = ListOptions { after: Some("session_1".into()), ..ListOptions::default() };
        let OutboundRequest { request, .. } = workos().list_sessions_request("user_1", &after).unwrap();
        assert_eq!(request.uri(), "https://api.workos.com/user_management/users/user_1/sessions?after=session_1");
        assert_eq!(request.headers()["authorization"], "Bearer sk_test");
        for user_id in ["", "../x", "user 1", "user_1?x"] {
            assert!(workos().list_sessions_request(user_id, &ListOptions::default()).is_none(), "{user_id}");
        }
        let OutboundRequest { request, .. } = workos().revoke_session_request("session_1");
        assert_eq!(request.uri(), "https://api.workos.com/user_management/sessions/revoke");
        assert_eq!(request.body().expose_secret(), br#"{"session_id":"session_1"}"#);
    }

    #[test]
    fn answers_are_read_or_explained() {
        let list = r#"{"object":"list","data":[{"object":"session","id":"session_1","user_id":"user_1",
            "organization_id":null,"status":"active","auth_method":"password","ip_address":null,"user_agent":null,
            "expires_at":"2026-01-01T00:00:00Z","ended_at":null,"created_at":"2026-01-01T00:00:00Z",
            "updated_at":"2026-01-01T00:00:00Z"}],"list_metadata":{"before":null,"after":"session_1"}}"#;
        let sessions = list_sessions_response(response(200, list)).ok().unwrap();
        assert_eq!(sessions.data[0].id, "session_1");
        assert_eq!(sessions.list_metadata.after.as_deref(), Some("session_1"));
        for (status, expected) in [
            (401, Rejection::ProviderRefusedClient),
            (429, Rejection::ProviderRateLimited),
            (500, Rejection::ProviderUnavailable),
            (200, Rejection::ProviderAnswerInvalid),
        ] {
            assert_eq!(list_sessions_response(response(status, "")).err(), Some(expected), "{status}");
        }
        assert_eq!(revoke_session_response(response(200, "{}")), Ok(()));
        assert_eq!(revoke_session_response(response(404, "{}")), Ok(()));
        assert_eq!(revoke_session_response(Err(FetchFault::Timeout)), Err(Rejection::ProviderTimeout));
    }
}
