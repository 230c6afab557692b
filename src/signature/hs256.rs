//! HS256: HMAC with SHA-256 (RFC 7518 §3.2), for secrets that the caller itself gives.
//!
//! In no table of `algorithms`, on purpose: a set that somebody publishes holds no secret. Only
//! `KeySet::parse_with_secrets` asks for it.

use std::borrow::Cow;
use std::convert::Infallible;

use hmac::{Hmac, KeyInit, Mac};
use jwt_compact::{Algorithm, AlgorithmSignature};
use secrecy::{ExposeSecret, SecretSlice};
use sha2::Sha256;

use super::{Jwk, Prepared, SignatureAlgorithm, VerificationKey};
use crate::limits;

const NAME: &str = "HS256";

/// See the file.
pub(crate) const HS256: SignatureAlgorithm =
    SignatureAlgorithm { name: NAME, key_type: "oct", curve: None, takes_unnamed: true, prepare };

fn prepare(jwk: &Jwk<'_>) -> Option<Box<dyn VerificationKey>> {
    let secret = jwk.bytes("k").filter(|secret| secret.len() >= limits::HMAC_SECRET_BYTES)?;
    Some(Prepared::boxed(Hs256, NAME, secret.into()))
}

struct Hs256;

impl Algorithm for Hs256 {
    /// edgeseal signs nothing.
    type SigningKey = Infallible;
    type VerifyingKey = SecretSlice<u8>;
    type Signature = Tag;

    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed(NAME)
    }

    fn sign(&self, signing_key: &Infallible, _message: &[u8]) -> Tag {
        match *signing_key {}
    }

    /// In constant time.
    fn verify_signature(&self, signature: &Tag, key: &SecretSlice<u8>, message: &[u8]) -> bool {
        // HMAC takes keys of any length, so that this never fails.
        Hmac::<Sha256>::new_from_slice(key.expose_secret())
            .is_ok_and(|mac| mac.chain_update(message).verify_slice(&signature.0).is_ok())
    }
}

/// What is to be compared, whole: a shorter one does not fit.
struct Tag(Vec<u8>);

impl AlgorithmSignature for Tag {
    fn try_from_slice(bytes: &[u8]) -> anyhow::Result<Self> {
        Ok(Self(bytes.to_vec()))
    }

    fn as_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.0)
    }
}
