//! `Fe26.2`, the format of iron, iron-session and `@workos-inc/node`.
//!
//! `Fe26.2 * password id * encryption salt * IV * ciphertext * expiry * integrity salt * MAC`, then `~2`. Keys are
//! PBKDF2-HMAC-SHA1 of the password and the salts *as written* (64 hex characters), one round; AES-256-CBC, then
//! HMAC-SHA256 over the first six parts. The `~2` stands outside the MAC. Nothing is decrypted before the MAC fits.

use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, Mac};
use sha1::Sha1;
use sha2::Sha256;

use super::aes::Aes256;
use super::aes_cbc;
use super::mac::hmac;
use super::password::{PasswordRing, is_password_id};
use super::{SealEntropy, has, has_expired};
use crate::encoding::decode_base64url;
use crate::error::Rejection;
use crate::time::Timestamp;

const PREFIX: &str = "Fe26.2";

/// Which iron-session wrote the seal: it tells how the plaintext is laid out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// `~2`, or no suffix at all: the plaintext is the session.
    Current,
    /// Another number: the session may be in the member `persistent`.
    Legacy,
}

/// What a seal held.
pub(super) struct Opened {
    pub(super) plaintext: Vec<u8>,
    pub(super) version: Version,
    /// The seal's own expiry.
    pub(super) expires_at: Option<Timestamp>,
}

pub(super) fn looks_like(sealed: &str) -> bool {
    sealed.starts_with("Fe26.2*")
}

pub(super) fn password_id(sealed: &str) -> Option<&str> {
    let (id, _) = sealed.strip_prefix(PREFIX)?.strip_prefix('*')?.split_once('*')?;
    Some(id).filter(|id| is_password_id(id))
}

pub(super) fn unseal(sealed: &str, passwords: &PasswordRing, now: Timestamp) -> Result<Opened, Rejection> {
    let (seal, version) = split_version(sealed)?;
    let parts = Parts::parse(seal)?;
    if parts.expires_at.is_some_and(|at| has_expired(at, now)) {
        return Err(Rejection::SealExpired);
    }
    let mut rejection = Rejection::SealUnknownPassword;
    for password in passwords.candidates(parts.password_id) {
        let keys = Keys::new(password);
        if parts.mac_fits(&keys) {
            return Ok(Opened { plaintext: parts.decrypt(&keys)?, version, expires_at: parts.expires_at });
        }
        rejection = Rejection::SealBadMac;
    }
    Err(rejection)
}

pub(super) fn seal(
    plaintext: &[u8],
    passwords: &PasswordRing,
    entropy: &SealEntropy,
    expires_at: Option<Timestamp>,
) -> String {
    let [encryption_salt, integrity_salt] = entropy.salts.map(|salt| hex(&salt));
    let (id, password) = passwords.newest();

    let keys = Keys::new(password);
    let ciphertext = aes_cbc::encrypt::<Aes256>(&keys.derive(&encryption_salt).into(), &entropy.iv, plaintext);

    let expiry = expires_at.map(|at| at.milliseconds().to_string()).unwrap_or_default();
    let iv = Base64UrlUnpadded::encode_string(&entropy.iv);
    let ciphertext = Base64UrlUnpadded::encode_string(&ciphertext);
    let mut sealed = format!("{PREFIX}*{id}*{encryption_salt}*{iv}*{ciphertext}*{expiry}");
    let mac = keys.mac(&integrity_salt, &sealed).finalize().into_bytes();
    let mac = Base64UrlUnpadded::encode_string(&mac);
    for part in ["*", &integrity_salt, "*", &mac, "~2"] {
        sealed.push_str(part);
    }
    sealed
}

struct Parts<'a> {
    password_id: &'a str,
    encryption_salt: &'a str,
    iv: &'a str,
    ciphertext: &'a str,
    expires_at: Option<Timestamp>,
    integrity_salt: &'a str,
    mac: &'a str,
    /// The first six parts, as they stand: what the MAC covers.
    authenticated: &'a str,
}

impl<'a> Parts<'a> {
    fn parse(seal: &'a str) -> Result<Self, Rejection> {
        // From both ends: most of it is the ciphertext.
        let cut = |text: &'a str| text.split_once('*').ok_or(Rejection::SealMalformed);
        let cut_last = |text: &'a str| text.rsplit_once('*').ok_or(Rejection::SealMalformed);
        let (rest, mac) = cut_last(seal)?;
        let (authenticated, integrity_salt) = cut_last(rest)?;
        let (prefix, rest) = cut(authenticated)?;
        let (password_id, rest) = cut(rest)?;
        let (encryption_salt, rest) = cut(rest)?;
        let (iv, rest) = cut(rest)?;
        let (ciphertext, expiry) = cut_last(rest)?;
        if has(ciphertext, |byte| byte == b'*') {
            return Err(Rejection::SealMalformed);
        }
        if prefix != PREFIX || !(password_id.is_empty() || is_password_id(password_id)) {
            return Err(Rejection::SealMalformed);
        }
        let expires_at = parse_expiry(expiry)?;
        Ok(Self { password_id, encryption_salt, iv, ciphertext, expires_at, integrity_salt, mac, authenticated })
    }

    /// Compares in constant time.
    fn mac_fits(&self, keys: &Keys) -> bool {
        let mut expected = [0; 32];
        Base64UrlUnpadded::decode(self.mac, &mut expected)
            .is_ok_and(|decoded| keys.mac(self.integrity_salt, self.authenticated).verify_slice(decoded).is_ok())
    }

    fn decrypt(&self, keys: &Keys) -> Result<Vec<u8>, Rejection> {
        let mut iv = [0; 16];
        let iv_length = Base64UrlUnpadded::decode(self.iv, &mut iv).map_err(|_| Rejection::SealMalformed)?.len();
        let ciphertext = decode_base64url(self.ciphertext).ok_or(Rejection::SealMalformed)?;
        if iv_length != iv.len() {
            return Err(Rejection::SealMalformed);
        }
        let key = keys.derive(self.encryption_salt);
        aes_cbc::decrypt::<Aes256>(&key.into(), &iv, ciphertext).ok_or(Rejection::SealMalformed)
    }
}

fn split_version(sealed: &str) -> Result<(&str, Version), Rejection> {
    match sealed.rsplit_once('~') {
        None => Ok((sealed, Version::Current)),
        Some((seal, _)) if has(seal, |byte| byte == b'~') => Err(Rejection::SealMalformed),
        Some((seal, "2")) => Ok((seal, Version::Current)),
        Some((seal, version)) if !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit()) => {
            Ok((seal, Version::Legacy))
        }
        Some(_) => Err(Rejection::SealMalformed),
    }
}

/// Milliseconds since 1970 as iron writes them, `^[1-9]\d*$`, or nothing: the seal has no expiry of its own.
fn parse_expiry(expiry: &str) -> Result<Option<Timestamp>, Rejection> {
    if expiry.is_empty() {
        return Ok(None);
    }
    if expiry.starts_with('0') || !expiry.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Rejection::SealMalformed);
    }
    let milliseconds = expiry.parse().map_err(|_| Rejection::SealMalformed)?;
    Ok(Some(Timestamp::from_milliseconds(milliseconds)))
}

/// What keys are derived from: HMAC-SHA1 that has hashed the password, once for all of them.
struct Keys(Hmac<Sha1>);

impl Keys {
    fn new(password: &str) -> Self {
        Self(hmac(password.as_bytes()))
    }

    /// PBKDF2 of one round (RFC 8018 §5.2): 20 bytes each are the HMAC of the salt and of their number.
    fn derive(&self, salt: &str) -> [u8; 32] {
        let salted = self.0.clone().chain_update(salt);
        let block = |number: u32| salted.clone().chain_update(number.to_be_bytes()).finalize().into_bytes();
        let mut key = [0; 32];
        for (to, from) in key.iter_mut().zip(block(1).into_iter().chain(block(2))) {
            *to = from;
        }
        key
    }

    fn mac(&self, salt: &str, authenticated: &str) -> Hmac<Sha256> {
        hmac(&self.derive(salt)).chain_update(authenticated)
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    // Of its final size at once: a string that grows leaves copies behind, and `keygen` writes passwords with it.
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    text.extend(digits.filter_map(|digit| char::from_digit(digit.into(), 16)));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_of_pbkdf2() {
        for (password, salt) in [("", ""), ("a password", "salt"), (&"p".repeat(100), &"5a".repeat(32))] {
            let expected = pbkdf2::pbkdf2_hmac_array::<Sha1, 32>(password.as_bytes(), salt.as_bytes(), 1);
            assert_eq!(Keys::new(password).derive(salt), expected);
        }
    }
}
