//! The formats beside one another: which are accepted, which password suits which, what moves between them.

use base64ct::{Base64, Base64Unpadded, Encoding};
use edgeseal::{PasswordRing, Rejection, SealEntropy, SealFormat, SealFormats, Timestamp, UnsealedSession, seal};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::{
    FORMATS, KEY, NOW, OTHER_KEY, PASSWORD, own_seal, ring, ring_of, sealed_formats, text_of, unseal,
};
use crate::{third_party, vectors};

#[test]
fn only_accepted_formats_are_opened() {
    for format in FORMATS {
        let sealed = own_seal(b"{}", format, &ring(KEY), 1);
        let others = SealFormat::ALL.iter().copied().filter(|other| *other != format).collect::<SealFormats>();
        let refused = edgeseal::unseal(&sealed, &ring(KEY), others, NOW).err();
        let is_alone = SealFormat::detect(&sealed).len() == 1;
        let expected = if is_alone { Rejection::SealNotAccepted } else { Rejection::SealBadMac };
        assert_eq!(refused, Some(expected), "{format:?}");
        assert!(edgeseal::unseal(&sealed, &ring(KEY), SealFormats::only(format), NOW).is_ok());
    }
}

#[test]
fn a_password_of_another_shape_is_passed_over() {
    let both = PasswordRing::list(vec![PASSWORD.into(), KEY.into()]).unwrap();
    let sealed = own_seal(b"{}", SealFormat::Fernet, &both, 1);
    assert!(unseal(&sealed, &ring(KEY), NOW).is_ok(), "the newest that suits seals");
    assert!(unseal(&sealed, &both, NOW).is_ok());
    assert_eq!(unseal(&sealed, &ring(PASSWORD), NOW).err(), Some(Rejection::SealBadMac));
    let entropy = SealEntropy::from_source(|bytes| bytes.fill(1));
    let error = seal(b"{}", SealFormat::Fernet, &ring(PASSWORD), entropy, NOW, None).unwrap_err();
    assert!(error.to_string().contains("`fernet`"), "{error}");
    assert!(SealFormat::Fernet.check(&both).is_err(), "the newest does not suit");
    assert!(SealFormat::Iron.check(&both).is_ok());
}

#[test]
fn seals_of_old_ruby_open_with_and_without_line_breaks_and_are_never_written() {
    let vectors = vectors::workos();
    let entry = &vectors["seals"]["workos_ruby_aesgcm_v6_legacy"];
    let sealed: String = text_of(entry).split_whitespace().collect();
    let lines = |end: &str| {
        let chunks: Vec<_> = sealed.as_bytes().chunks(60).map(|line| str::from_utf8(line).unwrap()).collect();
        chunks.join(end) + end
    };
    for spelling in [sealed.clone(), lines("\n"), lines("\r\n")] {
        assert_eq!(unseal(&spelling, &ring_of(entry), NOW).unwrap().format(), SealFormat::RubyLegacy);
    }
    assert_eq!(SealFormat::detect(&lines("\n")), [SealFormat::RubyLegacy]);
    let entropy = SealEntropy::from_source(|bytes| bytes.fill(1));
    assert!(seal(b"{}", SealFormat::RubyLegacy, &ring_of(entry), entropy, NOW, None).is_err());
}

#[test]
fn only_the_password_tells_plain_base64_apart() {
    let sealed = |format, start| own_seal(b"{}", format, &ring(KEY), start);
    assert_eq!(SealFormat::detect(&sealed(SealFormat::Ruby, 1))[0], SealFormat::Ruby);
    assert_eq!(SealFormat::detect(&sealed(SealFormat::Go, 1))[0], SealFormat::Go);
    // A nonce may start with any byte, the one that Ruby's version has among them.
    for start in 0..=255 {
        assert_eq!(unseal(&sealed(SealFormat::Go, start), &ring(KEY), NOW).unwrap().format(), SealFormat::Go);
    }
    let ambiguous = |start: &u8| SealFormat::detect(&sealed(SealFormat::Go, *start))[0] == SealFormat::Ruby;
    assert_eq!((0..=255).filter(ambiguous).count(), 1);
}

#[test]
fn what_is_inside_a_signed_cookie_is_a_seal_or_nothing() {
    let cookie = |value: &str| {
        let value = Base64::encode_string(value.as_bytes());
        let mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).unwrap().chain_update(&value).finalize();
        format!("{value}.{}", Base64Unpadded::encode_string(&mac.into_bytes()))
    };
    let inner = own_seal(b"{}", SealFormat::Iron, &ring(KEY), 1);
    let opened = unseal(&cookie(&json!({ "jwt": inner, "theme": "dark" }).to_string()), &ring(KEY), NOW);
    assert_eq!(opened.map(|opened| opened.plaintext().to_vec()), Ok(b"{}".to_vec()));
    let foreign = own_seal(b"{}", SealFormat::Iron, &ring(OTHER_KEY), 1);
    for (inside, rejection) in [
        (json!({ "jwt": foreign }).to_string(), Rejection::SealBadMac),
        (json!({ "jwt": "gAAAAA" }).to_string(), Rejection::SealMalformed),
        (format!(r#"{{"jwt":"{inner}"#), Rejection::SealMalformed),
        (format!(r#"{{"jwt":"{inner}","jwt":"{foreign}"}}"#), Rejection::SealMalformed),
    ] {
        assert_eq!(unseal(&cookie(&inside), &ring(KEY), NOW).err(), Some(rejection), "{inside}");
    }
}

#[test]
fn the_vectors_of_fernets_specification_open_or_are_refused_as_there() {
    let Some(sound) = third_party::read("fernet/verify.json") else { return };
    for vector in sound.as_array().unwrap() {
        let opened = unseal(vector["token"].as_str().unwrap(), &ring(vector["secret"].as_str().unwrap()), NOW).unwrap();
        assert_eq!(opened.plaintext(), vector["src"].as_str().unwrap().as_bytes());
    }
    for vector in third_party::read("fernet/generate.json").unwrap().as_array().unwrap() {
        let passwords = ring(vector["secret"].as_str().unwrap());
        let mut byte = 0;
        let entropy = SealEntropy::from_source(|bytes| {
            for target in bytes {
                *target = byte;
                byte = (byte + 1) % 16;
            }
        });
        let now = Timestamp::from_seconds(499_162_800);
        let plaintext = vector["src"].as_str().unwrap().as_bytes();
        let sealed = seal(plaintext, SealFormat::Fernet, &passwords, entropy, now, None);
        assert_eq!(sealed.unwrap(), vector["token"].as_str().unwrap());
    }
    for vector in third_party::read("fernet/invalid.json").unwrap().as_array().unwrap() {
        let passwords = ring(vector["secret"].as_str().unwrap());
        let refused = unseal(vector["token"].as_str().unwrap(), &passwords, NOW).err();
        let expected = match vector["desc"].as_str().unwrap() {
            "incorrect mac" => Some(Rejection::SealBadMac),
            "too short" => Some(Rejection::SealMalformed),
            "invalid base64" => Some(Rejection::SealUnknownFormat),
            "payload size not multiple of block size" | "payload padding error" => Some(Rejection::SealMalformed),
            "incorrect IV (causes padding error)" => Some(Rejection::SealMalformed),
            // Sealed soundly. The time is not judged, as in the WorkOS SDK.
            "far-future TS (unacceptable clock skew)" | "expired TTL" => None,
            other => panic!("{other} is new in the vectors"),
        };
        assert_eq!(refused, expected, "{}", vector["desc"]);
    }
}

#[test]
fn a_session_moves_from_each_format_to_each_other_and_loses_nothing() {
    let mut session = vectors::workos()["session_snake"].clone();
    session["of_other_software"] = json!({ "camelCase": [1, "é 🔑 </"], "snake_case": null });
    session["user"]["metadata"] = json!({ "cost_center": "ä", "costCenter": 7 });
    let seal_as = |session: &UnsealedSession, format| {
        let entropy = SealEntropy::from_source(|bytes| bytes.fill(4));
        session.seal_as(format, &ring(KEY), entropy, NOW).unwrap()
    };
    let open = |sealed: &str| UnsealedSession::open(Some(sealed), &ring(KEY), sealed_formats(), NOW).unwrap();
    let members = |sealed: &str| -> Value {
        serde_json::from_slice(unseal(sealed, &ring(KEY), NOW).unwrap().plaintext()).unwrap()
    };
    let start = own_seal(session.to_string().as_bytes(), SealFormat::Go, &ring(KEY), 1);
    for from in FORMATS {
        let sealed = seal_as(&open(&start), from);
        for to in FORMATS {
            let moved = open(&seal_as(&open(&sealed), to));
            assert_eq!(moved.format(), to);
            assert_eq!(members(&seal_as(&moved, SealFormat::Go)), session, "{from:?} to {to:?}");
            assert_eq!(members(&seal_as(&moved, from)), members(&sealed), "{from:?} to {to:?} and back");
        }
    }
}

#[test]
fn json_is_no_seal_and_has_to_be_named() {
    let session = r#"{"access_token":"a.b.c","user":{"id":"user_1","first_name":"50% é"}}"#;
    assert_eq!(SealFormat::detect(session), [SealFormat::Json]);
    assert_eq!(unseal(session, &ring(KEY), NOW).err(), Some(Rejection::SealNotAccepted));
    let only = SealFormats::only(SealFormat::Json);
    let open = |value: &str| UnsealedSession::open(Some(value), &ring(KEY), only, NOW).map(|session| session.format());
    let encoded = SealFormat::Json.cookie_value(session.to_owned());
    assert!(encoded.is_ascii() && !encoded.contains(['"', ',', ';', ' ', '\\']), "{encoded}");
    assert_eq!((open(session), open(&encoded)), (Ok(SealFormat::Json), Ok(SealFormat::Json)));
    for broken in ["{", "{}}", r#"{"access_token":"a","access_token":"b"}"#] {
        assert_eq!(open(broken), Err(Rejection::SealMalformed), "{broken}");
    }
    assert_eq!(open("{}"), Err(Rejection::SessionMalformed));
}

#[test]
fn a_cookie_may_be_percent_encoded() {
    let session = br#"{"access_token":"a.b.c","refresh_token":"rt_1"}"#;
    for format in FORMATS {
        let sealed = own_seal(session, format, &ring(KEY), 1);
        let encoded: String = sealed.bytes().map(|byte| format!("%{byte:02X}")).collect();
        for value in [encoded, format.cookie_value(sealed.clone()), sealed] {
            let open = |value: &str| UnsealedSession::open(Some(value), &ring(KEY), sealed_formats(), NOW);
            assert_eq!(open(&value).map(|session| session.format()), Ok(format), "{value}");
            assert!(open(&format!("{value}%")).is_err() && open(&format!("%FF{value}")).is_err());
        }
    }
    let ruby = own_seal(session, SealFormat::Ruby, &ring(KEY), 1);
    assert!(ruby.contains('+') && !SealFormat::Ruby.cookie_value(ruby).contains(['+', '/', '=']), "Rack reads a space");
    let long = "%".repeat(1 << 20);
    let refused = UnsealedSession::open(Some(&long), &ring(KEY), sealed_formats(), NOW).err();
    assert_eq!(refused, Some(Rejection::CookieTooLarge));
}
