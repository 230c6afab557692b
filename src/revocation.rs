//! Revocation: sessions that are over before their tokens are, and tokens that have to be replaced before they end.
//!
//! One [`RevocationList`] per environment of a provider is the only one that is written; from it a [`Snapshot`] is made, which
//! every isolate holds in its [`RevocationMemory`] and asks about each token. Nothing here does I/O, and nobody's id is kept: what
//! is revoked is known by a hash.
//!
//! ```text
//! webhook, sign-out, operator ─ Message ─► RevocationList ─► Snapshot ─ KV ─► RevocationMemory ─ check(Identity) ─► Kind
//! ```

mod list;
mod memory;
mod message;
mod pages;
mod publication;
mod snapshot;
mod webhook;

pub use list::{Refused, RevocationList};
pub use memory::{Plan, RevocationMemory};
pub use message::{
    Added, Message, add_message, answer_added, answer_check, check_message, read_added, read_check, read_message,
};
pub use publication::{Publication, Turn};
use sha2::{Digest, Sha256};
pub use snapshot::{Snapshot, cache_key};
pub use webhook::{Delivery, read_workos_webhook};

use crate::limits;
use crate::time::Timestamp;

/// What is said about the tokens that a revocation hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Their session is over: neither they nor a refresh are of use any more.
    Ended,
    /// What they say is not true any more (a role, a membership): they have to be refreshed.
    Stale,
}

impl Kind {
    /// As it is written.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::Stale => "stale",
        }
    }

    /// As it was written; none for anything else.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Ended, Self::Stale].into_iter().find(|kind| kind.code() == code)
    }
}

/// A session, person or organization: 64 bits of SHA-256 of what it is, whose it is, and its id. While 100,000 are
/// revoked, less than one token in 10^13 is hit in another's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject(u64);

impl Subject {
    /// A session of this environment.
    pub fn session(scope: &str, id: &str) -> Self {
        Self::new("session", scope, id)
    }

    /// A person.
    pub fn user(scope: &str, id: &str) -> Self {
        Self::new("user", scope, id)
    }

    /// An organization.
    pub fn organization(scope: &str, id: &str) -> Self {
        Self::new("organization", scope, id)
    }

    fn new(what: &str, scope: &str, id: &str) -> Self {
        Self(short_hash(&[what.as_bytes(), scope.as_bytes(), id.as_bytes()]))
    }
}

/// 64 bits of SHA-256 of these parts.
fn short_hash(parts: &[&[u8]]) -> u64 {
    let mut hash = Sha256::new();
    for part in parts {
        // With its length, so that no two lists of parts read the same.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let hash = hash.finalize();
    hash.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
}

/// How sure to be that a session was not revoked before somebody is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevocationPolicy {
    /// Whether the object itself is asked about each session, instead of a list that is up to
    /// [`REVOCATION_ARRIVES_SECONDS`](limits::REVOCATION_ARRIVES_SECONDS) old. Where it does not answer, the list decides.
    pub is_strict: bool,
    /// How long, in seconds, the last list is believed while none can be read.
    pub outage_seconds: i64,
}

impl Default for RevocationPolicy {
    fn default() -> Self {
        Self { is_strict: false, outage_seconds: limits::REVOCATION_OUTAGE_SECONDS }
    }
}

/// What of a token can be revoked: whose it is, and when it was made.
///
/// ```
/// use edgeseal::revocation::{Identity, Kind, Revocation, RevocationList};
/// use edgeseal::Timestamp;
/// let (scope, now) = ("workos:client_1", Timestamp::from_seconds(1_763_640_000));
/// let made_before = Identity::new(scope, Some("session_1"), Some("user_1"), None, Some(now.seconds() - 60));
/// let made_after = Identity::new(scope, Some("session_2"), Some("user_1"), None, Some(now.seconds() + 60));
///
/// let mut list = RevocationList::default();
/// list.add(Revocation::user(scope, "user_1", Kind::Ended, now), None, now)?;
/// assert_eq!((list.check(&made_before), list.check(&made_after)), (Some(Kind::Ended), None));
/// # Ok::<(), edgeseal::revocation::Refused>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    subjects: [Option<Subject>; 3],
    issued_at: u32,
}

impl Identity {
    /// What a token says of itself. One that does not say when it was made (in seconds since 1970) counts as made before everything.
    pub fn new(
        scope: &str,
        session_id: Option<&str>,
        user_id: Option<&str>,
        organization_id: Option<&str>,
        issued_at: Option<i64>,
    ) -> Self {
        let subjects = [
            session_id.map(|id| Subject::session(scope, id)),
            user_id.map(|id| Subject::user(scope, id)),
            organization_id.map(|id| Subject::organization(scope, id)),
        ];
        Self { subjects, issued_at: seconds(issued_at.unwrap_or_default()) }
    }

    fn subjects(&self) -> impl Iterator<Item = Subject> {
        self.subjects.into_iter().flatten()
    }
}

/// Seconds since 1970 as lists hold them, until 2106.
fn seconds(seconds: i64) -> u32 {
    u32::try_from(seconds.max(0)).unwrap_or(u32::MAX)
}

/// Something to be revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// The tokens of somebody or something.
    Of(Entry),
    /// All tokens that were made until then. It is never forgotten.
    Everything {
        /// What is said about them.
        kind: Kind,
        /// In seconds since 1970.
        not_before: u32,
    },
}

/// The revocation of one subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Whose tokens.
    subject: Subject,
    kind: Kind,
    /// Tokens that were made until then, in seconds since 1970.
    not_before: u32,
    /// When the entry may be forgotten, in seconds since 1970.
    until: u32,
    /// Whenever they were made: what is over does not come back.
    is_final: bool,
    /// Nobody else enforces it: a refresh that is let through would undo it.
    is_ours_alone: bool,
}

impl Revocation {
    /// Ends a session, which the provider has ended too.
    pub fn session(scope: &str, id: &str, now: Timestamp) -> Self {
        let entry = Entry::new(Subject::session(scope, id), Kind::Ended, now);
        Self::Of(Entry { is_final: true, ..entry })
    }

    /// Ends a session that a person has signed out of, whose tokens live for so many seconds.
    pub fn signed_out(scope: &str, id: &str, token_seconds: Option<i64>, now: Timestamp) -> Self {
        let entry = Entry::new(Subject::session(scope, id), Kind::Ended, now);
        // A refresh that is under way brings a token that is made later.
        let lives = token_seconds.map(|seconds| seconds.max(0).saturating_add(limits::SIGN_OUT_KEPT_SECONDS));
        let until = lives.map_or(entry.until, |lives| seconds(now.seconds().saturating_add(lives)).min(entry.until));
        Self::Of(Entry { is_final: true, until, ..entry })
    }

    /// Ends a person's sessions, which the provider has ended too; or has their tokens refreshed.
    pub fn user(scope: &str, id: &str, kind: Kind, now: Timestamp) -> Self {
        Self::Of(Entry::new(Subject::user(scope, id), kind, now))
    }

    /// Has the tokens of an organization refreshed; or ends its sessions, as far as the provider has done so too.
    pub fn organization(scope: &str, id: &str, kind: Kind, now: Timestamp) -> Self {
        Self::Of(Entry::new(Subject::organization(scope, id), kind, now))
    }

    /// All tokens that were made until then.
    pub fn everything(kind: Kind, until: Timestamp) -> Self {
        Self::Everything { kind, not_before: seconds(until.seconds()) }
    }

    /// The same where the provider goes on refreshing what is revoked: it is kept as long as a cookie may live.
    #[must_use]
    pub fn enforced_by_us_alone(self, cookie_seconds: i64, now: Timestamp) -> Self {
        match self {
            Self::Of(entry) if entry.kind == Kind::Ended => {
                let until = seconds(now.seconds().saturating_add(cookie_seconds)).max(entry.until);
                Self::Of(Entry { is_ours_alone: true, until, ..entry })
            }
            other => other,
        }
    }
}

impl Entry {
    fn new(subject: Subject, kind: Kind, now: Timestamp) -> Self {
        let until = seconds(now.seconds().saturating_add(limits::LONGEST_TOKEN_SECONDS));
        // The provider's clock may be ahead of ours. What is stale is refreshed until a token is newer than that, so not there.
        let leeway = if matches!(kind, Kind::Ended) { limits::GATEWAY_LEEWAY_SECONDS } else { 0 };
        let not_before = seconds(now.seconds().saturating_add(leeway));
        Self { subject, kind, not_before, until, is_final: false, is_ours_alone: false }
    }

    /// The latest time at which a token may have been made to be hit.
    const fn hits_until(&self) -> u32 {
        if self.is_final { u32::MAX } else { self.not_before }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_of_other_kinds_and_environments_differ() {
        let subjects = [
            Subject::session("workos:client_1", "x_1"),
            Subject::user("workos:client_1", "x_1"),
            Subject::organization("workos:client_1", "x_1"),
            Subject::session("workos:client_2", "x_1"),
            Subject::session("workos:client_", "1x_1"),
        ];
        for (index, subject) in subjects.iter().enumerate() {
            assert!(!subjects[index + 1..].contains(subject), "{index}");
        }
    }

    #[test]
    fn what_we_enforce_alone_is_kept_as_long_as_a_cookie() {
        let now = Timestamp::from_seconds(1_763_640_000);
        let until = |revocation| match revocation {
            Revocation::Of(entry) => i64::from(entry.until) - now.seconds(),
            Revocation::Everything { .. } => panic!("it ends"),
        };
        let ended = Revocation::organization("s", "org_1", Kind::Ended, now);
        assert_eq!(until(ended), limits::LONGEST_TOKEN_SECONDS);
        assert_eq!(
            until(ended.enforced_by_us_alone(limits::COOKIE_MAX_AGE_SECONDS, now)),
            limits::COOKIE_MAX_AGE_SECONDS
        );
        let short_cookies = ended.enforced_by_us_alone(60, now);
        assert_eq!(until(short_cookies), limits::LONGEST_TOKEN_SECONDS, "a token may outlive its cookie");
        let stale = Revocation::organization("s", "org_1", Kind::Stale, now);
        assert_eq!(stale.enforced_by_us_alone(limits::COOKIE_MAX_AGE_SECONDS, now), stale);
        assert_eq!(until(Revocation::signed_out("s", "session_1", Some(300), now)), 900);
        for nonsense in [None, Some(i64::MAX)] {
            assert_eq!(until(Revocation::signed_out("s", "session_1", nonsense, now)), limits::LONGEST_TOKEN_SECONDS);
        }
        assert_eq!(until(Revocation::signed_out("s", "session_1", Some(-300), now)), limits::SIGN_OUT_KEPT_SECONDS);
    }
}
