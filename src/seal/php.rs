//! The format of the WorkOS SDK for PHP (`SessionManager.php`): NaCl's `secretbox`.
//!
//! `base64(nonce 24 ‖ tag 16 ‖ ciphertext)`, standard alphabet, padded. The password is base64 of the key, 32 bytes. The
//! key stream is XSalsa20; its first 32 bytes are the key of Poly1305 over the ciphertext, what follows encrypts (NaCl,
//! `crypto_secretbox_xsalsa20poly1305`). Nothing is decrypted before the tag fits.

use base64ct::{Base64, Base64Unpadded, Encoding};
use poly1305::Poly1305;
use poly1305::universal_hash::KeyInit;
use salsa20::XSalsa20;
use salsa20::cipher::{KeyIvInit, StreamCipher};
use subtle::ConstantTimeEq;

use super::SealEntropy;
use super::password::PasswordRing;
use crate::error::Rejection;

const NONCE_BYTES: usize = 24;
const TAG_BYTES: usize = 16;

pub(super) fn suits(password: &str) -> bool {
    key(password).is_some()
}

pub(super) fn unseal(bytes: &[u8], passwords: &PasswordRing) -> Result<Vec<u8>, Rejection> {
    let (nonce, rest) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or(Rejection::SealMalformed)?;
    let (tag, ciphertext) = rest.split_first_chunk::<TAG_BYTES>().ok_or(Rejection::SealMalformed)?;
    let fits = |(_, mac): &(XSalsa20, Poly1305)| bool::from(compute(mac, ciphertext).ct_eq(tag));
    let mut boxes = passwords.candidates("").filter_map(key).map(|key| secretbox(&key, nonce));
    let (mut stream, _) = boxes.find(fits).ok_or(Rejection::SealBadMac)?;
    let mut plaintext = ciphertext.to_vec();
    stream.apply_keystream(&mut plaintext);
    Ok(plaintext)
}

/// `None` for a password that is no key.
pub(super) fn seal(plaintext: &[u8], password: &str, entropy: &SealEntropy) -> Option<String> {
    let (mut stream, mac) = secretbox(&key(password)?, &entropy.long_nonce);
    let mut ciphertext = plaintext.to_vec();
    stream.apply_keystream(&mut ciphertext);
    let mut sealed = entropy.long_nonce.to_vec();
    sealed.extend(compute(&mac, &ciphertext));
    sealed.extend(ciphertext);
    Some(Base64::encode_string(&sealed))
}

/// The key stream behind the key of the MAC, and the MAC.
fn secretbox(key: &[u8; 32], nonce: &[u8; NONCE_BYTES]) -> (XSalsa20, Poly1305) {
    let mut stream = XSalsa20::new(key.into(), nonce.into());
    let mut mac_key = [0; 32];
    stream.apply_keystream(&mut mac_key);
    (stream, Poly1305::new(&mac_key.into()))
}

fn compute(mac: &Poly1305, ciphertext: &[u8]) -> [u8; TAG_BYTES] {
    mac.clone().compute_unpadded(ciphertext).into()
}

/// PHP's `base64_decode` does without padding.
fn key(password: &str) -> Option<[u8; 32]> {
    Base64Unpadded::decode_vec(password.trim_end_matches('=')).ok()?.try_into().ok()
}
