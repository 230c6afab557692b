//! Seals: what other software sealed opens here, what was touched does not, and nothing a stranger writes panics.
//!
//! Vectors: `vectors/workos-seals.json`, made by running the published SDKs. Here stands what all formats share.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation,
    reason = "a helper of a test fails as the test does"
)]

#[path = "seals/dotnet.rs"]
mod dotnet;
#[path = "seals/formats.rs"]
mod formats;
#[path = "seals/iron.rs"]
mod iron;
#[path = "seals/own.rs"]
mod own;
#[path = "support/seals.rs"]
mod support;
#[path = "support/third_party.rs"]
mod third_party;
#[path = "support/vectors.rs"]
mod vectors;

use edgeseal::{PasswordRing, Reason, Rejection, SealEntropy, SealFormat, seal};
use serde_json::{Value, json};
use support::{FORMATS, KEY, NOW, OTHER_KEY, own_seal, ring, ring_of, text_of, unseal};

/// What should become of an entry of `workos-seals.json`.
enum Expected {
    /// It opens and holds this.
    Opens(&'static str),
    /// It is refused.
    Refused(Rejection),
}

#[test]
fn every_sdks_seal_opens_or_is_refused_with_a_stable_code() {
    use Expected::{Opens, Refused};
    let vectors = vectors::workos();
    for (name, entry) in vectors["seals"].as_object().unwrap() {
        let expected = match name.as_str() {
            "iron_session_v2" | "iron_session_rotated_id2" | "iron_webcrypto_plain" | "hapi_iron" => {
                Opens("session_camel")
            }
            "hapi_iron_small" => Opens("data"),
            "iron_session_legacy_persistent" => Opens("persistent"),
            "iron_session_expired_jwt" => Opens("expired_jwt"),
            "workos_kotlin" => Opens("plaintext"),
            "remix_wrapped" => Opens("wrapped"),
            "workos_python_fernet"
            | "workos_ruby_aesgcm_v7"
            | "workos_ruby_aesgcm_v6_legacy"
            | "workos_go_aesgcm"
            | "workos_go_aesgcm_hexkey"
            | "workos_php_secretbox"
            | "workos_dotnet_aesgcm" => Opens("session_snake"),
            "iron_session_ttl" => Refused(Rejection::SealExpired),
            other => panic!("{other} is new in the vectors: say here what should become of it"),
        };
        let opened = unseal(text_of(entry), &ring_of(entry), NOW);
        match expected {
            Opens(plaintext) => {
                let opened = opened.unwrap_or_else(|rejection| panic!("{name}: {rejection}"));
                let found: Value = serde_json::from_slice(opened.plaintext()).unwrap();
                assert_eq!(found, plaintext_of(&vectors, entry, plaintext), "{name}");
            }
            Refused(rejection) => assert_eq!(opened.err(), Some(rejection), "{name}"),
        }
    }
}

#[test]
fn every_tampered_byte_is_noticed() {
    for sealed in own_seals() {
        // `~2` stands outside iron's MAC: another number there says how the same plaintext is laid out, no more.
        let version_digit = if sealed.ends_with("~2") { sealed.len() - 1 } else { sealed.len() };
        let plaintext = unseal(&sealed, &ring(KEY), NOW).unwrap().plaintext().to_vec();
        for index in 0..sealed.len() {
            for bit in 0..7 {
                let mut bytes = sealed.clone().into_bytes();
                bytes[index] ^= 1 << bit;
                let tampered = String::from_utf8(bytes).unwrap();
                match unseal(&tampered, &ring(KEY), NOW) {
                    Err(rejection) => assert_eq!(rejection.reason(), Reason::InvalidSessionCookie, "{tampered}"),
                    Ok(opened) => {
                        let is_version = index == version_digit && tampered.ends_with(|c: char| c.is_ascii_digit());
                        assert!(is_version && opened.plaintext() == plaintext, "byte {index}, bit {bit}: {tampered}");
                    }
                }
            }
        }
    }
}

#[test]
fn every_byte_of_every_sdks_seal_counts() {
    let vectors = vectors::workos();
    for (name, entry) in vectors["seals"].as_object().unwrap() {
        let (sealed, passwords) = (text_of(entry), ring_of(entry));
        let Ok(opened) = unseal(sealed, &passwords, NOW) else { continue };
        for index in 0..sealed.len() {
            let mut bytes = sealed.as_bytes().to_vec();
            bytes[index] ^= 1;
            let tampered = String::from_utf8(bytes).unwrap();
            match unseal(&tampered, &passwords, NOW) {
                Err(rejection) => assert_eq!(rejection.reason(), Reason::InvalidSessionCookie, "{name}: {tampered}"),
                // The number behind `~` stands outside iron's MAC: it says how the same plaintext is laid out, no more.
                Ok(found) => {
                    let is_version = index + 1 == sealed.len() && sealed[..index].ends_with('~');
                    assert!(is_version && found.plaintext() == opened.plaintext(), "{name}, byte {index}");
                }
            }
        }
    }
}

#[test]
fn every_truncation_is_noticed() {
    for sealed in own_seals() {
        for length in 0..sealed.len() {
            match unseal(&sealed[..length], &ring(KEY), NOW) {
                Err(rejection) => assert_eq!(rejection.reason(), Reason::InvalidSessionCookie),
                // The Kotlin SDK and iron itself write no suffix.
                Ok(_) => assert_eq!(&sealed[length..], "~2"),
            }
            assert!(unseal(&sealed[sealed.len() - length..], &ring(KEY), NOW).is_err(), "the end alone");
        }
    }
}

#[test]
fn anything_appended_or_prepended_is_noticed() {
    for sealed in own_seals() {
        for more in [" ", "\n", "\0", "=", "A", "AAAA", "*", "~2", "~", "é"] {
            assert!(unseal(&format!("{sealed}{more}"), &ring(KEY), NOW).is_err(), "{more:?} after");
            assert!(unseal(&format!("{more}{sealed}"), &ring(KEY), NOW).is_err(), "{more:?} before");
        }
    }
}

#[test]
fn random_text_is_refused_and_never_panics() {
    let alphabet: Vec<char> = "Fe26.2*~=+/-_ 019azAZé\0🔑".chars().collect();
    let mut state: u32 = 0x2545_F491;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as usize
    };
    for _ in 0..20_000 {
        let length = next() % 60;
        let tail: String = (0..length).map(|_| alphabet[next() % alphabet.len()]).collect();
        for sealed in [format!("Fe26.2*1*{tail}"), tail] {
            let refused = unseal(&sealed, &ring(KEY), NOW).err();
            assert_eq!(refused.map(Rejection::reason), Some(Reason::InvalidSessionCookie), "{sealed:?}");
        }
    }
}

#[test]
fn another_password_opens_nothing() {
    for sealed in own_seals() {
        assert_eq!(unseal(&sealed, &ring(OTHER_KEY), NOW).err(), Some(Rejection::SealBadMac));
        let longer = format!("{KEY} ");
        assert_eq!(unseal(&sealed, &ring(&longer), NOW).err(), Some(Rejection::SealBadMac));
    }
}

#[test]
fn a_password_is_replaced_without_losing_a_session() {
    let (old, new) = (ring(KEY), ring(OTHER_KEY));
    let both = PasswordRing::list(vec![OTHER_KEY.into(), KEY.into()]).unwrap();
    for format in FORMATS {
        let before = own_seal(b"{}", format, &old, 1);
        assert!(unseal(&before, &both, NOW).is_ok(), "the old password still opens");
        let after = own_seal(b"{}", format, &both, 2);
        assert!(unseal(&after, &new, NOW).is_ok(), "the new one seals");
        assert_eq!(unseal(&after, &old, NOW).err(), Some(Rejection::SealBadMac));
    }
}

#[test]
fn own_seals_come_back_whole_at_every_length() {
    for format in FORMATS {
        for length in (0..130).chain([1_000, 4_096, 8_191]) {
            let plaintext: Vec<u8> = (0..length).map(|index| (index * 7) as u8).collect();
            let sealed = own_seal(&plaintext, format, &ring(KEY), 1);
            let opened = unseal(&sealed, &ring(KEY), NOW).unwrap();
            assert!(opened.plaintext() == plaintext && opened.format() == format, "{format:?} of {length} bytes");
        }
    }
}

#[test]
fn salts_and_nonces_come_from_the_entropy_and_are_never_reused() {
    for format in FORMATS {
        let [first, second, again] = [1, 2, 1].map(|start| own_seal(b"{}", format, &ring(KEY), start));
        assert_ne!(first, second);
        assert_eq!(first, again, "nothing but the entropy varies");
    }
    let sealed = own_seal(b"{}", SealFormat::Iron, &ring(KEY), 1);
    let parts: Vec<&str> = sealed.split('*').collect();
    assert_ne!(parts[2], parts[6], "two salts, two keys");
}

/// One seal of each format, and one with an expiry and a password id. `dotnet` is apart: each salt that is touched takes its time.
fn own_seals() -> Vec<String> {
    let plaintext = br#"{"accessToken":"a.b.c","refreshToken":"rt_1"}"#;
    let entropy = SealEntropy::from_source(|bytes| bytes.fill(9));
    let with_expiry = seal(plaintext, SealFormat::Iron, &ring(KEY), entropy, NOW, Some(NOW.plus_seconds(1))).unwrap();
    let fast = FORMATS.into_iter().filter(|format| *format != SealFormat::Dotnet);
    fast.map(|format| own_seal(plaintext, format, &ring(KEY), 1)).chain([with_expiry]).collect()
}

fn plaintext_of(vectors: &Value, entry: &Value, name: &str) -> Value {
    match name {
        "persistent" => json!({ "persistent": vectors["session_camel"] }),
        "wrapped" => {
            let inner = unseal(entry["plaintext"]["jwt"].as_str().unwrap(), &ring_of(entry), NOW).unwrap();
            assert_eq!(inner.format(), SealFormat::Iron);
            serde_json::from_slice(inner.plaintext()).unwrap()
        }
        "expired_jwt" => {
            let mut session = vectors["session_camel"].clone();
            session["accessToken"] = vectors["tokens"]["expired"].clone();
            session["refreshToken"] = "rt_x".into();
            session.as_object_mut().unwrap().remove("impersonator");
            session
        }
        "session_camel" | "session_snake" => vectors[name].clone(),
        member => entry[member].clone(),
    }
}
