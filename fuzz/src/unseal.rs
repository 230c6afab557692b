//! Seals. Of a stranger's text only what was really sealed opens, and refusing it is cheap; what we seal ourselves comes back
//! whole, and does not when one byte of it is another.

use edgeseal::{
    PasswordRing, Reason, Rejection, SealEntropy, SealFormat, SealFormats, Timestamp, limits, seal, unseal,
};

use super::allocations::allocated_by;
use super::input::{Input, filled};
use super::known::{NOW, PLAINTEXTS, RINGS, fast_formats};

/// How a text may begin, so that it reaches one format or the other.
const BEGINNINGS: [&str; 9] = ["", "Fe26.2*1*", "Fe26.2**", "gAAAAA", "eyJqd3QiOiJ", "es1.1.", "{\"", "AQ", "eyJ"];

/// 32 bytes in base64: suits every format that is written.
pub(crate) const KEY: &str = "eV7zSJDqlJSU0p3Iq4rbi1MnVVAqpBxooem5kBLaQHk=";
const OTHER_KEY: &str = "ElreE2IJOFlkMfMlqB7gfTdz3enQzmgtBBUejvnns5A=";
/// Suits neither Fernet nor PHP.
const PASSWORD: &str = "a password of at least 32 characters";
/// 32 bytes, as the Ruby SDK had them before version 7.
const BYTES: &str = "a password of exactly 32 letters";

pub(crate) fn check(input: &[u8]) {
    let mut input = Input::new(input);
    match input.byte() % 2 {
        0 => open_anything(input),
        _ => seal_and_open(input),
    }
}

fn open_anything(mut input: Input<'_>) {
    let passwords = input.pick(&RINGS);
    let accepted = accepted(input.number());
    let now = *input.pick(&[NOW, Timestamp::from_seconds(0), Timestamp::from_milliseconds(i64::MAX)]);
    let beginning = *input.pick(&BEGINNINGS);
    let filling = input.byte();
    let sealed = filled(format!("{beginning}{}", input.text()), filling, limits::SEALED_SESSION_BYTES, 'A');

    let (result, allocated) = allocated_by(|| unseal(&sealed, passwords, accepted, now));
    if sealed.len() > limits::SEALED_SESSION_BYTES {
        assert!(result.is_err_and(|rejection| rejection == Rejection::CookieTooLarge) && allocated == 0);
        return;
    }
    // A tree of JSON weighs more than its text.
    let factor = if sealed.starts_with('{') { 200 } else { 16 };
    assert!(allocated <= factor * sealed.len() + 8 * 1024, "{allocated} of {}", sealed.len());

    let candidates = SealFormat::detect(&sealed);
    let everything = unseal(&sealed, passwords, fast_formats().into_iter().collect(), now);
    match result {
        Err(rejection) => {
            assert_eq!(rejection.reason(), Reason::InvalidSessionCookie);
            assert_eq!(rejection == Rejection::SealUnknownFormat, candidates.is_empty());
            let is_accepted = candidates.iter().any(|format| accepted.contains(*format));
            assert!(candidates.is_empty() || is_accepted != (rejection == Rejection::SealNotAccepted));
        }
        Ok(opened) => {
            let format = opened.format();
            assert!(accepted.contains(format) && candidates.contains(&format));
            assert!(opened.plaintext().len() <= sealed.len());
            assert!(format == SealFormat::Json || PLAINTEXTS.contains(opened.plaintext()), "forged: {sealed}");
            let again = everything.expect("what few accept, all accept");
            assert!(again.format() == format && again.plaintext() == opened.plaintext());
        }
    }
    if let Some(id) = edgeseal::password_id(&sealed) {
        assert!(!id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'));
    }
}

fn seal_and_open(mut input: Input<'_>) {
    let formats: Vec<_> = fast_formats().into_iter().filter(|format| *format != SealFormat::Json).collect();
    let format = *input.pick(&formats);
    let passwords = ring(input.byte());
    let expires_at = match input.byte() {
        0 => None,
        seconds => Some(NOW.plus_seconds(i64::from(seconds) - 128)),
    };
    let entropy = entropy(input.byte());
    let (place, flipped_bit, accepted) = (input.number(), input.byte() % 7, accepted(input.number()));
    let plaintext = input.rest();

    let Ok(sealed) = seal(plaintext, format, &passwords, entropy, NOW, expires_at) else {
        assert!(format == SealFormat::RubyLegacy || format.check(&passwords).is_err());
        return;
    };
    let open = |sealed: &str, passwords, accepted| unseal(sealed, passwords, accepted, NOW);
    let refused = |sealed: &str, passwords, accepted| open(sealed, passwords, accepted).err();
    if sealed.len() > limits::SEALED_SESSION_BYTES {
        assert_eq!(refused(&sealed, &passwords, SealFormats::DEFAULT), Some(Rejection::CookieTooLarge));
        return;
    }
    assert!(SealFormat::detect(&sealed).contains(&format));
    let can_expire = matches!(format, SealFormat::Iron | SealFormat::Edgeseal);
    let has_expired = expires_at.is_some_and(|at| at.plus_seconds(60).seconds() <= NOW.seconds());
    if can_expire && has_expired {
        assert_eq!(refused(&sealed, &passwords, SealFormats::DEFAULT), Some(Rejection::SealExpired));
        return;
    }
    for accepted in [SealFormats::DEFAULT, SealFormats::only(format), accepted] {
        match open(&sealed, &passwords, accepted) {
            Ok(opened) => assert!(opened.format() == format && opened.plaintext() == plaintext),
            Err(rejection) => assert!(!accepted.contains(format), "{rejection} of {format:?}"),
        }
    }
    let strangers = PasswordRing::single(PASSWORD.to_uppercase().into()).unwrap();
    assert!(refused(&sealed, &strangers, SealFormats::DEFAULT).is_some(), "another password opens nothing");

    let place = usize::from(place) % sealed.len();
    let mut bytes = sealed.clone().into_bytes();
    bytes[place] ^= 1 << flipped_bit;
    let tampered = String::from_utf8(bytes).unwrap();
    if let Ok(opened) = open(&tampered, &passwords, SealFormats::DEFAULT) {
        // The number behind `~` stands outside iron's MAC: it says how the same plaintext is laid out, no more.
        let is_version = format == SealFormat::Iron && sealed.ends_with("~2") && place == sealed.len() - 1;
        assert!(is_version && opened.plaintext() == plaintext, "byte {place}, bit {flipped_bit}: {tampered}");
    }
}

fn accepted(bits: u16) -> SealFormats {
    let is_chosen = |index: usize| bits >> (index % 16) & 1 == 1;
    fast_formats().into_iter().enumerate().filter(|(index, _)| is_chosen(*index)).map(|(_, format)| format).collect()
}

pub(crate) fn ring(choice: u8) -> PasswordRing {
    let list = |passwords: &[&str]| PasswordRing::list(passwords.iter().map(|text| (*text).into()).collect());
    let map = |entries: &[(&str, &str)]| {
        PasswordRing::map(entries.iter().map(|(id, text)| ((*id).to_owned(), (*text).into())).collect())
    };
    let ring = match choice % 5 {
        0 => list(&[KEY]),
        1 => list(&[PASSWORD, OTHER_KEY, KEY]),
        2 => list(&[BYTES]),
        3 => map(&[("9", OTHER_KEY), ("10", KEY)]),
        _ => map(&[("a_B", PASSWORD), ("1", KEY)]),
    };
    ring.unwrap()
}

/// Bytes that come out the same each time.
pub(crate) fn entropy(start: u8) -> SealEntropy {
    let mut byte = start;
    SealEntropy::from_source(|bytes| {
        for target in bytes {
            byte = byte.wrapping_mul(5).wrapping_add(3);
            *target = byte;
        }
    })
}
