//! The snapshot in an isolate's memory: how long it is believed, and who reads it anew. Pure: it says what to do ([`Plan`]).

use std::rc::Rc;

use super::Snapshot;
use crate::limits;
use crate::time::Timestamp;

/// How to come by a snapshot.
#[derive(Debug, PartialEq, Eq)]
pub enum Plan {
    /// This one will do.
    Use(Rc<Snapshot>),
    /// Read it anew, then say how that went ([`RevocationMemory::loaded`], [`RevocationMemory::failed`]), then ask again.
    Reload,
    /// Another request is reading it: ask again in a moment.
    Wait,
    /// It cannot be read, and what is known is too old to be believed.
    Unavailable,
}

/// The snapshot that an isolate knows.
pub struct RevocationMemory {
    known: Option<Known>,
    /// Until when somebody reads it. A lease: a request can vanish.
    reading_until: Option<Timestamp>,
    /// Until when nobody tries again, after a failure.
    failed_until: Option<Timestamp>,
}

struct Known {
    snapshot: Rc<Snapshot>,
    read_at: Timestamp,
}

impl RevocationMemory {
    /// An empty memory.
    pub const fn new() -> Self {
        Self { known: None, reading_until: None, failed_until: None }
    }

    /// What is known, where it may be used without a further look.
    pub fn ready(&self, now: Timestamp) -> Option<Rc<Snapshot>> {
        self.not_older_than(limits::REVOCATIONS_BELIEVED_SECONDS, now)
    }

    /// What to do now. Where it cannot be read, what is known is believed for `outage_seconds`.
    pub fn plan(&mut self, outage_seconds: i64, now: Timestamp) -> Plan {
        if let Some(snapshot) = self.ready(now) {
            return Plan::Use(snapshot);
        }
        if is_ahead(self.failed_until, limits::REVOCATIONS_COOLDOWN_SECONDS * 1000, now) {
            return self.not_older_than(outage_seconds, now).map_or(Plan::Unavailable, Plan::Use);
        }
        if self.start(now) { Plan::Reload } else { Plan::Wait }
    }

    /// Whether this request is the one that reads the snapshot anew beside itself, before anybody has to wait for it.
    pub fn start_ahead(&mut self, now: Timestamp) -> bool {
        let is_due = self.known.is_some() && self.not_older_than(limits::REVOCATIONS_FRESH_SECONDS, now).is_none();
        is_due && !is_ahead(self.failed_until, limits::REVOCATIONS_COOLDOWN_SECONDS * 1000, now) && self.start(now)
    }

    /// Takes in what was read. An older list never takes the place of a newer one.
    pub fn loaded(&mut self, snapshot: Snapshot, now: Timestamp) {
        (self.reading_until, self.failed_until) = (None, None);
        let newer =
            self.known.take().map(|known| known.snapshot).filter(|known| known.changed_at() > snapshot.changed_at());
        self.known = Some(Known { snapshot: newer.unwrap_or_else(|| Rc::new(snapshot)), read_at: now });
    }

    /// It could not be read.
    pub const fn failed(&mut self, now: Timestamp) {
        self.reading_until = None;
        self.failed_until = Some(now.plus_seconds(limits::REVOCATIONS_COOLDOWN_SECONDS));
    }

    /// The newest list that was ever seen here, and how long ago it was read, in seconds.
    pub fn known(&self, now: Timestamp) -> Option<(Rc<Snapshot>, i64)> {
        self.known.as_ref().map(|known| (Rc::clone(&known.snapshot), now.seconds_since(known.read_at)))
    }

    fn not_older_than(&self, seconds: i64, now: Timestamp) -> Option<Rc<Snapshot>> {
        let known = self.known.as_ref()?;
        (0..seconds).contains(&now.seconds_since(known.read_at)).then(|| Rc::clone(&known.snapshot))
    }

    fn start(&mut self, now: Timestamp) -> bool {
        let is_free = !is_ahead(self.reading_until, limits::REVOCATIONS_LEASE_MILLISECONDS, now);
        if is_free {
            self.reading_until = Some(now.plus_milliseconds(limits::REVOCATIONS_LEASE_MILLISECONDS));
        }
        is_free
    }
}

impl Default for RevocationMemory {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether a moment is still to come. One that is further away than it can be was set before the clock was set back.
fn is_ahead(until: Option<Timestamp>, longest_milliseconds: i64, now: Timestamp) -> bool {
    until.is_some_and(|until| now < until && until <= now.plus_milliseconds(longest_milliseconds))
}

#[cfg(test)]
mod tests {
    use super::super::{Kind, Revocation, RevocationList};
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_763_640_000);
    const OUTAGE: i64 = 600;

    fn at(seconds: i64) -> Timestamp {
        NOW.plus_seconds(seconds)
    }

    fn snapshot(changed_at: i64) -> Snapshot {
        let mut list = RevocationList::default();
        list.add(Revocation::user("s", "user_1", Kind::Ended, NOW), None, at(changed_at)).unwrap();
        list.snapshot()
    }

    fn age(plan: Plan) -> i64 {
        match plan {
            Plan::Use(snapshot) => snapshot.changed_at().seconds_since(NOW),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn one_reads_while_the_others_use_what_is_known() {
        let mut memory = RevocationMemory::new();
        assert!(!memory.start_ahead(NOW), "nobody has asked yet");
        assert_eq!(memory.plan(OUTAGE, NOW), Plan::Reload);
        assert_eq!(memory.plan(OUTAGE, NOW), Plan::Wait);
        memory.loaded(snapshot(-50), NOW);
        assert_eq!(age(memory.plan(OUTAGE, NOW)), -50);
        assert!(!memory.start_ahead(at(limits::REVOCATIONS_FRESH_SECONDS - 1)));
        assert!(memory.start_ahead(at(limits::REVOCATIONS_FRESH_SECONDS)));
        assert!(!memory.start_ahead(at(limits::REVOCATIONS_FRESH_SECONDS)));
        assert_eq!(age(memory.plan(OUTAGE, at(limits::REVOCATIONS_FRESH_SECONDS))), -50);
        // The one that reads has vanished: nobody waits longer than its lease.
        let late = at(limits::REVOCATIONS_FRESH_SECONDS).plus_milliseconds(limits::REVOCATIONS_LEASE_MILLISECONDS);
        assert!(memory.start_ahead(late));
    }

    #[test]
    fn one_that_is_old_is_read_before_it_is_used() {
        let mut memory = RevocationMemory::new();
        memory.loaded(snapshot(0), NOW);
        assert_eq!(age(memory.plan(OUTAGE, at(limits::REVOCATIONS_BELIEVED_SECONDS - 1))), 0);
        assert_eq!(memory.plan(OUTAGE, at(limits::REVOCATIONS_BELIEVED_SECONDS)), Plan::Reload);
        memory.loaded(snapshot(20), at(limits::REVOCATIONS_BELIEVED_SECONDS));
        assert_eq!(age(memory.plan(OUTAGE, at(limits::REVOCATIONS_BELIEVED_SECONDS))), 20);
        assert_eq!(memory.plan(OUTAGE, at(-1)), Plan::Reload, "the clock was set back");
    }

    #[test]
    fn an_older_list_never_takes_the_place_of_a_newer_one() {
        let mut memory = RevocationMemory::new();
        memory.loaded(snapshot(10), NOW);
        memory.loaded(snapshot(5), at(limits::REVOCATIONS_BELIEVED_SECONDS));
        assert_eq!(age(memory.plan(OUTAGE, at(limits::REVOCATIONS_BELIEVED_SECONDS))), 10);
        memory.loaded(snapshot(15), at(limits::REVOCATIONS_BELIEVED_SECONDS));
        assert_eq!(age(memory.plan(OUTAGE, at(limits::REVOCATIONS_BELIEVED_SECONDS))), 15);
    }

    #[test]
    fn while_it_cannot_be_read_the_last_one_is_believed_for_so_long() {
        let mut memory = RevocationMemory::new();
        memory.loaded(snapshot(0), NOW);
        for (seconds, is_believed) in [(60, true), (OUTAGE - 10, true), (OUTAGE, false)] {
            assert_eq!(memory.plan(OUTAGE, at(seconds)), Plan::Reload);
            memory.failed(at(seconds));
            assert_eq!(memory.plan(OUTAGE, at(seconds)) != Plan::Unavailable, is_believed, "{seconds}");
            assert!(!memory.start_ahead(at(seconds)), "and the source is spared");
        }
        assert_eq!(memory.plan(OUTAGE, at(OUTAGE + limits::REVOCATIONS_COOLDOWN_SECONDS)), Plan::Reload);
    }

    #[test]
    fn without_any_there_is_none_to_go_on_with() {
        let mut memory = RevocationMemory::new();
        assert_eq!(memory.plan(OUTAGE, NOW), Plan::Reload);
        memory.failed(NOW);
        assert_eq!(memory.plan(OUTAGE, NOW), Plan::Unavailable);
        assert_eq!(memory.known(NOW), None);
    }
}
