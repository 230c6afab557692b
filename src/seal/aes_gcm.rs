//! AES-256-GCM, which several formats use; most of them without associated data. How nonce, tag and ciphertext are laid out, and where the
//! key comes from, is each format's own business.
//!
//! The tag is compared in constant time, and nothing is decrypted before it fits.

use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{AesGcm, KeyInit};

use super::aes::Aes256;

type Aes256Gcm = AesGcm<Aes256, U12>;

pub(super) const NONCE_BYTES: usize = 12;
pub(super) const TAG_BYTES: usize = 16;

/// `None` where the tag does not fit. The tag stands behind the ciphertext.
pub(super) fn decrypt(key: &[u8; 32], nonce: &[u8; NONCE_BYTES], ciphertext: &[u8], aad: &[u8]) -> Option<Vec<u8>> {
    Aes256Gcm::new(key.into()).decrypt(nonce.into(), Payload { msg: ciphertext, aad }).ok()
}

/// Ciphertext, then tag.
pub(super) fn encrypt(key: &[u8; 32], nonce: &[u8; NONCE_BYTES], plaintext: &[u8], aad: &[u8]) -> Vec<u8> {
    // AES-GCM refuses only plaintexts of 64 GB and more, which no memory of a Worker holds.
    Aes256Gcm::new(key.into()).encrypt(nonce.into(), Payload { msg: plaintext, aad }).unwrap_or_default()
}

#[cfg(test)]
mod tests;
