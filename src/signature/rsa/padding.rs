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
