//! The order of the steps: from a cookie's value to a session, or to the reason why not.
//!
//! ```text
//! sealed session ─ unseal ─► data ─ parse ─► unverified token ─ select key, verify ─► claims ─ validate ─► session
//! ```
//!
//! Each step stands in a file of its own; this one only puts them in order. Keys come in from outside: where they are
//! cached and how they are fetched is the host's part.

use std::rc::Rc;

use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use super::Session;
use super::data::{Impersonator, SessionData, TokenPair};
use super::user::User;
use crate::error::{ConfigurationError, Rejection};
use crate::jwks::KeySet;
use crate::jwt::{Claims, TokenPolicy, UnverifiedToken};
use crate::limits;
use crate::seal::{PasswordRing, SealEntropy, SealFormat, SealFormats, has, seal, unseal};
use crate::time::Timestamp;

/// A session whose seal opened with one of our passwords. Its token may be expired or revoked.
///
/// Only [`UnsealedSession::open`], a provider's answer and the keeper of such a session make one.
#[derive(Clone)]
pub struct UnsealedSession {
    data: SessionData,
    format: SealFormat,
    /// From when on its seal opens no more, where it says so itself.
    opens_until: Option<Timestamp>,
}

impl UnsealedSession {
    /// Opens the value of a session cookie. Some frameworks percent-encode it.
    ///
    /// # Errors
    /// [`Rejection::CookieMissing`] for none, or what [`unseal`] refuses, or [`Rejection::SessionMalformed`].
    pub fn open(
        session_data: Option<&str>,
        passwords: &PasswordRing,
        accepted: SealFormats,
        now: Timestamp,
    ) -> Result<Self, Rejection> {
        let sealed = session_data.filter(|sealed| !sealed.is_empty()).ok_or(Rejection::CookieMissing)?;
        if sealed.len() > 3 * limits::SEALED_SESSION_BYTES {
            return Err(Rejection::CookieTooLarge);
        }
        // JSON as it stands may hold a `%` of its own.
        let is_encoded = has(sealed, |byte| byte == b'%') && SealFormat::detect(sealed) != [SealFormat::Json];
        let sealed = if is_encoded { percent_decode_str(sealed).decode_utf8_lossy() } else { sealed.into() };
        let unsealed = unseal(&sealed, passwords, accepted, now)?;
        let data = SessionData::from_unsealed(&unsealed)?;
        Ok(Self { data, format: unsealed.format(), opens_until: unsealed.opens_until() })
    }

    /// The first generation of a session, from a sign-in.
    pub fn first(pair: TokenPair, format: SealFormat) -> Self {
        Self { data: SessionData::first(pair), format, opens_until: None }
    }

    /// The next generation, from a refresh. It keeps the format, and what the answer left out.
    #[must_use]
    pub fn next(&self, pair: TokenPair) -> Self {
        Self { data: self.data.next(pair), format: self.format, opens_until: None }
    }

    /// The next generation, from other software that was given this one. It keeps this one's format, and what the other left
    /// out.
    #[cfg(feature = "gateway")]
    pub(crate) fn succeeded_by(&self, next: Self) -> Result<Self, Rejection> {
        Ok(Self { data: self.data.succeeded_by(next.data)?, format: self.format, opens_until: None })
    }

    /// Whether both hold the same tokens.
    #[cfg(feature = "gateway")]
    pub(crate) fn is_same_generation(&self, other: &Self) -> bool {
        let refresh_token = |session: &Self| session.refresh_token().map(|token| token.expose_secret().to_owned());
        self.access_token().expose_secret() == other.access_token().expose_secret()
            && refresh_token(self) == refresh_token(other)
    }

    /// A session as its keeper hands it over; none where the members are no session.
    pub(crate) fn from_members(members: Map<String, Value>) -> Option<Self> {
        Some(Self { data: SessionData::from_members(members)?, format: SealFormat::Edgeseal, opens_until: None })
    }

    /// A session for its keeper: everything that a seal of our own format holds.
    pub(crate) fn to_members(&self) -> Map<String, Value> {
        self.data.to_members(SealFormat::Edgeseal)
    }

    /// The same session, to be sealed in the format of another one.
    #[must_use]
    pub(crate) fn in_format_of(self, other: &Self) -> Self {
        Self { format: other.format, ..self }
    }

    /// The format it came in.
    pub const fn format(&self) -> SealFormat {
        self.format
    }

    /// Seals it for a cookie, with the newest password that suits its format. A ring without such a password seals
    /// [`SealFormat::Iron`], which all suit: a pair that was just rotated must not be lost.
    pub fn seal(&self, passwords: &PasswordRing, entropy: SealEntropy, now: Timestamp) -> String {
        let format = self.format.written();
        let format = passwords.newest_for(format).map_or(SealFormat::Iron, |_| format);
        self.seal_as(format, passwords, entropy, now).unwrap_or_default()
    }

    /// Seals it for a reader of another format.
    ///
    /// # Errors
    /// What [`seal`] refuses.
    pub fn seal_as(
        &self,
        format: SealFormat,
        passwords: &PasswordRing,
        entropy: SealEntropy,
        now: Timestamp,
    ) -> Result<String, ConfigurationError> {
        seal(&self.data.to_plaintext(format), format, passwords, entropy, now, None)
    }

    /// Verifies the access token and maps its claims. Synchronous: all that may have to be waited for are the keys.
    ///
    /// # Errors
    /// The first step that refuses. After [`Rejection::UnknownKey`] it is worth trying newer keys once.
    pub fn authenticate(
        &self,
        keys: &KeySet,
        policy: &TokenPolicy,
        now: Timestamp,
    ) -> Result<AuthenticatedSession, Rejection> {
        let token = UnverifiedToken::parse(self.data.access_token.expose_secret())?;
        let key = keys.select(token.header())?;
        let claims = token.verify(key)?.validate(policy, now)?;
        let session = map_claims(&claims, Some(&self.data))?;
        Ok(AuthenticatedSession { session, claims: Rc::new(claims), access_token: self.data.access_token.clone() })
    }

    /// Until when a full check would find the same as it has found now, the keys being the same: the token's end and the leeway, or the
    /// seal's own expiry. Whoever remembers a verified session may believe it for so long.
    pub fn holds_until(&self, authenticated: &AuthenticatedSession, policy: &TokenPolicy) -> Timestamp {
        let token = authenticated.session().expires_at().plus_seconds(policy.leeway_seconds);
        self.opens_until.map_or(token, |seal| seal.min(token))
    }

    /// The access token, unverified.
    pub const fn access_token(&self) -> &SecretString {
        &self.data.access_token
    }

    /// The refresh token, which the next refresh uses up.
    pub const fn refresh_token(&self) -> Option<&SecretString> {
        self.data.refresh_token.as_ref()
    }

    /// All claims of the access token, vouched for by the seal, or by the provider that has just given it.
    #[cfg(feature = "js")]
    pub(crate) fn claims(&self) -> Map<String, Value> {
        self.data.unverified_claims().unwrap_or_default()
    }

    /// What a seal of the Node SDK holds.
    #[cfg(feature = "js")]
    pub(crate) fn camel_case_members(&self) -> Map<String, Value> {
        self.data.to_members(SealFormat::Iron)
    }

    /// The organization of the access token, vouched for by the seal. A refresh stays in it.
    pub fn organization_id(&self) -> Option<String> {
        self.data.unverified_claim("org_id")
    }

    /// The person's id from the access token, vouched for by the seal.
    pub fn user_id(&self) -> Option<String> {
        self.data.unverified_claim("sub")
    }

    /// When the access token was made, in seconds since 1970, vouched for by the seal: tells the newest of several.
    pub fn issued_at(&self) -> Option<i64> {
        self.data.issued_at()
    }

    /// When the access token ends, vouched for by the seal.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.data.expires_at().map(Timestamp::from_seconds)
    }

    /// The session's id from the access token, vouched for by the seal: good for signing out, expired or not.
    pub fn session_id(&self) -> Option<String> {
        self.data.unverified_claim("sid")
    }
}

/// A session that was checked in full. Only [`UnsealedSession::authenticate`] and [`AuthenticatedSession::from_access_token`]
/// make one.
#[derive(Clone)]
pub struct AuthenticatedSession {
    session: Session,
    claims: Rc<Claims>,
    access_token: SecretString,
}

impl AuthenticatedSession {
    /// Verifies an access token that comes without a seal, as API clients send it (RFC 6750 §2.1). There is no `user` beside
    /// it, and nothing to refresh it with.
    ///
    /// # Errors
    /// As [`UnsealedSession::authenticate`], and [`Rejection::TokenNotOfSession`] for a token without `sub` or `sid`: the same
    /// keys sign tokens of machines.
    pub fn from_access_token(
        access_token: &SecretString,
        keys: &KeySet,
        policy: &TokenPolicy,
        now: Timestamp,
    ) -> Result<Self, Rejection> {
        let token = UnverifiedToken::parse(access_token.expose_secret())?;
        let key = keys.select(token.header())?;
        let claims = token.verify(key)?.validate(policy, now)?;
        let session = map_claims(&claims, None)?;
        if session.user_id.is_none() || session.session_id.is_none() {
            return Err(Rejection::TokenNotOfSession);
        }
        Ok(Self { session, claims: Rc::new(claims), access_token: access_token.clone() })
    }

    /// Who is signed in.
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// The same, to keep.
    pub fn into_session(self) -> Session {
        self.session
    }

    /// All claims of the token, for those that a template adds.
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The access token, verified.
    pub const fn access_token(&self) -> &SecretString {
        &self.access_token
    }
}

/// User, impersonator and method come from the seal, as in the SDK; all else from the token (WorkOS: session tokens).
fn map_claims(claims: &Claims, data: Option<&SessionData>) -> Result<Session, Rejection> {
    let members = claims.members();
    if !is_of_a_person(members) {
        return Err(Rejection::TokenNotOfSession);
    }
    let user_id = text(members, "sub")?;
    let user = data.and_then(|data| data.user.as_ref());
    let sealed_id = user.and_then(User::id);
    // A seal that pairs one person's token with another's name was not made by a sign-in.
    if user_id.as_deref().zip(sealed_id).is_some_and(|(token, sealed)| token != sealed) {
        return Err(Rejection::SessionMalformed);
    }
    Ok(Session {
        user_id,
        session_id: text(members, "sid")?,
        organization_id: text(members, "org_id")?,
        role: text(members, "role")?,
        roles: texts(members, "roles")?,
        permissions: texts(members, "permissions")?,
        entitlements: texts(members, "entitlements")?,
        feature_flags: texts(members, "feature_flags")?,
        user: user.cloned(),
        // The seal knows the reason too; where it says nothing, the token still does.
        impersonator: data
            .and_then(|data| data.impersonator.clone())
            .or_else(|| members.get("act").and_then(Impersonator::from_actor)),
        authentication_method: data.and_then(|data| data.authentication_method.clone()),
        issued_at: claims.issued_at().map(Timestamp::seconds),
        expires_at: claims.expires_at().seconds(),
    })
}

/// The same keys sign tokens of agents and widgets, which name a person and a session as well (the Python SDK's
/// `_is_user_access_token`).
fn is_of_a_person(members: &Map<String, Value>) -> bool {
    let is_missing = |name: &str| members.get(name).is_none_or(Value::is_null);
    is_missing("sub_type") && (is_missing("sub_profile") || members.get("sub_profile").is_some_and(|it| it == "user"))
}

fn text(members: &Map<String, Value>, name: &str) -> Result<Option<String>, Rejection> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Rejection::ClaimsMalformed),
    }
}

fn texts(members: &Map<String, Value>, name: &str) -> Result<Vec<String>, Rejection> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(elements)) => elements
            .iter()
            .map(|element| element.as_str().map(str::to_owned).ok_or(Rejection::ClaimsMalformed))
            .collect(),
        Some(_) => Err(Rejection::ClaimsMalformed),
    }
}
