//! ES256: ECDSA on P-256 with SHA-256 (RFC 7518 §3.4), verification only, on crate `p256`.
//!
//! A signature is r and s, 32 bytes each. Both s and its negative fit, as everywhere but in Bitcoin: a token is not an id.

use std::borrow::Cow;
use std::convert::Infallible;

use jwt_compact::{Algorithm, AlgorithmSignature};
use p256::Sec1Point;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::ecdsa::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};

use super::{Jwk, Prepared, SignatureAlgorithm, VerificationKey};

const NAME: &str = "ES256";

/// See the file.
pub(super) const ES256: SignatureAlgorithm =
    SignatureAlgorithm { name: NAME, key_type: "EC", curve: Some("P-256"), takes_unnamed: true, prepare };

fn prepare(jwk: &Jwk<'_>) -> Option<Box<dyn VerificationKey>> {
    // RFC 7518 §6.2.1.2: as long as the curve's field, with leading zeros.
    let (x, y) = (jwk.array::<32>("x")?, jwk.array::<32>("y")?);
    // Refuses what is not on the curve.
    let key = VerifyingKey::from_sec1_point(&Sec1Point::from_affine_coordinates(&x.into(), &y.into(), false)).ok()?;
    Some(Prepared::boxed(Es256, NAME, key))
}

struct Es256;

impl Algorithm for Es256 {
    /// edgeseal signs nothing.
    type SigningKey = Infallible;
    type VerifyingKey = VerifyingKey;
    type Signature = Es256Signature;

    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed(NAME)
    }

    fn sign(&self, signing_key: &Infallible, _message: &[u8]) -> Es256Signature {
        match *signing_key {}
    }

    fn verify_signature(&self, signature: &Es256Signature, key: &VerifyingKey, message: &[u8]) -> bool {
        key.verify_prehash(&Sha256::digest(message), &signature.0).is_ok()
    }
}

/// r and s, each at least 1 and below the order of the curve.
struct Es256Signature(Signature);

impl AlgorithmSignature for Es256Signature {
    fn try_from_slice(bytes: &[u8]) -> anyhow::Result<Self> {
        Ok(Self(Signature::from_slice(bytes)?))
    }

    fn as_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Owned(self.0.to_bytes().to_vec())
    }
}
