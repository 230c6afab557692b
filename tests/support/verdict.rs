//! Judges signatures, whatever is signed.

use base64ct::{Base64UrlUnpadded, Encoding};
use edgeseal::{KeySet, Rejection, UnverifiedToken};
use serde_json::json;

/// Whether the token's signature is good under these keys; its payload may be anything.
pub(crate) fn judge(token: &str, keys: &KeySet) -> Result<(), Rejection> {
    let token = UnverifiedToken::parse(token)?;
    match token.verify(keys.select(token.header())?) {
        Ok(_) | Err(Rejection::ClaimsMalformed) => Ok(()),
        Err(rejection) => Err(rejection),
    }
}

/// Whether the key that a token of this algorithm would be held against verifies these bytes.
pub(crate) fn verifies(keys: &KeySet, algorithm: &str, signed: &[u8], signature: &[u8]) -> bool {
    let header = Base64UrlUnpadded::encode_string(json!({ "alg": algorithm }).to_string().as_bytes());
    let token = format!("{header}.e30.AAAA");
    let token = UnverifiedToken::parse(&token).unwrap();
    keys.select(token.header()).is_ok_and(|key| key.verify(signed, signature))
}
