//! One JSON Web Key (RFC 7517 §4): what it says of itself, and what it must not say.
//!
//! What is wrong with a key makes it no key: it is skipped, never repaired. Certificates and addresses (`x5c`, `x5u`) are
//! read by nothing.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Map, Value};

use crate::limits;

/// The members of a private key (RFC 7518 §6.2.2 and §6.3.2, RFC 8037 §2).
const PRIVATE_MEMBERS: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "oth"];

/// A key for signatures, as far as its common members say.
pub(crate) struct Jwk<'a> {
    members: &'a Map<String, Value>,
    id: Option<&'a str>,
    is_usable: bool,
}

impl<'a> Jwk<'a> {
    /// `None` for what is no key, or is for another use.
    pub(crate) fn read(value: &'a Value) -> Option<Self> {
        let members = value.as_object()?;
        let is_for_signatures = members.get("use").is_none_or(|usage| usage == "sig") && may_verify(members);
        // `ext` concerns who exports the key (WebCrypto), not us; one of another type is no JWK.
        if !is_for_signatures || !members.get("ext").is_none_or(Value::is_boolean) {
            return None;
        }
        let id = members.get("kid").map(|id| id.as_str().filter(|id| id.len() <= limits::KEY_ID_BYTES));
        let is_public = !PRIVATE_MEMBERS.iter().any(|name| members.contains_key(*name));
        let is_usable = id != Some(None) && is_public && does_only_what_it_can(members);
        Some(Self { members, id: id.flatten(), is_usable })
    }

    /// `kid` (RFC 7517 §4.5).
    pub(crate) const fn id(&self) -> Option<&str> {
        self.id
    }

    /// Whether its id can be read, it claims to do nothing that a public key cannot do, and it is public: whoever hands out a private key lets everybody sign.
    pub(super) const fn is_usable(&self) -> bool {
        self.is_usable
    }

    /// Whether it has such a member, whatever it holds.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// A member that is text.
    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.members.get(name)?.as_str()
    }

    /// A member that is bytes, in strict base64url.
    pub(super) fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        Base64UrlUnpadded::decode_vec(self.text(name)?).ok()
    }

    /// The same of a fixed length.
    pub(super) fn array<const BYTES: usize>(&self, name: &str) -> Option<[u8; BYTES]> {
        self.bytes(name)?.try_into().ok()
    }
}

/// `key_ops` (RFC 7517 §4.3): where it is there, it is an array of different strings, and has to allow verifying.
fn may_verify(members: &Map<String, Value>) -> bool {
    let Some(operations) = members.get("key_ops") else {
        return true;
    };
    let operations = operations.as_array().filter(|operations| operations.len() <= limits::KEY_OPERATIONS);
    let names = operations.and_then(|operations| operations.iter().map(Value::as_str).collect::<Option<Vec<&str>>>());
    names.is_some_and(|names| {
        let is_first = |(index, name): (usize, &&str)| names.iter().position(|other| other == name) == Some(index);
        names.contains(&"verify") && names.iter().enumerate().all(is_first)
    })
}

/// A public key that is said to sign, or to encrypt, is a mistake. A secret does both.
fn does_only_what_it_can(members: &Map<String, Value>) -> bool {
    let operations = members.get("key_ops").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    members.get("kty").is_some_and(|key_type| key_type == "oct") || operations.iter().all(|name| name == "verify")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn usable(key: &Value) -> Option<bool> {
        Jwk::read(key).map(|key| key.is_usable())
    }

    #[test]
    fn a_public_key_that_claims_more_than_to_verify_is_seen_and_not_used() {
        for operations in [json!(["verify", "sign"]), json!(["encrypt", "verify"])] {
            assert_eq!(usable(&json!({ "kty": "RSA", "key_ops": operations })), Some(false), "{operations}");
        }
    }

    #[test]
    fn keys_that_may_not_verify_are_none() {
        for fine in [
            json!({}),
            json!({ "use": "sig", "key_ops": ["verify"] }),
            json!({ "kty": "oct", "key_ops": ["sign", "verify"] }),
            json!({ "x5c": 7, "x5u": "https://elsewhere.example", "ext": true }),
        ] {
            assert_eq!(usable(&fine), Some(true), "{fine}");
        }
        let many: Vec<_> =
            (0..limits::KEY_OPERATIONS).map(|index| index.to_string()).chain(["verify".into()]).collect();
        for odd in [
            json!({ "use": "enc" }),
            json!({ "use": "SIG" }),
            json!({ "use": null }),
            json!({ "use": ["sig"] }),
            json!({ "key_ops": [] }),
            json!({ "key_ops": ["sign"] }),
            json!({ "key_ops": "verify" }),
            json!({ "key_ops": null }),
            json!({ "key_ops": ["verify", 7] }),
            json!({ "key_ops": ["verify", "sign", "verify"] }),
            json!({ "key_ops": many }),
            json!({ "ext": "true" }),
            Value::Null,
            json!("RSA"),
            json!([]),
        ] {
            assert_eq!(usable(&odd), None, "{odd}");
        }
    }

    #[test]
    fn private_keys_and_odd_ids_are_seen_and_not_used() {
        for name in PRIVATE_MEMBERS {
            assert_eq!(usable(&json!({ name: "AQAB" })), Some(false), "{name}");
            assert_eq!(usable(&json!({ name: null })), Some(false), "{name}");
        }
        for id in [Value::Null, json!(7), json!("k".repeat(limits::KEY_ID_BYTES + 1))] {
            assert_eq!(usable(&json!({ "kid": id })), Some(false), "{id}");
            assert_eq!(Jwk::read(&json!({ "kid": id })).unwrap().id(), None);
        }
        let longest = "k".repeat(limits::KEY_ID_BYTES);
        assert_eq!(Jwk::read(&json!({ "kid": longest })).unwrap().id(), Some(&*longest));
    }

    #[test]
    fn bytes_have_one_spelling() {
        let key =
            json!({ "kty": "oct", "k": "AQID", "padded": "AQI=", "trailing": "AR", "other": "+/+/", "number": 1 });
        let key = Jwk::read(&key).unwrap();
        assert_eq!(key.bytes("k"), Some(vec![1, 2, 3]));
        assert_eq!(key.array::<3>("k"), Some([1, 2, 3]));
        assert_eq!(key.array::<2>("k"), None);
        for odd in ["padded", "trailing", "other", "number", "missing"] {
            assert_eq!(key.bytes(odd), None, "{odd}");
        }
    }
}
