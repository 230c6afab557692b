//! Why something was refused, grouped by who has to act: the visitor ([`Rejection`]) or the operator
//! ([`ConfigurationError`]).
//!
//! Codes are stable: logs, dashboards and other people's code match on them. Nothing here holds a secret or input.

use core::fmt;

/// The reasons of the WorkOS SDK, `AuthenticateWithSessionCookieFailureReason` and `RefreshSessionFailureReason`, and those of the
/// Stytch SDK that have none there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// There was no session cookie.
    NoSessionCookieProvided,
    /// The session cookie does not open or holds no session.
    InvalidSessionCookie,
    /// The access token is not valid, or cannot be checked now.
    InvalidJwt,
    /// The provider ended the session.
    InvalidGrant,
    /// The provider does not know the session (any more).
    SessionNotFound,
    /// The person's roles do not allow it, or the machine's scopes.
    InvalidPermissions,
    /// It is of another organization.
    TenancyMismatch,
    /// The token lacks a scope.
    MissingScopes,
    /// The person has to enrol a second factor.
    MfaEnrollment,
    /// The person has to sign in through their organization, or anew for it.
    SsoRequired,
    /// The provider asks for patience.
    RateLimitExceeded,
    /// The provider did not answer in time.
    Timeout,
    /// The provider failed, or refuses this client.
    ServerError,
    /// The provider could not be reached.
    NetworkError,
}

impl Reason {
    /// The SDK's spelling.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoSessionCookieProvided => "no_session_cookie_provided",
            Self::InvalidSessionCookie => "invalid_session_cookie",
            Self::InvalidJwt => "invalid_jwt",
            Self::InvalidGrant => "invalid_grant",
            Self::SessionNotFound => "session_not_found",
            Self::InvalidPermissions => "invalid_permissions",
            Self::TenancyMismatch => "tenancy_mismatch",
            Self::MissingScopes => "missing_scopes",
            Self::MfaEnrollment => "mfa_enrollment",
            Self::SsoRequired => "sso_required",
            Self::RateLimitExceeded => "rate_limit_exceeded",
            Self::Timeout => "timeout",
            Self::ServerError => "server_error",
            Self::NetworkError => "network_error",
        }
    }
}

/// What a rejection means for the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Consequence {
    /// This request is refused; the session, if there is one, is untouched.
    Refuse,
    /// Nothing is decided: the same request may succeed later. The cookie is kept.
    Retry,
    /// The provider gave a definite answer: the session is over and the cookie may go.
    End,
}

macro_rules! rejections {
    ($($(#[$doc:meta])+ $name:ident = $code:literal, $reason:ident, $consequence:ident;)+) => {
        /// Why a visitor's request was refused. A value, never an exception.
        ///
        /// ```
        /// use edgeseal::Rejection;
        /// let rejection = Rejection::TokenExpired;
        /// assert_eq!(rejection.code(), "token_expired");
        /// assert_eq!(rejection.reason().code(), "invalid_jwt");
        /// assert!(!rejection.is_retryable());
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Rejection {
            $($(#[$doc])+ $name,)+
        }

        impl Rejection {
            /// Every rejection, for tables in documentation and tests.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The stable fine code (`detail` in the JS API).
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// The SDK's coarse reason.
            pub const fn reason(self) -> Reason {
                match self { $(Self::$name => Reason::$reason,)+ }
            }

            const fn consequence(self) -> Consequence {
                match self { $(Self::$name => Consequence::$consequence,)+ }
            }
        }
    };
}

rejections! {
    /// No cookie of that name, or an empty one.
    CookieMissing = "cookie_missing", NoSessionCookieProvided, Refuse;
    /// The sealed session is longer than the limit.
    CookieTooLarge = "cookie_too_large", InvalidSessionCookie, Refuse;
    /// The parts of a split cookie are incomplete, or of different generations.
    CookiePartsMixed = "cookie_parts_mixed", InvalidSessionCookie, Refuse;
    /// Several session cookies, of different people: one of them was planted.
    CookieConflict = "cookie_conflict", InvalidSessionCookie, Refuse;
    /// No known seal format looks like this.
    SealUnknownFormat = "seal_unknown_format", InvalidSessionCookie, Refuse;
    /// The seal is of a format that is not accepted here.
    SealNotAccepted = "seal_not_accepted", InvalidSessionCookie, Refuse;
    /// The seal is of a known format and broken in form, or cut off.
    SealMalformed = "seal_malformed", InvalidSessionCookie, Refuse;
    /// The seal carries an expiry of its own, and it has passed.
    SealExpired = "seal_expired", InvalidSessionCookie, Refuse;
    /// The seal names a password that the ring does not hold.
    SealUnknownPassword = "seal_unknown_password", InvalidSessionCookie, Refuse;
    /// Tampered with, or sealed with another password.
    SealBadMac = "seal_bad_mac", InvalidSessionCookie, Refuse;
    /// Its key would take long to derive, and the budget for that is spent just now (format `dotnet`). Nothing is decided.
    SealBudgetSpent = "seal_budget_spent", InvalidSessionCookie, Retry;
    /// The seal opens, and what is inside is no session.
    SessionMalformed = "session_malformed", InvalidSessionCookie, Refuse;
    /// The session holds no refresh token, so it cannot be refreshed.
    RefreshTokenMissing = "refresh_token_missing", InvalidSessionCookie, Refuse;

    /// The token is longer than the limit.
    TokenTooLarge = "token_too_large", InvalidJwt, Refuse;
    /// Not three parts of strict base64url, or the header is not the JSON it should be.
    TokenMalformed = "token_malformed", InvalidJwt, Refuse;
    /// The header demands an extension (`crit`, `b64`); none is understood (RFC 7515 §4.1.11).
    CriticalHeader = "critical_header", InvalidJwt, Refuse;
    /// The header's algorithm is not one that is accepted, or not that of the key it names.
    AlgorithmNotAllowed = "algorithm_not_allowed", InvalidJwt, Refuse;
    /// No key of the set has this id and algorithm.
    UnknownKey = "unknown_key", InvalidJwt, Refuse;
    /// More than one key fits, so none is chosen.
    AmbiguousKey = "ambiguous_key", InvalidJwt, Refuse;
    /// The signature does not fit the key.
    BadSignature = "bad_signature", InvalidJwt, Refuse;
    /// The claims are not a JSON object of the registered types.
    ClaimsMalformed = "claims_malformed", InvalidJwt, Refuse;
    /// There is no `exp`. The SDK accepts such tokens; edgeseal does not.
    ExpirationMissing = "expiration_missing", InvalidJwt, Refuse;
    /// `exp` has passed.
    TokenExpired = "token_expired", InvalidJwt, Refuse;
    /// The token was made longer ago than the caller allows (`max_token_age_seconds`).
    TokenTooOld = "token_too_old", InvalidJwt, Refuse;
    /// A claim is missing that every token of its kind has (`iat`, `sub`).
    ClaimMissing = "claim_missing", InvalidJwt, Refuse;
    /// The header's `typ` is not `JWT`.
    TypeNotAllowed = "type_not_allowed", InvalidJwt, Refuse;
    /// `nbf` has not come yet.
    TokenNotYetValid = "token_not_yet_valid", InvalidJwt, Refuse;
    /// `iss` is not one that is accepted.
    IssuerMismatch = "issuer_mismatch", InvalidJwt, Refuse;
    /// `aud` names none of the accepted audiences.
    AudienceMismatch = "audience_mismatch", InvalidJwt, Refuse;
    /// The token is good and not of a person's session: an agent's, a widget's, or one without a seal that names no session.
    TokenNotOfSession = "token_not_of_session", InvalidJwt, Refuse;
    /// The token is good and a person's session, where an access token is asked for.
    TokenOfSession = "token_of_session", InvalidJwt, Refuse;
    /// The provider does not take the token: it is not one of its own, or not of the kind that was asked for.
    TokenRefused = "token_refused", InvalidJwt, Refuse;
    /// The person's roles, or the token's scopes, do not allow it.
    PermissionDenied = "permission_denied", InvalidPermissions, Refuse;
    /// The session is of another organization than the one that was asked about.
    TenancyMismatch = "tenancy_mismatch", TenancyMismatch, Refuse;
    /// The token has not all scopes that were asked for.
    MissingScopes = "missing_scopes", MissingScopes, Refuse;
    /// What roles allow is in no cache and cannot be had now.
    PolicyUnavailable = "policy_unavailable", ServerError, Retry;
    /// The provider's keys are in no cache and cannot be had now.
    KeysUnavailable = "keys_unavailable", InvalidJwt, Retry;

    /// The provider does not know the refresh token any more.
    InvalidGrant = "invalid_grant", InvalidGrant, End;
    /// The provider does not know the session: it has ended.
    SessionNotFound = "session_not_found", SessionNotFound, End;
    /// The session was revoked: by the provider, the person or the operator.
    SessionRevoked = "session_revoked", InvalidGrant, End;
    /// What the token says is not true any more, and it cannot be refreshed here.
    SessionStale = "session_stale", InvalidJwt, Refuse;
    /// The person has to enrol a second factor.
    MfaEnrollment = "mfa_enrollment", MfaEnrollment, End;
    /// The person has to sign in through their organization.
    SsoRequired = "sso_required", SsoRequired, End;
    /// The provider asks the person for something first: a factor, an address, an organization.
    InteractionRequired = "interaction_required", SsoRequired, Refuse;
    /// The organization that was asked for does not take the person in. The session is untouched, so the reason is not `invalid_grant`.
    OrganizationRefused = "organization_refused", SsoRequired, Refuse;
    /// 429: too many calls.
    ProviderRateLimited = "provider_rate_limited", RateLimitExceeded, Retry;
    /// 408, or no answer within the deadline.
    ProviderTimeout = "provider_timeout", Timeout, Retry;
    /// 5xx.
    ProviderUnavailable = "provider_unavailable", ServerError, Retry;
    /// 401, 403 or 422: it refuses this client, not this person. The operator's API key is wrong or was rotated.
    ProviderRefusedClient = "provider_refused_client", ServerError, Retry;
    /// 4xx: it does not take an argument of the call.
    ProviderRefusedCall = "provider_refused_call", ServerError, Refuse;
    /// An answer that cannot be understood.
    ProviderAnswerInvalid = "provider_answer_invalid", ServerError, Retry;
    /// No connection.
    ProviderUnreachable = "provider_unreachable", NetworkError, Retry;
    /// The object that keeps the session, so that it is refreshed once and not twice, does not answer.
    CoordinationUnavailable = "coordination_unavailable", ServerError, Retry;
    /// What is revoked cannot be read, and what was read last is too old to be believed.
    RevocationsUnavailable = "revocations_unavailable", ServerError, Retry;
}

impl Rejection {
    /// Whether the same request may succeed later. If so, the cookie has to be kept.
    pub const fn is_retryable(self) -> bool {
        matches!(self.consequence(), Consequence::Retry)
    }

    /// Whether the provider has definitely ended the session, so that its cookie may be deleted.
    pub const fn ends_session(self) -> bool {
        matches!(self.consequence(), Consequence::End)
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

impl core::error::Error for Rejection {}

/// A setting that cannot work: names it, says what is wrong, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigurationError {
    setting: &'static str,
    problem: &'static str,
}

impl ConfigurationError {
    pub(crate) const fn new(setting: &'static str, problem: &'static str) -> Self {
        Self { setting, problem }
    }

    /// The same problem under the name that the operator knows it by.
    #[cfg(feature = "gateway")]
    pub(crate) const fn of_setting(self, setting: &'static str) -> Self {
        Self { setting, ..self }
    }

    /// What is wrong, and what to write instead.
    #[cfg(feature = "js")]
    pub(crate) const fn problem(&self) -> &'static str {
        self.problem
    }

    /// The setting's name, as the operator writes it.
    pub const fn setting(&self) -> &'static str {
        self.setting
    }
}

impl fmt::Display for ConfigurationError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.setting, self.problem)
    }
}

impl core::error::Error for ConfigurationError {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_snake_case() {
        let codes: BTreeSet<_> = Rejection::ALL.iter().map(|rejection| rejection.code()).collect();
        assert_eq!(codes.len(), Rejection::ALL.len());
        assert!(codes.iter().all(|code| code.chars().all(|c| c.is_ascii_lowercase() || c == '_')));
    }

    #[test]
    fn an_outage_never_ends_a_session() {
        for rejection in Rejection::ALL {
            assert!(!(rejection.is_retryable() && rejection.ends_session()), "{rejection}");
        }
        let ending: Vec<_> = Rejection::ALL.iter().filter(|rejection| rejection.ends_session()).collect();
        let definite = [
            &Rejection::InvalidGrant,
            &Rejection::SessionNotFound,
            &Rejection::SessionRevoked,
            &Rejection::MfaEnrollment,
            &Rejection::SsoRequired,
        ];
        assert_eq!(ending, definite);
    }

    #[test]
    fn who_goes_by_the_reason_alone_gives_up_no_session_that_lives() {
        let over = Rejection::ALL.iter().filter(|rejection| rejection.reason() == Reason::InvalidGrant);
        assert_eq!(over.collect::<Vec<_>>(), [&Rejection::InvalidGrant, &Rejection::SessionRevoked]);
        // WorkOS's SDK knows no refusal of these reasons that is final in its types; one is about calls of Stytch's alone.
        let is_final =
            |rejection: &&Rejection| !rejection.is_retryable() && **rejection != Rejection::ProviderRefusedCall;
        for rejection in Rejection::ALL.iter().filter(is_final) {
            let reason = rejection.reason();
            let passes = [Reason::RateLimitExceeded, Reason::Timeout, Reason::ServerError, Reason::NetworkError];
            assert!(!passes.contains(&reason), "{rejection}");
        }
    }
}
