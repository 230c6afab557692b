//! Sessions from a JWT that was checked here: what the Stytch SDK's local check makes of it, members and order included.

use serde::Serialize;
use serde_json::{Map, Value};

use super::token::{self, Kind, ORGANIZATION_CLAIM, REGISTERED_CLAIMS, SESSION_CLAIM};
use super::{Stytch, TokenTimes, Vertical};
use crate::error::Rejection;
use crate::jwks::KeySet;
use crate::jwt::{Claims, UnverifiedToken};
use crate::rbac::{AuthorizationCheck, Policy};
use crate::session::Session;
use crate::time::Timestamp;

/// The session of a user. Serialized as the SDK's `session`.
///
/// There is no `Debug`: it is personal data.
#[derive(Clone, Serialize, PartialEq)]
#[non_exhaustive]
pub struct StytchSession {
    /// `session-…`.
    pub session_id: String,
    /// Address and browser of the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Value>,
    /// How the person signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authentication_factors: Option<Value>,
    /// `user-…`.
    pub user_id: String,
    /// When the person signed in, as Stytch writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// When Stytch was last asked, as it writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_accessed_at: Option<String>,
    /// When the session ends, to the millisecond; not when its token does.
    pub expires_at: String,
    /// The claims of the project's own.
    pub custom_claims: Map<String, Value>,
    /// The person's roles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
}

/// The session of a member of an organization. Serialized as the SDK's `member_session`.
///
/// There is no `Debug`: it is personal data.
#[derive(Clone, Serialize, PartialEq)]
#[non_exhaustive]
pub struct MemberSession {
    /// `member-session-…`.
    pub member_session_id: String,
    /// `member-…`.
    pub member_id: String,
    /// `organization-…`.
    pub organization_id: String,
    /// How the person signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authentication_factors: Option<Value>,
    /// When the person signed in, as Stytch writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// When Stytch was last asked, as it writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_accessed_at: Option<String>,
    /// When the session ends, to the millisecond; not when its token does.
    pub expires_at: String,
    /// The claims of the project's own.
    pub custom_claims: Map<String, Value>,
    /// The person's roles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
    /// The organization's name in URLs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_slug: Option<String>,
}

/// Of a user or of a member.
#[derive(Clone, Serialize, PartialEq)]
#[serde(untagged)]
pub enum LocalSession {
    /// A consumer project's.
    User(StytchSession),
    /// A B2B project's.
    Member(MemberSession),
}

/// A session whose JWT was checked. Only [`Stytch::verify_session`] makes one.
#[derive(Clone)]
pub struct VerifiedSession {
    session: LocalSession,
    issued_at: Timestamp,
    not_before: Option<Timestamp>,
    token_expires_at: Timestamp,
}

impl Stytch {
    /// Checks a session's JWT. Synchronous: all that may have to be waited for are the keys.
    ///
    /// # Errors
    /// The first step that refuses. After [`Rejection::UnknownKey`] it is worth trying newer keys once; what else may be worth asking
    /// Stytch about says [`fallback`](super::fallback).
    pub fn verify_session(
        &self,
        session_jwt: &str,
        keys: &KeySet,
        times: TokenTimes,
        now: Timestamp,
    ) -> Result<VerifiedSession, Rejection> {
        self.verify_parsed_session(&token::parse(session_jwt)?, keys, times, now)
    }

    pub(crate) fn verify_parsed_session(
        &self,
        token: &UnverifiedToken<'_>,
        keys: &KeySet,
        times: TokenTimes,
        now: Timestamp,
    ) -> Result<VerifiedSession, Rejection> {
        let claims = token::verify(token, keys, self.token_policy(), Kind::Session, times, now)?;
        VerifiedSession::read(self.vertical(), &claims)
    }
}

impl VerifiedSession {
    fn read(vertical: Vertical, claims: &Claims) -> Result<Self, Rejection> {
        let issued_at = claims.issued_at().ok_or(Rejection::ClaimMissing)?;
        let members = claims.members();
        let session = match vertical {
            Vertical::Consumer => LocalSession::User(user_session(members, claims.expires_at())?),
            Vertical::B2b => LocalSession::Member(member_session(members, claims.expires_at())?),
        };
        let not_before = members.get("nbf").and_then(Value::as_i64).map(Timestamp::from_seconds);
        Ok(Self { session, issued_at, not_before, token_expires_at: claims.expires_at() })
    }

    /// The session, as the SDK gives it.
    pub const fn session(&self) -> &LocalSession {
        &self.session
    }

    /// When the token was made (`iat`).
    pub const fn issued_at(&self) -> Timestamp {
        self.issued_at
    }

    /// When the token ends (`exp`). The session most often lives on.
    pub const fn token_expires_at(&self) -> Timestamp {
        self.token_expires_at
    }

    /// Whether its token is good at this moment by exact clocks: for whoever remembers what was verified.
    pub fn is_good_at(&self, now: Timestamp) -> bool {
        now < self.token_expires_at && self.not_before.is_none_or(|begin| begin.seconds() <= now.seconds())
    }

    /// Whether its token was made so many seconds ago, or longer.
    pub const fn is_older(&self, seconds: i64, now: Timestamp) -> bool {
        token::is_older(self.issued_at, seconds, now)
    }

    /// Whether the session is of the organization that is asked about. Costs nothing, so it comes before policies are loaded.
    ///
    /// # Errors
    /// [`Rejection::TenancyMismatch`].
    pub fn check_tenancy(&self, check: &AuthorizationCheck) -> Result<(), Rejection> {
        match &self.session {
            LocalSession::Member(session) if check.organization_id.as_ref() != Some(&session.organization_id) => {
                Err(Rejection::TenancyMismatch)
            }
            _ => Ok(()),
        }
    }

    /// Whether the roles in the token allow it, by the project's policy or by the organization's.
    ///
    /// # Errors
    /// [`Rejection::TenancyMismatch`], or [`Rejection::PermissionDenied`], also where the token names no roles.
    pub fn authorize(
        &self,
        check: &AuthorizationCheck,
        project: &Policy,
        organization: Option<&Policy>,
    ) -> Result<(), Rejection> {
        self.check_tenancy(check)?;
        let roles = self.session.roles();
        let is_allowed =
            project.allows_roles(roles, check) || organization.is_some_and(|policy| policy.allows_roles(roles, check));
        if is_allowed { Ok(()) } else { Err(Rejection::PermissionDenied) }
    }

    /// The same session in the terms that all providers share.
    pub fn to_session(&self) -> Session {
        Session {
            user_id: Some(self.session.person_id().to_owned()),
            session_id: Some(self.session.session_id().to_owned()),
            organization_id: self.session.organization_id().map(str::to_owned),
            role: None,
            roles: self.session.roles().to_vec(),
            permissions: Vec::new(),
            entitlements: Vec::new(),
            feature_flags: Vec::new(),
            user: None,
            impersonator: None,
            authentication_method: None,
            issued_at: Some(self.issued_at.seconds()),
            expires_at: self.token_expires_at.seconds(),
        }
    }
}

impl LocalSession {
    /// `session_id` or `member_session_id`.
    pub fn session_id(&self) -> &str {
        match self {
            Self::User(session) => &session.session_id,
            Self::Member(session) => &session.member_session_id,
        }
    }

    /// `user_id` or `member_id`.
    pub fn person_id(&self) -> &str {
        match self {
            Self::User(session) => &session.user_id,
            Self::Member(session) => &session.member_id,
        }
    }

    /// A member's.
    pub fn organization_id(&self) -> Option<&str> {
        match self {
            Self::User(_) => None,
            Self::Member(session) => Some(&session.organization_id),
        }
    }

    /// None where the token names none.
    pub fn roles(&self) -> &[String] {
        let roles = match self {
            Self::User(session) => &session.roles,
            Self::Member(session) => &session.roles,
        };
        roles.as_deref().unwrap_or_default()
    }

    /// The claims of the project's own.
    pub const fn custom_claims(&self) -> &Map<String, Value> {
        match self {
            Self::User(session) => &session.custom_claims,
            Self::Member(session) => &session.custom_claims,
        }
    }

    /// When the person signed in, as Stytch writes it.
    pub fn started_at(&self) -> Option<&str> {
        match self {
            Self::User(session) => session.started_at.as_deref(),
            Self::Member(session) => session.started_at.as_deref(),
        }
    }

    /// When the session ends, to the millisecond.
    pub fn expires_at(&self) -> &str {
        match self {
            Self::User(session) => &session.expires_at,
            Self::Member(session) => &session.expires_at,
        }
    }
}

fn user_session(members: &Map<String, Value>, token_end: Timestamp) -> Result<StytchSession, Rejection> {
    let session = object(members, SESSION_CLAIM)?.ok_or(Rejection::TokenNotOfSession)?;
    Ok(StytchSession {
        session_id: required(session, "id")?,
        attributes: session.get("attributes").cloned(),
        authentication_factors: session.get("authentication_factors").cloned(),
        user_id: required(members, "sub")?,
        started_at: text(session, "started_at")?,
        last_accessed_at: text(session, "last_accessed_at")?,
        expires_at: session_end(session, token_end)?,
        custom_claims: custom_claims(members, &[SESSION_CLAIM]),
        roles: roles(session)?,
    })
}

fn member_session(members: &Map<String, Value>, token_end: Timestamp) -> Result<MemberSession, Rejection> {
    let session = object(members, SESSION_CLAIM)?.ok_or(Rejection::TokenNotOfSession)?;
    // Without an organization it is a user's, of a project that has both.
    let organization = object(members, ORGANIZATION_CLAIM)?.ok_or(Rejection::TokenNotOfSession)?;
    Ok(MemberSession {
        member_session_id: required(session, "id")?,
        member_id: required(members, "sub")?,
        organization_id: required(organization, "organization_id")?,
        authentication_factors: session.get("authentication_factors").cloned(),
        started_at: text(session, "started_at")?,
        last_accessed_at: text(session, "last_accessed_at")?,
        expires_at: session_end(session, token_end)?,
        custom_claims: custom_claims(members, &[SESSION_CLAIM, ORGANIZATION_CLAIM]),
        roles: roles(session)?,
        organization_slug: text(organization, "slug")?,
    })
}

/// Old tokens do not say when their session ends; then it is when they do.
fn session_end(session: &Map<String, Value>, token_end: Timestamp) -> Result<String, Rejection> {
    let end = match text(session, "expires_at")?.filter(|text| !text.is_empty()) {
        Some(text) => Timestamp::from_rfc3339(&text).ok_or(Rejection::ClaimsMalformed)?,
        None => token_end,
    };
    Ok(end.to_rfc3339())
}

/// All claims but the registered ones and these.
pub(super) fn custom_claims(members: &Map<String, Value>, others: &[&str]) -> Map<String, Value> {
    let is_custom = |name: &str| !REGISTERED_CLAIMS.contains(&name) && !others.contains(&name);
    let custom = members.iter().filter(|(name, _)| is_custom(name));
    let mut claims = Map::new();
    // Not `collect`: it sorts first, which is more wasm than a few inserts.
    claims.extend(custom.map(|(name, value)| (name.clone(), value.clone())));
    claims
}

pub(super) fn object<'a>(
    members: &'a Map<String, Value>,
    name: &str,
) -> Result<Option<&'a Map<String, Value>>, Rejection> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(_) => Err(Rejection::ClaimsMalformed),
    }
}

pub(super) fn text(members: &Map<String, Value>, name: &str) -> Result<Option<String>, Rejection> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Rejection::ClaimsMalformed),
    }
}

pub(super) fn required(members: &Map<String, Value>, name: &str) -> Result<String, Rejection> {
    text(members, name)?.filter(|text| !text.is_empty()).ok_or(Rejection::ClaimMissing)
}

fn roles(session: &Map<String, Value>) -> Result<Option<Vec<String>>, Rejection> {
    match session.get("roles") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(roles)) => roles
            .iter()
            .map(|role| role.as_str().map(str::to_owned).ok_or(Rejection::ClaimsMalformed))
            .collect::<Result<_, _>>()
            .map(Some),
        Some(_) => Err(Rejection::ClaimsMalformed),
    }
}
