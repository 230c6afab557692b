//! The list of revocations of one environment, as its keeper has it: what is added, what is forgotten, and what gives way. Pure: it
//! says what to store, somebody else does.

use serde_json::{Map, Value, json};

use super::{Entry, Identity, Kind, Revocation, Snapshot, Subject, pages, seconds};
use crate::json;
use crate::limits;
use crate::time::Timestamp;

/// The key under which everything is stored that is no entry.
const MARKS: &str = "marks";

/// Everything that is revoked.
#[derive(Default)]
pub struct RevocationList {
    /// In the order of subject and kind.
    entries: Vec<Entry>,
    ended_before: u32,
    stale_before: u32,
    changed_at: Timestamp,
    /// Webhooks that have arrived, by hash, and until when they would be believed once more, in seconds since 1970.
    deliveries: Vec<(u64, u32)>,
    /// Pages that are not stored as they are.
    changed_pages: Vec<u8>,
}

/// Why nothing was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// This very webhook has arrived before.
    Replayed,
    /// The list is full of entries that nobody else enforces.
    Full,
}

impl core::fmt::Display for Refused {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str(match self {
            Self::Replayed => "webhook_replayed",
            Self::Full => "revocations_full",
        })
    }
}

impl core::error::Error for Refused {}

impl RevocationList {
    /// The list as it was stored: under the names and with the texts of [`Self::take_changes`], in any order. What cannot be read
    /// is left out.
    pub fn open<'a>(stored: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut list = Self::default();
        for (name, text) in stored {
            if name == MARKS {
                list.read_marks(text);
            } else {
                pages::read(text).into_iter().for_each(|entry| list.put(entry));
            }
        }
        list.changed_pages.clear();
        list
    }

    /// What has to be stored, by name. It is handed out once.
    pub fn take_changes(&mut self) -> Vec<(String, String)> {
        let pages = core::mem::take(&mut self.changed_pages).into_iter().map(|page| {
            let entries = self.entries.iter().filter(|entry| pages::page_of(entry) == page);
            (format!("page/{page:02x}"), pages::write(entries))
        });
        pages.chain([(MARKS.to_owned(), self.marks())]).collect()
    }

    /// Adds a revocation, and remembers the webhook that brought it.
    ///
    /// # Errors
    /// Then nothing has changed.
    pub fn add(&mut self, revocation: Revocation, delivery: Option<u64>, now: Timestamp) -> Result<(), Refused> {
        self.deliveries.retain(|(_, until)| *until > seconds(now.seconds()));
        if delivery.is_some_and(|id| self.deliveries.iter().any(|(own, _)| *own == id)) {
            return Err(Refused::Replayed);
        }
        match revocation {
            Revocation::Everything { kind: Kind::Ended, not_before } => {
                self.ended_before = self.ended_before.max(not_before);
            }
            Revocation::Everything { kind: Kind::Stale, not_before } => {
                self.stale_before = self.stale_before.max(not_before);
            }
            Revocation::Of(entry) => {
                let is_new = self.place_of(entry.subject, entry.kind).is_err();
                if is_new && self.entries.len() >= limits::REVOCATIONS && !self.expire(now) {
                    self.make_room()?;
                }
                self.put(entry);
            }
        }
        if let Some(id) = delivery {
            let too_many = (self.deliveries.len() + 1).saturating_sub(limits::DELIVERIES);
            self.deliveries.drain(..too_many);
            // As far into the future as it may have been signed, and as long after that as it is believed.
            let believed = limits::WEBHOOK_TOLERANCE_MILLISECONDS * 2 / 1000 + 1;
            self.deliveries.push((id, seconds(now.seconds() + believed)));
        }
        self.changed_at = now.max(self.changed_at.plus_milliseconds(1));
        Ok(())
    }

    /// What is said about a token.
    pub fn check(&self, identity: &Identity) -> Option<Kind> {
        let is_hit = |kind, before: u32| {
            (before > 0 && identity.issued_at <= before)
                || identity.subjects().any(|subject| {
                    let entry = self.place_of(subject, kind).ok().and_then(|place| self.entries.get(place));
                    entry.is_some_and(|entry| identity.issued_at <= entry.hits_until())
                })
        };
        if is_hit(Kind::Ended, self.ended_before) {
            Some(Kind::Ended)
        } else {
            is_hit(Kind::Stale, self.stale_before).then_some(Kind::Stale)
        }
    }

    /// The list as it is now.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::of(&self.entries, self.ended_before, self.stale_before, self.changed_at)
    }

    /// Forgets what has had its time; says whether there was anything.
    pub fn expire(&mut self, now: Timestamp) -> bool {
        let now = seconds(now.seconds());
        self.forget(|entry| entry.until <= now)
    }

    /// When the list should be looked through again; none where nothing will ever be forgotten. Not for each entry by itself.
    pub fn expires_at(&self, now: Timestamp) -> Option<Timestamp> {
        let first = self.entries.iter().map(|entry| entry.until).min()?;
        Some(Timestamp::from_seconds(first.into()).max(now.plus_seconds(limits::REVOCATIONS_SWEEP_SECONDS)))
    }

    /// How many entries there are.
    pub const fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The older ones of those that the provider enforces too give way to one mark: all tokens of their time have to be refreshed,
    /// and there the provider says no. Nothing that is revoked is let through, and few still have so old a token.
    fn make_room(&mut self) -> Result<(), Refused> {
        let times =
            || self.entries.iter().filter(|entry| !entry.is_ours_alone).map(|entry| u64::from(entry.not_before));
        let mean = times().sum::<u64>().checked_div(times().count() as u64).ok_or(Refused::Full)?;
        let mean = u32::try_from(mean).unwrap_or(u32::MAX);
        self.forget(|entry| !entry.is_ours_alone && entry.not_before <= mean);
        self.stale_before = self.stale_before.max(mean);
        Ok(())
    }

    fn forget(&mut self, is_forgotten: impl Fn(&Entry) -> bool) -> bool {
        let before = self.entries.len();
        let changed_pages = &mut self.changed_pages;
        self.entries.retain(|entry| {
            let stays = !is_forgotten(entry);
            if !stays {
                note(changed_pages, entry);
            }
            stays
        });
        self.entries.len() < before
    }

    /// Of two about the same the stricter is kept, in every respect.
    fn put(&mut self, entry: Entry) {
        note(&mut self.changed_pages, &entry);
        match self.place_of(entry.subject, entry.kind) {
            Ok(place) => {
                if let Some(known) = self.entries.get_mut(place) {
                    known.not_before = known.not_before.max(entry.not_before);
                    known.until = known.until.max(entry.until);
                    known.is_final |= entry.is_final;
                    known.is_ours_alone |= entry.is_ours_alone;
                }
            }
            Err(place) => self.entries.insert(place, entry),
        }
    }

    fn place_of(&self, subject: Subject, kind: Kind) -> Result<usize, usize> {
        self.entries.binary_search_by_key(&(subject, kind), |entry| (entry.subject, entry.kind))
    }

    fn marks(&self) -> String {
        let deliveries: Vec<Value> =
            self.deliveries.iter().map(|(id, until)| json!([format!("{id:016x}"), until])).collect();
        json!({
            "changed_at_milliseconds": self.changed_at.milliseconds(),
            "ended_before": self.ended_before,
            "stale_before": self.stale_before,
            "deliveries": deliveries,
        })
        .to_string()
    }

    fn read_marks(&mut self, text: &str) {
        let members = json::parse_object(text.as_bytes()).unwrap_or_default();
        let number = |name: &str| number(&members, name);
        self.changed_at = Timestamp::from_milliseconds(
            members.get("changed_at_milliseconds").and_then(Value::as_i64).unwrap_or_default(),
        );
        self.ended_before = number("ended_before");
        self.stale_before = number("stale_before");
        let delivery = |value: &Value| {
            let id = u64::from_str_radix(value.get(0)?.as_str()?, 16).ok()?;
            Some((id, u32::try_from(value.get(1)?.as_u64()?).ok()?))
        };
        let deliveries = members.get("deliveries").and_then(Value::as_array);
        self.deliveries = deliveries.into_iter().flatten().filter_map(delivery).collect();
    }
}

fn number(members: &Map<String, Value>, name: &str) -> u32 {
    members.get(name).and_then(Value::as_u64).and_then(|number| u32::try_from(number).ok()).unwrap_or_default()
}

fn note(changed_pages: &mut Vec<u8>, entry: &Entry) {
    let page = pages::page_of(entry);
    if !changed_pages.contains(&page) {
        changed_pages.push(page);
    }
}

#[cfg(test)]
mod tests;
