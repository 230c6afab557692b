//! The RSA public operation, `s^e mod n`, by the fastest way that this build, this machine and this key allow.

use rsa::traits::PublicKeyParts;
use rsa::{BigUint, RsaPublicKey};

use super::arithmetic::Arithmetic;
use super::kernel::Kernel;

/// A public key, prepared once and used for every signature.
pub(in crate::signature) struct PreparedModulus {
    key: RsaPublicKey,
    /// The modulus, big-endian.
    modulus: Vec<u8>,
    /// For the exponent that everybody uses.
    kernel: Option<Box<dyn Kernel>>,
}

impl PreparedModulus {
    /// Prepares a key whose modulus is odd, and of a size that is accepted.
    pub(super) fn new(key: RsaPublicKey) -> Self {
        let has_usual_exponent = *key.e() == BigUint::from(65_537_u32);
        let kernel = if has_usual_exponent { Arithmetic::current().prepare(key.n()) } else { None };
        Self { modulus: key.n().to_bytes_be(), kernel, key }
    }

    /// Bits of the modulus.
    pub(super) fn bits(&self) -> usize {
        self.key.n().bits()
    }

    /// What the signature unfolds to (RSAVP1, RFC 8017 §5.2.2), as long as the modulus. `None` for a signature of another length
    /// (§8.1.2 and §8.2.2, step 1), or one that is not smaller than the modulus: it would have several spellings.
    pub(super) fn public_operation(&self, signature: &[u8]) -> Option<Vec<u8>> {
        if signature.len() != self.modulus.len() || signature >= self.modulus.as_slice() {
            return None;
        }
        Some(self.kernel.as_ref().map_or_else(|| self.portable(signature), |kernel| kernel.power(signature)))
    }

    /// With the integers of crate `rsa`.
    fn portable(&self, signature: &[u8]) -> Vec<u8> {
        let number = BigUint::from_bytes_be(signature).modpow(self.key.e(), self.key.n()).to_bytes_be();
        let mut message = vec![0; self.modulus.len().saturating_sub(number.len())];
        message.extend(number);
        message
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(modulus: &BigUint, exponent: u32) -> RsaPublicKey {
        RsaPublicKey::new(modulus.clone(), exponent.into()).unwrap()
    }

    #[test]
    fn the_kernel_is_for_one_exponent_and_only_where_it_is_wanted() {
        let modulus = (BigUint::from(1_u32) << 2048) - 3_u32;
        for exponent in [3, 17, 65_535, 65_539] {
            assert!(PreparedModulus::new(key(&modulus, exponent)).kernel.is_none(), "{exponent}");
        }
        let portable = Arithmetic::Portable.during(|| PreparedModulus::new(key(&modulus, 65_537)));
        assert!(portable.kernel.is_none());
        let signature = [0x5a; 256];
        for arithmetic in [Arithmetic::Fused, Arithmetic::Whole] {
            let fast = arithmetic.during(|| PreparedModulus::new(key(&modulus, 65_537)));
            assert!(fast.kernel.is_some());
            assert_eq!(fast.public_operation(&signature), portable.public_operation(&signature));
        }
    }

    #[test]
    fn what_is_no_number_below_the_modulus_has_no_message() {
        for (bits, exponent, arithmetic) in [
            (2048, 3, Arithmetic::Portable),
            (2048, 65_537, Arithmetic::Fused),
            (2049, 65_537, Arithmetic::Fused),
            (4096, 65_537, Arithmetic::Whole),
        ] {
            let modulus = (BigUint::from(1_u32) << bits) - 3_u32;
            let prepared = arithmetic.during(|| PreparedModulus::new(key(&modulus, exponent)));
            let length = prepared.modulus.len();
            let padded = |number: BigUint| {
                let number = number.to_bytes_be();
                [vec![0; length.saturating_sub(number.len())], number].concat()
            };
            let message = |number: u32| Some(padded(number.into()));
            assert_eq!(prepared.public_operation(&padded(BigUint::from(0_u32))), message(0));
            assert_eq!(prepared.public_operation(&padded(BigUint::from(1_u32))), message(1));
            // -1 to an odd power.
            let largest = padded(&modulus - 1_u32);
            assert_eq!(prepared.public_operation(&largest), Some(largest));
            for larger in [modulus.clone(), &modulus + 1_u32, &modulus + 2_u32] {
                assert_eq!(prepared.public_operation(&padded(larger)), None, "{bits} bits");
            }
            for other in [&[][..], &[1], &vec![0; length - 1], &vec![0; length + 1]] {
                assert_eq!(prepared.public_operation(other), None, "{bits} bits, {} bytes", other.len());
            }
        }
    }
}
