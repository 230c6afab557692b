//! The claims set (RFC 7519 §4) of a verified token, and what a policy demands of it.

use serde_json::{Map, Value};

use crate::error::Rejection;
use crate::json::JsonObject;
use crate::time::Timestamp;

/// Largest integer that JSON readers everywhere agree on (RFC 8259 §6), far beyond any date.
const LARGEST_NUMERIC_DATE: u64 = (1 << 53) - 1;

/// What is demanded of a token's claims. The default demands what no token may lack: an expiration in the future.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenPolicy {
    /// Accepted issuers (`iss`), compared octet by octet. Empty: the issuer is not checked, as in the SDK.
    pub issuers: Vec<String>,
    /// Accepted audiences (`aud`), of which the token has to name one. Empty: not checked.
    pub audiences: Vec<String>,
    /// Tolerance of the time checks, in seconds.
    pub leeway_seconds: i64,
}

/// Claims of a token whose signature and registered claims hold. Only `VerifiedToken::validate` makes them.
///
/// There is no `Debug`: claims are personal data.
pub struct Claims {
    object: JsonObject,
    issued_at: Option<Timestamp>,
    expires_at: Timestamp,
}

impl Claims {
    pub(super) fn validate(object: JsonObject, policy: &TokenPolicy, now: Timestamp) -> Result<Self, Rejection> {
        let expires_at = check(object.members(), policy, now)?.ok_or(Rejection::ExpirationMissing)?;
        let issued_at = numeric_date(object.members(), "iat")?;
        Ok(Self { object, issued_at, expires_at })
    }

    /// `exp` (RFC 7519 §4.1.4).
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// `iat` (RFC 7519 §4.1.6).
    pub const fn issued_at(&self) -> Option<Timestamp> {
        self.issued_at
    }

    /// All members, for what a provider adds to the registered ones.
    pub const fn members(&self) -> &Map<String, Value> {
        self.object.members()
    }

    /// The same as the JSON text that was signed.
    pub fn json(&self) -> &[u8] {
        self.object.text()
    }

    pub(super) fn into_object(self) -> JsonObject {
        self.object
    }
}

/// Claims of a token whose signature, issuer and audience hold, and which names an end that may have passed.
pub(crate) struct UntimedClaims {
    object: JsonObject,
    issued_at: Option<Timestamp>,
    not_before: Option<Timestamp>,
    expires_at: Timestamp,
}

impl UntimedClaims {
    pub(super) fn validate(object: JsonObject, policy: &TokenPolicy) -> Result<Self, Rejection> {
        let registered = Registered::read(object.members())?;
        registered.check_origin(policy)?;
        let Registered { expires_at, not_before, issued_at, .. } = registered;
        let expires_at = expires_at.ok_or(Rejection::ExpirationMissing)?;
        Ok(Self { object, issued_at, not_before, expires_at })
    }

    /// What kind of token it is, before its times are looked at.
    pub(crate) const fn members(&self) -> &Map<String, Value> {
        self.object.members()
    }

    /// The claims, at a moment when they hold.
    pub(crate) fn at(self, leeway_seconds: i64, now: Timestamp) -> Result<Claims, Rejection> {
        check_times(Some(self.expires_at), self.not_before, leeway_seconds, now)?;
        Ok(Claims { object: self.object, issued_at: self.issued_at, expires_at: self.expires_at })
    }
}

/// Checks every registered claim that is there; gives the expiration, if there is one.
pub(super) fn check(
    members: &Map<String, Value>,
    policy: &TokenPolicy,
    now: Timestamp,
) -> Result<Option<Timestamp>, Rejection> {
    let registered = Registered::read(members)?;
    check_times(registered.expires_at, registered.not_before, policy.leeway_seconds, now)?;
    registered.check_origin(policy)?;
    Ok(registered.expires_at)
}

/// The registered claims (RFC 7519 §4.1), each of the type that it should be.
struct Registered<'a> {
    expires_at: Option<Timestamp>,
    not_before: Option<Timestamp>,
    issued_at: Option<Timestamp>,
    issuer: Option<&'a str>,
    audiences: Vec<&'a str>,
}

impl<'a> Registered<'a> {
    fn read(members: &'a Map<String, Value>) -> Result<Self, Rejection> {
        string(members, "sub")?;
        string(members, "jti")?;
        Ok(Self {
            expires_at: numeric_date(members, "exp")?,
            not_before: numeric_date(members, "nbf")?,
            issued_at: numeric_date(members, "iat")?,
            issuer: string(members, "iss")?,
            audiences: audiences(members)?,
        })
    }

    fn check_origin(&self, policy: &TokenPolicy) -> Result<(), Rejection> {
        if !policy.issuers.is_empty() && !policy.issuers.iter().any(|accepted| self.issuer == Some(accepted)) {
            return Err(Rejection::IssuerMismatch);
        }
        let is_accepted = |accepted: &String| self.audiences.contains(&&**accepted);
        if !policy.audiences.is_empty() && !policy.audiences.iter().any(is_accepted) {
            return Err(Rejection::AudienceMismatch);
        }
        Ok(())
    }
}

fn check_times(
    expires_at: Option<Timestamp>,
    not_before: Option<Timestamp>,
    leeway_seconds: i64,
    now: Timestamp,
) -> Result<(), Rejection> {
    if expires_at.is_some_and(|at| at.seconds().saturating_add(leeway_seconds) <= now.seconds()) {
        return Err(Rejection::TokenExpired);
    }
    if not_before.is_some_and(|at| at.seconds() > now.seconds().saturating_add(leeway_seconds)) {
        return Err(Rejection::TokenNotYetValid);
    }
    Ok(())
}

/// A NumericDate (RFC 7519 §2). Whole and not negative: fractions are legal there, and made by no provider.
fn numeric_date(members: &Map<String, Value>, name: &str) -> Result<Option<Timestamp>, Rejection> {
    let Some(value) = members.get(name) else {
        return Ok(None);
    };
    let seconds = value.as_u64().filter(|seconds| *seconds <= LARGEST_NUMERIC_DATE);
    let seconds = seconds.and_then(|seconds| i64::try_from(seconds).ok()).ok_or(Rejection::ClaimsMalformed)?;
    Ok(Some(Timestamp::from_seconds(seconds)))
}

fn string<'a>(members: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Rejection> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(value)) => Ok(Some(value)),
        Some(_) => Err(Rejection::ClaimsMalformed),
    }
}

/// `aud` is one string or an array of strings (RFC 7519 §4.1.3).
fn audiences(members: &Map<String, Value>) -> Result<Vec<&str>, Rejection> {
    match members.get("aud") {
        None => Ok(Vec::new()),
        Some(Value::String(audience)) => Ok(vec![audience]),
        Some(Value::Array(audiences)) => {
            audiences.iter().map(|audience| audience.as_str().ok_or(Rejection::ClaimsMalformed)).collect()
        }
        Some(_) => Err(Rejection::ClaimsMalformed),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_000);

    fn validate(claims: Value, policy: &TokenPolicy) -> Result<(), Rejection> {
        Claims::validate(JsonObject::parse(claims.to_string().into_bytes()).unwrap(), policy, NOW).map(|_| ())
    }

    #[test]
    fn times_are_checked_to_the_second() {
        let exact = TokenPolicy::default();
        let lenient = TokenPolicy { leeway_seconds: 5, ..TokenPolicy::default() };
        assert_eq!(validate(json!({ "exp": 1_001 }), &exact), Ok(()));
        assert_eq!(validate(json!({ "exp": 1_000 }), &exact), Err(Rejection::TokenExpired));
        assert_eq!(validate(json!({ "exp": 996 }), &lenient), Ok(()));
        assert_eq!(validate(json!({ "exp": 995 }), &lenient), Err(Rejection::TokenExpired));
        assert_eq!(validate(json!({ "exp": 2_000, "nbf": 1_000 }), &exact), Ok(()));
        assert_eq!(validate(json!({ "exp": 2_000, "nbf": 1_001 }), &exact), Err(Rejection::TokenNotYetValid));
        assert_eq!(validate(json!({ "exp": 2_000, "nbf": 1_005 }), &lenient), Ok(()));
        assert_eq!(validate(json!({ "exp": 2_000, "nbf": 1_006 }), &lenient), Err(Rejection::TokenNotYetValid));
        assert_eq!(validate(json!({}), &exact), Err(Rejection::ExpirationMissing));
    }

    #[test]
    fn types_are_not_guessed() {
        for claims in [
            json!({ "exp": "2000" }),
            json!({ "exp": null }),
            json!({ "exp": -1 }),
            json!({ "exp": 2000.5 }),
            json!({ "exp": 1_u64 << 53 }),
            json!({ "exp": [2000] }),
            json!({ "exp": 2_000, "iat": "1" }),
            json!({ "exp": 2_000, "nbf": 0.5 }),
            json!({ "exp": 2_000, "iss": ["x"] }),
            json!({ "exp": 2_000, "sub": 1 }),
            json!({ "exp": 2_000, "jti": {} }),
            json!({ "exp": 2_000, "aud": 7 }),
            json!({ "exp": 2_000, "aud": ["x", 7] }),
        ] {
            assert_eq!(validate(claims.clone(), &TokenPolicy::default()), Err(Rejection::ClaimsMalformed), "{claims}");
        }
    }

    #[test]
    fn issuer_and_audience_are_compared_whole() {
        let policy = TokenPolicy { issuers: vec!["https://a".into()], audiences: vec!["b".into()], leeway_seconds: 0 };
        let with = |iss: Value, aud: Value| validate(json!({ "exp": 2_000, "iss": iss, "aud": aud }), &policy);
        assert_eq!(with(json!("https://a"), json!("b")), Ok(()));
        assert_eq!(with(json!("https://a"), json!(["c", "b"])), Ok(()));
        assert_eq!(with(json!("https://a/"), json!("b")), Err(Rejection::IssuerMismatch));
        assert_eq!(with(json!("https://a"), json!("bb")), Err(Rejection::AudienceMismatch));
        assert_eq!(with(json!("https://a"), json!([])), Err(Rejection::AudienceMismatch));
        assert_eq!(validate(json!({ "exp": 2_000, "aud": "b" }), &policy), Err(Rejection::IssuerMismatch));
    }
}
