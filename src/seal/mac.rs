//! HMAC with a key of any length, which cannot fail. Comparing is its `verify_slice`, in constant time.

use hmac::digest::{Digest, Key};
use hmac::{EagerHash, Hmac, KeyInit};

/// A MAC over nothing yet.
pub(super) fn hmac<D: EagerHash + Digest>(key: &[u8]) -> Hmac<D> {
    // Padded to a block here, as HMAC does it (RFC 2104 §2): the constructor that takes a slice returns a `Result`.
    let mut block = Key::<Hmac<D>>::default();
    let fill = |block: &mut Key<Hmac<D>>, key: &[u8]| {
        for (target, byte) in block.iter_mut().zip(key) {
            *target = *byte;
        }
    };
    if key.len() > block.len() {
        fill(&mut block, &D::digest(key));
    } else {
        fill(&mut block, key);
    }
    Hmac::new(&block)
}

#[cfg(test)]
mod tests {
    use hmac::Mac;
    use sha1::Sha1;
    use sha2::Sha256;

    use super::*;

    #[test]
    fn it_is_the_hmac_of_a_slice_at_every_length() {
        fn check<D: EagerHash + Digest>() {
            let key = [7; 150];
            for length in 0..key.len() {
                let expected = Hmac::<D>::new_from_slice(&key[..length]).unwrap().chain_update(b"text").finalize();
                assert!(hmac::<D>(&key[..length]).chain_update(b"text").finalize() == expected, "{length}");
            }
        }
        check::<Sha1>();
        check::<Sha256>();
    }
}
