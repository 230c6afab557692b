//! The protected header (RFC 7515 §4): what chooses the key, and what refuses the token before any key is touched.
//!
//! `jwk`, `jku`, `x5c` and `x5u` offer keys of the token's own choice. They are read by nothing.

use serde_json::{Map, Value};

use crate::encoding::decode_base64url;
use crate::error::Rejection;
use crate::json::JsonObject;
use crate::limits;

/// A header. Two of its members matter here.
pub struct Header {
    algorithm: String,
    key_id: Option<String>,
    object: JsonObject,
}

impl Header {
    pub(super) fn parse(encoded: &str) -> Result<Self, Rejection> {
        let json = decode_base64url(encoded).ok_or(Rejection::TokenMalformed)?;
        let object = JsonObject::parse(json).ok_or(Rejection::TokenMalformed)?;
        let members = object.members();
        // `b64` changes what is signed (RFC 7797); it has to be listed in `crit`, and is refused on its own as well.
        if members.contains_key("crit") || members.contains_key("b64") {
            return Err(Rejection::CriticalHeader);
        }
        let Some(Value::String(algorithm)) = members.get("alg").cloned() else {
            return Err(Rejection::TokenMalformed);
        };
        let key_id = match members.get("kid") {
            None => None,
            Some(Value::String(key_id)) if key_id.len() <= limits::KEY_ID_BYTES => Some(key_id.clone()),
            Some(_) => return Err(Rejection::TokenMalformed),
        };
        Ok(Self { algorithm, key_id, object })
    }

    /// `alg` (RFC 7515 §4.1.1): has to equal the key's, and never chooses it.
    pub fn algorithm(&self) -> &str {
        &self.algorithm
    }

    /// `kid` (RFC 7515 §4.1.4): which key of the set.
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// All members, for whoever wants to look at the others once the signature fits.
    pub const fn members(&self) -> &Map<String, Value> {
        self.object.members()
    }

    /// The same as the JSON text that was signed.
    pub fn json(&self) -> &[u8] {
        self.object.text()
    }
}

#[cfg(test)]
mod tests {
    use base64ct::{Base64UrlUnpadded, Encoding};

    use super::*;

    fn parse(json: &str) -> Result<Header, Rejection> {
        Header::parse(&Base64UrlUnpadded::encode_string(json.as_bytes()))
    }

    #[test]
    fn reads_algorithm_and_key_id() {
        let header = parse(r#"{"alg":"RS256","kid":"a","typ":"JWT"}"#).unwrap();
        assert_eq!((header.algorithm(), header.key_id()), ("RS256", Some("a")));
        assert_eq!(parse(r#"{"alg":"RS256"}"#).unwrap().key_id(), None);
    }

    #[test]
    fn refuses_demands_and_wrong_types() {
        for json in [r#"{"alg":"RS256","crit":[]}"#, r#"{"alg":"RS256","b64":true}"#] {
            assert_eq!(parse(json).err(), Some(Rejection::CriticalHeader), "{json}");
        }
        let long = format!(r#"{{"alg":"RS256","kid":"{}"}}"#, "k".repeat(limits::KEY_ID_BYTES + 1));
        for json in [
            "{}",
            "[]",
            r#"{"alg":1}"#,
            r#"{"alg":"RS256","kid":1}"#,
            r#"{"alg":"RS256","kid":null}"#,
            r#"{"alg":"RS256","alg":"RS256"}"#,
            &long,
        ] {
            assert_eq!(parse(json).err(), Some(Rejection::TokenMalformed), "{json}");
        }
        assert_eq!(Header::parse("e30=").err(), Some(Rejection::TokenMalformed));
    }
}
