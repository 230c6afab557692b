//! Tokens: what was not signed by one of the given keys, or not as it should be, is refused; and says why.
//!
//! Vectors: `vectors/hostile-jwts.json`, `vectors/workos-seals.json`, RFC 7515 appendix A.2. Every algorithm: `algorithms.rs`,
//! `wycheproof.rs`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper of a test fails as the test does")]

#[path = "support/mint.rs"]
mod mint;
#[path = "support/vectors.rs"]
mod vectors;

use base64ct::{Base64UrlUnpadded, Encoding};
use edgeseal::{KeySet, Rejection, Timestamp, TokenPolicy, UnverifiedToken, VerificationKey, algorithms, limits};
use serde_json::{Value, json};

/// Valid for every token of the vectors that does not say otherwise.
const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

#[test]
fn every_hostile_token_is_refused_for_its_own_reason() {
    let hostile: Value = serde_json::from_str(include_str!("vectors/hostile-jwts.json")).unwrap();
    let jwks = hostile["jwks"].to_string();
    // What the gateway parses its keys with, and what `verifyJwt` does.
    let gateways = KeySet::parse(jwks.as_bytes(), algorithms::SESSION_TOKENS).unwrap();
    let callers = KeySet::parse_with_secrets(jwks.as_bytes(), algorithms::ALL).unwrap();
    for entry in hostile["tokens"].as_array().unwrap() {
        let name = entry["name"].as_str().unwrap();
        let mut policy = TokenPolicy::default();
        let expected = match name {
            "alg_none" | "alg_nOnE" | "alg_ps256_header" => Rejection::AlgorithmNotAllowed,
            "embedded_jwk" | "x5u_attacker" | "sig_empty" => Rejection::BadSignature,
            "crit_empty" => Rejection::CriticalHeader,
            "exp_string" | "exp_null" | "exp_negative" | "payload_not_json" => Rejection::ClaimsMalformed,
            "nbf_future" => Rejection::TokenNotYetValid,
            "aud_string_substring" => {
                // This is a part of its `aud`.
                policy.audiences = vec!["client_01TEST".to_owned()];
                Rejection::AudienceMismatch
            }
            "four_parts" | "trailing_newline" | "std_b64_alphabet" | "kid_not_string" | "jwe_five_parts" => {
                Rejection::TokenMalformed
            }
            "kid_path_traversal" => Rejection::UnknownKey,
            other => panic!("{other} is new in the vectors: say here how it is refused"),
        };
        let token = entry["token"].as_str().or_else(|| entry["jwt"].as_str()).unwrap();
        for keys in [&gateways, &callers] {
            assert_eq!(check_with(token, keys, &policy, NOW).err(), Some(expected), "{name}");
        }
    }
}

#[test]
fn tokens_live_until_their_expiry_and_not_a_second_longer() {
    let vectors = vectors::workos();
    let keys = key_set(&vectors["jwks"]);
    let token = |name: &str| vectors["tokens"][name].as_str().unwrap().to_owned();
    assert_eq!(check(&token("valid_far_future"), &keys, NOW).err(), None);
    let expired = token("expired");
    assert_eq!(check(&expired, &keys, NOW).err(), Some(Rejection::TokenExpired));
    assert_eq!(check(&expired, &keys, Timestamp::from_milliseconds(1_763_640_299_999)).err(), None);
    let at_expiry = Timestamp::from_seconds(1_763_640_300);
    assert_eq!(check(&expired, &keys, at_expiry).err(), Some(Rejection::TokenExpired));
    let lenient = TokenPolicy { leeway_seconds: 1, ..TokenPolicy::default() };
    assert_eq!(check_with(&expired, &keys, &lenient, at_expiry).err(), None);
    for extreme in [i64::MIN, i64::MAX] {
        let lenient = TokenPolicy { leeway_seconds: extreme, ..TokenPolicy::default() };
        for now in [i64::MIN, 0, i64::MAX] {
            // Whatever the verdict: absurd settings overflow nothing.
            drop(check_with(&expired, &keys, &lenient, Timestamp::from_milliseconds(now)));
        }
    }
}

#[test]
fn a_rotation_keeps_old_tokens_valid_and_admits_new_ones() {
    let vectors = vectors::workos();
    let token = |name: &str| vectors["tokens"][name].as_str().unwrap().to_owned();
    let (before, after) = (key_set(&vectors["jwks"]), key_set(&vectors["jwks_after_rotation"]));
    assert_eq!(check(&token("signed_by_rotated_key"), &before, NOW).err(), Some(Rejection::UnknownKey));
    assert_eq!(check(&token("signed_by_rotated_key"), &after, NOW).err(), None);
    assert_eq!(check(&token("valid_far_future"), &after, NOW).err(), None);
}

#[test]
fn every_tampered_byte_is_noticed() {
    let keys = key_set(&json!({ "keys": [mint::public_key(mint::KEY_ID)] }));
    let token = mint::token(mint::KEY_ID, &json!({ "exp": 1_900_000_000, "sub": "user_1" }));
    assert_eq!(check(&token, &keys, NOW).err(), None);
    for index in 0..token.len() {
        for bit in 0..7 {
            let mut bytes = token.clone().into_bytes();
            bytes[index] ^= 1 << bit;
            let tampered = String::from_utf8(bytes).unwrap();
            assert!(check(&tampered, &keys, NOW).is_err(), "byte {index}, bit {bit}: {tampered}");
        }
        assert!(check(&token[..index], &keys, NOW).is_err(), "cut at {index}");
    }
}

#[test]
fn the_encoding_has_one_form_only() {
    let keys = key_set(&json!({ "keys": [mint::public_key(mint::KEY_ID)] }));
    let token = mint::token(mint::KEY_ID, &json!({ "exp": 1_900_000_000 }));
    let [header, payload, signature] = parts(&token);
    // 256 bytes leave four unused bits in the last character: every other value of them is another spelling.
    let last = signature.chars().last().unwrap();
    let respelled = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".chars();
    let respelled = respelled.filter(|character| *character != last);
    let stem = &signature[..signature.len() - 1];
    for other in respelled {
        assert!(check(&format!("{header}.{payload}.{stem}{other}"), &keys, NOW).is_err(), "{other}");
    }
    for changed in [
        format!("{header}.{payload}.{signature}=="),
        format!("{header}=.{payload}.{signature}"),
        format!(" {token}"),
        format!("{token} "),
        format!("{token}\n"),
        format!("{token}."),
        format!(".{token}"),
        format!("{token}\0"),
        format!("Bearer {token}"),
        format!("{header}..{signature}"),
        format!("{header}.{payload}."),
        format!(".{payload}.{signature}"),
        format!("{header}.{payload}.é{signature}"),
        format!("{header}\r\n.{payload}.{signature}"),
        "..".to_owned(),
        String::new(),
    ] {
        assert!(check(&changed, &keys, NOW).is_err(), "{changed:?}");
    }
}

#[test]
fn duplicate_and_demanding_members_are_refused_even_when_signed() {
    let keys = key_set(&json!({ "keys": [mint::public_key(mint::KEY_ID)] }));
    let claims = br#"{"exp":1900000000}"#;
    let header = |more: &str| format!(r#"{{"alg":"RS256","kid":"{}"{more}}}"#, mint::KEY_ID);
    let refused = |header: &str, payload: &[u8]| check(&mint::sign(header.as_bytes(), payload), &keys, NOW).err();
    assert_eq!(refused(&header(""), claims), None);
    assert_eq!(refused(&header(r#","typ":"JWT","unknown":{"a":[1]}"#), claims), None);
    for (more, rejection) in [
        (r#","alg":"RS256""#, Rejection::TokenMalformed),
        (r#","\u0061lg":"none""#, Rejection::TokenMalformed),
        // A nested token (RFC 7519 §5.2): what is inside is no claims set.
        (r#","cty":"JWT""#, Rejection::TokenMalformed),
        (r#","crit":["exp"],"exp":1"#, Rejection::CriticalHeader),
        (r#","crit":null"#, Rejection::CriticalHeader),
        (r#","b64":false"#, Rejection::CriticalHeader),
    ] {
        assert_eq!(refused(&header(more), claims), Some(rejection), "{more}");
    }
    for payload in [
        &br#"{"exp":1900000000,"exp":1900000000}"#[..],
        br#"{"exp":1900000000,"act":{"sub":"a","sub":"b"}}"#,
        br#"{"exp":1900000000} "x""#,
        br#"[{"exp":1900000000}]"#,
        b"\xef\xbb\xbf{\"exp\":1900000000}",
        b"{\"exp\":1900000000,\"sub\":\"\xff\"}",
        br#"{"exp":1.9e9}"#,
        br#"{"exp":1900000000.0}"#,
        br#"{"exp":99999999999999999999}"#,
        b"null",
        b"",
    ] {
        let text = String::from_utf8_lossy(payload);
        assert_eq!(refused(&header(""), payload), Some(Rejection::ClaimsMalformed), "{text}");
    }
    for odd in
        [&b"\xef\xbb\xbf{\"alg\":\"RS256\"}"[..], b"{\"alg\":\"RS256\",\"kid\":\"\xff\"}", b"[]", b"null", b"{}{}", b""]
    {
        let token = mint::sign(odd, claims);
        assert_eq!(
            check(&token, &keys, NOW).err(),
            Some(Rejection::TokenMalformed),
            "{}",
            String::from_utf8_lossy(odd)
        );
    }
    let nested = format!(r#","a":{}{}"#, "[".repeat(limits::JSON_DEPTH), "]".repeat(limits::JSON_DEPTH));
    assert_eq!(refused(&header(&nested), claims), Some(Rejection::TokenMalformed));
    let deep = format!(r#"{{"exp":1900000000,"a":{}{}}}"#, "[".repeat(4_000), "]".repeat(4_000));
    assert_eq!(refused(&header(""), deep.as_bytes()), Some(Rejection::ClaimsMalformed));
}

#[test]
fn claims_are_not_looked_at_before_the_signature_fits() {
    let keys = key_set(&json!({ "keys": [mint::public_key(mint::KEY_ID)] }));
    let [header, _, signature] = parts(&mint::token(mint::KEY_ID, &json!({ "exp": 1_900_000_000 })));
    for payload in [&b"not json"[..], br#"{"exp":1}"#, br#"{"exp":"x"}"#, b"{}"] {
        let forged = format!("{header}.{}.{signature}", Base64UrlUnpadded::encode_string(payload));
        assert_eq!(check(&forged, &keys, NOW).err(), Some(Rejection::BadSignature));
    }
}

#[test]
fn a_token_without_a_key_id_needs_exactly_one_key() {
    let token = mint::sign(br#"{"alg":"RS256"}"#, br#"{"exp":1900000000}"#);
    let one = key_set(&json!({ "keys": [mint::public_key("a")] }));
    assert_eq!(check(&token, &one, NOW).err(), None);
    let two = key_set(&json!({ "keys": [mint::public_key("a"), mint::public_key("b")] }));
    assert_eq!(check(&token, &two, NOW).err(), Some(Rejection::AmbiguousKey));
    let none = key_set(&json!({ "keys": [] }));
    assert_eq!(check(&token, &none, NOW).err(), Some(Rejection::UnknownKey));
}

#[test]
fn a_key_id_has_to_be_the_keys_own_and_unique() {
    let token = |key_id: &str| mint::token(key_id, &json!({ "exp": 1_900_000_000 }));
    let twins = key_set(&json!({ "keys": [mint::public_key("a"), mint::public_key("a"), mint::public_key("b")] }));
    assert_eq!(check(&token("a"), &twins, NOW).err(), Some(Rejection::AmbiguousKey));
    assert_eq!(check(&token("b"), &twins, NOW).err(), None);
    for other in ["B", "b ", "", "b\0", "ab"] {
        assert_eq!(check(&token(other), &twins, NOW).err(), Some(Rejection::UnknownKey), "{other:?}");
    }
    let mut anonymous = mint::public_key("a");
    anonymous.as_object_mut().unwrap().remove("kid");
    let anonymous = key_set(&json!({ "keys": [anonymous] }));
    assert_eq!(check(&token("a"), &anonymous, NOW).err(), Some(Rejection::UnknownKey));
    let other_key = &vectors::workos()["jwks_after_rotation"]["keys"][0];
    let mut borrowed = other_key.clone();
    borrowed["kid"] = "a".into();
    let borrowed = key_set(&json!({ "keys": [borrowed] }));
    assert_eq!(check(&token("a"), &borrowed, NOW).err(), Some(Rejection::BadSignature));
}

#[test]
fn the_key_decides_the_algorithm() {
    let keys = key_set(&json!({ "keys": [mint::public_key(mint::KEY_ID)] }));
    for algorithm in ["none", "None", "", "rs256", "RS384", "RS512", "PS256", "ES256", "EdDSA", "HS256", "RSA-OAEP"] {
        let header = json!({ "alg": algorithm, "kid": mint::KEY_ID }).to_string();
        let token = mint::sign(header.as_bytes(), br#"{"exp":1900000000}"#);
        assert_eq!(check(&token, &keys, NOW).err(), Some(Rejection::AlgorithmNotAllowed), "{algorithm}");
    }
}

#[test]
fn a_key_refuses_a_token_of_another_algorithm_even_without_a_set() {
    struct Gullible;
    impl VerificationKey for Gullible {
        fn algorithm(&self) -> &'static str {
            "ES256"
        }

        fn verify(&self, _signed: &[u8], _signature: &[u8]) -> bool {
            true
        }
    }
    let token = mint::token(mint::KEY_ID, &json!({ "exp": 1_900_000_000 }));
    let refused = UnverifiedToken::parse(&token).unwrap().verify(&Gullible).err();
    assert_eq!(refused, Some(Rejection::AlgorithmNotAllowed));
}

#[test]
fn an_audience_fits_whole_or_not_at_all() {
    let keys = key_set(&json!({ "keys": [mint::public_key(mint::KEY_ID)] }));
    let policy = TokenPolicy { audiences: vec!["client_1".to_owned()], ..TokenPolicy::default() };
    let refused = |audience: Value| {
        let token = mint::token(mint::KEY_ID, &json!({ "exp": 1_900_000_000, "aud": audience }));
        check_with(&token, &keys, &policy, NOW).err()
    };
    for fitting in [json!("client_1"), json!(["client_2", "client_1"])] {
        assert_eq!(refused(fitting.clone()), None, "{fitting}");
    }
    for other in ["client_12", "client_", "xclient_1", "client_1 client_2", "CLIENT_1", ""] {
        assert_eq!(refused(json!(other)), Some(Rejection::AudienceMismatch), "{other}");
        assert_eq!(refused(json!([other])), Some(Rejection::AudienceMismatch), "[{other}]");
    }
}

#[test]
fn keys_that_must_not_verify_are_skipped_and_the_others_stay() {
    let good = mint::public_key("good");
    let change = |name: &str, value: Value| {
        let mut key = mint::public_key("odd");
        key[name] = value;
        key
    };
    let modulus = |bytes: usize| {
        let mut modulus = vec![0xff; bytes];
        modulus[bytes - 1] = 0xfd;
        Value::from(Base64UrlUnpadded::encode_string(&modulus))
    };
    for odd in [
        change("kty", "EC".into()),
        change("kty", Value::Null),
        change("alg", "RSA-OAEP".into()),
        change("d", "AQAB".into()),
        change("alg", Value::Null),
        change("use", "enc".into()),
        change("use", json!(["sig"])),
        change("key_ops", json!(["encrypt"])),
        change("key_ops", json!("verify")),
        change("kid", json!(7)),
        change("kid", "k".repeat(limits::KEY_ID_BYTES + 1).into()),
        change("n", modulus(128)),
        change("n", modulus(255)),
        change("n", modulus(513)),
        change("n", "".into()),
        change("n", "not base64url!".into()),
        change("n", Value::Null),
        change("e", "AQ".into()),
        change("e", "Ag".into()),
        change("e", "AA".into()),
        change("e", "".into()),
        change("e", Value::Null),
        json!({ "kty": "oct", "kid": "odd", "alg": "HS256", "k": "AAAA" }),
    ] {
        let keys = key_set(&json!({ "keys": [odd.clone(), good.clone()] }));
        assert_eq!(keys.len(), 1, "{odd}");
        assert_eq!(check(&mint::token("good", &json!({ "exp": 1_900_000_000 })), &keys, NOW).err(), None);
        let refused = check(&mint::token("odd", &json!({ "exp": 1_900_000_000 })), &keys, NOW).err();
        assert_eq!(refused, Some(Rejection::UnknownKey), "{odd}");
    }
    for fine in [change("key_ops", json!(["verify"])), change("x5c", json!([])), change("ext", true.into())] {
        assert_eq!(key_set(&json!({ "keys": [fine] })).len(), 1);
    }
}

#[test]
fn sets_that_are_no_key_sets_are_refused_whole() {
    let key = mint::public_key("a").to_string();
    let many = vec![key.clone(); limits::KEY_SET_KEYS + 1].join(",");
    let fitting = vec![key.clone(); limits::KEY_SET_KEYS].join(",");
    assert!(KeySet::parse(format!(r#"{{"keys":[{fitting}]}}"#).as_bytes(), algorithms::ALL).is_some());
    for text in [
        String::new(),
        "<html>502</html>".into(),
        "[]".into(),
        format!(r#"{{"keys":[{key},"not a key"]}}"#),
        format!(r#"{{"keys":[{key},null]}}"#),
        "{}".into(),
        key.clone(),
        r#"{"keys":{}}"#.into(),
        r#"{"keys":null}"#.into(),
        format!(r#"{{"keys":[{key}],"keys":[]}}"#),
        format!(r#"{{"keys":[{many}]}}"#),
        format!(r#"{{"keys":[],"x":"{}"}}"#, "x".repeat(limits::KEY_SET_BYTES)),
    ] {
        assert!(
            KeySet::parse(text.as_bytes(), algorithms::ALL).is_none(),
            "{}",
            text.chars().take(80).collect::<String>()
        );
    }
}

#[test]
fn sizes_are_bounded_before_anything_is_parsed() {
    let keys = key_set(&json!({ "keys": [mint::public_key(mint::KEY_ID)] }));
    let padded = |bytes: usize| mint::token(mint::KEY_ID, &json!({ "exp": 1_900_000_000, "pad": "x".repeat(bytes) }));
    assert_eq!(check(&padded(11_500), &keys, NOW).err(), None);
    assert_eq!(check(&padded(12_000), &keys, NOW).err(), Some(Rejection::TokenTooLarge));
    assert_eq!(check(&".".repeat(1 << 20), &keys, NOW).err(), Some(Rejection::TokenTooLarge));
}

/// RFC 7515, appendix A.2.
#[test]
fn the_example_of_rfc_7515_verifies() {
    let keys = key_set(&json!({ "keys": [{
        "kty": "RSA",
        "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZ\
              S-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2\
              R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcD\
              TW9gb54h4FRWyuXpoQ",
        "e": "AQAB"
    }] }));
    let token = "eyJhbGciOiJSUzI1NiJ9.\
                 eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
                 cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9\
                 uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB\
                 _eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rq\
                 Vt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    let claims = check(token, &keys, Timestamp::from_seconds(1_300_819_379)).unwrap();
    let expected = json!({ "iss": "joe", "exp": 1_300_819_380, "http://example.com/is_root": true });
    assert_eq!(claims, expected);
    assert_eq!(check(token, &keys, NOW).err(), Some(Rejection::TokenExpired));
}

fn key_set(jwks: &Value) -> KeySet {
    KeySet::parse(jwks.to_string().as_bytes(), algorithms::ALL).unwrap()
}

fn check(token: &str, keys: &KeySet, now: Timestamp) -> Result<Value, Rejection> {
    check_with(token, keys, &TokenPolicy::default(), now)
}

fn check_with(token: &str, keys: &KeySet, policy: &TokenPolicy, now: Timestamp) -> Result<Value, Rejection> {
    let token = UnverifiedToken::parse(token)?;
    let claims = token.verify(keys.select(token.header())?)?.validate(policy, now)?;
    Ok(Value::Object(claims.members().clone()))
}

fn parts(token: &str) -> [String; 3] {
    let parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    parts.try_into().unwrap()
}
