//! Key ids that the provider itself has vouched for although its key set does not have them yet: caches in front of a key set may be
//! behind it, and until it is there the holders of such tokens must not be turned away.

use crate::limits;
use crate::time::Timestamp;

/// The newest last.
#[derive(Default)]
pub(crate) struct VouchedKeys {
    known: Vec<Vouched>,
}

struct Vouched {
    scope: String,
    key_id: String,
    at: Timestamp,
}

impl VouchedKeys {
    pub(crate) const fn new() -> Self {
        Self { known: Vec::new() }
    }

    /// The provider has accepted a token of this key id.
    pub(crate) fn remember(&mut self, scope: &str, key_id: &str, now: Timestamp) {
        self.known.retain(|vouched| !vouched.is(scope, key_id));
        if self.known.len() >= limits::VOUCHED_KEYS {
            self.known.remove(0);
        }
        self.known.push(Vouched { scope: scope.to_owned(), key_id: key_id.to_owned(), at: now });
    }

    /// Whether it has lately done so.
    pub(crate) fn has(&self, scope: &str, key_id: &str, now: Timestamp) -> bool {
        let is_recent = |at: Timestamp| (0..limits::VOUCHED_KEY_SECONDS).contains(&now.seconds_since(at));
        self.known.iter().any(|vouched| vouched.is(scope, key_id) && is_recent(vouched.at))
    }
}

impl Vouched {
    fn is(&self, scope: &str, key_id: &str) -> bool {
        self.scope == scope && self.key_id == key_id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_000_000);

    #[test]
    fn it_is_known_for_a_while_under_its_own_scope() {
        let mut keys = VouchedKeys::new();
        keys.remember("a", "key", NOW);
        assert!(keys.has("a", "key", NOW) && !keys.has("b", "key", NOW) && !keys.has("a", "other", NOW));
        assert!(keys.has("a", "key", NOW.plus_seconds(limits::VOUCHED_KEY_SECONDS - 1)));
        assert!(!keys.has("a", "key", NOW.plus_seconds(limits::VOUCHED_KEY_SECONDS)));
        assert!(!keys.has("a", "key", NOW.plus_seconds(-1)), "from the future: the clock was set back");
    }

    #[test]
    fn the_newest_stay() {
        let mut keys = VouchedKeys::new();
        for index in 0..=limits::VOUCHED_KEYS {
            keys.remember("a", &index.to_string(), NOW);
        }
        assert!(!keys.has("a", "0", NOW) && keys.has("a", "1", NOW));
        assert_eq!(keys.known.len(), limits::VOUCHED_KEYS);
        keys.remember("a", "1", NOW);
        assert_eq!(keys.known.len(), limits::VOUCHED_KEYS, "nothing stands there twice");
    }
}
