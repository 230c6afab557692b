//! When the list is published: at once after a quiet moment, else together with what comes shortly after. KV takes one write a
//! second for a key, and of two that overlap nobody knows which one stays. Pure: somebody else writes.

use crate::limits;
use crate::time::Timestamp;

/// What to do about publishing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Publish now, then say how it went ([`Publication::finished`]).
    Now,
    /// Ask again then.
    At(Timestamp),
    /// What is published is what is known.
    Idle,
}

/// The state of what is published.
#[derive(Default)]
pub struct Publication {
    is_due: bool,
    began_at: Option<Timestamp>,
    is_under_way: bool,
}

impl Publication {
    /// The list has changed.
    pub const fn changed(&mut self) {
        self.is_due = true;
    }

    /// Somebody has found nothing of use in KV. What was published a moment ago may not have arrived there yet.
    pub fn missed(&mut self, now: Timestamp) {
        self.is_due |= self.pause_over_at(limits::REVOCATIONS_SPREAD_SECONDS * 1000, now) <= now;
    }

    /// When to ask for a turn; none where there is nothing to publish.
    pub fn when(&self, now: Timestamp) -> Option<Timestamp> {
        self.is_due.then(|| self.pause_over_at(self.pause(), now))
    }

    /// Whose turn it is. After [`Turn::Now`] it is nobody else's until that is over.
    pub fn turn(&mut self, now: Timestamp) -> Turn {
        match self.when(now) {
            None => return Turn::Idle,
            Some(at) if at > now => return Turn::At(at),
            Some(_) => {}
        }
        *self = Self { is_due: false, began_at: Some(now), is_under_way: true };
        Turn::Now
    }

    /// It was written, or could not be.
    pub const fn finished(&mut self, was_written: bool) {
        self.is_under_way = false;
        self.is_due |= !was_written;
    }

    /// In milliseconds. A writer that vanished stops nobody for long.
    const fn pause(&self) -> i64 {
        if self.is_under_way { limits::PUBLISH_LEASE_MILLISECONDS } else { limits::PUBLISH_PAUSE_MILLISECONDS }
    }

    fn pause_over_at(&self, milliseconds: i64, now: Timestamp) -> Timestamp {
        // One that began later than now began before the clock was set back.
        self.began_at
            .filter(|began_at| *began_at <= now)
            .map_or(now, |began_at| began_at.plus_milliseconds(milliseconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_763_640_000);

    fn at(milliseconds: i64) -> Timestamp {
        NOW.plus_milliseconds(milliseconds)
    }

    #[test]
    fn the_first_goes_out_at_once_and_the_next_ones_together() {
        let mut publication = Publication::default();
        assert_eq!(publication.turn(NOW), Turn::Idle);
        publication.changed();
        assert_eq!(publication.turn(NOW), Turn::Now);
        publication.finished(true);
        assert_eq!(publication.turn(at(1)), Turn::Idle);
        for moment in [1, 2, 3] {
            publication.changed();
            assert_eq!(publication.turn(at(moment)), Turn::At(at(limits::PUBLISH_PAUSE_MILLISECONDS)));
        }
        assert_eq!(publication.turn(at(limits::PUBLISH_PAUSE_MILLISECONDS)), Turn::Now);
        publication.finished(true);
        assert_eq!(publication.turn(at(limits::PUBLISH_PAUSE_MILLISECONDS)), Turn::Idle);
    }

    #[test]
    fn writes_never_overlap_and_one_that_vanished_is_repeated() {
        let mut publication = Publication::default();
        publication.changed();
        assert_eq!(publication.turn(NOW), Turn::Now);
        publication.changed();
        assert_eq!(publication.turn(at(5_000)), Turn::At(at(limits::PUBLISH_LEASE_MILLISECONDS)));
        assert_eq!(publication.turn(at(limits::PUBLISH_LEASE_MILLISECONDS)), Turn::Now);
    }

    #[test]
    fn what_could_not_be_written_is_due_again() {
        let mut publication = Publication::default();
        publication.changed();
        assert_eq!(publication.turn(NOW), Turn::Now);
        publication.finished(false);
        assert_eq!(publication.turn(at(1)), Turn::At(at(limits::PUBLISH_PAUSE_MILLISECONDS)));
        assert_eq!(publication.turn(at(-60_000)), Turn::Now, "the clock was set back");
    }

    #[test]
    fn who_misses_it_has_it_written_once_a_minute() {
        let mut publication = Publication::default();
        publication.missed(NOW);
        assert_eq!(publication.turn(NOW), Turn::Now);
        publication.finished(true);
        publication.missed(at(59_999));
        assert_eq!(publication.turn(at(59_999)), Turn::Idle);
        publication.missed(at(60_000));
        assert_eq!(publication.turn(at(60_000)), Turn::Now);
    }
}
