//! The format of the WorkOS SDK for .NET (`SessionService.cs`): AES-256-GCM under a key that takes 100 000 rounds.
//!
//! `base64(salt 16 ‖ nonce 12 ‖ tag 16 ‖ ciphertext)`, standard alphabet, padded, no associated data, then `~2`. The key is
//! PBKDF2-HMAC-SHA256 of the password and the salt. The sender chooses the salt, so the format is accepted only where it
//! is named, and keys come out of a budget: `derived_keys`.

use base64ct::{Base64, Encoding};

use super::SealEntropy;
use super::aes_gcm::{NONCE_BYTES, TAG_BYTES, decrypt, encrypt};
use super::derived_keys::SALT_BYTES;
use super::is_plain_base64;
use super::password::PasswordRing;
use crate::encoding::decode_base64;
use crate::error::Rejection;
use crate::time::Timestamp;

const SUFFIX: &str = "~2";

pub(super) fn looks_like(sealed: &str) -> bool {
    sealed.strip_suffix(SUFFIX).is_some_and(is_plain_base64)
}

pub(super) fn unseal(sealed: &str, passwords: &PasswordRing, now: Timestamp) -> Result<Vec<u8>, Rejection> {
    let base64 = sealed.strip_suffix(SUFFIX).ok_or(Rejection::SealMalformed)?;
    let bytes = decode_base64(base64).ok_or(Rejection::SealMalformed)?;
    let (salt, rest) = bytes.split_first_chunk::<SALT_BYTES>().ok_or(Rejection::SealMalformed)?;
    let (nonce, rest) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(Rejection::SealMalformed)?;
    let (tag, ciphertext) = rest.split_first_chunk::<TAG_BYTES>().ok_or(Rejection::SealMalformed)?;
    let rest = [ciphertext, tag].concat();
    let mut rejection = Rejection::SealBadMac;
    for password in passwords.candidates("") {
        match passwords.derived_keys().to_open(password, salt, now) {
            Some(key) => {
                if let Some(plaintext) = decrypt(&key, nonce, &rest, b"") {
                    return Ok(plaintext);
                }
            }
            // It may be the one that fits: nothing is decided.
            None => rejection = Rejection::SealBudgetSpent,
        }
    }
    Err(rejection)
}

pub(super) fn seal(plaintext: &[u8], passwords: &PasswordRing, password: &str, entropy: &SealEntropy) -> String {
    // 16 random bytes, whatever the others call them.
    let (salt, key) = passwords.derived_keys().to_seal(password, &entropy.iv);
    let encrypted = encrypt(&key, &entropy.nonce, plaintext, b"");
    let (ciphertext, tag) = encrypted.split_at(encrypted.len().saturating_sub(TAG_BYTES));
    Base64::encode_string(&[&salt[..], &entropy.nonce, tag, ciphertext].concat()) + SUFFIX
}
