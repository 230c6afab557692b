//! The format of the WorkOS SDK for Ruby from version 7 on (`encryptors/aes_gcm.rb`): AES-256-GCM.
//!
//! `base64(0x01 ‖ IV 12 ‖ tag 16 ‖ ciphertext)`, standard alphabet, padded, no associated data. The key is SHA-256 of the
//! password. What older versions wrote is read in `ruby_legacy`.

use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256};

use super::SealEntropy;
use super::aes_gcm::{NONCE_BYTES, TAG_BYTES, decrypt, encrypt};
use super::password::PasswordRing;
use crate::error::Rejection;

const VERSION: u8 = 1;

/// Whether plain base64 starts with the version. Other formats start with a nonce, which does so once in 256 times.
pub(super) fn starts_with_version(base64: &str) -> bool {
    matches!(base64.as_bytes(), [b'A', b'Q'..=b'Z' | b'a'..=b'f', ..])
}

pub(super) fn unseal(bytes: &[u8], passwords: &PasswordRing) -> Result<Vec<u8>, Rejection> {
    let [VERSION, rest @ ..] = bytes else {
        return Err(Rejection::SealMalformed);
    };
    let (nonce, rest) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(Rejection::SealMalformed)?;
    let (tag, ciphertext) = rest.split_first_chunk::<TAG_BYTES>().ok_or(Rejection::SealMalformed)?;
    let rest = [ciphertext, tag].concat();
    let opened = passwords.candidates("").find_map(|password| decrypt(&key(password), nonce, &rest, b""));
    opened.ok_or(Rejection::SealBadMac)
}

pub(super) fn seal(plaintext: &[u8], password: &str, entropy: &SealEntropy) -> String {
    let mut encrypted = encrypt(&key(password), &entropy.nonce, plaintext, b"");
    // The tag stands before the ciphertext here.
    let tag_at = encrypted.len().saturating_sub(TAG_BYTES);
    encrypted.rotate_left(tag_at);
    let mut sealed = vec![VERSION];
    sealed.extend(entropy.nonce);
    sealed.extend(encrypted);
    Base64::encode_string(&sealed)
}

fn key(password: &str) -> [u8; 32] {
    Sha256::digest(password.as_bytes()).into()
}
