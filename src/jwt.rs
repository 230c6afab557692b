//! Compact tokens (RFC 7515 §3.1, RFC 7519), in the only safe order: parse, verify, then read.
//!
//! [`UnverifiedToken`] has a header and nothing else to read. Verifying it with the one key makes a [`VerifiedToken`],
//! validating that makes [`Claims`]. Neither has another constructor, so a skipped check does not compile.
//! Which key is right is not decided here (see `jwks`), and nothing from the header chooses the algorithm.

mod claims;
mod header;
mod verify;

pub(crate) use claims::UntimedClaims;
pub use claims::{Claims, TokenPolicy};
pub use header::Header;
use jwt_compact::UntrustedToken;
use serde_json::{Map, Value};
pub use verify::{VerifiedJwt, VerifyJwt, verify_jwt};

use crate::encoding::decode_base64url;
use crate::error::Rejection;
use crate::json::{self, JsonObject};
use crate::limits;
use crate::signature::VerificationKey;
use crate::time::Timestamp;

/// A token that has the right shape. Its claims cannot be read.
pub struct UnverifiedToken<'a> {
    /// Everything up to the last dot.
    signed: &'a str,
    payload: &'a str,
    header: Header,
    parsed: UntrustedToken<'a>,
}

impl<'a> UnverifiedToken<'a> {
    /// Parses the compact form. Strict: three parts of canonical base64url, no white space, a header without
    /// duplicates or demands.
    ///
    /// # Errors
    /// [`Rejection::TokenTooLarge`], [`Rejection::TokenMalformed`] or [`Rejection::CriticalHeader`].
    pub fn parse(compact: &'a str) -> Result<Self, Rejection> {
        if compact.len() > limits::TOKEN_BYTES {
            return Err(Rejection::TokenTooLarge);
        }
        let (signed, _) = compact.rsplit_once('.').ok_or(Rejection::TokenMalformed)?;
        let (header, payload) = signed.split_once('.').ok_or(Rejection::TokenMalformed)?;
        if payload.contains('.') {
            return Err(Rejection::TokenMalformed);
        }
        let header = Header::parse(header)?;
        let parsed = UntrustedToken::new(compact).map_err(|_| Rejection::TokenMalformed)?;
        Ok(Self { signed, payload, header, parsed })
    }

    /// The protected header, to choose a key by. Nothing in it is proven yet.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    fn into_header(self) -> Header {
        self.header
    }

    /// Checks the signature over everything up to the last dot.
    ///
    /// # Errors
    /// [`Rejection::AlgorithmNotAllowed`] when the header names another algorithm than the key's, else
    /// [`Rejection::BadSignature`].
    pub fn verify(&self, key: &dyn VerificationKey) -> Result<VerifiedToken, Rejection> {
        if key.algorithm() != self.header.algorithm() {
            return Err(Rejection::AlgorithmNotAllowed);
        }
        if !key.verify(self.signed.as_bytes(), self.parsed.signature_bytes()) {
            return Err(Rejection::BadSignature);
        }
        Ok(VerifiedToken { claims: JsonObject::parse(self.payload()?).ok_or(Rejection::ClaimsMalformed)? })
    }

    /// The claims, unproven. Only for a token whose authenticity something else vouches for: an authentic seal.
    pub(crate) fn claims_vouched_for_by_the_seal(&self) -> Result<Map<String, Value>, Rejection> {
        json::parse_object(&self.payload()?).ok_or(Rejection::ClaimsMalformed)
    }

    fn payload(&self) -> Result<Vec<u8>, Rejection> {
        decode_base64url(self.payload).ok_or(Rejection::TokenMalformed)
    }
}

/// A token whose signature fits. Only [`UnverifiedToken::verify`] makes one.
pub struct VerifiedToken {
    claims: JsonObject,
}

impl VerifiedToken {
    /// Checks times, issuer and audience.
    ///
    /// # Errors
    /// The first claim that does not hold: see [`TokenPolicy`].
    pub fn validate(self, policy: &TokenPolicy, now: Timestamp) -> Result<Claims, Rejection> {
        Claims::validate(self.claims, policy, now)
    }

    /// The same but for the times, for whoever has to know what a token is before whether it holds now.
    ///
    /// # Errors
    /// As [`VerifiedToken::validate`], but for [`Rejection::TokenExpired`] and [`Rejection::TokenNotYetValid`].
    pub(crate) fn validate_but_for_times(self, policy: &TokenPolicy) -> Result<UntimedClaims, Rejection> {
        UntimedClaims::validate(self.claims, policy)
    }

    /// The same, for a token that may have no expiration and would then be good for ever. Gives an object alone, never
    /// [`Claims`]: those have an expiration, and no session rests on less.
    ///
    /// # Errors
    /// As [`VerifiedToken::validate`], but for [`Rejection::ExpirationMissing`].
    pub fn validate_without_demanding_expiration(
        self,
        policy: &TokenPolicy,
        now: Timestamp,
    ) -> Result<JsonObject, Rejection> {
        claims::check(self.claims.members(), policy, now)?;
        Ok(self.claims)
    }
}
