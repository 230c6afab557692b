//! A moment, given by the caller. Nothing here reads a clock.

/// Milliseconds since 1970-01-01T00:00:00Z.
///
/// ```
/// use edgeseal::Timestamp;
/// let now = Timestamp::from_milliseconds(1_763_640_000_500);
/// assert_eq!(now.seconds(), 1_763_640_000);
/// assert_eq!(now.plus_seconds(10).milliseconds(), 1_763_640_010_500);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(i64);

impl Timestamp {
    /// A moment from milliseconds since 1970, as JavaScript's `Date.now()` counts.
    pub const fn from_milliseconds(milliseconds: i64) -> Self {
        Self(milliseconds)
    }

    /// A moment from seconds since 1970, as tokens count (NumericDate, RFC 7519 §2).
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Milliseconds since 1970.
    pub const fn milliseconds(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The moment `seconds` later.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// The moment `milliseconds` later.
    #[must_use]
    pub const fn plus_milliseconds(self, milliseconds: i64) -> Self {
        Self(self.0.saturating_add(milliseconds))
    }

    /// Seconds from `earlier` to this moment, rounded down; negative when `earlier` is later.
    pub const fn seconds_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0).div_euclid(1000)
    }
}
