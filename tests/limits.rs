//! Limits, to the byte: what is as long as `limits.rs` says goes through, what is one longer does not.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper of a test fails as the test does")]

#[path = "support/mint.rs"]
mod mint;
#[path = "support/vectors.rs"]
mod vectors;

use base64ct::{Base64UrlUnpadded, Encoding};
use edgeseal::{
    KeySet, PasswordRing, Rejection, SealFormat, SealFormats, Timestamp, UnsealedSession, UnverifiedToken, algorithms,
    limits, unseal,
};
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

#[test]
fn a_sealed_session_may_be_as_long_as_its_limit() {
    let json =
        |length: usize| format!(r#"{{"access_token":"{}"}}"#, "x".repeat(length - r#"{"access_token":""}"#.len()));
    let passwords = PasswordRing::single("a password of at least 32 characters".into()).unwrap();
    let accepted = SealFormats::only(SealFormat::Json);
    let refused = |length| unseal(&json(length), &passwords, accepted, NOW).err();
    assert_eq!(refused(limits::SEALED_SESSION_BYTES), None);
    assert_eq!(refused(limits::SEALED_SESSION_BYTES + 1), Some(Rejection::CookieTooLarge));

    let encoded = |length| json(length).bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let refused = |cookie: &str| UnsealedSession::open(Some(cookie), &passwords, accepted, NOW).err();
    assert_eq!(refused(&encoded(limits::SEALED_SESSION_BYTES)), None, "percent-encoded it is three times as long");
    assert_eq!(refused(&encoded(limits::SEALED_SESSION_BYTES + 1)), Some(Rejection::CookieTooLarge));
    let one_more = format!("{}x", encoded(limits::SEALED_SESSION_BYTES));
    assert_eq!(refused(&one_more), Some(Rejection::CookieTooLarge));
}

#[test]
fn a_token_may_be_as_long_as_its_limit() {
    let refused = |length: usize| {
        let header = Base64UrlUnpadded::encode_string(br#"{"alg":"RS256"}"#);
        // Zeros, so that every length but one in four is base64url; this one and the next are.
        let payload = "A".repeat(length - header.len() - "..AAA".len());
        let token = format!("{header}.{payload}.AAA");
        assert_eq!(token.len(), length);
        UnverifiedToken::parse(&token).err()
    };
    assert_eq!(refused(limits::TOKEN_BYTES), None);
    assert_eq!(refused(limits::TOKEN_BYTES + 1), Some(Rejection::TokenTooLarge));
}

#[test]
fn a_key_id_may_be_as_long_as_its_limit() {
    let refused = |length: usize| UnverifiedToken::parse(&mint::token(&"k".repeat(length), &json!({}))).err();
    assert_eq!(refused(limits::KEY_ID_BYTES), None);
    assert_eq!(refused(limits::KEY_ID_BYTES + 1), Some(Rejection::TokenMalformed));
    let usable = |length: usize| parse(&json!({ "keys": [mint::public_key(&"k".repeat(length))] })).unwrap().len();
    assert_eq!((usable(limits::KEY_ID_BYTES), usable(limits::KEY_ID_BYTES + 1)), (1, 0));
}

#[test]
fn a_key_set_may_be_as_long_as_its_limits() {
    let text = json!({ "keys": [mint::public_key(mint::KEY_ID)] }).to_string();
    let padded = |length: usize| format!("{text}{}", " ".repeat(length - text.len()));
    assert!(
        KeySet::parse(padded(limits::KEY_SET_BYTES).as_bytes(), algorithms::ALL).is_some_and(|keys| keys.len() == 1)
    );
    assert!(KeySet::parse(padded(limits::KEY_SET_BYTES + 1).as_bytes(), algorithms::ALL).is_none());
    let of = |count: usize| parse(&json!({ "keys": vec![json!({}); count] }));
    assert!(of(limits::KEY_SET_KEYS).is_some_and(|keys| keys.is_empty()));
    assert!(of(limits::KEY_SET_KEYS + 1).is_none());
}

#[test]
fn a_ring_may_hold_as_many_passwords_as_its_limit() {
    let ring = |count: usize| PasswordRing::list(vec!["a password of at least 32 characters".into(); count]);
    assert_eq!(ring(limits::PASSWORDS).map(|ring| ring.len()), Ok(limits::PASSWORDS));
    assert!(ring(limits::PASSWORDS + 1).is_err());
    let of_length = |length: usize| PasswordRing::single("x".repeat(length).into());
    assert!(of_length(limits::PASSWORD_CHARACTERS).is_ok() && of_length(limits::PASSWORD_CHARACTERS - 1).is_err());
}

fn parse(jwks: &Value) -> Option<KeySet> {
    KeySet::parse(jwks.to_string().as_bytes(), algorithms::ALL)
}
