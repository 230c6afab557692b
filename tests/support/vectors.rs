//! Vectors of this repository.

use serde_json::Value;

/// `tests/vectors/workos-seals.json`: seals of every SDK, tokens, key sets.
pub(crate) fn workos() -> Value {
    serde_json::from_str(include_str!("../vectors/workos-seals.json")).unwrap()
}
