//! The provider's own list of sessions: who is signed in where, and ending one from afar.

use http::Method;
use http::StatusCode;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{WorkOs, answer};
use crate::error::Rejection;
use crate::http::{FetchFault, InboundResponse, OutboundRequest, get_json};
use crate::limits;
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

impl WorkOs {
    /// Asks for a person's sessions. Answer: [`list_sessions_response`]. `None` for an id that no URL can hold.
    pub fn list_sessions_request(&self, user_id: &str, after: Option<&str>) -> Option<OutboundRequest> {
        let is_id = |id: &str| id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
        if user_id.is_empty() || !is_id(user_id) || !after.is_none_or(is_id) {
            return None;
        }
        let query = after.map(|after| format!("?after={after}")).unwrap_or_default();
        let uri = self.uri(&format!("/user_management/users/{user_id}/sessions{query}")).ok()?;
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
        let OutboundRequest { request, .. } = workos().list_sessions_request("user_1", Some("session_1")).unwrap();
        assert_eq!(request.uri(), "https://api.workos.com/user_management/users/user_1/sessions?after=session_1");
        assert_eq!(request.headers()["authorization"], "Bearer sk_test");
        for user_id in ["", "../x", "user 1", "user_1?x"] {
            assert!(workos().list_sessions_request(user_id, None).is_none(), "{user_id}");
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
