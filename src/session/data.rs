//! What is inside a seal: the token pair and what the provider said beside it.
//!
//! Reads the spelling of every SDK, writes the spelling of the format. Members that are not known are kept.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::user::User;
use crate::error::Rejection;
use crate::json;
use crate::jwt::UnverifiedToken;
use crate::seal::{SealFormat, Unsealed};

/// Who acts in a person's name.
///
/// There is no `Debug`: it is personal data.
#[derive(Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct Impersonator {
    /// The e-mail address of the one who acts.
    pub email: String,
    /// Why, in their words.
    pub reason: Option<String>,
}

impl Impersonator {
    /// Reads what a provider or another SDK wrote. Whoever it is that cannot be read, it is not the person: that somebody
    /// acts in their name is never lost.
    pub(crate) fn from_value(value: Value) -> Self {
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        Self { email: text("email").unwrap_or_else(|| "unknown".to_owned()), reason: text("reason") }
    }

    /// Reads the claim `act` of a token (RFC 8693 §4.1), in which WorkOS names the e-mail address.
    pub(crate) fn from_actor(act: &Value) -> Option<Self> {
        let email = act.get("sub").and_then(Value::as_str).unwrap_or("unknown");
        (!act.is_null()).then(|| Self { email: email.to_owned(), reason: None })
    }
}

/// What a provider answers to a sign-in or a refresh: one generation of a session.
///
/// There is no `Debug`: it is all secrets.
pub struct TokenPair {
    pub(crate) access_token: SecretString,
    pub(crate) refresh_token: SecretString,
    pub(crate) user: Option<User>,
    pub(crate) impersonator: Option<Impersonator>,
    pub(crate) authentication_method: Option<String>,
}

/// The data of one session.
#[derive(Clone)]
pub(crate) struct SessionData {
    pub(crate) access_token: SecretString,
    pub(crate) refresh_token: Option<SecretString>,
    pub(crate) user: Option<User>,
    pub(crate) organization_id: Option<String>,
    pub(crate) impersonator: Option<Impersonator>,
    pub(crate) authentication_method: Option<String>,
    /// Members of other software, untouched.
    rest: Map<String, Value>,
}

impl SessionData {
    pub(crate) fn from_unsealed(unsealed: &Unsealed) -> Result<Self, Rejection> {
        let plaintext = unsealed.plaintext();
        let mended = || json::parse_object(&json::mend_lone_surrogates(plaintext)?);
        let mut members = json::parse_object(plaintext).or_else(mended).ok_or(Rejection::SessionMalformed)?;
        if unsealed.is_legacy_iron()
            && let Some(Value::Object(persistent)) = members.remove("persistent")
        {
            members = persistent;
        }
        let mut data = Self::from_members(members).ok_or(Rejection::SessionMalformed)?;
        if !unsealed.format().is_sealed() {
            // Whoever sent it wrote it. The tokens prove themselves; nothing vouches for these.
            (data.user, data.impersonator, data.authentication_method) = (None, None, None);
        }
        Ok(data)
    }

    /// From members in the spelling of any SDK; none where they hold no session.
    pub(crate) fn from_members(mut members: Map<String, Value>) -> Option<Self> {
        let mut take = |camel: &str, snake: &str| {
            // Both go, so that no old token stays behind under its other spelling.
            let (value, other) = (members.remove(camel), members.remove(snake));
            value.or(other).filter(|value| !value.is_null())
        };
        let access_token = text(take("accessToken", "access_token"))??;
        let refresh_token = text(take("refreshToken", "refresh_token"))?;
        let organization_id = text(take("organizationId", "organization_id"))?;
        let authentication_method = text(take("authenticationMethod", "authentication_method"))?;
        let user = match take("user", "user") {
            None => None,
            Some(Value::Object(user)) => Some(User::from_members(user)),
            Some(_) => return None,
        };
        let impersonator = take("impersonator", "impersonator").map(Impersonator::from_value);
        Some(Self {
            access_token: access_token.into(),
            refresh_token: refresh_token.map(Into::into),
            user,
            organization_id,
            impersonator,
            authentication_method,
            rest: members,
        })
    }

    /// The first generation, from a sign-in.
    pub(crate) fn first(pair: TokenPair) -> Self {
        Self::from_pair(pair, Map::new())
    }

    /// The next generation: the answer's members win, what it leaves out is kept.
    pub(crate) fn next(&self, pair: TokenPair) -> Self {
        let mut next = Self::from_pair(pair, self.rest.clone());
        next.user = next.user.or_else(|| self.user.clone());
        next.impersonator = next.impersonator.or_else(|| self.impersonator.clone());
        next.authentication_method = next.authentication_method.or_else(|| self.authentication_method.clone());
        next
    }

    /// The next generation, from other software that was given this one: what it left out is kept.
    #[cfg(feature = "gateway")]
    pub(crate) fn succeeded_by(&self, next: Self) -> Result<Self, Rejection> {
        let mut rest = next.rest;
        let pair = TokenPair {
            access_token: next.access_token,
            refresh_token: next.refresh_token.ok_or(Rejection::RefreshTokenMissing)?,
            user: next.user,
            impersonator: next.impersonator,
            authentication_method: next.authentication_method,
        };
        let mut session = self.next(pair);
        session.rest.append(&mut rest);
        Ok(session)
    }

    fn from_pair(pair: TokenPair, rest: Map<String, Value>) -> Self {
        Self {
            // The SDK seals the token's organization, not the answer's.
            organization_id: text_claim(pair.access_token.expose_secret(), "org_id"),
            access_token: pair.access_token,
            refresh_token: Some(pair.refresh_token),
            user: pair.user,
            impersonator: pair.impersonator,
            authentication_method: pair.authentication_method,
            rest,
        }
    }

    /// A claim of the access token, vouched for by the seal or by the provider's own answer, not by a signature.
    pub(crate) fn unverified_claim(&self, name: &str) -> Option<String> {
        text_claim(self.access_token.expose_secret(), name)
    }

    /// All claims of the access token, vouched for likewise.
    #[cfg(feature = "js")]
    pub(crate) fn unverified_claims(&self) -> Option<Map<String, Value>> {
        claims(self.access_token.expose_secret())
    }

    /// `iat` of the access token, in seconds since 1970, vouched for likewise.
    pub(crate) fn issued_at(&self) -> Option<i64> {
        claim(self.access_token.expose_secret(), "iat")?.as_i64()
    }

    /// When the access token ends (`exp`), in seconds since 1970, vouched for likewise.
    pub(crate) fn expires_at(&self) -> Option<i64> {
        claim(self.access_token.expose_secret(), "exp")?.as_i64()
    }

    /// The plaintext of the next seal, spelled as the readers of that format expect.
    pub(crate) fn to_plaintext(&self, format: SealFormat) -> Vec<u8> {
        Value::Object(self.to_members(format)).to_string().into_bytes()
    }

    /// What the plaintext of a seal in that format holds.
    pub(crate) fn to_members(&self, format: SealFormat) -> Map<String, Value> {
        let mut members = self.rest.clone();
        let camel_case = format.is_camel_case();
        let mut put = |camel: &str, snake: &str, value: Option<Value>| {
            if let Some(value) = value {
                members.insert(if camel_case { camel } else { snake }.to_owned(), value);
            }
        };
        let secret = |secret: &SecretString| Value::from(secret.expose_secret());
        put("accessToken", "access_token", Some(secret(&self.access_token)));
        put("refreshToken", "refresh_token", self.refresh_token.as_ref().map(secret));
        put("organizationId", "organization_id", self.organization_id.clone().map(Into::into));
        put("authenticationMethod", "authentication_method", self.authentication_method.clone().map(Into::into));
        put("impersonator", "impersonator", serde_json::to_value(&self.impersonator).ok().filter(|v| !v.is_null()));
        let user = self.user.as_ref();
        put("user", "user", user.map(|user| if camel_case { user.camel_case() } else { user.snake_case() }.into()));
        members
    }
}

/// `None` for a value that is no text; `Some(None)` for one that is missing or empty.
#[expect(clippy::option_option, reason = "three cases: wrong, missing, there")]
fn text(value: Option<Value>) -> Option<Option<String>> {
    match value {
        None => Some(None),
        Some(Value::String(text)) => Some(Some(text).filter(|text| !text.is_empty())),
        Some(_) => None,
    }
}

fn claims(access_token: &str) -> Option<Map<String, Value>> {
    UnverifiedToken::parse(access_token).ok()?.claims_vouched_for_by_the_seal().ok()
}

fn claim(access_token: &str, name: &str) -> Option<Value> {
    claims(access_token)?.remove(name)
}

fn text_claim(access_token: &str, name: &str) -> Option<String> {
    match claim(access_token, name)? {
        Value::String(text) => Some(text),
        _ => None,
    }
}
