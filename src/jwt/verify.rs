//! `verify_jwt`: one token against one key set, in the whole order: parse, select the key, verify, then validate.
//!
//! For tokens that are no session of a provider. Which keys to trust is the caller's business.

use serde_json::{Map, Value};

use super::{Header, TokenPolicy, UnverifiedToken};
use crate::error::Rejection;
use crate::json::JsonObject;
use crate::jwks::KeySet;
use crate::time::Timestamp;

/// What a token has to fulfil.
pub struct VerifyJwt<'a> {
    /// The keys that may have signed it. The key decides the algorithm, never the token.
    pub keys: &'a KeySet,
    /// Accepted algorithms, a choice from those that the keys are for. Empty: all of these.
    pub algorithms: &'a [String],
    /// Issuers, audiences, leeway.
    pub policy: &'a TokenPolicy,
    /// Whether a token without `exp`, which is good for ever, is refused.
    pub requires_expiration: bool,
    /// The time.
    pub now: Timestamp,
}

/// Header and claims of a token that fulfils everything. Only [`verify_jwt`] makes one.
///
/// There is no `Debug`: claims are personal data.
pub struct VerifiedJwt {
    header: Header,
    claims: JsonObject,
}

impl VerifiedJwt {
    /// The header.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The claims.
    pub const fn claims(&self) -> &Map<String, Value> {
        self.claims.members()
    }

    /// The same as the JSON text that was signed.
    pub fn claims_json(&self) -> &[u8] {
        self.claims.text()
    }
}

/// Verifies a compact token: shape, algorithm, key, signature, then times, issuer and audience.
///
/// ```
/// use edgeseal::{KeySet, Rejection, Timestamp, TokenPolicy, VerifyJwt, algorithms, verify_jwt};
///
/// // RFC 7515, appendix A.3.
/// let keys = br#"{"keys":[{"kty":"EC","crv":"P-256",
///     "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;
/// let token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290\
///              Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
/// let keys = KeySet::parse(keys, algorithms::ALL).unwrap();
/// let mut options = VerifyJwt {
///     keys: &keys,
///     algorithms: &[],
///     policy: &TokenPolicy { issuers: vec!["joe".into()], ..TokenPolicy::default() },
///     requires_expiration: true,
///     now: Timestamp::from_seconds(1_300_819_379),
/// };
/// assert_eq!(verify_jwt(token, &options)?.claims()["iss"], "joe");
/// options.now = Timestamp::from_seconds(1_300_819_380);
/// assert_eq!(verify_jwt(token, &options).err(), Some(Rejection::TokenExpired));
/// # Ok::<(), Rejection>(())
/// ```
///
/// # Errors
/// The first step that refuses.
pub fn verify_jwt(token: &str, options: &VerifyJwt<'_>) -> Result<VerifiedJwt, Rejection> {
    let token = UnverifiedToken::parse(token)?;
    let header = token.header();
    if !options.algorithms.is_empty() && !options.algorithms.iter().any(|accepted| accepted == header.algorithm()) {
        return Err(Rejection::AlgorithmNotAllowed);
    }
    let verified = token.verify(options.keys.select(header)?)?;
    let claims = match options.requires_expiration {
        true => verified.validate(options.policy, options.now)?.into_object(),
        false => verified.validate_without_demanding_expiration(options.policy, options.now)?,
    };
    Ok(VerifiedJwt { header: token.into_header(), claims })
}
