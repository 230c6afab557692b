//! Wycheproof's tokens: signatures, keys, and both together.

use edgeseal::{KeySet, algorithms};
use serde_json::{Value, json};

use super::verdict::judge;
use super::{Stricter, run};

const SIGNATURE: Stricter = &[
    (346..=346, "the key says PS256, the token PS384"),
    (347..=347, "ES512 is not implemented"),
    (350..=350, "the key says PS256, the token PS384"),
    (351..=351, "ES512 is not implemented"),
    (372..=373, "a character that is not in the alphabet of base64url"),
];

/// Said to be invalid, and octet by octet what case 357 says is valid: no verdict can be right about both.
const MISTAKEN: [u64; 2] = [367, 370];
const VALID_MAC: &str =
    "eyJraWQiOiJoczI1Ni1rZXkiLCJhbGciOiJIUzI1NiJ9.VGVzdA.c1LROH7eNQwUT8KMVEO52VC3WZ9e_AnDWbZ7aMmowV8";

const KEY: Stricter = &[(14..=15, "HS384 and HS512 are not implemented")];

const CRYPTO: Stricter = &[(50..=82, "encrypted tokens are none here")];

#[test]
fn signatures_of_tokens() {
    run("json_web_signature_test.json", SIGNATURE, |group, case| {
        let is_accepted = accepts(group, case);
        if MISTAKEN.contains(&case["tcId"].as_u64().unwrap()) {
            assert!(is_accepted && case["jws"] == VALID_MAC, "{case}");
            return false;
        }
        is_accepted
    });
}

#[test]
fn keys_of_tokens() {
    run("json_web_key_test.json", KEY, accepts);
}

#[test]
fn tokens_and_keys_together() {
    run("json_web_crypto_test.json", CRYPTO, accepts);
}

/// The key stands under `public`, or under `private` where it is a secret; it may be a set.
fn accepts(group: &Value, case: &Value) -> bool {
    let key = group.get("public").or(group.get("private")).unwrap();
    let keys = if key.get("keys").is_some() { key.clone() } else { json!({ "keys": [key] }) };
    let keys = KeySet::parse_with_secrets(keys.to_string().as_bytes(), algorithms::ALL);
    // Some are in JSON serialization, and some encrypted, which are no tokens here.
    let token = case.get("jws").or(case.get("jwe")).unwrap();
    let token = token.as_str().map_or_else(|| token.to_string(), str::to_owned);
    keys.is_some_and(|keys| judge(&token, &keys).is_ok())
}
