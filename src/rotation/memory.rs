//! What an isolate remembers of its refreshes. Before a Durable Object is asked it saves the way; without one it is all the
//! coordination there is.

use super::keeper::{Exchange, Question, SessionKeeper, Step};
use super::{Breaker, TokenHash};
use crate::limits;
use crate::provider::workos::ExchangeRejection;
use crate::session::UnsealedSession;
use crate::time::Timestamp;

/// The keepers of one isolate, by the name of their object, and whether a provider is down.
pub struct RotationMemory {
    /// The one last that was used last. A few hundred, looked through for a refresh only: a map would weigh 5 KB of wasm.
    keepers: Vec<Remembered>,
    breaker: Breaker,
    stytch_breaker: Breaker,
}

struct Remembered {
    name: String,
    keeper: SessionKeeper,
    /// Until when no other refresh is started ahead of time: one is under way, or has just failed.
    ahead_until: Option<Timestamp>,
}

impl Default for RotationMemory {
    fn default() -> Self {
        Self::new()
    }
}

impl RotationMemory {
    /// An empty memory.
    pub const fn new() -> Self {
        Self { keepers: Vec::new(), breaker: Breaker::new(), stytch_breaker: Breaker::new() }
    }

    /// WorkOS's.
    pub(crate) const fn breaker(&mut self) -> &mut Breaker {
        &mut self.breaker
    }

    /// Stytch's: an outage of one provider is none of the other's.
    pub(crate) const fn stytch_breaker(&mut self) -> &mut Breaker {
        &mut self.stytch_breaker
    }

    /// As [`SessionKeeper::begin`].
    pub(crate) fn begin(&mut self, name: &str, question: &mut Question, now: Timestamp) -> Step {
        self.remembered(name).keeper.begin(question, now)
    }

    /// Whoever makes the exchange is still at it.
    pub(crate) fn hold(&mut self, name: &str, now: Timestamp) {
        self.remembered(name).keeper.hold(now);
    }

    /// As [`SessionKeeper::finish`].
    pub(crate) fn finish(
        &mut self,
        name: &str,
        exchange: &Exchange,
        outcome: &Result<UnsealedSession, ExchangeRejection>,
        now: Timestamp,
    ) {
        self.remembered(name).keeper.finish(exchange, outcome.clone(), now);
    }

    /// As [`SessionKeeper::adopt`].
    pub(crate) fn adopt(&mut self, name: &str, token: TokenHash, session: &UnsealedSession, now: Timestamp) {
        self.remembered(name).keeper.adopt(token, session, now);
    }

    /// As [`SessionKeeper::end`].
    pub(crate) fn end(&mut self, name: &str, now: Timestamp) {
        self.remembered(name).keeper.end(now);
    }

    /// The generation that this isolate has seen take the place of a session a moment ago.
    pub(crate) fn successor(&self, name: &str, session: &UnsealedSession, now: Timestamp) -> Option<UnsealedSession> {
        self.keepers.iter().find(|it| it.name == name)?.keeper.successor(
            session,
            limits::REMEMBERED_GENERATION_SECONDS,
            now,
        )
    }

    /// Whether this request is the one that refreshes ahead of time. A lease: it may vanish.
    pub(crate) fn start_ahead(&mut self, name: &str, now: Timestamp) -> bool {
        let lease = now.plus_milliseconds(limits::REFRESH_WAIT_MILLISECONDS.into());
        let remembered = self.remembered(name);
        // A lease that ends later than one can was given before the clock was set back.
        let is_held = remembered.ahead_until.is_some_and(|until| now < until && until <= lease);
        if !is_held {
            remembered.ahead_until = Some(lease);
        }
        !is_held
    }

    /// A refresh ahead of time is over: the next may begin, after a pause if it failed.
    pub(crate) fn finish_ahead(&mut self, name: &str, has_failed: bool, now: Timestamp) {
        self.remembered(name).ahead_until = has_failed.then(|| now.plus_seconds(limits::FAILED_REFRESH_SECONDS));
    }

    fn remembered(&mut self, name: &str) -> &mut Remembered {
        let known = self.keepers.iter().position(|remembered| remembered.name == name);
        let remembered = known.map(|index| self.keepers.remove(index));
        let remembered = remembered.unwrap_or_else(|| {
            if self.keepers.len() >= limits::GENERATIONS_REMEMBERED {
                self.keepers.remove(0);
            }
            Remembered { name: name.to_owned(), keeper: SessionKeeper::default(), ahead_until: None }
        });
        self.keepers.push_mut(remembered)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_763_640_000);

    /// A session whose token lives for five minutes. Nothing here asks who has signed it.
    fn session(refresh_token: &str) -> UnsealedSession {
        let access_token = jwt_of(&json!({ "sid": "session_1", "iat": NOW.seconds(), "exp": NOW.seconds() + 300 }));
        let members = json!({ "access_token": access_token, "refresh_token": refresh_token });
        UnsealedSession::from_members(members.as_object().unwrap().clone()).unwrap()
    }

    fn jwt_of(claims: &serde_json::Value) -> String {
        use base64ct::{Base64UrlUnpadded, Encoding};
        let part = |value: &serde_json::Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
        format!("{}.{}.AAAA", part(&json!({ "alg": "RS256", "kid": "key_1" })), part(claims))
    }

    #[test]
    fn a_successor_is_good_for_half_a_minute() {
        let mut memory = RotationMemory::new();
        memory.adopt("a", TokenHash::of(&"rt_0".into()), &session("rt_1"), NOW);
        let successor = |memory: &RotationMemory, token, seconds| {
            memory.successor("a", &session(token), NOW.plus_seconds(seconds)).is_some()
        };
        assert!(successor(&memory, "rt_0", 0) && successor(&memory, "rt_0", 29));
        assert!(!successor(&memory, "rt_0", 30), "another isolate may know better by now");
        assert!(!successor(&memory, "rt_1", 0), "it is the newest itself");
        assert!(!successor(&memory, "rt_2", 0));
        assert!(memory.successor("b", &session("rt_0"), NOW).is_none());
        memory.end("a", NOW);
        assert!(!successor(&memory, "rt_0", 0), "signed out");
    }

    #[test]
    fn one_refreshes_ahead_of_time_and_one_that_vanishes_stops_nobody_for_long() {
        let mut memory = RotationMemory::new();
        assert!(memory.start_ahead("a", NOW) && memory.start_ahead("b", NOW));
        assert!(!memory.start_ahead("a", NOW.plus_seconds(10)));
        assert!(memory.start_ahead("a", NOW.plus_seconds(11)));
        assert!(memory.start_ahead("a", NOW.plus_seconds(-60)), "the clock was set back");
        memory.finish_ahead("a", false, NOW);
        assert!(memory.start_ahead("a", NOW));
        memory.finish_ahead("a", true, NOW);
        assert!(!memory.start_ahead("a", NOW) && memory.start_ahead("a", NOW.plus_seconds(1)));
    }

    #[test]
    fn it_stays_small_and_keeps_what_is_used() {
        let mut memory = RotationMemory::new();
        for number in 0..2 * limits::GENERATIONS_REMEMBERED {
            memory.adopt(&number.to_string(), TokenHash::of(&"rt_0".into()), &session("rt_1"), NOW);
            memory.adopt("mine", TokenHash::of(&"rt_0".into()), &session("rt_1"), NOW);
        }
        assert_eq!(memory.keepers.len(), limits::GENERATIONS_REMEMBERED);
        assert!(memory.successor("mine", &session("rt_0"), NOW).is_some());
        assert!(memory.successor("0", &session("rt_0"), NOW).is_none());
    }
}
