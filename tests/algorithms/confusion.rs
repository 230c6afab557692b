//! Nothing public is ever a secret, and no token brings its own key.

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use edgeseal::{KeySet, Rejection, UnverifiedToken, algorithms};
use rsa::pkcs1::EncodeRsaPublicKey;
use rsa::pkcs8::EncodePublicKey;
use rsa::traits::PublicKeyParts;
use serde_json::{Value, json};

use crate::verdict::judge;
use crate::{key_set, signers};

#[test]
fn no_spelling_of_a_public_key_is_the_secret_of_an_hmac() {
    let key = signers::rsa_key().to_public_key();
    let modulus = key.n().to_bytes_be();
    let spki = key.to_public_key_der().unwrap().as_bytes().to_vec();
    let pkcs1 = key.to_pkcs1_der().unwrap().as_bytes().to_vec();
    let pem = |label: &str, der: &[u8]| {
        let text = Base64::encode_string(der);
        let lines: Vec<_> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----", lines.join("\n"))
    };
    let jwk = signers::jwk("RS256");
    let mut secrets = vec![modulus.clone(), Base64UrlUnpadded::encode_string(&modulus).into_bytes()];
    for text in [
        pem("PUBLIC KEY", &spki),
        pem("RSA PUBLIC KEY", &pkcs1),
        jwk.to_string(),
        json!({ "keys": [jwk] }).to_string(),
        serde_json::to_string_pretty(&jwk).unwrap(),
    ] {
        for around in ["", " ", "\n", "\r\n", "\0"] {
            secrets.push(format!("{text}{around}").into_bytes());
            secrets.push(format!("{around}{text}").into_bytes());
        }
        secrets.push(text.replace('\n', "\r\n").into_bytes());
    }
    secrets.extend([spki, pkcs1, Vec::new()]);
    let mut unnamed = jwk.clone();
    unnamed.as_object_mut().unwrap().remove("alg");
    for jwk in [jwk, unnamed] {
        let jwks = json!({ "keys": [jwk] }).to_string();
        let sets = [
            KeySet::parse(jwks.as_bytes(), algorithms::ALL),
            KeySet::parse_with_secrets(jwks.as_bytes(), algorithms::ALL),
        ];
        for keys in sets.into_iter().flatten() {
            assert_eq!(keys.len(), 1);
            for secret in &secrets {
                let forged =
                    signers::token(&json!({ "alg": "HS256" }), &json!({}), |signed| signers::hmac(secret, signed));
                assert_eq!(judge(&forged, &keys), Err(Rejection::AlgorithmNotAllowed));
            }
        }
    }
}

#[test]
fn secrets_count_where_the_caller_gives_nothing_else() {
    let token = signers::good_token("HS256");
    let secret = signers::jwk("HS256");
    let only = json!({ "keys": [secret] }).to_string();
    let given = KeySet::parse_with_secrets(only.as_bytes(), algorithms::ALL).unwrap();
    assert_eq!(judge(&token, &given), Ok(()));
    let fetched = KeySet::parse(only.as_bytes(), algorithms::ALL).unwrap();
    assert!(fetched.is_empty());
    assert_eq!(judge(&token, &fetched), Err(Rejection::AlgorithmNotAllowed));
    // What is no object makes the set none, as elsewhere.
    let odd = json!({ "keys": [secret, null] }).to_string();
    assert!(KeySet::parse_with_secrets(odd.as_bytes(), algorithms::ALL).is_none());
    // Beside anything else, usable or not, a secret has been published.
    for beside in
        [signers::jwk("RS256"), signers::jwk("ES256"), json!({ "kty": "RSA" }), json!({ "kty": "AKP" }), json!({})]
    {
        for keys in
            [key_set(&[signers::jwk("HS256"), beside.clone()]), key_set(&[beside.clone(), signers::jwk("HS256")])]
        {
            assert_eq!(judge(&token, &keys), Err(Rejection::AlgorithmNotAllowed), "{beside}");
        }
    }
}

#[test]
fn secrets_are_as_long_as_the_hash_at_least() {
    for bytes in [0, 1, 16, 31, 32, 33, 64, 65, 1000] {
        let secret = vec![7; bytes];
        let jwk = json!({ "kty": "oct", "k": Base64UrlUnpadded::encode_string(&secret) });
        let keys = key_set(&[jwk]);
        let token = signers::token(&json!({ "alg": "HS256" }), &json!({}), |signed| signers::hmac(&secret, signed));
        let expected = if bytes < 32 { Err(Rejection::UnknownKey) } else { Ok(()) };
        assert_eq!(judge(&token, &keys), expected, "{bytes} bytes");
    }
    for odd in [Value::Null, json!(7), json!(["a"]), json!("not base64url!"), json!(format!("{}=", "A".repeat(43)))] {
        assert!(key_set(&[json!({ "kty": "oct", "k": odd })]).is_empty(), "{odd}");
    }
}

#[test]
fn a_key_that_the_token_brings_is_not_looked_at() {
    let attackers = |algorithm: &str| signers::jwk(algorithm);
    // The rightful key is another one of the same type.
    let rightful = json!({
        "kty": "EC",
        "crv": "P-256",
        "alg": "ES256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
    });
    let (keys, none) = (key_set(&[rightful]), key_set(&[]));
    for (name, value) in [
        ("jwk", attackers("ES256")),
        ("jku", json!("https://attacker.example/jwks")),
        ("x5u", json!("https://attacker.example/certificate")),
        ("x5c", json!(["MIIB"])),
        ("x5t", json!("A".repeat(27))),
        ("x5t#S256", json!("A".repeat(43))),
    ] {
        let header = json!({ "alg": "ES256", name: value });
        let token = signers::token(&header, &json!({}), |signed| signers::signature("ES256", signed));
        assert_eq!(judge(&token, &keys), Err(Rejection::BadSignature), "{name}");
        assert_eq!(judge(&token, &none), Err(Rejection::UnknownKey), "{name}");
        // And it harms nothing where the signature is good.
        assert_eq!(judge(&token, &key_set(&[attackers("ES256")])), Ok(()), "{name}");
    }
}

#[test]
fn a_key_that_names_no_algorithm_verifies_one_and_counts_for_all_of_its_type() {
    let unnamed = |algorithm: &str| {
        let mut jwk = signers::jwk(algorithm);
        jwk.as_object_mut().unwrap().remove("alg");
        jwk
    };
    for (own, others) in
        [("RS256", &["RS384", "RS512", "PS256", "PS384", "PS512"][..]), ("EdDSA", &["Ed25519"]), ("ES256", &[])]
    {
        let alone = key_set(&[unnamed(own)]);
        assert_eq!(judge(&signers::good_token(own), &alone), Ok(()), "{own}");
        for other in others {
            let token = signers::good_token(other);
            // Selected it would be refused later all the same; it is not even selected.
            let parsed = UnverifiedToken::parse(&token).unwrap();
            assert_eq!(alone.select(parsed.header()).err(), Some(Rejection::AlgorithmNotAllowed), "{other}");
            assert_eq!(judge(&token, &alone), Err(Rejection::AlgorithmNotAllowed), "{other}");
            let both = [unnamed(own), signers::jwk(other)];
            assert_eq!(judge(&token, &key_set(&both)), Err(Rejection::AmbiguousKey), "{other}");
        }
        let stranger = if own == "ES256" { "EdDSA" } else { "ES256" };
        let beside = key_set(&[unnamed(own), signers::jwk(stranger)]);
        assert_eq!(judge(&signers::good_token(stranger), &beside), Ok(()), "{stranger} beside {own}");
    }
}
