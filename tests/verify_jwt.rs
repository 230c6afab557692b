//! `verify_jwt`: the options, one by one. What tokens are refused for besides: `tokens.rs`, `algorithms.rs`.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper of a test fails as the test does"
)]

#[path = "support/signers.rs"]
mod signers;
#[path = "support/vectors.rs"]
mod vectors;

use edgeseal::{KeySet, Rejection, Timestamp, TokenPolicy, VerifyJwt, algorithms, verify_jwt};
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

#[test]
fn a_good_token_gives_header_and_claims() {
    for algorithm in signers::ALL {
        let header = json!({ "alg": algorithm, "typ": "at+jwt", "other": [1] });
        let claims = json!({ "exp": 1_900_000_000, "sub": "user_1", "nested": { "a": null } });
        let token = signers::token(&header, &claims, |signed| signers::signature(algorithm, signed));
        let verified = verify_jwt(&token, &options(&key_set(&[signers::jwk(algorithm)]), &[], &TokenPolicy::default()));
        let verified = verified.unwrap_or_else(|rejection| panic!("{algorithm}: {rejection}"));
        assert_eq!(
            (Value::Object(verified.header().members().clone()), Value::Object(verified.claims().clone())),
            (header, claims)
        );
    }
}

#[test]
fn algorithms_are_a_choice_from_what_the_keys_are_for() {
    let keys = key_set(&[signers::jwk("ES256"), signers::jwk("EdDSA")]);
    for (accepted, token, expected) in [
        (&[][..], "ES256", None),
        (&["ES256"], "ES256", None),
        (&["RS256", "ES256"], "ES256", None),
        (&["EdDSA"], "ES256", Some(Rejection::AlgorithmNotAllowed)),
        (&["es256"], "ES256", Some(Rejection::AlgorithmNotAllowed)),
        (&[""], "ES256", Some(Rejection::AlgorithmNotAllowed)),
        // To name one does not make the keys be for it.
        (&["RS256"], "RS256", Some(Rejection::UnknownKey)),
        (&["HS256"], "HS256", Some(Rejection::AlgorithmNotAllowed)),
        (&["none"], "ES256", Some(Rejection::AlgorithmNotAllowed)),
    ] {
        let accepted: Vec<_> = accepted.iter().map(|name| (*name).to_owned()).collect();
        let policy = TokenPolicy::default();
        let verdict = verify_jwt(&signers::good_token(token), &options(&keys, &accepted, &policy));
        assert_eq!(verdict.err(), expected, "{token} where {accepted:?} is accepted");
    }
    let none = signers::token(&json!({ "alg": "none" }), &json!({ "exp": 1_900_000_000 }), |_| Vec::new());
    let policy = TokenPolicy::default();
    let refused = verify_jwt(&none, &options(&keys, &["none".to_owned()], &policy)).err();
    assert_eq!(refused, Some(Rejection::AlgorithmNotAllowed));
}

#[test]
fn an_expiration_may_be_missing_where_the_caller_says_so_and_not_have_passed() {
    let keys = key_set(&[signers::jwk("ES256")]);
    let policy = TokenPolicy::default();
    let judge = |claims: Value, requires_expiration: bool| {
        let token = signers::token(&json!({ "alg": "ES256" }), &claims, |signed| signers::signature("ES256", signed));
        verify_jwt(&token, &VerifyJwt { requires_expiration, ..options(&keys, &[], &policy) }).err()
    };
    assert_eq!(judge(json!({}), true), Some(Rejection::ExpirationMissing));
    assert_eq!(judge(json!({}), false), None);
    for requires_expiration in [true, false] {
        assert_eq!(judge(json!({ "exp": 1_800_000_000 }), requires_expiration), Some(Rejection::TokenExpired));
        assert_eq!(judge(json!({ "exp": 1_800_000_001 }), requires_expiration), None);
        assert_eq!(judge(json!({ "exp": null }), requires_expiration), Some(Rejection::ClaimsMalformed));
        let future = json!({ "exp": 1_900_000_000, "nbf": 1_800_000_001 });
        assert_eq!(judge(future, requires_expiration), Some(Rejection::TokenNotYetValid));
    }
}

#[test]
fn the_policy_holds() {
    let keys = key_set(&[signers::jwk("ES256")]);
    let claims = json!({ "exp": 1_799_999_990, "iss": "https://a", "aud": ["b", "c"] });
    let token = signers::token(&json!({ "alg": "ES256" }), &claims, |signed| signers::signature("ES256", signed));
    let judge = |issuer: &str, audience: &str, leeway_seconds: i64| {
        let policy = TokenPolicy { issuers: vec![issuer.into()], audiences: vec![audience.into()], leeway_seconds };
        verify_jwt(&token, &options(&keys, &[], &policy)).err()
    };
    assert_eq!(judge("https://a", "c", 11), None);
    assert_eq!(judge("https://a", "c", 10), Some(Rejection::TokenExpired));
    assert_eq!(judge("https://a/", "c", 11), Some(Rejection::IssuerMismatch));
    assert_eq!(judge("https://a", "d", 11), Some(Rejection::AudienceMismatch));
}

fn options<'a>(keys: &'a KeySet, algorithms: &'a [String], policy: &'a TokenPolicy) -> VerifyJwt<'a> {
    VerifyJwt { keys, algorithms, policy, requires_expiration: true, now: NOW }
}

fn key_set(jwks: &[Value]) -> KeySet {
    KeySet::parse_with_secrets(json!({ "keys": jwks }).to_string().as_bytes(), algorithms::ALL).unwrap()
}
