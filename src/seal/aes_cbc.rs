//! AES-CBC with PKCS #7 padding, of Fe26.2 and Fernet. It authenticates nothing: whoever decrypts has checked a MAC before, so
//! what the padding is like tells nobody anything.
//!
//! What decrypts is chosen here and nowhere else: own code on vectors where wasm has them, else the crate. Encrypting is a chain, in
//! which no block can be done beside another, and always the crate's.

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod bitsliced;
#[cfg(any(test, not(all(target_arch = "wasm32", target_feature = "simd128"))))]
mod portable;

use aes::cipher::block_padding::{Padding, Pkcs7};
use aes::cipher::{BlockModeEncrypt, KeyIvInit};
use aes::{Aes128, Aes256};
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use bitsliced::decrypt_blocks;
use cbc::Encryptor;
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
use portable::decrypt_blocks;

pub(super) const IV_BYTES: usize = 16;
const BLOCK_BYTES: usize = 16;

/// A key of one of the lengths in use.
#[derive(Clone, Copy)]
pub(super) enum Key<'a> {
    /// Fernet's.
    Aes128(&'a [u8; 16]),
    /// Fe26.2's.
    Aes256(&'a [u8; 32]),
}

/// Decrypts in place, so that the plaintext is in memory once. `None` for what is not whole blocks, or not padded.
pub(super) fn decrypt(key: Key<'_>, iv: &[u8; IV_BYTES], mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let (blocks, []) = bytes.as_chunks_mut::<BLOCK_BYTES>() else {
        return None;
    };
    decrypt_blocks(key, iv, blocks);
    let padding = BLOCK_BYTES - Pkcs7::raw_unpad(blocks.last()?).ok()?.len();
    bytes.truncate(bytes.len() - padding);
    Some(bytes)
}

pub(super) fn encrypt(key: Key<'_>, iv: &[u8; IV_BYTES], plaintext: &[u8]) -> Vec<u8> {
    match key {
        Key::Aes128(key) => Encryptor::<Aes128>::new(key.into(), iv.into()).encrypt_padded_vec::<Pkcs7>(plaintext),
        Key::Aes256(key) => Encryptor::<Aes256>::new(key.into(), iv.into()).encrypt_padded_vec::<Pkcs7>(plaintext),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NIST SP 800-38A, F.2: the four blocks that all of its examples encrypt.
    const PLAINTEXT: &str = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51\
                             30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";
    const IV: &str = "000102030405060708090a0b0c0d0e0f";

    fn bytes<const LENGTH: usize>(hex: &str) -> [u8; LENGTH] {
        core::array::from_fn(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
    }

    fn check(key: Key<'_>, ciphertext: &str) {
        let mut blocks = bytes::<64>(ciphertext);
        decrypt_blocks(key, &bytes(IV), blocks.as_chunks_mut().0);
        assert_eq!(blocks, bytes(PLAINTEXT));
        assert_eq!(encrypt(key, &bytes(IV), &bytes::<64>(PLAINTEXT))[..64], bytes::<64>(ciphertext));
    }

    #[test]
    fn it_is_the_aes_128_of_the_standard() {
        check(
            Key::Aes128(&bytes("2b7e151628aed2a6abf7158809cf4f3c")),
            "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2\
             73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7",
        );
    }

    #[test]
    fn it_is_the_aes_256_of_the_standard() {
        check(
            Key::Aes256(&bytes("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")),
            "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d\
             39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b",
        );
    }

    #[test]
    fn every_length_comes_back() {
        let (key, iv) = ([3; 32], [5; IV_BYTES]);
        for length in 0..200 {
            let plaintext: Vec<u8> = (0..length).collect();
            let encrypted = encrypt(Key::Aes256(&key), &iv, &plaintext);
            assert_eq!(decrypt(Key::Aes256(&key), &iv, encrypted), Some(plaintext));
        }
    }

    #[test]
    fn what_is_not_whole_blocks_or_not_padded_is_refused() {
        let (key, iv) = ([3; 32], [5; IV_BYTES]);
        let key = Key::Aes256(&key);
        // Encrypting a block pads with another one; without it, the padding is what the plaintext ends in.
        let ending_in = |end: &[u8]| {
            let mut plaintext = vec![9; BLOCK_BYTES - end.len()];
            plaintext.extend_from_slice(end);
            encrypt(key, &iv, &plaintext)[..BLOCK_BYTES].to_vec()
        };
        assert_eq!(decrypt(key, &iv, Vec::new()), None);
        assert_eq!(decrypt(key, &iv, ending_in(&[1])[1..].to_vec()), None);
        assert_eq!(decrypt(key, &iv, ending_in(&[1])), Some(vec![9; 15]));
        assert_eq!(decrypt(key, &iv, ending_in(&[2, 2])), Some(vec![9; 14]));
        assert_eq!(decrypt(key, &iv, ending_in(&[16; 16])), Some(Vec::new()));
        for wrong in [&[0][..], &[17], &[1, 2], &[3, 2, 3]] {
            assert_eq!(decrypt(key, &iv, ending_in(wrong)), None, "{wrong:?}");
        }
    }
}
