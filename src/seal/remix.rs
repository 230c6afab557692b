//! The format of `authkit-remix` and `authkit-react-router`: React Router's signed cookie around an iron seal.
//!
//! `base64({"jwt":"Fe26.2*…~2"}) . base64(MAC)`, standard alphabet, the MAC without padding. The MAC is HMAC-SHA256 over
//! the base64 before the dot; its key is the password as it stands (`createCookieSessionStorage`). The same password seals
//! what is inside. Nothing is decoded before the MAC fits. What else an application keeps beside `jwt` in that cookie is
//! not carried over.

use base64ct::{Base64, Base64Unpadded, Encoding};
use hmac::Mac;
use sha2::Sha256;

use super::SealEntropy;
use super::iron;
use super::mac::hmac;
use super::password::PasswordRing;
use crate::encoding::decode_base64;
use crate::error::Rejection;
use crate::json;
use crate::time::Timestamp;

/// `{"jwt":"`, and a signature.
pub(super) fn looks_like(sealed: &str) -> bool {
    sealed.starts_with("eyJqd3QiOiJ") && sealed.contains('.')
}

pub(super) fn unseal(sealed: &str, passwords: &PasswordRing, now: Timestamp) -> Result<iron::Opened, Rejection> {
    let (value, signature) = sealed.split_once('.').ok_or(Rejection::SealMalformed)?;
    let mut mac = [0; 32];
    let mac = Base64Unpadded::decode(signature, &mut mac).map_err(|_| Rejection::SealBadMac)?;
    let fits = |password: &str| hmac::<Sha256>(password.as_bytes()).chain_update(value).verify_slice(mac).is_ok();
    if !passwords.candidates("").any(fits) {
        return Err(Rejection::SealBadMac);
    }
    let value = decode_base64(value).ok_or(Rejection::SealMalformed)?;
    let members = json::parse_object(&value).ok_or(Rejection::SealMalformed)?;
    let seal = members.get("jwt").and_then(serde_json::Value::as_str).ok_or(Rejection::SealMalformed)?;
    iron::unseal(seal, passwords, now)
}

pub(super) fn seal(plaintext: &[u8], passwords: &PasswordRing, password: &str, entropy: &SealEntropy) -> String {
    // An iron seal holds nothing that JSON escapes.
    let value = format!(r#"{{"jwt":"{}"}}"#, iron::seal(plaintext, passwords, entropy, None));
    let value = Base64::encode_string(value.as_bytes());
    let mac = hmac::<Sha256>(password.as_bytes()).chain_update(&value).finalize().into_bytes();
    format!("{value}.{}", Base64Unpadded::encode_string(&mac))
}
