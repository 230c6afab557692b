//! The `Cookie` header: what is read out of it, what is left when a cookie is dropped, and values that come in parts.

use std::collections::BTreeMap;

use base64ct::{Base64UrlUnpadded, Encoding};
use edgeseal::{Rejection, cookie, limits};
use sha2::{Digest, Sha256};

use super::allocations::allocated_by;
use super::input::Input;
use super::split_cookies::{Attributes, SameSite, names, parts, values};

const NAMES: [&str; 5] = ["s", "wos-session", "__Host-s", "__Secure-s", "a"];

pub(crate) fn check(input: &[u8]) {
    let mut input = Input::new(input);
    let name = *input.pick(&NAMES);
    match input.byte() % 3 {
        0 => read(name, &input.text()),
        1 => split_and_join(name, input),
        _ => refuse_what_is_too_long(name, &input.text()),
    }
}

fn read(name: &str, header: &str) {
    let (found, allocated) = allocated_by(|| values(header, name).collect::<Vec<_>>());
    assert!(allocated <= 1024, "a list of slices, and no copy: {allocated}");
    assert!(found.len() <= limits::COOKIE_VALUES);
    for value in &found {
        assert!(!value.is_empty() && !value.contains(';') && !value.contains(", "));
        assert!(trim(value) == *value || header.contains('"'), "only quotes keep white space");
    }
    if let Some(expected) = read_well_formed(name, header) {
        assert_eq!(found, expected);
    }
    drop_one(name, header);
    read_parts(name, header);
}

/// The values of a name in a header as RFC 6265 §4.2.1 has it; `None` for any other header.
fn read_well_formed<'a>(name: &str, header: &'a str) -> Option<Vec<&'a str>> {
    let is_octet = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\');
    let pairs: Option<Vec<_>> = header.split("; ").map(|pair| pair.split_once('=')).collect();
    let pairs = pairs.filter(|pairs| {
        pairs
            .iter()
            .all(|(name, value)| !name.is_empty() && [name, value].iter().all(|text| text.bytes().all(is_octet)))
    });
    let own = pairs?.into_iter().filter(|(own, value)| *own == name && !value.is_empty());
    Some(own.map(|(_, value)| value).take(limits::COOKIE_VALUES).collect())
}

/// What is dropped is gone, whoever reads the rest, and everything else is as it was.
fn drop_one(name: &str, header: &str) {
    let (kept, allocated) = allocated_by(|| cookie::without(header, |own| own == name));
    assert!(allocated <= 3 * header.len() + 64, "{allocated} of {}", header.len());
    let kept = kept.unwrap_or_default();
    assert!(kept.len() <= header.len() + header.matches(';').count());
    assert_eq!(values(&kept, name).next(), None, "{kept:?}");
    for other in NAMES.into_iter().chain(names(header).take(8)) {
        // Readers that trim more than we do would find the dropped name there.
        if other.trim() != name {
            assert!(values(&kept, other).eq(values(header, other)), "{other:?} of {header:?} became {kept:?}");
        }
    }
    // As readers see it that know no comma: the others are as they were, and no name with a prefix is new.
    let is_dropped = |part: &&str| part.split_once('=').is_some_and(|(own, _)| own.trim() == name);
    let untouched = header.split(';').filter(|part| !is_dropped(part) && !part.contains(", ")).map(trim);
    let mut after = kept.split(';').map(trim);
    for part in untouched.filter(|part| !part.is_empty()) {
        assert!(after.any(|kept| kept == part), "{part:?} of {header:?} is not in {kept:?}");
    }
    // It begins as it did; only where it ends may something behind a comma be gone.
    for part in kept.split(';').map(trim).filter(|part| part.starts_with("__")) {
        let beginning = part.split(", ").next().unwrap_or_default();
        assert!(header.split(';').any(|before| trim(before).starts_with(beginning)), "{part:?} is new: {header:?}");
    }
}

fn trim(part: &str) -> &str {
    part.trim_matches([' ', '\t'])
}

fn read_parts(name: &str, header: &str) {
    let (found, allocated) = allocated_by(|| parts::read(header, name));
    assert!(allocated <= 64 * header.len() + 8 * 1024, "{allocated} of {}", header.len());
    assert!(found.len() <= limits::COOKIE_VALUES);
    let whole: Vec<_> = values(header, name).collect();
    for value in found.iter().skip(whole.len()) {
        let Ok(value) = value else { continue };
        let tag = &Base64UrlUnpadded::encode_string(&Sha256::digest(value))[..8];
        assert!(value.len() < header.len() && header.contains(&format!(".{tag}.")), "joined {value:?} of {header:?}");
    }
    for own in names(header) {
        let expected = own == name || (0..limits::COOKIE_PARTS).any(|index| own == format!("{name}.{index}"));
        assert_eq!(parts::belongs_to(own, name), expected, "{own:?}");
    }
}

/// Whatever a browser holds under these names: once it has taken up the lines, it sends the new value and no other.
fn split_and_join(name: &str, mut input: Input<'_>) {
    let attributes = Attributes {
        name: name.to_owned(),
        path: "/".to_owned(),
        domain: Some("d".repeat(usize::from(input.byte()))).filter(|domain| !domain.is_empty()),
        same_site: SameSite::Lax,
        secure: true,
        http_only: true,
    };
    let length = usize::from(input.number()) % (5 * limits::SET_COOKIE_BYTES);
    let own = (0..=limits::COOKIE_PARTS).map(|index| format!("{name}.{index}")).chain([name.to_owned()]);
    let mut jar: BTreeMap<String, String> = own.map(|name| (name, cookie_octets(input.line()))).collect();
    jar.retain(|_, value| !value.is_empty());
    let value = letters(input.rest(), length.max(1));

    match parts::set(&attributes, &value, 60, &sent(&jar)) {
        Err(rejection) => {
            assert_eq!(rejection, Rejection::CookieTooLarge);
            assert!(value.len() > (limits::COOKIE_PARTS - 1) * limits::SET_COOKIE_BYTES, "{}", value.len());
        }
        Ok(lines) => {
            assert!(lines.iter().all(|line| line.len() <= limits::SET_COOKIE_BYTES));
            assert!(lines.len() <= limits::COOKIE_PARTS + 1);
            take_up(&mut jar, &lines);
            assert_eq!(parts::read(&sent(&jar), name), [Ok(value)]);
        }
    }
    let lines = parts::delete(&attributes, &sent(&jar));
    take_up(&mut jar, &lines);
    assert_eq!(parts::read(&sent(&jar), name), []);
}

/// Text of that many characters which a sealed value may hold.
fn letters(seed: &[u8], length: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.*";
    let byte = |index: usize| seed.get(index % seed.len().max(1)).copied().unwrap_or_default();
    (0..length).map(|index| char::from(ALPHABET[(usize::from(byte(index)) + index / 7) % 64])).collect()
}

fn cookie_octets(bytes: &[u8]) -> String {
    let is_octet = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\');
    bytes.iter().copied().filter(is_octet).map(char::from).collect()
}

/// What a browser with these cookies sends.
fn sent(jar: &BTreeMap<String, String>) -> String {
    jar.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
}

/// What a browser makes of `Set-Cookie`.
fn take_up(jar: &mut BTreeMap<String, String>, lines: &[String]) {
    for line in lines {
        let (name, value) = line.split(';').next().and_then(|pair| pair.split_once('=')).unwrap();
        if line.contains("; Max-Age=0;") {
            jar.remove(name);
        } else {
            jar.insert(name.to_owned(), value.to_owned());
        }
    }
}

fn refuse_what_is_too_long(name: &str, header: &str) {
    let long = format!("{header}; x={}", "y".repeat(limits::COOKIE_HEADER_BYTES));
    let (found, allocated) = allocated_by(|| values(&long, name).next().is_some() || names(&long).any(|_| true));
    assert!(!found && allocated == 0);
    assert_eq!(parts::read(&long, name), []);
    assert_eq!(cookie::without(&long, |own| own == name), None);
}
