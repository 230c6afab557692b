//! Base64 of what comes in by the kilobyte: tokens, and what is in a seal. Strict: one spelling for each sequence of bytes, so no
//! other characters, no white space, exactly the padding of the alphabet, and unused bits zero.
//!
//! Crate `base64ct` decides all that. Where wasm has vectors they take over all but the last characters, six times as fast. Both are in
//! constant time.

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod vectors;

use base64ct::{Base64, Base64Url, Base64UrlUnpadded, Encoding};

/// The URL-safe alphabet without padding, of tokens (RFC 7515 §2) and Fe26.2.
pub(crate) fn decode_base64url(text: &str) -> Option<Vec<u8>> {
    decode::<Base64UrlUnpadded>(text, [b'-', b'_'])
}

/// The URL-safe alphabet, padded.
pub(crate) fn decode_base64url_padded(text: &str) -> Option<Vec<u8>> {
    decode::<Base64Url>(text, [b'-', b'_'])
}

/// The standard alphabet, padded.
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    decode::<Base64>(text, [b'+', b'/'])
}

/// `signs` are the characters of the alphabet beside letters and digits.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
fn decode<E: Encoding>(text: &str, signs: [u8; 2]) -> Option<Vec<u8>> {
    let (mut bytes, rest) = vectors::decode_all_but_last(text, signs)?;
    bytes.extend_from_slice(E::decode(rest, &mut [0; vectors::BYTES]).ok()?);
    Some(bytes)
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
fn decode<E: Encoding>(text: &str, _signs: [u8; 2]) -> Option<Vec<u8>> {
    E::decode_vec(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    type Decode = fn(&str) -> Option<Vec<u8>>;

    fn each(check: impl Fn(Decode, Decode, fn(&[u8]) -> String)) {
        fn by_crate<E: Encoding>(text: &str) -> Option<Vec<u8>> {
            E::decode_vec(text).ok()
        }
        check(decode_base64url, by_crate::<Base64UrlUnpadded>, Base64UrlUnpadded::encode_string);
        check(decode_base64url_padded, by_crate::<Base64Url>, Base64Url::encode_string);
        check(decode_base64, by_crate::<Base64>, Base64::encode_string);
    }

    /// Of every length, and with every value of every six bits.
    fn samples() -> impl Iterator<Item = Vec<u8>> {
        (0..150_u8).map(|length| (0..length).map(|at| at.wrapping_mul(length).wrapping_add(at / 3)).collect())
    }

    #[test]
    fn it_decodes_what_was_encoded() {
        each(|decode, _, encode| {
            for bytes in samples() {
                assert_eq!(decode(&encode(&bytes)).as_ref(), Some(&bytes));
            }
        });
    }

    #[test]
    fn it_decides_as_the_crate_does_about_every_character_in_every_place() {
        each(|decode, by_crate, encode| {
            for length in [1, 11, 12, 24, 25, 26, 27] {
                let text = encode(&vec![0x5a; length]);
                for place in 0..text.len() {
                    for character in (0..=0x17f).filter_map(char::from_u32) {
                        let mut changed = text.clone();
                        changed.replace_range(place..=place, character.encode_utf8(&mut [0; 4]));
                        assert_eq!(decode(&changed), by_crate(&changed), "{changed:?}");
                    }
                }
            }
        });
    }

    #[test]
    fn it_decides_as_the_crate_does_about_every_length_and_padding() {
        each(|decode, by_crate, encode| {
            let text = encode(&[0xff; 60]);
            for length in 0..text.len() {
                for padding in ["", "=", "==", "===", "===="] {
                    let changed = format!("{}{padding}", &text[..length]);
                    assert_eq!(decode(&changed), by_crate(&changed), "{changed:?}");
                }
            }
        });
    }
}
