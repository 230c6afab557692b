//! What the tests of seals share: passwords, rings, and seals that come out the same each time.

use edgeseal::{DerivedKeys, PasswordRing, Rejection, SealEntropy, SealFormat, SealFormats, Timestamp, Unsealed, seal};
use serde_json::Value;

pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
pub(crate) const PASSWORD: &str = "alongcookiesecretmadefortestingsessions";
pub(crate) const OTHER_PASSWORD: &str = "anothercookiesecretmadefortestingsess2";
/// 32 bytes in base64: suits every format that is written.
pub(crate) const KEY: &str = "eV7zSJDqlJSU0p3Iq4rbi1MnVVAqpBxooem5kBLaQHk=";
pub(crate) const OTHER_KEY: &str = "ElreE2IJOFlkMfMlqB7gfTdz3enQzmgtBBUejvnns5A=";
/// The formats that are read and written.
pub(crate) const FORMATS: [SealFormat; 8] = [
    SealFormat::Iron,
    SealFormat::Remix,
    SealFormat::Fernet,
    SealFormat::Ruby,
    SealFormat::Go,
    SealFormat::Php,
    SealFormat::Dotnet,
    SealFormat::Edgeseal,
];

thread_local! {
    /// One isolate for all rings of a test: a key of the format `dotnet` takes its time.
    static DERIVED_KEYS: DerivedKeys = DerivedKeys::default();
}

/// Every format that is really sealed, those among them that have to be named.
pub(crate) fn sealed_formats() -> SealFormats {
    FORMATS.into_iter().chain([SealFormat::RubyLegacy]).collect()
}

/// Opens with every format accepted that is really sealed.
pub(crate) fn unseal(sealed: &str, passwords: &PasswordRing, now: Timestamp) -> Result<Unsealed, Rejection> {
    edgeseal::unseal(sealed, passwords, sealed_formats(), now)
}

pub(crate) fn ring(password: &str) -> PasswordRing {
    PasswordRing::single(password.into()).unwrap().sharing(DERIVED_KEYS.with(DerivedKeys::clone))
}

pub(crate) fn own_seal(plaintext: &[u8], format: SealFormat, passwords: &PasswordRing, start: u8) -> String {
    let mut counter = start;
    let entropy = SealEntropy::from_source(|bytes| {
        for byte in bytes {
            *byte = counter;
            counter = counter.wrapping_mul(5).wrapping_add(3);
        }
    });
    seal(plaintext, format, passwords, entropy, NOW, None).unwrap()
}

pub(crate) fn text_of(entry: &Value) -> &str {
    entry["seal"].as_str().or_else(|| entry["seal_raw_b64"].as_str()).unwrap()
}

pub(crate) fn ring_of(entry: &Value) -> PasswordRing {
    match entry["passwords"].as_object() {
        Some(map) => {
            let text = |value: &Value| value.as_str().unwrap().into();
            PasswordRing::map(map.iter().map(|(id, password)| (id.clone(), text(password))).collect()).unwrap()
        }
        None => ring(entry["password"].as_str().unwrap()),
    }
}
