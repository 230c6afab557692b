//! What was really sealed and signed: the vectors of `tests/vectors`. Whatever else opens or verifies is a forgery.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use edgeseal::{PasswordRing, SealFormat, SealFormats, Timestamp, limits};
use serde_json::Value;

/// Valid for every seal and token of the vectors that does not say otherwise.
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// The vectors themselves.
pub(crate) static VECTORS: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../tests/vectors/workos-seals.json")).unwrap());

/// Hostile tokens, with the reason of each.
pub(crate) static HOSTILE_TOKENS: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../tests/vectors/hostile-jwts.json")).unwrap());

/// Every seal of the vectors.
pub(crate) fn seals() -> impl Iterator<Item = &'static str> {
    VECTORS["seals"].as_object().unwrap().values().map(|entry| {
        let seal = entry["seal"].as_str().or_else(|| entry["seal_raw_b64"].as_str());
        seal.unwrap()
    })
}

/// Rings of the passwords of the vectors, as many in each as a ring may hold.
pub(crate) static RINGS: LazyLock<Vec<PasswordRing>> = LazyLock::new(|| {
    let entries = VECTORS["seals"].as_object().unwrap().values();
    let passwords: BTreeSet<&str> = entries
        .flat_map(|entry| match entry["passwords"].as_object() {
            Some(map) => map.values().filter_map(Value::as_str).collect(),
            None => vec![entry["password"].as_str().unwrap()],
        })
        .collect();
    let passwords: Vec<_> = passwords.into_iter().collect();
    let ring = |passwords: &[&str]| PasswordRing::list(passwords.iter().map(|text| (*text).into()).collect()).unwrap();
    passwords.chunks(limits::PASSWORDS).map(ring).collect()
});

/// What the seals hold.
pub(crate) static PLAINTEXTS: LazyLock<BTreeSet<Vec<u8>>> = LazyLock::new(|| {
    // Before the one that has an expiry had expired.
    let long_ago = Timestamp::from_seconds(0);
    let open = |seal, ring| edgeseal::unseal(seal, ring, SealFormats::DEFAULT, long_ago).ok();
    let opened = seals().flat_map(|seal| RINGS.iter().filter_map(move |ring| open(seal, ring)));
    opened.map(|opened| opened.plaintext().to_vec()).collect()
});

/// The tokens that the key of the vectors has signed.
pub(crate) static TOKENS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let signed = VECTORS["tokens"].as_object().unwrap().values();
    let hostile = HOSTILE_TOKENS["tokens"].as_array().unwrap().iter();
    let hostile = hostile.map(|entry| if entry["jwt"].is_string() { &entry["jwt"] } else { &entry["token"] });
    signed.chain(hostile).filter_map(Value::as_str).map(str::to_owned).collect()
});

/// The formats whose keys are derived fast. A slow one would leave the engine a few inputs a second.
pub(crate) fn fast_formats() -> Vec<SealFormat> {
    let is_fast = |format: &SealFormat| SealFormats::DEFAULT.contains(*format) || *format == SealFormat::Json;
    SealFormat::ALL.iter().copied().filter(is_fast).collect()
}
