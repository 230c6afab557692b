//! Fernet, the format of the WorkOS SDK for Python (`session.py`, package `cryptography`).
//!
//! `base64url(0x80 ‖ seconds since 1970, 8 bytes ‖ IV 16 ‖ ciphertext ‖ MAC 32)`, padded. The password *is* the key:
//! base64url of 32 bytes, the first half for HMAC-SHA256 over all that stands before the MAC, the second for AES-128-CBC
//! (<https://github.com/fernet/spec>). Nothing is decrypted before the MAC fits. As in the SDK, the time is written and
//! never judged: how long a session lives is the provider's to say.

use base64ct::{Base64, Base64Url, Encoding};
use hmac::Mac;
use sha2::Sha256;

use super::SealEntropy;
use super::aes::Aes128;
use super::aes_cbc::{self, IV_BYTES};
use super::mac::hmac;
use super::password::PasswordRing;
use crate::encoding::decode_base64url_padded;
use crate::error::Rejection;
use crate::time::Timestamp;

const VERSION: u8 = 0x80;
const TIME_BYTES: usize = 8;
const MAC_BYTES: usize = 32;

/// The version, and a time before the year 2106.
pub(super) fn looks_like(sealed: &str) -> bool {
    sealed.starts_with("gAAAAA")
}

pub(super) fn suits(password: &str) -> bool {
    Key::parse(password).is_some()
}

pub(super) fn unseal(sealed: &str, passwords: &PasswordRing) -> Result<Vec<u8>, Rejection> {
    let bytes = decode_base64url_padded(sealed).ok_or(Rejection::SealMalformed)?;
    let (authenticated, mac) = bytes.split_last_chunk::<MAC_BYTES>().ok_or(Rejection::SealMalformed)?;
    let (header, ciphertext) =
        authenticated.split_first_chunk::<{ 1 + TIME_BYTES + IV_BYTES }>().ok_or(Rejection::SealMalformed)?;
    let (_, iv) = header.split_last_chunk::<IV_BYTES>().ok_or(Rejection::SealMalformed)?;
    let fits = |key: &Key| hmac::<Sha256>(&key.signing).chain_update(authenticated).verify_slice(mac).is_ok();
    let key = passwords.candidates("").filter_map(Key::parse).find(fits).ok_or(Rejection::SealBadMac)?;
    aes_cbc::decrypt::<Aes128>(&key.encryption.into(), iv, ciphertext.to_vec()).ok_or(Rejection::SealMalformed)
}

/// `None` for a password that is no Fernet key.
pub(super) fn seal(plaintext: &[u8], password: &str, entropy: &SealEntropy, now: Timestamp) -> Option<String> {
    let key = Key::parse(password)?;
    let ciphertext = aes_cbc::encrypt::<Aes128>(&key.encryption.into(), &entropy.iv, plaintext);
    let mut sealed = vec![VERSION];
    sealed.extend(u64::try_from(now.seconds()).unwrap_or_default().to_be_bytes());
    sealed.extend(entropy.iv);
    sealed.extend(ciphertext);
    let mac = hmac::<Sha256>(&key.signing).chain_update(&sealed).finalize().into_bytes();
    sealed.extend(mac);
    Some(Base64Url::encode_string(&sealed))
}

struct Key {
    signing: [u8; 16],
    encryption: [u8; 16],
}

impl Key {
    /// Python's `urlsafe_b64decode` takes both alphabets, so both are taken here.
    fn parse(password: &str) -> Option<Self> {
        let bytes = match password.contains(['-', '_']) {
            true => Base64Url::decode_vec(password),
            false => Base64::decode_vec(password),
        };
        let bytes: [u8; 32] = bytes.ok()?.try_into().ok()?;
        let (signing, encryption) = bytes.split_at(16);
        Some(Self { signing: signing.try_into().ok()?, encryption: encryption.try_into().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_32_bytes_of_base64() {
        assert!(suits("cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4="));
        assert!(suits("cw/0x689RpI+jtRR7oE8h/eQsKImvJapLeSbXpwF4e4="));
        for wrong in [
            "cw_0x689RpI+jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=",
            "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4",
            "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4Q==",
            "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4A",
            "a password of at least 32 characters",
        ] {
            assert!(!suits(wrong), "{wrong}");
        }
    }
}
