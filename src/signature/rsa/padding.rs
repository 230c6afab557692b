//! The two paddings: whether an encoded message, which a signature unfolds to, is that of a digest.
//!
//! Plain comparisons: whoever sends a signature can compute what it unfolds to.

use sha2::Digest;

/// Fewest octets 0xff in PKCS #1 v1.5 (RFC 8017 §9.2, step 3).
const FEWEST_FILLERS: usize = 8;

/// EMSA-PKCS1-v1_5 (RFC 8017 §9.2), with the DER of `DigestInfo` up to the digest (note 1). There is one right encoding, and the
/// whole of it is compared; nothing is parsed.
pub(super) fn is_pkcs1(encoded: &[u8], digest_info: &[u8], digest: &[u8]) -> bool {
    let fillers = encoded.len().saturating_sub(3 + digest_info.len() + digest.len());
    fillers >= FEWEST_FILLERS && encoded == [&[0, 1], &*vec![0xff; fillers], &[0], digest_info, digest].concat()
}

/// EMSA-PSS-VERIFY (RFC 8017 §9.1.2), with MGF1 on the same hash and a salt as long as its output (RFC 7518 §3.5). The modulus
/// has so many bits, and not one more than whole octets, so that the encoded message is as long as it is.
pub(super) fn is_pss<D: Digest>(encoded: &[u8], modulus_bits: usize, signed: &[u8]) -> bool {
    let hash_length = <D as Digest>::output_size();
    // Steps 3 to 5.
    let Some((0xbc, rest)) = encoded.split_last() else { return false };
    let Some((masked, hash)) = rest.len().checked_sub(hash_length).and_then(|length| rest.split_at_checked(length))
    else {
        return false;
    };
    // Steps 6 to 9: the bits that the encoded message has not are zero, before and after.
    let unused_bits = (8 * encoded.len()).saturating_sub(modulus_bits - 1);
    let used = 0xff_u8.checked_shr(u32::try_from(unused_bits).unwrap_or(u32::MAX)).unwrap_or_default();
    if masked.first().is_none_or(|first| first & !used != 0) {
        return false;
    }
    let mut unmasked = masked.to_vec();
    mask::<D>(&mut unmasked, hash);
    if let Some(first) = unmasked.first_mut() {
        *first &= used;
    }
    // Steps 10 and 11.
    let Some((zeros, salt)) =
        unmasked.len().checked_sub(hash_length).and_then(|length| unmasked.split_at_checked(length))
    else {
        return false;
    };
    let Some((1, zeros)) = zeros.split_last() else { return false };
    // Steps 12 to 14.
    let own = D::new().chain_update([0; 8]).chain_update(D::digest(signed)).chain_update(salt).finalize();
    zeros.iter().all(|byte| *byte == 0) && own.as_slice() == hash
}

/// MGF1 (RFC 8017 §B.2.1), laid over the bytes.
fn mask<D: Digest>(bytes: &mut [u8], seed: &[u8]) {
    for (counter, block) in (0_u32..).zip(bytes.chunks_mut(<D as Digest>::output_size())) {
        let mask = D::new().chain_update(seed).chain_update(counter.to_be_bytes()).finalize();
        for (byte, mask) in block.iter_mut().zip(mask) {
            *byte ^= mask;
        }
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Sha256, Sha384, Sha512};

    use super::*;
    use crate::signature::rs256::DIGEST_INFO;

    const SIGNED: &[u8] = b"what was signed";

    fn pkcs1(length: usize, digest: &[u8]) -> Vec<u8> {
        let fillers = vec![0xff; length - 3 - DIGEST_INFO.len() - digest.len()];
        [&[0, 1], &*fillers, &[0], &DIGEST_INFO, digest].concat()
    }

    #[test]
    fn pkcs1_has_one_encoding() {
        let digest = Sha256::digest(SIGNED);
        for length in [256, 384, 512] {
            let encoded = pkcs1(length, &digest);
            assert!(is_pkcs1(&encoded, &DIGEST_INFO, &digest));
            for index in 0..length {
                for bit in [1, 0x80] {
                    let mut other = encoded.clone();
                    other[index] ^= bit;
                    assert!(!is_pkcs1(&other, &DIGEST_INFO, &digest), "octet {index} of {length}");
                }
            }
            assert!(!is_pkcs1(&encoded, &DIGEST_INFO, &Sha256::digest(b"something else")));
            assert!(!is_pkcs1(&encoded[1..], &DIGEST_INFO, &digest), "without its first octet");
            assert!(!is_pkcs1(&[&*encoded, &[0]].concat(), &DIGEST_INFO, &digest), "with an octet more");
        }
        assert!(!is_pkcs1(&[], &DIGEST_INFO, &digest));
    }

    /// Bleichenbacher's forgery of 2006 needs an encoding that somebody parses: few fillers, and the rest behind the digest or in it.
    #[test]
    fn nothing_takes_the_place_of_fillers() {
        let digest = Sha256::digest(SIGNED);
        let start = [0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0];
        let mut behind = [&start[..], &DIGEST_INFO, &digest].concat();
        behind.resize(256, 0);
        assert!(!is_pkcs1(&behind, &DIGEST_INFO, &digest));
        // The parameters, NULL, left out; lengths adjusted.
        let mut without_null = DIGEST_INFO.to_vec();
        without_null.drain(15..17);
        (without_null[1], without_null[3]) = (0x2f, 0x0b);
        let fillers = vec![0xff; 256 - 3 - without_null.len() - digest.len()];
        assert!(!is_pkcs1(&[&[0, 1], &*fillers, &[0], &without_null, &digest].concat(), &DIGEST_INFO, &digest));
    }

    #[test]
    fn pkcs1_has_eight_fillers_at_least() {
        let digest = Sha256::digest(SIGNED);
        let shortest = 3 + FEWEST_FILLERS + DIGEST_INFO.len() + digest.len();
        assert!(is_pkcs1(&pkcs1(shortest, &digest), &DIGEST_INFO, &digest));
        assert!(!is_pkcs1(&pkcs1(shortest - 1, &digest), &DIGEST_INFO, &digest));
    }

    /// EMSA-PSS-ENCODE (RFC 8017 §9.1.1), for a modulus of so many bits.
    fn pss<D: Digest>(modulus_bits: usize, salt: &[u8]) -> Vec<u8> {
        let hash_length = <D as Digest>::output_size();
        let length = (modulus_bits - 1).div_ceil(8);
        let hash = D::new().chain_update([0; 8]).chain_update(D::digest(SIGNED)).chain_update(salt).finalize();
        let mut block = vec![0; length - hash_length - salt.len() - 2];
        block.push(1);
        block.extend(salt);
        mask::<D>(&mut block, &hash);
        block[0] &= 0xff >> (8 * length - (modulus_bits - 1));
        [&*block, &hash, &[0xbc]].concat()
    }

    #[test]
    fn pss_is_told_from_all_that_is_near_it() {
        for modulus_bits in [2048, 2047, 2042, 3072, 4096] {
            let encoded = pss::<Sha256>(modulus_bits, &[0x5a; 32]);
            assert!(is_pss::<Sha256>(&encoded, modulus_bits, SIGNED), "{modulus_bits} bits");
            assert!(!is_pss::<Sha256>(&encoded, modulus_bits, b"something else"));
            for index in 0..encoded.len() {
                for bit in [1, 0x80] {
                    let mut other = encoded.clone();
                    other[index] ^= bit;
                    assert!(!is_pss::<Sha256>(&other, modulus_bits, SIGNED), "octet {index} at {modulus_bits} bits");
                }
            }
        }
        assert!(is_pss::<Sha384>(&pss::<Sha384>(2048, &[7; 48]), 2048, SIGNED));
        assert!(is_pss::<Sha512>(&pss::<Sha512>(2048, &[7; 64]), 2048, SIGNED));
        assert!(!is_pss::<Sha384>(&pss::<Sha256>(2048, &[7; 32]), 2048, SIGNED), "another hash");
    }

    #[test]
    fn the_salt_is_as_long_as_the_hash() {
        for length in [0, 20, 31, 33, 64, 222] {
            let encoded = pss::<Sha256>(2048, &vec![1; length]);
            assert!(!is_pss::<Sha256>(&encoded, 2048, SIGNED), "salt of {length} octets");
        }
    }

    #[test]
    fn what_is_too_short_for_pss_is_none() {
        for length in 0..70 {
            assert!(!is_pss::<Sha256>(&vec![0xbc; length], 8 * length.max(1), SIGNED), "{length} octets");
        }
    }
}
