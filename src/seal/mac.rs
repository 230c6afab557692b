//! HMAC-SHA256 with a key of any length, which cannot fail. Comparing is its `verify_slice`, in constant time.

use hmac::digest::Key;
use hmac::{Hmac, KeyInit};
use sha2::{Digest, Sha256};

/// A MAC over nothing yet.
pub(super) fn hmac_sha256(key: &[u8]) -> Hmac<Sha256> {
    // Padded to a block here, as HMAC does it (RFC 2104 §2): the constructor that takes a slice returns a `Result`.
    let mut block = Key::<Hmac<Sha256>>::default();
    let fill = |block: &mut Key<Hmac<Sha256>>, key: &[u8]| {
        for (target, byte) in block.iter_mut().zip(key) {
            *target = *byte;
        }
    };
    if key.len() > block.len() {
        fill(&mut block, &Sha256::digest(key));
    } else {
        fill(&mut block, key);
    }
    Hmac::new(&block)
}

#[cfg(test)]
mod tests {
    use hmac::Mac;

    use super::*;

    #[test]
    fn it_is_the_hmac_of_a_slice_at_every_length() {
        let key = [7; 150];
        for length in 0..key.len() {
            let expected = Hmac::<Sha256>::new_from_slice(&key[..length]).unwrap().chain_update(b"text").finalize();
            assert!(hmac_sha256(&key[..length]).chain_update(b"text").finalize() == expected, "{length}");
        }
    }
}
