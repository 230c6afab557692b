//! What the WorkOS SDK for Ruby wrote before version 7 (gem `encryptor`): AES-256-GCM. Only read: a refresh writes `ruby`.
//!
//! `base64(IV 12 ‖ ciphertext ‖ tag 16)`, standard alphabet, padded, with or without MIME's line breaks, no associated
//! data. The key is the password itself, which has to be 32 bytes (`decode_old` of version 10).

use super::aes_gcm::{NONCE_BYTES, TAG_BYTES, decrypt};
use super::password::PasswordRing;
use super::{has, is_base64, is_line_break};
use crate::error::Rejection;

/// With line breaks, which no other format has. Without them only the password can tell.
pub(super) fn looks_like(sealed: &str) -> bool {
    sealed.len() > (NONCE_BYTES + TAG_BYTES) * 4 / 3
        && has(sealed, is_line_break)
        && !has(sealed, |byte| !is_base64(byte) && !is_line_break(byte))
}

pub(super) fn suits(password: &str) -> bool {
    key(password).is_some()
}

pub(super) fn unseal(bytes: &[u8], passwords: &PasswordRing) -> Result<Vec<u8>, Rejection> {
    let (nonce, ciphertext) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or(Rejection::SealMalformed)?;
    let mut keys = passwords.candidates("").filter_map(key);
    keys.find_map(|key| decrypt(key, nonce, ciphertext, b"")).ok_or(Rejection::SealBadMac)
}

fn key(password: &str) -> Option<&[u8; 32]> {
    password.as_bytes().try_into().ok()
}

#[cfg(test)]
mod tests {
    use base64ct::{Base64, Encoding};

    use super::*;

    #[test]
    fn what_is_too_short_for_nonce_and_tag_cannot_be_one() {
        let sealed = |bytes: usize| format!("{}\n", Base64::encode_string(&vec![7; bytes]).trim_end_matches('='));
        assert!(looks_like(&sealed(NONCE_BYTES + TAG_BYTES)));
        // 35 characters and the break.
        assert!(!looks_like(&sealed(NONCE_BYTES + TAG_BYTES - 2)));
    }
}
