//! What a keeper knows of its session, and how that is stored: one sealed record.
//!
//! Members are added over time, never changed: a reader takes what it knows and writes back what it does not, so that
//! neighbouring versions can take turns on one record.

use secrecy::SecretString;
use serde_json::{Map, Value, json};

use super::TokenHash;
use crate::json;
use crate::limits;
use crate::seal::{PasswordRing, SealEntropy, seal_record, unseal_record};
use crate::session::UnsealedSession;
use crate::time::Timestamp;

/// A session's generations.
#[derive(Default)]
pub(super) struct Record {
    used_at: Timestamp,
    /// The person has signed out.
    has_ended: bool,
    newest: Option<Newest>,
    /// Tokens that led to the newest generation, the one first that a request has presented last.
    since: Vec<TokenHash>,
    /// Tokens of before, and when they were left behind.
    before: Vec<(TokenHash, Timestamp)>,
    /// An exchange whose answer is not known yet.
    attempt: Option<Attempt>,
    /// What a neighbouring version knows besides.
    rest: Map<String, Value>,
}

struct Newest {
    session: Map<String, Value>,
    made_at: Timestamp,
}

/// An exchange that was begun.
#[derive(Clone)]
pub(super) struct Attempt {
    pub(super) token: TokenHash,
    pub(super) organization_id: Option<String>,
    at: Timestamp,
}

/// What a refresh token is to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// That of the newest generation.
    Newest,
    /// One that led to it.
    Superseded,
    /// Neither: the session is new here, was refreshed elsewhere, or this is an old token indeed.
    Unknown,
}

impl Record {
    /// All that is left of a session that was signed out.
    pub(super) fn ended(now: Timestamp) -> Self {
        Self { has_ended: true, used_at: now, ..Self::default() }
    }

    pub(super) const fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Opens a record; none where it is none, or no password fits any more.
    pub(super) fn open(sealed: &str, passwords: &PasswordRing, now: Timestamp) -> Option<Self> {
        Some(Self::from_members(json::parse_object(&unseal_record(sealed, passwords, now).ok()?)?))
    }

    /// Seals the record in our own format; none where the ring has no password for it.
    pub(super) fn seal(&self, passwords: &PasswordRing, entropy: &SealEntropy) -> Option<String> {
        let plaintext = Value::Object(self.to_members()).to_string();
        seal_record(plaintext.as_bytes(), passwords, entropy)
    }

    /// The newest generation, and when it was made.
    pub(super) fn newest(&self) -> Option<(UnsealedSession, Timestamp)> {
        let newest = self.newest.as_ref()?;
        let session = UnsealedSession::from_members(newest.session.clone())?;
        Some((session, newest.made_at))
    }

    pub(super) fn standing(&self, token: &TokenHash, now: Timestamp) -> Standing {
        let is_remembered = |(left, at): &(TokenHash, Timestamp)| {
            left == token && now.seconds_since(*at) < limits::TOKENS_BEFORE_SECONDS
        };
        if self.newest_token().as_ref() == Some(token) {
            Standing::Newest
        } else if self.newest.is_some() && (self.since.contains(token) || self.before.iter().any(is_remembered)) {
            Standing::Superseded
        } else {
            Standing::Unknown
        }
    }

    /// A request has come with the newest generation: a browser has it, and those of before are remembered for a while only.
    pub(super) fn presented(&mut self, now: Timestamp) {
        self.before.extend(self.since.drain(..).map(|token| (token, now)));
        let too_many = self.before.len().saturating_sub(limits::TOKENS_BEFORE);
        self.before.drain(..too_many);
    }

    pub(super) fn attempt(&self) -> Option<&Attempt> {
        self.attempt.as_ref()
    }

    pub(super) fn begin_attempt(&mut self, token: TokenHash, organization_id: Option<String>, now: Timestamp) {
        // Of one token the first counts: the provider's grace began with it.
        let first = self.attempt.take().filter(|attempt| attempt.token == token && attempt.may_be_replayed(now));
        let at = first.map_or(now, |attempt| attempt.at);
        self.attempt = Some(Attempt { token, organization_id, at });
        self.used_at = now;
    }

    pub(super) fn forget_attempt(&mut self) {
        self.attempt = None;
    }

    /// A token was exchanged for this generation.
    pub(super) fn succeed(&mut self, token: TokenHash, session: &UnsealedSession, now: Timestamp) {
        // Of two that came from one token the other is somebody's cookie too.
        let other = self.newest_token().filter(|newest| *newest != token);
        for token in other.into_iter().chain([token]) {
            if !self.since.contains(&token) {
                self.since.push(token);
            }
        }
        if self.since.len() > limits::TOKENS_SINCE {
            // The first is the one that a browser is known to have; the next ones nobody has shown ever since.
            self.since.drain(1..=self.since.len() - limits::TOKENS_SINCE);
        }
        self.newest = Some(Newest { session: session.to_members(), made_at: now });
        self.used_at = now;
        self.attempt = None;
    }

    /// When this was last of use to somebody.
    pub(super) const fn used_at(&self) -> Timestamp {
        self.used_at
    }

    /// As it is stored; times are in milliseconds since 1970. By hand: what serde would write for this weighs 40 KB of wasm.
    fn to_members(&self) -> Map<String, Value> {
        let mut members = self.rest.clone();
        let before = self.before.iter().map(|(token, at)| json!({ "token": token.as_str(), "at": at.milliseconds() }));
        let since = self.since.iter().map(|token| Value::from(token.as_str()));
        let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
        put("used_at", self.used_at.milliseconds().into());
        put("has_ended", self.has_ended.into());
        put("since", since.collect());
        put("before", before.collect());
        put(
            "newest",
            self.newest.as_ref().map_or(
                Value::Null,
                |Newest { session, made_at }| json!({ "session": session, "made_at": made_at.milliseconds() }),
            ),
        );
        put("attempt", self.attempt.as_ref().map_or(Value::Null, |Attempt { token, organization_id, at }| {
            json!({ "token": token.as_str(), "organization_id": organization_id, "at": at.milliseconds() })
        }));
        members
    }

    fn from_members(mut members: Map<String, Value>) -> Self {
        let mut take = |name: &str| members.remove(name).unwrap_or_default();
        let list = |value: Value| if let Value::Array(list) = value { list } else { Vec::new() };
        let newest = take("newest");
        let attempt = take("attempt");
        let left = |left: &Value| Some((token(left)?, time(left, "at")?));
        let hash = |value: &Value| Some(TokenHash::from_text(value.as_str()?));
        let session = newest.get("session").and_then(Value::as_object).cloned();
        Self {
            used_at: take("used_at").as_i64().map_or_else(Timestamp::default, Timestamp::from_milliseconds),
            has_ended: take("has_ended").as_bool().unwrap_or_default(),
            since: list(take("since")).iter().filter_map(hash).collect(),
            before: list(take("before")).iter().filter_map(left).collect(),
            newest: session.zip(time(&newest, "made_at")).map(|(session, made_at)| Newest { session, made_at }),
            attempt: token(&attempt).zip(time(&attempt, "at")).map(|(token, at)| Attempt {
                token,
                organization_id: attempt.get("organization_id").and_then(Value::as_str).map(str::to_owned),
                at,
            }),
            rest: members,
        }
    }

    fn newest_token(&self) -> Option<TokenHash> {
        let token = self.newest.as_ref()?.session.get("refresh_token")?.as_str()?;
        Some(TokenHash::of(&SecretString::from(token)))
    }
}

fn token(value: &Value) -> Option<TokenHash> {
    Some(TokenHash::from_text(value.get("token")?.as_str()?))
}

fn time(value: &Value, name: &str) -> Option<Timestamp> {
    Some(Timestamp::from_milliseconds(value.get(name)?.as_i64()?))
}

impl Attempt {
    /// Whether repeating it may still bring what it brought.
    pub(super) fn may_be_replayed(&self, now: Timestamp) -> bool {
        now.seconds_since(self.at) < limits::REPLAY_GRACE_SECONDS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Rejection;
    use crate::seal::{SealFormat, SealFormats, seal, unseal};

    const NOW: Timestamp = Timestamp::from_seconds(1_763_640_000);

    fn session(refresh_token: &str) -> UnsealedSession {
        let members = json!({ "access_token": "a.b.c", "refresh_token": refresh_token, "theirs": [1] });
        UnsealedSession::from_members(members.as_object().unwrap().clone()).unwrap()
    }

    fn hash(refresh_token: &str) -> TokenHash {
        TokenHash::of(&refresh_token.into())
    }

    #[test]
    fn every_token_since_the_last_presented_generation_leads_to_the_newest() {
        let mut record = Record::default();
        for generation in 0..10 {
            record.succeed(hash(&format!("rt_{generation}")), &session(&format!("rt_{}", generation + 1)), NOW);
        }
        let far = NOW.plus_seconds(29 * 24 * 3600);
        for generation in 0..10 {
            assert_eq!(record.standing(&hash(&format!("rt_{generation}")), far), Standing::Superseded, "{generation}");
        }
        assert_eq!(record.standing(&hash("rt_10"), far), Standing::Newest);
        assert_eq!(record.standing(&hash("rt_11"), far), Standing::Unknown);
    }

    #[test]
    fn once_it_is_presented_the_last_eight_are_remembered_for_ten_minutes() {
        let mut record = Record::default();
        for generation in 0..10 {
            record.succeed(hash(&format!("rt_{generation}")), &session(&format!("rt_{}", generation + 1)), NOW);
        }
        record.presented(NOW);
        let standings = |at| (0..10).map(|g| record.standing(&hash(&format!("rt_{g}")), at)).collect::<Vec<_>>();
        let remembered = [[Standing::Unknown; 2].as_slice(), &[Standing::Superseded; 8]].concat();
        assert_eq!(standings(NOW.plus_seconds(599)), remembered);
        assert_eq!(standings(NOW.plus_seconds(600)), [Standing::Unknown; 10]);
    }

    #[test]
    fn the_token_that_a_browser_is_known_to_have_is_never_forgotten() {
        let mut record = Record::default();
        for generation in 0..1_000 {
            record.succeed(hash(&format!("rt_{generation}")), &session(&format!("rt_{}", generation + 1)), NOW);
        }
        assert_eq!(record.since.len(), limits::TOKENS_SINCE);
        assert_eq!(record.standing(&hash("rt_0"), NOW), Standing::Superseded);
        assert_eq!(record.standing(&hash("rt_1"), NOW), Standing::Unknown);
        assert_eq!(record.standing(&hash("rt_999"), NOW), Standing::Superseded);
    }

    #[test]
    fn of_two_generations_from_one_token_both_lead_to_the_later() {
        let mut record = Record::default();
        record.succeed(hash("rt_0"), &session("rt_1a"), NOW);
        record.succeed(hash("rt_0"), &session("rt_1b"), NOW);
        assert_eq!(record.standing(&hash("rt_1a"), NOW), Standing::Superseded);
        assert_eq!(record.standing(&hash("rt_1b"), NOW), Standing::Newest);
    }

    #[test]
    fn a_record_is_sealed_and_keeps_what_other_versions_wrote() {
        let passwords = PasswordRing::single("the password of the tests, 32 characters or more".into()).unwrap();
        let entropy = || SealEntropy::from_source(|bytes| bytes.fill(7));
        let newer = json!({ "used_at": 1, "since": [], "from_the_future": { "a": [1] } }).to_string();
        let sealed = seal_record(newer.as_bytes(), &passwords, &entropy()).unwrap();
        let mut record = Record::open(&sealed, &passwords, NOW).unwrap();
        record.succeed(hash("rt_0"), &session("rt_1"), NOW);
        let sealed = record.seal(&passwords, &entropy()).unwrap();
        assert!(sealed.starts_with("es1.") && !sealed.contains("rt_1"));
        let record = Record::open(&sealed, &passwords, NOW).unwrap();
        assert_eq!(record.rest.get("from_the_future"), Some(&json!({ "a": [1] })));
        let (newest, _) = record.newest().unwrap();
        assert_eq!(newest.to_members().get("theirs"), Some(&json!([1])));
        let other = PasswordRing::single("another password of at least 32 characters".into()).unwrap();
        assert!(Record::open(&sealed, &other, NOW).is_none());
        assert!(Record::open("es1..AAAA", &passwords, NOW).is_none());
    }

    #[test]
    fn a_record_is_no_cookie_and_a_cookie_no_record() {
        let passwords = PasswordRing::single("the password of the tests, 32 characters or more".into()).unwrap();
        let entropy = || SealEntropy::from_source(|bytes| bytes.fill(7));
        let record = Record::default().seal(&passwords, &entropy()).unwrap();
        let format = SealFormat::Edgeseal;
        assert_eq!(unseal(&record, &passwords, SealFormats::only(format), NOW).err(), Some(Rejection::SealBadMac));
        let cookie = seal(b"{}", format, &passwords, entropy(), NOW, None).unwrap();
        assert!(Record::open(&cookie, &passwords, NOW).is_none() && Record::open(&record, &passwords, NOW).is_some());
    }

    #[test]
    fn the_largest_session_and_all_its_tokens_are_read_again() {
        let passwords = PasswordRing::single("the password of the tests, 32 characters or more".into()).unwrap();
        let mut record = Record::default();
        for generation in 0..2 * limits::TOKENS_SINCE {
            let mut members = session(&format!("rt_{generation}")).to_members();
            // As long as four cookies hold.
            members.insert("theirs".to_owned(), "x".repeat(limits::SEALED_SESSION_BYTES * 3 / 4).into());
            let next = UnsealedSession::from_members(members).unwrap();
            record.succeed(hash(&format!("rt_{}", generation + 1)), &next, NOW);
        }
        let entropy = SealEntropy::from_source(|bytes| bytes.fill(7));
        let sealed = record.seal(&passwords, &entropy).unwrap();
        assert!(sealed.len() > limits::SEALED_SESSION_BYTES);
        assert!(Record::open(&sealed, &passwords, NOW).is_some_and(|record| record.newest().is_some()));
    }

    #[test]
    fn an_attempt_ends_with_its_answer() {
        let mut record = Record::default();
        record.begin_attempt(hash("rt_0"), None, NOW);
        assert!(record.attempt().unwrap().may_be_replayed(NOW.plus_seconds(29)));
        assert!(!record.attempt().unwrap().may_be_replayed(NOW.plus_seconds(30)));
        record.succeed(hash("rt_0"), &session("rt_1"), NOW);
        assert!(record.attempt().is_none());
    }
}
