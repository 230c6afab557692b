//! What Stytch answers, kept whole as it came, and what we read of it.

use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};

use super::{StytchRejection, Vertical};
use crate::error::Rejection;
use crate::http::{FetchFault, InboundResponse};
use crate::provider::outcome::read_json;
use crate::session::{Session, User};
use crate::time::Timestamp;

/// An answer of Stytch's API. There is no `Debug`: it holds tokens and personal data.
#[derive(Clone)]
pub struct StytchAnswer {
    members: Map<String, Value>,
}

/// A session that Stytch itself has vouched for just now. Only [`session_response`] makes one.
#[derive(Clone)]
pub struct RemoteSession {
    answer: StytchAnswer,
    vertical: Vertical,
    session_id: String,
    person_id: String,
    expires_at: Option<Timestamp>,
    asked_at: Timestamp,
}

impl StytchAnswer {
    /// All members, as Stytch wrote them.
    pub const fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    /// The same, to keep.
    pub fn into_members(self) -> Map<String, Value> {
        self.members
    }

    /// The opaque token of the session, where one is given.
    pub fn session_token(&self) -> Option<SecretString> {
        self.secret("session_token")
    }

    /// The new JWT of the session, where one is given: it has to reach the browser.
    pub fn session_jwt(&self) -> Option<SecretString> {
        self.secret("session_jwt")
    }

    fn secret(&self, name: &str) -> Option<SecretString> {
        self.members.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(Into::into)
    }

    fn object(&self, name: &str) -> Option<&Map<String, Value>> {
        self.members.get(name).and_then(Value::as_object)
    }
}

impl RemoteSession {
    /// Reads an answer that tells of a session.
    ///
    /// # Errors
    /// [`Rejection::ProviderAnswerInvalid`] for one without.
    pub(crate) fn read(answer: StytchAnswer, vertical: Vertical, asked_at: Timestamp) -> Result<Self, StytchRejection> {
        let invalid = || StytchRejection::from(Rejection::ProviderAnswerInvalid);
        let session = answer.object(vertical.session_member()).ok_or_else(invalid)?;
        let id = |name: &str| {
            let id = session.get(name).and_then(Value::as_str).filter(|id| !id.is_empty());
            id.map(str::to_owned).ok_or_else(invalid)
        };
        let session_id = id(vertical.session_id_member())?;
        let person_id = id(match vertical {
            Vertical::Consumer => "user_id",
            Vertical::B2b => "member_id",
        })?;
        let expires_at = session.get("expires_at").and_then(Value::as_str).and_then(Timestamp::from_rfc3339);
        Ok(Self { answer, vertical, session_id, person_id, expires_at, asked_at })
    }

    /// The whole answer.
    pub const fn answer(&self) -> &StytchAnswer {
        &self.answer
    }

    /// The same, to keep.
    pub fn into_answer(self) -> StytchAnswer {
        self.answer
    }

    /// `session_id` or `member_session_id`.
    pub fn session_id(&self) -> &str {
        &self.session_id
    }

    /// `user_id` or `member_id`.
    pub fn person_id(&self) -> &str {
        &self.person_id
    }

    /// When the session ends, where it says so.
    pub const fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// The session itself, as Stytch writes it.
    pub fn session(&self) -> Option<&Map<String, Value>> {
        self.answer.object(self.vertical.session_member())
    }

    /// The user or member, as Stytch writes it.
    pub fn person(&self) -> Option<&Map<String, Value>> {
        self.answer.object(match self.vertical {
            Vertical::Consumer => "user",
            Vertical::B2b => "member",
        })
    }

    /// A member's.
    pub fn organization_id(&self) -> Option<&str> {
        self.session()?.get("organization_id")?.as_str()
    }

    /// None where the session names none.
    pub fn roles(&self) -> Vec<String> {
        let roles = self.session().and_then(|session| session.get("roles")).and_then(Value::as_array);
        roles.into_iter().flatten().filter_map(|role| role.as_str().map(str::to_owned)).collect()
    }

    /// The same session in the terms that all providers share. It ends when the session does: there need be no token.
    pub fn to_session(&self) -> Session {
        Session {
            user_id: Some(self.person_id.clone()),
            session_id: Some(self.session_id.clone()),
            organization_id: self.organization_id().map(str::to_owned),
            role: None,
            roles: self.roles(),
            permissions: Vec::new(),
            entitlements: Vec::new(),
            feature_flags: Vec::new(),
            user: self.person().map(|person| User::from_members(person.clone())),
            impersonator: None,
            authentication_method: None,
            issued_at: Some(self.asked_at.seconds()),
            expires_at: self.expires_at.unwrap_or(self.asked_at).seconds(),
        }
    }
}

/// Reads any answer.
///
/// # Errors
/// What Stytch refuses, or why it cannot be asked.
pub fn answer_response(answer: &Result<InboundResponse, FetchFault>) -> Result<StytchAnswer, StytchRejection> {
    let members = match answer {
        Ok(response) if response.status() == StatusCode::OK => read_json(response.body().expose_secret()),
        _ => None,
    };
    members.map(|members| StytchAnswer { members }).ok_or_else(|| StytchRejection::of(answer))
}

/// Reads the answer to an authentication, which was asked for at this moment.
///
/// # Errors
/// As [`answer_response`], and [`Rejection::ProviderAnswerInvalid`] for one without a session.
pub fn session_response(
    answer: &Result<InboundResponse, FetchFault>,
    vertical: Vertical,
    asked_at: Timestamp,
) -> Result<RemoteSession, StytchRejection> {
    RemoteSession::read(answer_response(answer)?, vertical, asked_at)
}

/// Reads the answer to a revocation. Where it was asked for twice, because the first answer was lost, a session that Stytch does not
/// know any more has ended as it should.
///
/// # Errors
/// As [`answer_response`].
pub fn revoke_response(
    answer: &Result<InboundResponse, FetchFault>,
    is_second: bool,
) -> Result<StytchAnswer, StytchRejection> {
    match answer_response(answer) {
        Err(refused) if is_second && refused.rejection == Rejection::SessionNotFound => {
            let members = Map::from_iter([("status_code".to_owned(), json!(200))]);
            Ok(StytchAnswer { members })
        }
        outcome => outcome,
    }
}
