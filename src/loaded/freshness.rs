//! How long what was fetched is believed. Pure: age in, verdict out.
//!
//! Stale keys are safe to use for a while, because a signature still has to fit one of them.

use crate::limits;
use crate::time::Timestamp;

/// What the age of a key set allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Use it.
    Fresh,
    /// Use it only while no newer one can be had.
    Stale,
    /// Do not use it.
    Expired,
}

/// How long a kind of thing is believed, in seconds since it was fetched.
#[derive(Clone, Copy)]
pub(crate) struct Lifetime {
    pub(crate) fresh_seconds: i64,
    /// While it is reloaded beside a request that does not wait for that.
    pub(crate) served_stale_seconds: i64,
    /// While no newer one can be had.
    pub(crate) kept_seconds: i64,
}

/// Of key sets.
pub(crate) const KEYS: Lifetime = Lifetime {
    fresh_seconds: limits::KEYS_FRESH_SECONDS,
    served_stale_seconds: limits::KEYS_SERVED_STALE_SECONDS,
    kept_seconds: limits::KEYS_KEPT_SECONDS,
};

impl Lifetime {
    /// What is from the future (a clock was set back) counts as stale: it is used, and replaced at once.
    pub(crate) const fn freshness(self, fetched_at: Timestamp, now: Timestamp) -> Freshness {
        let age = now.seconds_since(fetched_at);
        if age >= self.kept_seconds {
            Freshness::Expired
        } else if age >= self.fresh_seconds || age < 0 {
            Freshness::Stale
        } else {
            Freshness::Fresh
        }
    }

    /// Whether it will do for a request while another one is on its way. What is from the future may be of any age.
    pub(crate) fn is_served_stale(self, fetched_at: Timestamp, now: Timestamp) -> bool {
        (0..self.served_stale_seconds).contains(&now.seconds_since(fetched_at))
    }
}

/// The freshness of keys fetched at one moment and used at another. Keys from the future (a clock was set back)
/// count as stale: they are used, and replaced at once.
///
/// ```
/// use edgeseal::{Freshness, Timestamp, freshness};
/// let fetched = Timestamp::from_seconds(1_000_000);
/// assert_eq!(freshness(fetched, fetched.plus_seconds(599)), Freshness::Fresh);
/// assert_eq!(freshness(fetched, fetched.plus_seconds(600)), Freshness::Stale);
/// assert_eq!(freshness(fetched, fetched.plus_seconds(24 * 3600)), Freshness::Expired);
/// ```
pub const fn freshness(fetched_at: Timestamp, now: Timestamp) -> Freshness {
    KEYS.freshness(fetched_at, now)
}
