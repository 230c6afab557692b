//! A key set as it is kept in a shared cache, so that another isolate need not ask the provider.
//!
//! The record names the URL it came from: a record under a wrong key is refused when it is read back.

use serde::{Deserialize, Serialize};

use super::KeySet;
use crate::limits;
use crate::signature::algorithms;
use crate::time::Timestamp;

/// Raw key set with origin and age. Format 1; a reader refuses what it does not know and asks the provider.
#[derive(Serialize, Deserialize)]
pub(crate) struct KeyRecord {
    version: u8,
    url: String,
    fetched_at_milliseconds: i64,
    jwks: String,
}

impl KeyRecord {
    const VERSION: u8 = 1;

    /// The cache key under which the record of a URL is kept.
    pub(crate) fn cache_key(url: &str) -> String {
        format!("edgeseal:keys:{}:{url}", Self::VERSION)
    }

    /// How long a cache should keep a record, in seconds.
    pub(crate) const fn seconds_to_live() -> u64 {
        limits::KEYS_KEPT_SECONDS.unsigned_abs()
    }

    pub(crate) fn write(url: &str, jwks: &str, fetched_at: Timestamp) -> Option<String> {
        let record = Self {
            version: Self::VERSION,
            url: url.to_owned(),
            fetched_at_milliseconds: fetched_at.milliseconds(),
            jwks: jwks.to_owned(),
        };
        serde_json::to_string(&record).ok()
    }

    /// The keys and their age; `None` for a record of another version or URL, or without a usable key.
    pub(crate) fn read(url: &str, text: &str) -> Option<(KeySet, Timestamp)> {
        let record: Self = serde_json::from_str(text).ok()?;
        if record.version != Self::VERSION || record.url != url {
            return None;
        }
        let keys = KeySet::parse(record.jwks.as_bytes(), algorithms::SESSION_TOKENS).filter(|keys| !keys.is_empty())?;
        Some((keys, Timestamp::from_milliseconds(record.fetched_at_milliseconds)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://provider.example/jwks";
    const JWKS: &str = include_str!("../../tests/vectors/jwks.json");

    #[test]
    fn a_record_reads_back_for_its_own_url_only() {
        let text = KeyRecord::write(URL, JWKS, Timestamp::from_milliseconds(5)).unwrap();
        let (keys, fetched_at) = KeyRecord::read(URL, &text).unwrap();
        assert_eq!((keys.len(), fetched_at.milliseconds()), (1, 5));
        assert!(KeyRecord::read("https://other.example/jwks", &text).is_none());
    }

    #[test]
    fn unknown_versions_and_empty_sets_are_not_believed() {
        let text = KeyRecord::write(URL, JWKS, Timestamp::from_milliseconds(5)).unwrap();
        assert!(KeyRecord::read(URL, &text.replace("\"version\":1", "\"version\":2")).is_none());
        let empty = KeyRecord::write(URL, r#"{"keys":[]}"#, Timestamp::from_milliseconds(5)).unwrap();
        assert!(KeyRecord::read(URL, &empty).is_none());
        assert!(KeyRecord::read(URL, "not json").is_none());
    }
}
