//! RS256: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3), verification only, on crate `rsa`.
//!
//! No secret is involved, so nothing here needs constant time (RUSTSEC-2023-0071 concerns private keys).

use std::borrow::Cow;
use std::convert::Infallible;

use jwt_compact::{Algorithm, AlgorithmSignature};
use rsa::traits::PublicKeyParts;
use rsa::{BigUint, Pkcs1v15Sign, RsaPublicKey};
use sha2::{Digest, Sha256};

use super::{Prepared, VerificationKey};
use crate::limits;

pub(crate) const NAME: &str = "RS256";

/// DER of `DigestInfo` up to the digest, for SHA-256 (RFC 8017 §9.2, note 1).
const DIGEST_INFO: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];

/// Prepares a key from its big-endian modulus and exponent; `None` when it is too weak, too large or no RSA key.
pub(crate) fn prepare(modulus: &[u8], exponent: &[u8]) -> Option<Box<dyn VerificationKey>> {
    let modulus = BigUint::from_bytes_be(modulus);
    let exponent = BigUint::from_bytes_be(exponent);
    let is_odd = |number: &BigUint| number.to_bytes_le().first().is_some_and(|byte| byte & 1 == 1);
    let exponent_is_sound = is_odd(&exponent) && exponent > BigUint::from(1_u32);
    if !limits::RSA_MODULUS_BITS.contains(&modulus.bits()) || !is_odd(&modulus) || !exponent_is_sound {
        return None;
    }
    let key = RsaPublicKey::new(modulus, exponent).ok()?;
    Some(Box::new(Prepared::new(Rs256, NAME, key)))
}

struct Rs256;

impl Algorithm for Rs256 {
    /// edgeseal signs nothing.
    type SigningKey = Infallible;
    type VerifyingKey = RsaPublicKey;
    type Signature = RsaSignature;

    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed(NAME)
    }

    fn sign(&self, signing_key: &Infallible, _message: &[u8]) -> RsaSignature {
        match *signing_key {}
    }

    fn verify_signature(&self, signature: &RsaSignature, key: &RsaPublicKey, message: &[u8]) -> bool {
        let padding = Pkcs1v15Sign { hash_len: Some(32), prefix: DIGEST_INFO.into() };
        // RFC 8017 §8.2.2 step 1: exactly as long as the modulus.
        signature.0.len() == key.size() && key.verify(padding, &Sha256::digest(message), &signature.0).is_ok()
    }
}

/// The signature's bytes; their length is checked against the key.
struct RsaSignature(Vec<u8>);

impl AlgorithmSignature for RsaSignature {
    fn try_from_slice(bytes: &[u8]) -> anyhow::Result<Self> {
        Ok(Self(bytes.to_vec()))
    }

    fn as_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_and_malformed_keys_are_refused() {
        let odd = |bytes: usize| {
            let mut modulus = vec![0xff; bytes];
            *modulus.last_mut().unwrap() = 0xfd;
            modulus
        };
        let exponent = [1, 0, 1];
        assert!(prepare(&odd(256), &exponent).is_some());
        assert!(prepare(&odd(512), &exponent).is_some());
        assert!(prepare(&odd(255), &exponent).is_none(), "2040 bits");
        assert!(prepare(&odd(513), &exponent).is_none(), "4104 bits");
        let mut even = odd(256);
        *even.last_mut().unwrap() = 0xfe;
        assert!(prepare(&even, &exponent).is_none(), "even modulus");
        for exponent in [&[][..], &[0], &[1], &[2], &[1, 0, 0]] {
            assert!(prepare(&odd(256), exponent).is_none(), "exponent {exponent:?}");
        }
    }
}
