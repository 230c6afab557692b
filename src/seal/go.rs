//! The format of the WorkOS SDKs for Go and Rust: AES-256-GCM.
//!
//! `base64(nonce 12 ‖ ciphertext ‖ tag 16)`, standard alphabet, padded, no associated data. The key is the password's 64
//! hex digits, or SHA-256 of the password where it is not 64 hex digits (workos-go `session.go`; the Rust SDK reads
//! the hexadecimal kind only).

use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256};

use super::aes_gcm::{NONCE_BYTES, TAG_BYTES, decrypt, encrypt};
use super::password::PasswordRing;
use super::{SealEntropy, is_plain_base64};
use crate::error::Rejection;

/// Only the password can tell for sure; this excludes what cannot be one.
pub(super) fn looks_like(sealed: &str) -> bool {
    sealed.len() > (NONCE_BYTES + TAG_BYTES) * 4 / 3 && is_plain_base64(sealed)
}

pub(super) fn unseal(bytes: &[u8], passwords: &PasswordRing) -> Result<Vec<u8>, Rejection> {
    let (nonce, ciphertext) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or(Rejection::SealMalformed)?;
    passwords
        .candidates("")
        .find_map(|password| decrypt(&key(password), nonce, ciphertext, b""))
        .ok_or(Rejection::SealBadMac)
}

pub(super) fn seal(plaintext: &[u8], password: &str, entropy: &SealEntropy) -> String {
    let mut sealed = entropy.nonce.to_vec();
    sealed.extend(encrypt(&key(password), &entropy.nonce, plaintext, b""));
    Base64::encode_string(&sealed)
}

fn key(password: &str) -> [u8; 32] {
    hex_key(password).unwrap_or_else(|| Sha256::digest(password.as_bytes()).into())
}

fn hex_key(password: &str) -> Option<[u8; 32]> {
    let digits = password.as_bytes();
    let mut key = [0; 32];
    if digits.len() != 64 {
        return None;
    }
    for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |index: usize| char::from(*pair.get(index)?).to_digit(16);
        *byte = u8::try_from(digit(0)? << 4 | digit(1)?).ok()?;
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_short_for_nonce_and_tag_cannot_be_one() {
        let sealed = |bytes: usize| Base64::encode_string(&vec![7; bytes]);
        assert!(looks_like(&sealed(NONCE_BYTES + TAG_BYTES)));
        assert!(!looks_like(&sealed(NONCE_BYTES + TAG_BYTES - 1)));
    }
}
