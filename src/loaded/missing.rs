//! Key ids that are unknown to the provider too: old tokens of a key that was withdrawn come again and again.

use std::collections::VecDeque;

use crate::limits;
use crate::time::Timestamp;

/// The newest last.
pub(super) struct MissingKeys {
    known: VecDeque<MissingKey>,
}

struct MissingKey {
    id: String,
    /// When it was last looked for.
    at: Timestamp,
    /// How often.
    times: u32,
}

impl MissingKeys {
    pub(super) const fn new() -> Self {
        Self { known: VecDeque::new() }
    }

    /// A reload has not brought it.
    pub(super) fn add(&mut self, key_id: &str, now: Timestamp) {
        let place = self.known.iter().position(|key| key.id == key_id);
        let times = place.and_then(|place| self.known.remove(place)).map_or(0, |key| key.times);
        if self.known.len() >= limits::MISSING_KEYS {
            self.known.pop_front();
        }
        self.known.push_back(MissingKey { id: key_id.to_owned(), at: now, times: times.saturating_add(1) });
    }

    /// Whether it is not worth a reload now.
    pub(super) fn is_given_up(&self, key_id: &str, now: Timestamp) -> bool {
        self.known.iter().any(|key| key.id == key_id && key.is_given_up(now))
    }
}

impl MissingKey {
    /// Twice as long each time: a key whose set is late is found soon, and one that never comes costs next to nothing.
    fn is_given_up(&self, now: Timestamp) -> bool {
        let doubled = 1_i64.checked_shl(self.times.saturating_sub(1)).unwrap_or(i64::MAX);
        let pause = limits::UNKNOWN_KEY_COOLDOWN_SECONDS.saturating_mul(doubled).min(limits::KEYS_FRESH_SECONDS);
        (0..pause).contains(&now.seconds_since(self.at))
    }
}
