//! Wycheproof's signatures over any bytes, held against the keys that a set gives for them.

use base64ct::{Base64UrlUnpadded, Encoding};
use edgeseal::{KeySet, algorithms};
use serde_json::{Value, json};

use super::verdict::verifies;
use super::{Stricter, bytes, run};

const MAC: Stricter = &[
    (82..=162, "tags cut to 128 bits"),
    (163..=165, "secrets of 128 bits"),
    (166..=168, "secrets of 128 bits, and tags cut to 128"),
    (172..=174, "tags cut to 128 bits"),
];

#[test]
fn pkcs1_signatures() {
    for (file, algorithm) in [
        ("rsa_signature_2048_sha256_test.json", "RS256"),
        ("rsa_signature_2048_sha384_test.json", "RS384"),
        ("rsa_signature_2048_sha512_test.json", "RS512"),
        ("rsa_signature_3072_sha256_test.json", "RS256"),
        ("rsa_signature_4096_sha256_test.json", "RS256"),
    ] {
        signatures(file, algorithm, &[]);
    }
}

#[test]
fn keys_of_8192_bits_verify_nothing() {
    let file = "rsa_signature_8192_sha256_test.json";
    signatures(file, "RS256", &[(1..=7, "moduli over 4096 bits are slow for an attacker's benefit")]);
}

#[test]
fn pss_signatures() {
    signatures("rsa_pss_2048_sha256_mgf1_32_test.json", "PS256", &[]);
    signatures("rsa_pss_2048_sha384_mgf1_48_test.json", "PS384", &[]);
}

#[test]
fn ecdsa_signatures() {
    signatures("ecdsa_secp256r1_sha256_p1363_test.json", "ES256", &[]);
}

#[test]
fn ed25519_signatures() {
    signatures("ed25519_test.json", "EdDSA", &[]);
}

#[test]
fn macs() {
    run("hmac_sha256_test.json", MAC, |_, case| {
        let key = Base64UrlUnpadded::encode_string(&bytes(case, "key"));
        let keys = key_set(&json!({ "kty": "oct", "k": key }));
        verifies(&keys, "HS256", &bytes(case, "msg"), &bytes(case, "tag"))
    });
}

fn signatures(file: &str, algorithm: &str, stricter: Stricter) {
    run(file, stricter, |group, case| {
        let keys = key_set(&jwk(group, algorithm));
        verifies(&keys, algorithm, &bytes(case, "msg"), &bytes(case, "sig"))
    });
}

fn key_set(jwk: &Value) -> KeySet {
    KeySet::parse_with_secrets(json!({ "keys": [jwk] }).to_string().as_bytes(), algorithms::ALL).unwrap()
}

/// Most groups bring their key as a JWK. The others are of P-256, and their coordinates lack leading zeros, or have one too many.
fn jwk(group: &Value, algorithm: &str) -> Value {
    if let Some(jwk) = group.get("publicKeyJwk").or(group.get("keyJwk")) {
        return jwk.clone();
    }
    assert_eq!(algorithm, "ES256");
    let coordinate = |name: &str| {
        let bytes = bytes(&group["publicKey"], name);
        let significant: Vec<_> = bytes.into_iter().skip_while(|byte| *byte == 0).collect();
        Base64UrlUnpadded::encode_string(&[vec![0; 32 - significant.len()], significant].concat())
    };
    json!({ "kty": "EC", "crv": "P-256", "x": coordinate("wx"), "y": coordinate("wy") })
}
