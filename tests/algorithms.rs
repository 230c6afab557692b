//! The signature algorithms: each verifies its own signatures with its own keys, and nothing else.
//!
//! Vectors of other projects: `wycheproof.rs`, `jose_cookbook.rs`. What tokens have to be besides: `tokens.rs`.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper of a test fails as the test does"
)]

#[path = "algorithms/confusion.rs"]
mod confusion;
#[path = "algorithms/curves.rs"]
mod curves;
#[path = "algorithms/rsa_keys.rs"]
mod rsa_keys;
#[path = "support/signers.rs"]
mod signers;
#[path = "support/vectors.rs"]
mod vectors;
#[path = "support/verdict.rs"]
mod verdict;

use base64ct::{Base64UrlUnpadded, Encoding};
use edgeseal::{KeySet, Rejection, algorithms};
use serde_json::{Value, json};
use verdict::judge;

#[test]
fn each_algorithm_verifies_its_own_signatures_and_no_other_bytes() {
    for algorithm in signers::ALL {
        let keys = key_set(&[signers::jwk(algorithm)]);
        let token = signers::good_token(algorithm);
        assert_eq!(judge(&token, &keys), Ok(()), "{algorithm}");
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let signature = Base64UrlUnpadded::decode_vec(signature).unwrap();
        let with = |signature: &[u8]| format!("{signed}.{}", Base64UrlUnpadded::encode_string(signature));
        for index in 0..signature.len() {
            let mut tampered = signature.clone();
            tampered[index] ^= 1 << (index % 8);
            assert_eq!(judge(&with(&tampered), &keys), Err(Rejection::BadSignature), "{algorithm}, byte {index}");
            assert_eq!(
                judge(&with(&signature[..index]), &keys),
                Err(Rejection::BadSignature),
                "{algorithm}, cut at {index}"
            );
        }
        for longer in [[&signature[..], &[0]].concat(), [&[0], &signature[..]].concat(), signature.repeat(2)] {
            assert_eq!(judge(&with(&longer), &keys), Err(Rejection::BadSignature), "{algorithm}, longer");
        }
        for filled in [0, 0xff] {
            let filled = vec![filled; signature.len()];
            assert_eq!(judge(&with(&filled), &keys), Err(Rejection::BadSignature), "{algorithm}, {}", filled[0]);
        }
        let other = signers::token(&json!({ "alg": algorithm }), &json!({ "exp": 1 }), |_| signature.clone());
        assert_eq!(judge(&other, &keys), Err(Rejection::BadSignature), "{algorithm}, another payload");
    }
}

#[test]
fn a_token_of_one_algorithm_is_none_of_another() {
    for of_token in signers::ALL {
        for of_key in signers::ALL.into_iter().filter(|of_key| *of_key != of_token) {
            let mut jwk = signers::jwk(of_key);
            jwk["kid"] = "key_1".into();
            let keys = key_set(&[jwk]);
            let sign = |signed: &[u8]| signers::signature(of_token, signed);
            let under = |algorithm: &str| {
                let header = json!({ "alg": algorithm, "kid": "key_1" });
                signers::token(&header, &json!({ "exp": 1_900_000_000 }), sign)
            };
            assert_eq!(judge(&under(of_token), &keys), Err(Rejection::AlgorithmNotAllowed), "{of_token}, {of_key}");
            // The same curve under two names makes the same signatures, and the rest does not.
            let expected = if of_token.starts_with("Ed") && of_key.starts_with("Ed") {
                Ok(())
            } else {
                Err(Rejection::BadSignature)
            };
            assert_eq!(judge(&under(of_key), &keys), expected, "{of_token} as {of_key}");
        }
    }
}

#[test]
fn of_a_mixed_set_the_key_that_fits_is_taken() {
    let public: Vec<_> = signers::ALL.into_iter().filter(|algorithm| *algorithm != "HS256").collect();
    let keys = key_set(&public.iter().map(|algorithm| signers::jwk(algorithm)).collect::<Vec<_>>());
    assert_eq!(keys.len(), public.len());
    for algorithm in &public {
        assert_eq!(judge(&signers::good_token(algorithm), &keys), Ok(()), "{algorithm}");
    }
    // One id for all of them: still one key per algorithm.
    let named = public.iter().map(|algorithm| {
        let mut jwk = signers::jwk(algorithm);
        jwk["kid"] = "key_1".into();
        jwk
    });
    let keys = key_set(&named.collect::<Vec<_>>());
    for algorithm in &public {
        let header = json!({ "alg": algorithm, "kid": "key_1" });
        let token = signers::token(&header, &json!({}), |signed| signers::signature(algorithm, signed));
        assert_eq!(judge(&token, &keys), Ok(()), "{algorithm}");
    }
}

#[test]
fn a_set_verifies_what_it_was_parsed_for() {
    let jwks = json!({ "keys": signers::ALL.map(signers::jwk) }).to_string();
    let session_tokens = KeySet::parse(jwks.as_bytes(), algorithms::SESSION_TOKENS).unwrap();
    assert_eq!(session_tokens.len(), 1);
    let nothing = KeySet::parse(jwks.as_bytes(), &[]).unwrap();
    assert!(nothing.is_empty());
    for algorithm in signers::ALL {
        let expected = if algorithm == "RS256" { Ok(()) } else { Err(Rejection::AlgorithmNotAllowed) };
        assert_eq!(judge(&signers::good_token(algorithm), &session_tokens), expected, "{algorithm}");
        assert_eq!(judge(&signers::good_token(algorithm), &nothing), Err(Rejection::AlgorithmNotAllowed));
    }
    for one in algorithms::ALL {
        let keys = KeySet::parse(jwks.as_bytes(), std::slice::from_ref(one)).unwrap();
        assert_eq!(keys.len(), 1, "{}", one.name());
        assert_eq!(judge(&signers::good_token(one.name()), &keys), Ok(()), "{}", one.name());
    }
}

#[test]
fn a_key_that_names_no_algorithm_is_for_one_only() {
    for (unnamed, expected) in [("RS256", "RS256"), ("ES256", "ES256"), ("EdDSA", "EdDSA"), ("HS256", "HS256")] {
        let mut jwk = signers::jwk(unnamed);
        jwk.as_object_mut().unwrap().remove("alg");
        let keys = key_set(&[jwk]);
        assert_eq!(keys.len(), 1, "{unnamed}");
        for algorithm in signers::ALL {
            let verdict = judge(&signers::good_token(algorithm), &keys);
            assert_eq!(verdict.is_ok(), algorithm == expected, "{algorithm} with a key of {unnamed}: {verdict:?}");
        }
    }
}

#[test]
fn a_key_is_of_the_type_and_curve_of_its_algorithm() {
    let change = |algorithm: &str, name: &str, value: Value| {
        let mut jwk = signers::jwk(algorithm);
        jwk[name] = value;
        jwk
    };
    for algorithm in signers::ALL {
        for key_type in ["RSA", "EC", "OKP", "oct", "rsa", "AKP", ""] {
            if signers::jwk(algorithm)["kty"] != key_type {
                let jwk = change(algorithm, "kty", key_type.into());
                assert!(key_set(&[jwk]).is_empty(), "{algorithm} with {key_type}");
            }
        }
        for other in signers::ALL.into_iter().chain(["RS1", "ES384", "ES256K", "Ed448", "HS512", "none", "", "A256KW"])
        {
            let jwk = change(algorithm, "alg", other.into());
            // Another of the same type is what the key then is for.
            let is_of_type =
                signers::ALL.contains(&other) && signers::jwk(other)["kty"] == signers::jwk(algorithm)["kty"];
            assert_eq!(key_set(&[jwk]).len(), usize::from(is_of_type), "{algorithm} as {other}");
        }
        for (name, odd) in
            [("use", json!("enc")), ("key_ops", json!(["sign"])), ("d", json!("AQAB")), ("kid", json!(1))]
        {
            assert!(key_set(&[change(algorithm, name, odd)]).is_empty(), "{algorithm}, {name}");
        }
    }
    for (algorithm, curves) in [
        ("ES256", &["P-384", "P-521", "secp256k1", "p-256", "Ed25519", ""][..]),
        ("EdDSA", &["X25519", "Ed448", "X448", "ed25519", "P-256", ""]),
    ] {
        for curve in curves {
            assert!(key_set(&[change(algorithm, "crv", (*curve).into())]).is_empty(), "{algorithm} on {curve}");
        }
        assert!(key_set(&[change(algorithm, "crv", Value::Null)]).is_empty(), "{algorithm} on no curve");
    }
}

/// RFC 7515, appendices A.1 and A.3; RFC 8037, appendix A.4. Appendix A.2 stands in `tokens.rs`; A.4 is ES512.
#[test]
fn the_examples_of_the_standards_verify() {
    let payload = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let secret = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    for (jwk, token) in [
        (
            json!({ "kty": "oct", "k": secret }),
            format!("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{payload}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
        ),
        (
            json!({
                "kty": "EC",
                "crv": "P-256",
                "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
            }),
            format!(
                "eyJhbGciOiJFUzI1NiJ9.{payload}.\
                 DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
            ),
        ),
        (
            json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }),
            "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.\
             hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
                .to_owned(),
        ),
    ] {
        assert_eq!(judge(&token, &key_set(&[jwk])), Ok(()), "{token}");
    }
}

/// Keys as a caller of `verifyJwt` gives them.
pub(crate) fn key_set(jwks: &[Value]) -> KeySet {
    KeySet::parse_with_secrets(json!({ "keys": jwks }).to_string().as_bytes(), algorithms::ALL).unwrap()
}
