//! What was loaded, as it is kept in a shared cache, so that another isolate need not ask the provider.
//!
//! The record names the scope it came from: a record under a wrong key is refused when it is read back.

use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::{Loadable, Loaded};
use crate::time::Timestamp;

/// Format 1; a reader refuses what it does not know and asks the provider.
const VERSION: u8 = 1;

/// The cache key under which the record of a scope is kept.
pub(crate) fn cache_key<T: Loadable>(scope: &str) -> String {
    format!("edgeseal:{}:{VERSION}:{scope}", T::KIND)
}

/// How long a cache should keep a record, in seconds.
pub(crate) const fn seconds_to_live<T: Loadable>() -> u64 {
    T::LIFETIME.kept_seconds.unsigned_abs()
}

/// The provider's text with origin and age:
/// `{ "version": 1, "url": scope, "fetched_at_milliseconds": …, "jwks" or "policy": text }`.
pub(crate) fn write<T: Loadable>(scope: &str, text: &str, fetched_at: Timestamp) -> String {
    let milliseconds = fetched_at.milliseconds();
    json!({ "version": VERSION, "url": scope, "fetched_at_milliseconds": milliseconds, (T::MEMBER): text }).to_string()
}

/// What a record holds; `None` for one of another version or scope, or without anything of use.
pub(crate) fn read<T: Loadable>(scope: &str, text: &str) -> Option<Loaded<T>> {
    // From a slice as everything else, though it is text: a parser of text would be 4 KB of wasm more.
    let record: Map<String, Value> = serde_json::from_slice(text.as_bytes()).ok()?;
    if record.get("version")? != VERSION || record.get("url")? != scope {
        return None;
    }
    let value = Rc::new(T::parse(record.get(T::MEMBER)?.as_str()?.as_bytes())?);
    let fetched_at = Timestamp::from_milliseconds(record.get("fetched_at_milliseconds")?.as_i64()?);
    Some(Loaded { value, fetched_at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jwks::KeySet;

    const URL: &str = "https://provider.example/jwks";
    const JWKS: &str = include_str!("../../tests/vectors/jwks.json");

    fn record(jwks: &str) -> String {
        write::<KeySet>(URL, jwks, Timestamp::from_milliseconds(5))
    }

    #[test]
    fn a_record_reads_back_for_its_own_url_only() {
        let text = record(JWKS);
        let keys = read::<KeySet>(URL, &text).unwrap();
        assert_eq!((keys.value.len(), keys.fetched_at.milliseconds()), (1, 5));
        assert!(read::<KeySet>("https://other.example/jwks", &text).is_none());
    }

    #[test]
    fn a_record_of_the_version_before_reads_too() {
        let text = serde_json::to_string(JWKS).unwrap();
        let text = format!(r#"{{"version":1,"url":"{URL}","fetched_at_milliseconds":5,"jwks":{text}}}"#);
        assert!(read::<KeySet>(URL, &text).is_some());
    }

    #[test]
    fn unknown_versions_and_empty_sets_are_not_believed() {
        let text = record(JWKS);
        assert!(read::<KeySet>(URL, &text.replace("\"version\":1", "\"version\":2")).is_none());
        assert!(read::<KeySet>(URL, &record(r#"{"keys":[]}"#)).is_none());
        assert!(read::<KeySet>(URL, "not json").is_none());
    }
}
