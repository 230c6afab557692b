//! The local step that all of Stytch's tokens share: shape, signature, whose and what they are, and only then whether they hold now.
//!
//! The same keys sign sessions, the access tokens of apps and those of machines. What tells them apart is checked here, by the one
//! claim that only a session has.

use crate::error::Rejection;
use crate::jwks::KeySet;
use crate::jwt::{Claims, TokenPolicy, UntimedClaims, UnverifiedToken};
use crate::signature::algorithms;
use crate::time::Timestamp;

/// The claim that makes a session of a token.
pub(super) const SESSION_CLAIM: &str = "https://stytch.com/session";
/// The claim that names a member's organization.
pub(super) const ORGANIZATION_CLAIM: &str = "https://stytch.com/organization";
/// What every token may have; all else is custom.
pub(super) const REGISTERED_CLAIMS: [&str; 7] = ["aud", "exp", "iat", "iss", "jti", "nbf", "sub"];

/// What a call demands of a token's times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenTimes {
    /// How long ago it may have been made, in seconds; one that is exactly so old is too old. None: as long as it lives.
    pub max_token_age_seconds: Option<i64>,
    /// How far clocks may differ, in seconds: for `exp` and `nbf`, not for the age.
    pub clock_tolerance_seconds: i64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A person's session.
    Session,
    /// An access token, of a machine or of an app that acts for a person.
    Access,
}

/// The shape, the algorithm and the type: all that can be told without keys.
///
/// # Errors
/// What [`UnverifiedToken::parse`] refuses, [`Rejection::AlgorithmNotAllowed`] or [`Rejection::TypeNotAllowed`].
pub(crate) fn parse(compact: &str) -> Result<UnverifiedToken<'_>, Rejection> {
    let token = UnverifiedToken::parse(compact)?;
    if token.header().algorithm() != algorithms::RS256.name() {
        return Err(Rejection::AlgorithmNotAllowed);
    }
    let is_jwt = token.header().members().get("typ").and_then(serde_json::Value::as_str).is_some_and(is_jwt);
    if is_jwt { Ok(token) } else { Err(Rejection::TypeNotAllowed) }
}

/// `JWT`, as a media type in short or in full (RFC 7515 §4.1.9).
fn is_jwt(media_type: &str) -> bool {
    const APPLICATION: &str = "application/";
    let is_full = media_type.get(..APPLICATION.len()).is_some_and(|start| start.eq_ignore_ascii_case(APPLICATION));
    let short = if is_full { media_type.get(APPLICATION.len()..).unwrap_or_default() } else { media_type };
    short.eq_ignore_ascii_case("JWT")
}

/// Signature, issuer, audience and kind, then the times.
pub(super) fn verify(
    token: &UnverifiedToken<'_>,
    keys: &KeySet,
    policy: &TokenPolicy,
    kind: Kind,
    times: TokenTimes,
    now: Timestamp,
) -> Result<Claims, Rejection> {
    let claims = token.verify(keys.select(token.header())?)?.validate_but_for_times(policy)?;
    check_kind(&claims, kind)?;
    let claims = claims.at(times.clock_tolerance_seconds, now)?;
    match times.max_token_age_seconds {
        Some(oldest) if is_older(claims.issued_at().ok_or(Rejection::ClaimMissing)?, oldest, now) => {
            Err(Rejection::TokenTooOld)
        }
        _ => Ok(claims),
    }
}

fn check_kind(claims: &UntimedClaims, kind: Kind) -> Result<(), Rejection> {
    match (kind, claims.members().contains_key(SESSION_CLAIM)) {
        (Kind::Session, true) | (Kind::Access, false) => Ok(()),
        (Kind::Session, false) => Err(Rejection::TokenNotOfSession),
        (Kind::Access, true) => Err(Rejection::TokenOfSession),
    }
}

/// Whether what was made then is so old by now, or older.
pub(super) const fn is_older(issued_at: Timestamp, seconds: i64, now: Timestamp) -> bool {
    now.milliseconds().saturating_sub(issued_at.milliseconds()) >= seconds.saturating_mul(1000)
}
