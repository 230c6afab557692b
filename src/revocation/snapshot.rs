//! What isolates know of the list: a text that goes through KV, and the answer to whether a token is hit. Nothing is changed here.
//!
//! Entries are packed in 12 bytes, sorted, and searched as they came: reading 100,000 of them makes no value of each.

use base64ct::{Base64, Encoding};
use serde_json::{Value, json};

use super::{Entry, Identity, Kind, Subject};
use crate::encoding::decode_base64;
use crate::json;
use crate::limits;
use crate::time::Timestamp;

/// The format of the text. A reader ignores every other one.
const VERSION: u32 = 1;

/// A subject, and until when its tokens were made that are hit: eight and four bytes, the highest first.
const ENTRY_BYTES: usize = 12;

/// Where the snapshot of an environment stands in KV.
pub fn cache_key(scope: &str) -> String {
    format!("edgeseal:revocations:{VERSION}:{scope}")
}

/// The list at one moment.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    changed_at: Timestamp,
    ended: Revoked,
    stale: Revoked,
}

/// What one kind is said about.
#[derive(Debug, Default, PartialEq, Eq)]
struct Revoked {
    /// Of all tokens, those that were made until then; none with 0.
    before: u32,
    entries: Vec<[u8; ENTRY_BYTES]>,
}

impl Snapshot {
    /// Made of a list whose entries are in the order of their subjects.
    pub(super) fn of(entries: &[Entry], ended_before: u32, stale_before: u32, changed_at: Timestamp) -> Self {
        let revoked = |kind: Kind, before| {
            let of_kind = entries.iter().filter(|entry| entry.kind == kind);
            Revoked { before, entries: of_kind.map(packed).collect() }
        };
        Self { changed_at, ended: revoked(Kind::Ended, ended_before), stale: revoked(Kind::Stale, stale_before) }
    }

    /// What is said about a token. Costs a binary search for each of its subjects, and nothing while nothing is revoked.
    pub fn check(&self, identity: &Identity) -> Option<Kind> {
        if self.ended.hits(identity) { Some(Kind::Ended) } else { self.stale.hits(identity).then_some(Kind::Stale) }
    }

    /// When the list was last changed: of two snapshots the later one is the newer.
    pub const fn changed_at(&self) -> Timestamp {
        self.changed_at
    }

    /// How many entries it has.
    pub const fn len(&self) -> usize {
        self.ended.entries.len() + self.stale.entries.len()
    }

    /// Whether nothing at all is revoked, so that no token is hit.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0 && self.ended.before == 0 && self.stale.before == 0
    }

    /// The text for KV.
    pub fn write(&self, scope: &str) -> String {
        json!({
            "version": VERSION,
            "scope": scope,
            "changed_at_milliseconds": self.changed_at.milliseconds(),
            "ended_before": self.ended.before,
            "stale_before": self.stale.before,
            "ended": self.ended.text(),
            "stale": self.stale.text(),
        })
        .to_string()
    }

    /// Reads such a text. None for what is of another version or environment, comes from the future, is too large, or is not in
    /// order, in which nothing would be found.
    pub fn read(text: &str, scope: &str, now: Timestamp) -> Option<Self> {
        if text.len() > limits::REVOCATIONS_BYTES {
            return None;
        }
        let members = json::parse_object(text.as_bytes())?;
        if members.get("version")? != VERSION || members.get("scope")? != scope {
            return None;
        }
        let changed_at = Timestamp::from_milliseconds(members.get("changed_at_milliseconds")?.as_i64()?);
        if changed_at > now.plus_seconds(limits::CLOCK_SKEW_SECONDS) {
            return None;
        }
        let revoked = |name: &str, before: &str| {
            let before = u32::try_from(members.get(before)?.as_u64()?).ok()?;
            Revoked::read(members.get(name).and_then(Value::as_str)?, before)
        };
        let snapshot =
            Self { changed_at, ended: revoked("ended", "ended_before")?, stale: revoked("stale", "stale_before")? };
        (snapshot.len() <= limits::REVOCATIONS).then_some(snapshot)
    }
}

impl Revoked {
    fn read(text: &str, before: u32) -> Option<Self> {
        let bytes = decode_base64(text)?;
        let (entries, rest) = bytes.as_chunks::<ENTRY_BYTES>();
        let is_sorted = entries.is_sorted_by(|left, right| subject_of(left) < subject_of(right));
        (rest.is_empty() && is_sorted).then(|| Self { before, entries: entries.to_vec() })
    }

    fn text(&self) -> String {
        Base64::encode_string(self.entries.as_flattened())
    }

    fn hits(&self, identity: &Identity) -> bool {
        let is_hit = |subject| self.hits_until(subject).is_some_and(|until| identity.issued_at <= until);
        (self.before > 0 && identity.issued_at <= self.before)
            || (!self.entries.is_empty() && identity.subjects().any(is_hit))
    }

    fn hits_until(&self, subject: Subject) -> Option<u32> {
        let place = self.entries.binary_search_by_key(&subject, subject_of).ok()?;
        self.entries.get(place)?.last_chunk().map(|until| u32::from_be_bytes(*until))
    }
}

const fn packed(entry: &Entry) -> [u8; ENTRY_BYTES] {
    let [a, b, c, d, e, f, g, h] = entry.subject.0.to_be_bytes();
    let [i, j, k, l] = entry.hits_until().to_be_bytes();
    [a, b, c, d, e, f, g, h, i, j, k, l]
}

fn subject_of(entry: &[u8; ENTRY_BYTES]) -> Subject {
    Subject(entry.first_chunk().map_or(0, |subject| u64::from_be_bytes(*subject)))
}

#[cfg(test)]
mod tests {
    use super::super::{Revocation, RevocationList};
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_763_640_000);
    const SCOPE: &str = "workos:client_1";

    fn identity(session: &str, user: &str, age: i64) -> Identity {
        Identity::new(SCOPE, Some(session), Some(user), Some("org_1"), Some(NOW.seconds() - age))
    }

    fn read(text: &str) -> Option<Snapshot> {
        Snapshot::read(text, SCOPE, NOW)
    }

    fn list() -> RevocationList {
        let mut list = RevocationList::default();
        for revocation in [
            Revocation::session(SCOPE, "session_1", NOW),
            Revocation::user(SCOPE, "user_2", Kind::Stale, NOW),
            Revocation::user(SCOPE, "user_3", Kind::Stale, NOW),
            Revocation::user(SCOPE, "user_3", Kind::Ended, NOW.plus_seconds(-100)),
        ] {
            list.add(revocation, None, NOW).unwrap();
        }
        list
    }

    #[test]
    fn a_snapshot_arrives_as_it_was_made_and_says_what_the_list_says() {
        let list = list();
        let snapshot = read(&list.snapshot().write(SCOPE)).unwrap();
        assert_eq!((&snapshot, snapshot.len()), (&list.snapshot(), 4));
        for (session, user, age, expected) in [
            ("session_1", "user_1", 0, Some(Kind::Ended)),
            ("session_1", "user_1", -1_000_000, Some(Kind::Ended)),
            ("session_2", "user_1", 0, None),
            ("session_2", "user_2", 0, Some(Kind::Stale)),
            ("session_2", "user_2", -1, None),
            ("session_2", "user_3", 0, Some(Kind::Stale)),
            ("session_2", "user_3", 94, Some(Kind::Stale)),
            ("session_2", "user_3", 95, Some(Kind::Ended)),
        ] {
            let identity = identity(session, user, age);
            assert_eq!(snapshot.check(&identity), expected, "{session} {user} {age}");
            assert_eq!(list.check(&identity), expected, "{session} {user} {age}");
        }
        let timeless = Identity::new(SCOPE, None, Some("user_3"), None, None);
        assert_eq!(snapshot.check(&timeless), Some(Kind::Ended));
        let elsewhere = Identity::new("workos:client_2", Some("session_1"), Some("user_3"), None, Some(0));
        assert_eq!(snapshot.check(&elsewhere), None);
    }

    #[test]
    fn everything_before_a_time_is_hit_whoever_it_is() {
        let mut list = RevocationList::default();
        assert_eq!(list.snapshot().check(&Identity::new(SCOPE, None, None, None, None)), None);
        list.add(Revocation::everything(Kind::Ended, NOW.plus_seconds(-60)), None, NOW).unwrap();
        list.add(Revocation::everything(Kind::Stale, NOW), None, NOW).unwrap();
        let snapshot = read(&list.snapshot().write(SCOPE)).unwrap();
        let check = |age| snapshot.check(&identity("session_9", "user_9", age));
        assert_eq!([60, 59, 0, -1].map(check), [Some(Kind::Ended), Some(Kind::Stale), Some(Kind::Stale), None]);
        assert_eq!(snapshot.check(&Identity::new(SCOPE, None, None, None, None)), Some(Kind::Ended));
        assert!(!snapshot.is_empty() && Snapshot::default().is_empty());
    }

    #[test]
    fn poisoned_texts_are_ignored() {
        let good = list().snapshot().write(SCOPE);
        assert!(read(&good).is_some());
        let entries = |bytes: &[u8]| Base64::encode_string(bytes);
        let replaced = |name: &str, value: Value| {
            let mut members = json::parse_object(good.as_bytes()).unwrap();
            members.insert(name.to_owned(), value);
            Value::Object(members).to_string()
        };
        for (text, why) in [
            (String::new(), "empty"),
            ("null".into(), "no object"),
            (good.replace("client_1", "client_2"), "another environment"),
            (replaced("version", 2.into()), "another version"),
            (replaced("ended", entries(&[7; 24]).into()), "twice the same"),
            (replaced("ended", entries(&[[9; 12], [7; 12]].concat()).into()), "not in order"),
            (replaced("ended", entries(&[7; 13]).into()), "not whole"),
            (replaced("ended", "AAAA====".into()), "not base64"),
            (replaced("ended_before", (-1).into()), "before 1970"),
            (replaced("ended_before", (1_u64 << 32).into()), "after 2106"),
            (replaced("changed_at_milliseconds", (NOW.milliseconds() + 31_000).into()), "from the future"),
            (replaced("changed_at_milliseconds", "1".into()), "no number"),
            (good.replace("\"stale_before\"", "\"other\""), "incomplete"),
            (format!("{good} "), ""),
        ] {
            assert_eq!(read(&text).is_some(), why.is_empty(), "{why}");
        }
        for end in 0..good.len() {
            assert_eq!(read(&good[..end]), None, "cut at {end}");
        }
        assert!(read(&replaced("more", 1.into())).is_some(), "members are added over time");
    }

    #[test]
    fn one_that_is_too_large_is_ignored() {
        let many: Vec<u8> =
            (0..=limits::REVOCATIONS as u64).flat_map(|n| [&n.to_be_bytes()[..], &[0; 4]].concat()).collect();
        let with = |bytes: &[u8]| {
            let mut members = json::parse_object(Snapshot::default().write(SCOPE).as_bytes()).unwrap();
            members.insert("ended".into(), Base64::encode_string(bytes).into());
            Value::Object(members).to_string()
        };
        assert!(read(&with(&many[..many.len() - ENTRY_BYTES])).is_some(), "as many as a list may have");
        assert!(read(&with(&many)).is_none());
        assert!(read(&" ".repeat(limits::REVOCATIONS_BYTES + 1)).is_none());
    }
}
