//! What the six RSA algorithms share: which keys are accepted, and that a signature unfolds to the padding of what was signed.
//!
//! No secret is involved, so nothing here needs constant time (RUSTSEC-2023-0071 concerns private keys).

mod arithmetic;
mod kernel;
mod modulus;
mod padding;

use std::borrow::Cow;
use std::convert::Infallible;
use std::marker::PhantomData;

pub use arithmetic::{rsa_arithmetic, use_portable_rsa_arithmetic};
use jwt_compact::{Algorithm, AlgorithmSignature};
pub(super) use modulus::PreparedModulus;
use rsa::{BigUint, RsaPublicKey};
use sha2::Digest;

use super::{Jwk, Prepared, VerificationKey};
use crate::limits;

/// `kty` of all of them (RFC 7518 §6.3).
pub(super) const KEY_TYPE: &str = "RSA";

/// One of the RSA algorithms.
pub(super) trait Scheme {
    /// `alg`.
    const NAME: &'static str;

    /// Whether the signature unfolds to the padding of what was signed.
    fn verify(key: &PreparedModulus, signed: &[u8], signature: &[u8]) -> bool;
}

/// Prepares a key from its JWK; `None` when it is too weak, too large or no RSA key.
pub(super) fn prepare<S: Scheme + 'static>(jwk: &Jwk<'_>) -> Option<Box<dyn VerificationKey>> {
    Some(prepared::<S>(public_key(&jwk.bytes("n")?, &jwk.bytes("e")?)?))
}

/// The same for PSS, but for a modulus of one bit more than whole octets, whose encoded message has an octet less (RFC 8017 §8.1.2,
/// step 2c). Nobody makes such keys.
pub(super) fn prepare_pss<S: Scheme + 'static>(jwk: &Jwk<'_>) -> Option<Box<dyn VerificationKey>> {
    let key = public_key(&jwk.bytes("n")?, &jwk.bytes("e")?)?;
    (key.bits() % 8 != 1).then(|| prepared::<S>(key))
}

fn prepared<S: Scheme + 'static>(key: PreparedModulus) -> Box<dyn VerificationKey> {
    Prepared::boxed(Rsa::<S>(PhantomData), S::NAME, key)
}

/// A key from its big-endian modulus and exponent.
fn public_key(modulus: &[u8], exponent: &[u8]) -> Option<PreparedModulus> {
    if has_guessable_primes(modulus) {
        return None;
    }
    let modulus = BigUint::from_bytes_be(modulus);
    let exponent = BigUint::from_bytes_be(exponent);
    // Crate `rsa` refuses even numbers and exponent 1 today as well, so no test would miss the lines; they are ours to promise.
    let is_odd = |number: &BigUint| number.to_bytes_le().first().is_some_and(|byte| byte & 1 == 1);
    let exponent_is_sound = is_odd(&exponent) && exponent > BigUint::from(1_u32);
    if !limits::RSA_MODULUS_BITS.contains(&modulus.bits()) || !is_odd(&modulus) || !exponent_is_sound {
        return None;
    }
    RsaPublicKey::new(modulus, exponent).ok().map(PreparedModulus::new)
}

/// Whether the modulus looks as Infineon's library made it until 2017 (ROCA, CVE-2017-15361): such keys have been factored.
/// Their primes are powers of 65537 modulo every small prime, and so is their product; of other moduli one in 2^27 is.
fn has_guessable_primes(modulus: &[u8]) -> bool {
    SMALL_PRIMES.iter().all(|&prime| {
        let prime = u32::from(prime);
        let residue = modulus.iter().fold(0, |residue, byte| (residue << 8 | u32::from(*byte)) % prime);
        let mut power = 1;
        loop {
            if power == residue {
                return true;
            }
            power = power * 65_537 % prime;
            if power == 1 {
                return false;
            }
        }
    })
}

/// The primes up to 167 whose residues are not all powers of 65537.
const SMALL_PRIMES: [u8; 17] = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];

/// RSASSA-PKCS1-v1_5 (RFC 8017 §8.2.2), with the DER of `DigestInfo` up to the digest (§9.2, note 1).
pub(super) fn verify_pkcs1(key: &PreparedModulus, digest_info: &[u8], digest: &[u8], signature: &[u8]) -> bool {
    key.public_operation(signature).is_some_and(|encoded| padding::is_pkcs1(&encoded, digest_info, digest))
}

/// RSASSA-PSS (RFC 8017 §8.1.2), with MGF1 on the same hash and a salt as long as its output (RFC 7518 §3.5).
pub(super) fn verify_pss<D: Digest>(key: &PreparedModulus, signed: &[u8], signature: &[u8]) -> bool {
    key.public_operation(signature).is_some_and(|encoded| padding::is_pss::<D>(&encoded, key.bits(), signed))
}

struct Rsa<S>(PhantomData<S>);

impl<S: Scheme> Algorithm for Rsa<S> {
    /// edgeseal signs nothing.
    type SigningKey = Infallible;
    type VerifyingKey = PreparedModulus;
    type Signature = RsaSignature;

    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed(S::NAME)
    }

    fn sign(&self, signing_key: &Infallible, _message: &[u8]) -> RsaSignature {
        match *signing_key {}
    }

    fn verify_signature(&self, signature: &RsaSignature, key: &PreparedModulus, message: &[u8]) -> bool {
        S::verify(key, message, &signature.0)
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

    /// An odd number of so many bits. It need not be the product of two primes: nobody checks that.
    fn modulus(bits: usize) -> Vec<u8> {
        let one = BigUint::from(1_u32);
        ((&one << bits) - BigUint::from(3_u32)).to_bytes_be()
    }

    #[test]
    fn weak_and_malformed_keys_are_refused() {
        let exponent = [1, 0, 1];
        for bits in [2048, 2049, 3072, 4095, 4096] {
            assert!(public_key(&modulus(bits), &exponent).is_some(), "{bits} bits");
        }
        for bits in [512, 1024, 2040, 2047, 4097, 4104, 8192] {
            assert!(public_key(&modulus(bits), &exponent).is_none(), "{bits} bits");
        }
        let mut even = modulus(2048);
        *even.last_mut().unwrap() = 0xfe;
        assert!(public_key(&even, &exponent).is_none(), "even modulus");
        for exponent in [&[][..], &[0], &[1], &[2], &[1, 0, 0], &[1, 0, 0, 0, 1, 1], &[0xff; 64]] {
            assert!(public_key(&modulus(2048), exponent).is_none(), "exponent {exponent:?}");
        }
        assert!(public_key(&[], &exponent).is_none() && public_key(&[0; 256], &exponent).is_none());
    }

    #[test]
    fn moduli_of_the_kind_that_was_factored_are_known() {
        // A power of 65537 is one modulo every prime too.
        let power = (0..140).fold(BigUint::from(1_u32), |power, _| power * BigUint::from(65_537_u32));
        assert!(limits::RSA_MODULUS_BITS.contains(&power.bits()));
        assert!(has_guessable_primes(&power.to_bytes_be()));
        assert!(public_key(&power.to_bytes_be(), &[1, 0, 1]).is_none());
        let other = power + BigUint::from(2_u32);
        assert!(!has_guessable_primes(&other.to_bytes_be()));
        assert!(public_key(&other.to_bytes_be(), &[1, 0, 1]).is_some());
    }
}
