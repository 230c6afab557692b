//! EdDSA on Ed25519 (RFC 8037 §3.1), verification only, on crate `ed25519-dalek`. `Ed25519` is its newer name (RFC 9864 §2.2).
//!
//! Strict: what other implementations disagree about is refused. That is points of small order, under which one signature
//! fits many texts, and numbers that are spelled in more than one way.

use std::borrow::Cow;
use std::convert::Infallible;

use ed25519_dalek::{Signature, VerifyingKey};
use jwt_compact::{Algorithm, AlgorithmSignature};

use super::{Jwk, Prepared, SignatureAlgorithm, VerificationKey};

/// Under the name that most use.
pub(super) const EDDSA: SignatureAlgorithm = SignatureAlgorithm {
    name: "EdDSA",
    key_type: "OKP",
    curve: Some("Ed25519"),
    takes_unnamed: true,
    prepare: |jwk| prepare(jwk, "EdDSA"),
};

/// Under the newer name.
pub(super) const ED25519: SignatureAlgorithm =
    SignatureAlgorithm { name: "Ed25519", takes_unnamed: false, prepare: |jwk| prepare(jwk, "Ed25519"), ..EDDSA };

fn prepare(jwk: &Jwk<'_>, name: &'static str) -> Option<Box<dyn VerificationKey>> {
    let bytes = jwk.array::<32>("x")?;
    let key = VerifyingKey::from_bytes(&bytes).ok()?;
    let is_canonical = key.to_edwards().compress().to_bytes() == bytes;
    (is_canonical && !key.is_weak()).then(|| Prepared::boxed(EdDsa(name), name, key))
}

struct EdDsa(&'static str);

impl Algorithm for EdDsa {
    /// edgeseal signs nothing.
    type SigningKey = Infallible;
    type VerifyingKey = VerifyingKey;
    type Signature = EdDsaSignature;

    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed(self.0)
    }

    fn sign(&self, signing_key: &Infallible, _message: &[u8]) -> EdDsaSignature {
        match *signing_key {}
    }

    fn verify_signature(&self, signature: &EdDsaSignature, key: &VerifyingKey, message: &[u8]) -> bool {
        key.verify_strict(message, &signature.0).is_ok()
    }
}

/// R and s, 64 bytes in all; whether they are canonical is checked when they are used.
struct EdDsaSignature(Signature);

impl AlgorithmSignature for EdDsaSignature {
    fn try_from_slice(bytes: &[u8]) -> anyhow::Result<Self> {
        Ok(Self(Signature::from_slice(bytes)?))
    }

    fn as_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Owned(self.0.to_bytes().to_vec())
    }
}
