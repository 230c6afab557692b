//! A moment, given by the caller. Nothing here reads a clock.

mod rfc3339;

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

    /// A moment as providers write it (RFC 3339 §5.6), cut to the millisecond as JavaScript cuts it; `None` for anything else.
    ///
    /// ```
    /// use edgeseal::Timestamp;
    /// let moment = Timestamp::from_rfc3339("2026-01-01T00:50:00.123456Z").unwrap();
    /// assert_eq!(moment.to_rfc3339(), "2026-01-01T00:50:00.123Z");
    /// ```
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        rfc3339::parse(text).map(Self)
    }

    /// As JavaScript's `toISOString` writes it: UTC, with milliseconds. Years from 0 to 9999; what is beyond is brought back.
    pub fn to_rfc3339(self) -> String {
        rfc3339::format(self.0)
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
