//! `Fe26.2` alone: its parts, its expiry, its password ids, and the tickets of iron's own tests.

use base64ct::{Base64UrlUnpadded, Encoding};
use edgeseal::{PasswordRing, Rejection, SealEntropy, SealFormat, Timestamp, limits, seal};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::{NOW, OTHER_PASSWORD, PASSWORD, own_seal, ring, text_of, unseal};
use crate::{third_party, vectors};

#[test]
fn a_seal_expires_a_minute_after_its_own_time_as_in_iron() {
    let vectors = vectors::workos();
    let sealed = text_of(&vectors["seals"]["iron_session_ttl"]);
    let expiry: i64 = sealed.split('*').nth(5).unwrap().parse().unwrap();
    let at = |milliseconds: i64| unseal(sealed, &ring(PASSWORD), Timestamp::from_milliseconds(milliseconds)).err();
    assert_eq!(at(0), None);
    assert_eq!(at(expiry), None);
    assert_eq!(at(expiry + 59_999), None);
    assert_eq!(at(expiry + 60_000), Some(Rejection::SealExpired));
    assert_eq!(at(i64::MAX), Some(Rejection::SealExpired));
    assert_eq!(at(i64::MIN), None);
}

#[test]
fn parts_of_two_seals_do_not_fit_together() {
    let [first, second] = [1, 2].map(|start| own_seal(b"{\"a\":1}", SealFormat::Iron, &ring(PASSWORD), start));
    let parts = |sealed: &str| sealed.split('*').map(str::to_owned).collect::<Vec<_>>();
    for index in 2..8 {
        let mut mixed = parts(&first);
        mixed[index] = parts(&second)[index].clone();
        if mixed != parts(&first) {
            assert_eq!(unseal(&mixed.join("*"), &ring(PASSWORD), NOW).err(), Some(Rejection::SealBadMac), "{index}");
        }
    }
}

#[test]
fn hostile_shapes_are_refused_and_never_panic() {
    let salt = "0".repeat(64);
    let mac = "A".repeat(43);
    let parts = |id: &str, iv: &str, ciphertext: &str, expiry: &str| {
        format!("Fe26.2*{id}*{salt}*{iv}*{ciphertext}*{expiry}*{salt}*{mac}~2")
    };
    for (sealed, rejection) in [
        (String::new(), Rejection::SealUnknownFormat),
        ("null".into(), Rejection::SealUnknownFormat),
        ("Fe26.2".into(), Rejection::SealUnknownFormat),
        ("Fe26.2*".into(), Rejection::SealMalformed),
        ("*".repeat(7), Rejection::SealUnknownFormat),
        ("Fe26.2*******".into(), Rejection::SealBadMac),
        ("Fe26.2********".into(), Rejection::SealMalformed),
        ("Fe26.2*~*~*~*~*~*~*~2".into(), Rejection::SealMalformed),
        ("Fe27.2*1*a*b*c**d*e~2".into(), Rejection::SealUnknownFormat),
        ("Fe26.2*é*ü*🔑*c**d*é~2".into(), Rejection::SealMalformed),
        ("Fe26.2*1*ü*🔑*c**d*é~2".into(), Rejection::SealBadMac),
        (parts("1 or 1", "AA", "AA", ""), Rejection::SealMalformed),
        (parts("1", "AA", "AA", "0"), Rejection::SealMalformed),
        (parts("1", "AA", "AA", "-1"), Rejection::SealMalformed),
        (parts("1", "AA", "AA", "01"), Rejection::SealMalformed),
        (parts("1", "AA", "AA", "1e99"), Rejection::SealMalformed),
        (parts("1", "AA", "AA", "１８０００"), Rejection::SealMalformed),
        (parts("1", "AA", "AA", &"9".repeat(30)), Rejection::SealMalformed),
        (parts("1", "AA", "AA", "1"), Rejection::SealExpired),
        (parts("1", "", "", ""), Rejection::SealBadMac),
        (format!("{}~3~2", parts("1", "AA", "AA", "")), Rejection::SealMalformed),
        (format!("{}~2 ", "Fe26.2*1*a*b*c**d*e"), Rejection::SealMalformed),
        ("A".repeat(40), Rejection::SealBadMac),
        ("=".repeat(40), Rejection::SealMalformed),
        (format!("{}=A==", "A".repeat(40)), Rejection::SealMalformed),
        ("A".repeat(limits::SEALED_SESSION_BYTES + 4), Rejection::CookieTooLarge),
        (format!("Fe26.2*{}", "*".repeat(limits::SEALED_SESSION_BYTES)), Rejection::CookieTooLarge),
    ] {
        let refused = unseal(&sealed, &ring(PASSWORD), NOW).err();
        assert_eq!(refused, Some(rejection), "{}", sealed.chars().take(100).collect::<String>());
    }
}

#[test]
fn an_authentic_seal_of_nonsense_is_refused_and_never_panics() {
    let iv = "A".repeat(22);
    // A ciphertext for an IV of zeros: a shorter one must not count as filled up with them.
    let zeros = SealEntropy::from_source(|bytes| bytes.fill(0));
    let sealed = seal(b"{}", SealFormat::Iron, &ring(PASSWORD), zeros, NOW, None).unwrap();
    let sound = sealed.split('*').nth(4).unwrap();
    for (iv, ciphertext) in [
        (iv.as_str(), ""),
        (&iv, "AAAA"),
        (&iv, &"A".repeat(43)),
        (&iv, "not base64url!"),
        ("", sound),
        ("AAAA", sound),
        (&"A".repeat(43), sound),
    ] {
        let authenticated = format!("Fe26.2*1*{}*{iv}*{ciphertext}*", "0".repeat(64));
        let salt = "1".repeat(64);
        let key = pbkdf2::pbkdf2_hmac_array::<sha1::Sha1, 32>(PASSWORD.as_bytes(), salt.as_bytes(), 1);
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(authenticated.as_bytes());
        let mac = Base64UrlUnpadded::encode_string(&mac.finalize().into_bytes());
        let refused = unseal(&format!("{authenticated}*{salt}*{mac}~2"), &ring(PASSWORD), NOW).err();
        assert_eq!(refused, Some(Rejection::SealMalformed), "IV {iv:?}, ciphertext {ciphertext:?}");
    }
}

#[test]
fn a_password_id_opens_with_its_own_password_only() {
    let map = |entries: &[(&str, &str)]| {
        PasswordRing::map(entries.iter().map(|(id, text)| ((*id).to_owned(), (*text).into())).collect()).unwrap()
    };
    let sealed = own_seal(b"{}", SealFormat::Iron, &map(&[("1", OTHER_PASSWORD), ("2", PASSWORD)]), 1);
    assert!(sealed.starts_with("Fe26.2*2*"));
    assert!(unseal(&sealed, &map(&[("2", PASSWORD), ("3", OTHER_PASSWORD)]), NOW).is_ok());
    assert!(unseal(&sealed, &ring(PASSWORD), NOW).is_ok(), "a ring without ids opens any id");
    let missing = unseal(&sealed, &map(&[("3", PASSWORD)]), NOW).err();
    assert_eq!(missing, Some(Rejection::SealUnknownPassword));
    let swapped = unseal(&sealed, &map(&[("1", PASSWORD), ("2", OTHER_PASSWORD)]), NOW).err();
    assert_eq!(swapped, Some(Rejection::SealBadMac));
    let renamed = sealed.replacen("*2*", "*1*", 1);
    assert_eq!(unseal(&renamed, &map(&[("1", PASSWORD)]), NOW).err(), Some(Rejection::SealBadMac), "the id is signed");
}

#[test]
fn an_expiry_that_is_asked_for_is_sealed_in() {
    let expiry = NOW.plus_seconds(600);
    let entropy = SealEntropy::from_source(|bytes| bytes.fill(3));
    let sealed = seal(b"{}", SealFormat::Iron, &ring(PASSWORD), entropy, NOW, Some(expiry)).unwrap();
    assert_eq!(sealed.split('*').nth(5), Some("1800000600000"));
    assert!(unseal(&sealed, &ring(PASSWORD), expiry.plus_seconds(59)).is_ok());
    assert_eq!(unseal(&sealed, &ring(PASSWORD), expiry.plus_seconds(60)).err(), Some(Rejection::SealExpired));
}

#[test]
fn tickets_of_irons_own_tests_open_or_are_refused_as_there() {
    let Some(iron) = third_party::read("iron/iron_vectors.json") else { return };
    let password = iron["password"].as_str().unwrap();
    for vector in iron["vectors"].as_array().unwrap() {
        let opened = unseal(vector["seal"].as_str().unwrap(), &ring(password), NOW);
        let expected = match vector["expect"].as_str().unwrap() {
            "ok" => Ok(iron["object"].clone()),
            // No SDK seals with it, so it is not read: its MAC fits, and what it holds is no AES-256-CBC.
            "ok with aes-128-ctr option" => Err(Rejection::SealMalformed),
            "Incorrect number of sealed components" | "Wrong mac prefix" => Err(Rejection::SealUnknownFormat),
            // Sealed with this password; iron refuses it for the missing password of that test.
            "Empty password (password null)" => Err(Rejection::SealBadMac),
            "Bad hmac value" => Err(Rejection::SealBadMac),
            other => panic!("{other} is new in the vectors"),
        };
        let found = opened.map(|opened| serde_json::from_slice::<Value>(opened.plaintext()).unwrap());
        assert_eq!(found, expected, "{}", vector["expect"]);
    }
    for (name, plaintext) in [
        ("workos_kotlin_fixture", json!({ "user": "alice" })),
        ("iron_session_legacy_fixture", json!({ "persistent": { "user": { "id": 77 } }, "flash": {} })),
    ] {
        let fixture = &iron[name];
        let passwords = ring(fixture["password"].as_str().unwrap());
        let opened = unseal(fixture["seal"].as_str().unwrap(), &passwords, Timestamp::from_seconds(0)).unwrap();
        assert_eq!(serde_json::from_slice::<Value>(opened.plaintext()).unwrap(), plaintext, "{name}");
    }
}
