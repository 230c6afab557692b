//! Whether to ask Stytch about a token that was refused here. A pure decision: ask only where the answer may be another one.
//!
//! What is forged, malformed, somebody else's or of another kind stays refused: no answer of Stytch could make a session of it, and
//! anybody can make a million of them.

use crate::error::Rejection;

/// Why the API was asked although there was a token to check here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FallbackReason {
    /// The caller wants no token to be believed without asking (`max_token_age_seconds: 0`).
    MaxAgeZero,
    /// The token has expired; its session may live.
    TokenExpired,
    /// The token is older than the caller allows.
    TokenTooOld,
    /// The token is signed and not valid yet: our clock, or Stytch's, is wrong.
    TokenNotYetValid,
    /// The keys were just reloaded, and the token's is not among them: they may be behind.
    UnknownKey,
    /// There are no keys to check it with.
    KeysUnavailable,
    /// The roles in the token do not allow it, and the caller asks whether newer ones do.
    PermissionDenied,
    /// What roles allow is not known, and the caller asks Stytch instead.
    PolicyUnavailable,
}

impl FallbackReason {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::MaxAgeZero => "max_age_zero",
            Self::TokenExpired => "token_expired",
            Self::TokenTooOld => "token_too_old",
            Self::TokenNotYetValid => "token_not_yet_valid",
            Self::UnknownKey => "unknown_key",
            Self::KeysUnavailable => "keys_unavailable",
            Self::PermissionDenied => "permission_denied",
            Self::PolicyUnavailable => "policy_unavailable",
        }
    }
}

/// What else the decision depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// The caller allows no age at all.
    pub is_max_age_zero: bool,
    /// The caller wants to know from Stytch what the roles here do not allow.
    pub asks_when_denied: bool,
    /// What to do without the token's key. Ask where there are no keys at all, where this request itself has just looked for newer
    /// ones, or where Stytch has lately accepted another token of the same key id. One request per cooldown looks for newer ones:
    /// whoever floods us with made-up key ids causes one question, not a thousand.
    pub asks_without_key: bool,
}

/// What follows from the verdict on a token: ask, and why; or leave it at the verdict.
///
/// ```
/// use edgeseal::Rejection;
/// use edgeseal::provider::stytch::{Circumstances, FallbackReason, fallback};
/// let circumstances = Circumstances::default();
/// assert_eq!(fallback(Err(Rejection::TokenExpired), circumstances), Some(FallbackReason::TokenExpired));
/// assert_eq!(fallback(Err(Rejection::BadSignature), circumstances), None);
/// assert_eq!(fallback(Ok(()), circumstances), None);
/// ```
pub const fn fallback(verdict: Result<(), Rejection>, circumstances: Circumstances) -> Option<FallbackReason> {
    let rejection = match verdict {
        Ok(()) if circumstances.is_max_age_zero => return Some(FallbackReason::MaxAgeZero),
        Ok(()) => return None,
        Err(rejection) => rejection,
    };
    match rejection {
        Rejection::TokenTooOld | Rejection::TokenExpired | Rejection::TokenNotYetValid
            if circumstances.is_max_age_zero =>
        {
            Some(FallbackReason::MaxAgeZero)
        }
        Rejection::TokenTooOld => Some(FallbackReason::TokenTooOld),
        Rejection::TokenExpired => Some(FallbackReason::TokenExpired),
        Rejection::TokenNotYetValid => Some(FallbackReason::TokenNotYetValid),
        Rejection::KeysUnavailable if circumstances.asks_without_key => Some(FallbackReason::KeysUnavailable),
        Rejection::UnknownKey if circumstances.asks_without_key => Some(FallbackReason::UnknownKey),
        Rejection::PermissionDenied if circumstances.asks_when_denied => Some(FallbackReason::PermissionDenied),
        Rejection::PolicyUnavailable if circumstances.asks_when_denied => Some(FallbackReason::PolicyUnavailable),
        _ => None,
    }
}
