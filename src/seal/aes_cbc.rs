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
mod tests;
