//! The calls of Stytch's API as data, in the names of its SDK. What is not there is not sent.

use form_urlencoded::Serializer;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{Method, Uri};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Stytch, Vertical};
use crate::http::{OutboundRequest, get_json};
use crate::limits;
use crate::rbac::AuthorizationCheck;

/// What `sessions.authenticate` takes. Exactly one of token and JWT; Stytch refuses both and neither.
#[derive(Clone, Copy, Default)]
pub struct Authenticate<'a> {
    /// `stytch_session`, opaque.
    pub session_token: Option<&'a str>,
    /// `stytch_session_jwt`. It may have expired, as long as the session has not.
    pub session_jwt: Option<&'a str>,
    /// How long the session lives from now on, in minutes, 5 to 527040. None: as long as before.
    pub session_duration_minutes: Option<u32>,
    /// Members to set in the session's claims; `null` deletes one.
    pub session_custom_claims: Option<&'a Map<String, Value>>,
    /// What the session has to be allowed.
    pub authorization_check: Option<&'a AuthorizationCheck>,
}

/// What `sessions.revoke` takes: one of them.
#[derive(Clone, Copy, Default)]
pub struct Revoke<'a> {
    /// `session_id`, or `member_session_id`.
    pub session_id: Option<&'a str>,
    /// `stytch_session`, opaque.
    pub session_token: Option<&'a str>,
    /// `stytch_session_jwt`.
    pub session_jwt: Option<&'a str>,
    /// All sessions of this member. B2B alone.
    pub member_id: Option<&'a str>,
}

/// What `sessions.get` takes.
#[derive(Clone, Copy, Debug)]
pub enum GetSessions<'a> {
    /// The sessions of a user.
    OfUser(&'a str),
    /// The sessions of a member.
    OfMember {
        /// In this organization.
        organization_id: &'a str,
        /// The member.
        member_id: &'a str,
    },
}

/// What the B2B call `sessions.exchange` takes: a session of one organization for one of another.
#[derive(Clone, Copy, Default, Serialize)]
pub struct Exchange<'a> {
    /// The other one.
    pub organization_id: &'a str,
    /// `stytch_session`, opaque.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_token: Option<&'a str>,
    /// `stytch_session_jwt`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_jwt: Option<&'a str>,
    /// How long the new session lives, in minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_duration_minutes: Option<u32>,
    /// Members of its claims.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_custom_claims: Option<&'a Map<String, Value>>,
    /// Language of a message that Stytch may have to send: `en`, `es`, `pt-br`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<&'a str>,
}

#[derive(Serialize)]
struct AuthenticateBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    session_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_jwt: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_duration_minutes: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_custom_claims: Option<&'a Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorization_check: Option<CheckBody<'a>>,
}

#[derive(Serialize)]
struct CheckBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_id: Option<&'a str>,
    resource_id: &'a str,
    action: &'a str,
}

impl Stytch {
    /// Asks for the keys. Answer: a key set.
    pub fn keys_request(&self) -> OutboundRequest {
        get_json(self.endpoints.jwks.clone(), limits::KEYS_TIMEOUT_MILLISECONDS, limits::KEY_SET_BYTES)
    }

    /// Asks whether the session lives, for a new JWT and all about it. Answer: [`session_response`](super::session_response).
    pub fn authenticate_request(&self, call: &Authenticate<'_>) -> OutboundRequest {
        let is_b2b = self.vertical == Vertical::B2b;
        let check = call.authorization_check.map(|check| CheckBody {
            organization_id: check.organization_id.as_deref().filter(|_| is_b2b),
            resource_id: &check.resource_id,
            action: &check.action,
        });
        let body = AuthenticateBody {
            session_token: call.session_token,
            session_jwt: call.session_jwt,
            session_duration_minutes: call.session_duration_minutes,
            session_custom_claims: call.session_custom_claims,
            authorization_check: check,
        };
        self.post(&self.endpoints.authenticate, &body)
    }

    /// Ends a session. Answer: [`revoke_response`](super::revoke_response).
    pub fn revoke_request(&self, call: &Revoke<'_>) -> OutboundRequest {
        let mut body = Map::new();
        for (name, value) in [
            (self.vertical.session_id_member(), call.session_id),
            ("session_token", call.session_token),
            ("session_jwt", call.session_jwt),
            ("member_id", call.member_id),
        ] {
            if let Some(value) = value {
                body.insert(name.to_owned(), value.into());
            }
        }
        self.post(&self.endpoints.revoke, &body)
    }

    /// Asks for the sessions of a person. Answer: [`answer_response`](super::answer_response). `None` for ids that no URL can hold.
    pub fn get_request(&self, call: &GetSessions<'_>) -> Option<OutboundRequest> {
        let mut query = Serializer::new(String::new());
        match *call {
            GetSessions::OfUser(user_id) => query.append_pair("user_id", user_id),
            GetSessions::OfMember { organization_id, member_id } => {
                query.append_pair("organization_id", organization_id).append_pair("member_id", member_id)
            }
        };
        let path = format!("{}/sessions?{}", self.vertical.prefix(), query.finish());
        let url = self.base_url.endpoint(&path).ok()?;
        Some(self.authorized(get_json(url, limits::STYTCH_TIMEOUT_MILLISECONDS, limits::EXCHANGE_BYTES)))
    }

    /// Asks for the keys as the SDK's `getJWKS` does, of any project. Answer: [`answer_response`](super::answer_response). `None` for
    /// an id that no URL can hold.
    pub fn get_jwks_request(&self, project_id: &str) -> Option<OutboundRequest> {
        let path = format!("{}/sessions/jwks/{project_id}", self.vertical.prefix());
        let url = crate::provider::endpoint::is_id(project_id).then(|| self.base_url.endpoint(&path).ok()).flatten()?;
        Some(self.authorized(get_json(url, limits::KEYS_TIMEOUT_MILLISECONDS, limits::KEY_SET_BYTES)))
    }

    /// Exchanges a member's session for one in another organization. Answer: [`answer_response`](super::answer_response).
    pub fn exchange_request(&self, call: &Exchange<'_>) -> OutboundRequest {
        self.post(&self.endpoints.exchange, call)
    }

    pub(super) fn policy_request(&self, url: Uri) -> OutboundRequest {
        self.authorized(get_json(url, limits::KEYS_TIMEOUT_MILLISECONDS, limits::POLICY_BYTES))
    }

    fn post(&self, url: &Uri, body: &impl Serialize) -> OutboundRequest {
        let mut outbound = get_json(url.clone(), limits::STYTCH_TIMEOUT_MILLISECONDS, limits::EXCHANGE_BYTES);
        *outbound.request.method_mut() = Method::POST;
        // Strings, numbers and JSON: nothing in it can fail to become JSON.
        *outbound.request.body_mut() = serde_json::to_vec(body).unwrap_or_default().into();
        outbound.request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self.authorized(outbound)
    }

    fn authorized(&self, mut outbound: OutboundRequest) -> OutboundRequest {
        outbound.request.headers_mut().insert(AUTHORIZATION, self.authorization.clone());
        outbound
    }
}
