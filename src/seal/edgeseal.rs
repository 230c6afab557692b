//! Our own format, for sites whose upstream does not read the cookie: short, and with all that the others lack.
//!
//! `es1.<password id>.<base64url(salt 16 ‖ ciphertext ‖ tag 16)>`, without padding. Key and nonce of AES-256-GCM come from the
//! password and the salt (HKDF-SHA256), fresh for each seal; version, password id and purpose are its associated data; the
//! expiry stands before the data, inside. `docs/seal-edgeseal.md` is the specification, with a seal to test against.
//! Nothing is decrypted before the tag fits, and the expiry is judged after that.

use base64ct::{Base64UrlUnpadded, Encoding};
use hkdf::Hkdf;
use sha2::Sha256;

use super::aes_gcm::{NONCE_BYTES, decrypt, encrypt};
use super::password::{PasswordRing, is_password_id};
use super::{SealEntropy, has_expired};
use crate::encoding::decode_base64url;
use crate::error::Rejection;
use crate::time::Timestamp;

const PREFIX: &str = "es1.";
const SALT_BYTES: usize = 16;
/// Milliseconds since 1970, big-endian; 0 for never.
const EXPIRY_BYTES: usize = 8;

pub(super) fn looks_like(sealed: &str) -> bool {
    sealed.starts_with(PREFIX)
}

pub(super) fn password_id(sealed: &str) -> Option<&str> {
    let (id, _) = sealed.strip_prefix(PREFIX)?.split_once('.')?;
    Some(id).filter(|id| is_password_id(id))
}

/// What is sealed: one never passes for the other.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    /// A session, for a browser to carry.
    Session,
    /// What the object of a session stores.
    Record,
}

pub(super) fn unseal(
    sealed: &str,
    purpose: Purpose,
    passwords: &PasswordRing,
    now: Timestamp,
) -> Result<(Vec<u8>, Option<Timestamp>), Rejection> {
    let id = password_id(sealed).ok_or(Rejection::SealMalformed)?;
    let (_, payload) = sealed.rsplit_once('.').ok_or(Rejection::SealMalformed)?;
    if sealed.len() != PREFIX.len() + id.len() + 1 + payload.len() {
        return Err(Rejection::SealMalformed);
    }
    let payload = decode_base64url(payload).ok_or(Rejection::SealMalformed)?;
    let (salt, ciphertext) = payload.split_first_chunk::<SALT_BYTES>().ok_or(Rejection::SealMalformed)?;
    let mut rejection = Rejection::SealUnknownPassword;
    let mut opened = passwords.candidates(id).filter_map(|password| {
        rejection = Rejection::SealBadMac;
        let (key, nonce) = derive(password, salt)?;
        decrypt(&key, &nonce, ciphertext, associated_data(id, purpose).as_bytes())
    });
    let plaintext = opened.next();
    drop(opened);
    let plaintext = plaintext.ok_or(rejection)?;
    let (expiry, data) = plaintext.split_first_chunk::<EXPIRY_BYTES>().ok_or(Rejection::SealMalformed)?;
    let expires_at = Some(i64::from_be_bytes(*expiry)).filter(|expiry| *expiry != 0).map(Timestamp::from_milliseconds);
    if expires_at.is_some_and(|at| has_expired(at, now)) {
        return Err(Rejection::SealExpired);
    }
    Ok((data.to_vec(), expires_at))
}

/// `None` never: HKDF refuses only outputs of 8 KB and more.
pub(super) fn seal(
    plaintext: &[u8],
    purpose: Purpose,
    passwords: &PasswordRing,
    entropy: &SealEntropy,
    expires_at: Option<Timestamp>,
) -> Option<String> {
    let (id, password) = passwords.newest();
    // 16 random bytes, whatever the others call them.
    let salt = &entropy.iv;
    let (key, nonce) = derive(password, salt)?;
    let mut inside = expires_at.map_or(0, |at| at.milliseconds().max(1)).to_be_bytes().to_vec();
    inside.extend(plaintext);
    let mut payload = salt.to_vec();
    payload.extend(encrypt(&key, &nonce, &inside, associated_data(id, purpose).as_bytes()));
    Some(format!("{PREFIX}{id}.{}", Base64UrlUnpadded::encode_string(&payload)))
}

/// Version, password id, purpose.
fn associated_data(id: &str, purpose: Purpose) -> String {
    let purpose = match purpose {
        Purpose::Session => "session",
        Purpose::Record => "record",
    };
    format!("{PREFIX}{id}.{purpose}")
}

fn derive(password: &str, salt: &[u8; SALT_BYTES]) -> Option<([u8; 32], [u8; NONCE_BYTES])> {
    let (mut key, mut nonce) = ([0; 32], [0; NONCE_BYTES]);
    let hkdf = Hkdf::<Sha256>::new(Some(salt), password.as_bytes());
    hkdf.expand(b"edgeseal 1 key", &mut key).ok()?;
    hkdf.expand(b"edgeseal 1 nonce", &mut nonce).ok()?;
    Some((key, nonce))
}
