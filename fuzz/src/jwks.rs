//! Key sets. A set is what its keys are one by one, whatever stands beside them; a token gets the one key that fits, or none;
//! and no key of a stranger's making takes junk for a signature.

use base64ct::{Base64UrlUnpadded, Encoding};
use edgeseal::{KeySet, Rejection, UnverifiedToken, algorithms, limits};
use serde_json::{Value, json};

use super::allocations::allocated_by;
use super::input::{Input, filled};

const ALGORITHMS: [&str; 12] =
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "EdDSA", "Ed25519", "HS256", "none", "RSA-OAEP"];
/// Nobody can have made these with a public key: with a shared secret, or with none at all.
const NEVER: [&str; 3] = ["HS256", "none", "RSA-OAEP"];

pub(crate) fn check(input: &[u8]) {
    let mut input = Input::new(input);
    let filling = input.byte();
    let input = filled(input.text(), filling, limits::KEY_SET_BYTES, ' ');
    let input = input.as_bytes();
    let (set, allocated) = allocated_by(|| KeySet::parse(input, algorithms::ALL));
    if input.len() > limits::KEY_SET_BYTES {
        assert!(set.is_none() && allocated == 0);
        return;
    }
    // A tree of JSON weighs more than its text; prepared keys are no larger than they were.
    assert!(allocated <= 300 * input.len() + 64 * 1024, "{allocated} of {}", input.len());
    let Some(set) = set else { return };
    let text: Value = serde_json::from_slice(input).expect("another reader reads it too");
    let entries = text["keys"].as_array().expect("keys");
    assert!(entries.len() <= limits::KEY_SET_KEYS && set.len() <= entries.len());

    let alone: Vec<KeySet> = entries.iter().map(|entry| parse(&[entry])).collect();
    assert_eq!(set.len(), alone.iter().map(KeySet::len).sum::<usize>(), "no key takes another along");
    assert_eq!(parse(&entries.iter().collect::<Vec<_>>()).len(), set.len(), "written anew it is the same");
    for (entry, alone) in entries.iter().zip(&alone) {
        let is_secret = !alone.is_empty() && entry["kty"] == "oct";
        assert!(!is_secret, "a shared secret is no public key: {entry}");
    }

    let ids = entries.iter().map(|entry| entry.get("kid").and_then(Value::as_str)).take(8);
    for key_id in ids.chain([None, Some("another")]) {
        for algorithm in ALGORITHMS {
            select(&set, &alone, algorithm, key_id);
        }
    }
}

/// Selecting from the set gives what selecting from its keys one by one does, unless more than one might be meant.
fn select(set: &KeySet, alone: &[KeySet], algorithm: &str, key_id: Option<&str>) {
    let mut header = json!({ "alg": algorithm });
    if let Some(key_id) = key_id {
        header["kid"] = key_id.into();
    }
    let token = format!("{}.e30.", Base64UrlUnpadded::encode_string(header.to_string().as_bytes()));
    let Ok(token) = UnverifiedToken::parse(&token) else {
        assert!(key_id.is_some_and(|id| id.len() > limits::KEY_ID_BYTES), "{header}");
        return;
    };
    let fitting = alone.iter().filter(|key| key.select(token.header()).is_ok()).count();
    match set.select(token.header()) {
        Ok(key) => {
            assert!(fitting == 1 && key.algorithm() == algorithm && !NEVER.contains(&algorithm), "{header}");
            for junk in junk() {
                assert!(!key.verify(b"signed", &junk), "{header} takes {junk:?}");
            }
            assert_eq!(token.verify(key).err(), Some(Rejection::BadSignature));
        }
        // Keys that cannot be used, or name no algorithm, count where exactly one has to be left.
        Err(Rejection::AmbiguousKey) => assert!(alone.len() > 1, "{header}"),
        Err(Rejection::UnknownKey | Rejection::AlgorithmNotAllowed) => assert_eq!(fitting, 0, "{header}"),
        Err(rejection) => panic!("{rejection}: {header}"),
    }
}

/// What verifies where a check is missing: nothing, zero, one, the neutral element of a curve.
fn junk() -> impl Iterator<Item = Vec<u8>> {
    [0, 1, 31, 32, 64, 256, 384, 512].into_iter().flat_map(|length| {
        let one_at = |place: usize| (0..length).map(|index| u8::from(index == place)).collect();
        [vec![0; length], vec![1; length], vec![0xff; length], one_at(0), one_at(length.max(1) - 1)]
    })
}

fn parse(entries: &[&Value]) -> KeySet {
    KeySet::parse(json!({ "keys": entries }).to_string().as_bytes(), algorithms::ALL).expect("a key set, written anew")
}
