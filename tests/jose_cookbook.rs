//! RFC 7520, the examples of section 4: what is a compact token of an algorithm that is implemented verifies, the rest is refused.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper of a test fails as the test does"
)]

#[path = "support/third_party.rs"]
mod third_party;

use edgeseal::{KeySet, Rejection, UnverifiedToken, algorithms};
use serde_json::{Value, json};

#[test]
fn compact_tokens_verify() {
    for (file, algorithm) in [
        ("4_1.rsa_v15_signature", "RS256"),
        ("4_2.rsa-pss_signature", "PS384"),
        ("4_4.hmac-sha2_integrity_protection", "HS256"),
    ] {
        let Some(example) = example(file) else { return };
        let key = &example["input"]["key"];
        let token = compact(&example);
        // The RSA key names no algorithm there, and is used for two. Here it is for RS256, unless it says something else.
        let mut named = key.clone();
        named["alg"] = algorithm.into();
        assert_eq!(judge(&token, &public(&named)), Ok(()), "{file}");
        let unnamed = judge(&token, &public(key));
        assert_eq!(unnamed.is_ok(), algorithm != "PS384", "{file}: {unnamed:?}");
        let tampered = token.replacen(".S", ".T", 1);
        assert_ne!(tampered, token);
        assert_eq!(judge(&tampered, &public(&named)), Err(Rejection::BadSignature), "{file}");
    }
}

#[test]
fn algorithms_that_are_not_implemented_are_refused() {
    let Some(example) = example("4_3.ecdsa_signature") else { return };
    assert_eq!(judge(&compact(&example), &public(&example["input"]["key"])), Err(Rejection::AlgorithmNotAllowed));
}

#[test]
fn other_forms_than_whole_compact_tokens_are_refused() {
    for file in [
        "4_5.signature_with_detached_content",
        "4_6.protecting_specific_header_fields",
        "4_7.protecting_content_only",
        "4_8.multiple_signatures",
    ] {
        let Some(example) = example(file) else { return };
        let keys = &example["input"]["key"];
        let keys = keys.get(0).unwrap_or(keys);
        let mut refused = 0;
        for (form, text) in example["output"].as_object().unwrap() {
            let text = text.as_str().map_or_else(|| text.to_string(), str::to_owned);
            let expected = if form == "compact" { Rejection::BadSignature } else { Rejection::TokenMalformed };
            assert_eq!(judge(&text, &public(keys)), Err(expected), "{file}, {form}");
            refused += 1;
        }
        assert!(refused > 0, "{file}");
    }
}

fn example(name: &str) -> Option<Value> {
    third_party::read(&format!("jose-cookbook/jws/{name}.json"))
}

fn compact(example: &Value) -> String {
    example["output"]["compact"].as_str().unwrap().to_owned()
}

/// The key without its private half, which the examples publish.
fn public(key: &Value) -> KeySet {
    let mut key = key.clone();
    for name in ["d", "p", "q", "dp", "dq", "qi"] {
        key.as_object_mut().unwrap().remove(name);
    }
    KeySet::parse_with_secrets(json!({ "keys": [key] }).to_string().as_bytes(), algorithms::ALL).unwrap()
}

/// The payloads are no claims: what comes after the signature refuses them.
fn judge(token: &str, keys: &KeySet) -> Result<(), Rejection> {
    let token = UnverifiedToken::parse(token)?;
    match token.verify(keys.select(token.header())?) {
        Ok(_) | Err(Rejection::ClaimsMalformed) => Ok(()),
        Err(rejection) => Err(rejection),
    }
}
