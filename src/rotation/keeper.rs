//! The keeper of one session: one exchange at a time, the newest generation for everybody. Pure: it decides, others act.

use super::TokenHash;
use super::record::{Attempt, Record, Standing};
use crate::error::Rejection;
use crate::limits;
use crate::provider::workos::ExchangeRejection;
use crate::seal::{PasswordRing, SealEntropy};
use crate::session::UnsealedSession;
use crate::time::Timestamp;

/// Who wants what: the session as its cookie had it, and the organization to switch to, if it is a switch.
pub struct Question {
    session: UnsealedSession,
    organization_id: Option<String>,
    /// How often the provider was asked on behalf of this caller.
    exchanges: u8,
}

impl Question {
    /// Asks for the next generation of a session, in another organization if one is named.
    pub const fn new(session: UnsealedSession, organization_id: Option<String>) -> Self {
        Self { session, organization_id, exchanges: 0 }
    }
}

/// What to do for a question.
pub enum Step {
    /// Answer with this.
    Answer(Result<UnsealedSession, ExchangeRejection>),
    /// Store the keeper's record, ask the provider, hand what it says to [`SessionKeeper::finish`], store again; then ask on.
    Exchange(Exchange),
    /// Somebody's exchange is under way. Ask again when it has finished, at this time at the latest: it may have vanished.
    Wait(Timestamp),
}

/// An exchange that has to be made.
pub struct Exchange {
    /// The generation whose refresh token is used up.
    pub session: UnsealedSession,
    /// The organization to ask for.
    pub organization_id: Option<String>,
}

impl Exchange {
    fn token(&self) -> Option<TokenHash> {
        self.session.refresh_token().map(TokenHash::of)
    }
}

/// The keeper of one session.
#[derive(Default)]
pub struct SessionKeeper {
    record: Record,
    /// Until when the exchange under way has to be over. A lease: what makes it can vanish.
    under_way: Option<Timestamp>,
    refusal: Option<Refusal>,
}

/// What the provider refused, and how long that stands.
struct Refusal {
    token: TokenHash,
    organization_id: Option<String>,
    rejection: ExchangeRejection,
    until: Timestamp,
}

impl SessionKeeper {
    /// A keeper that knows its session from before, or one that knows nothing where the record does not open.
    pub fn open(sealed: Option<&str>, passwords: &PasswordRing, now: Timestamp) -> Self {
        let record = sealed.and_then(|sealed| Record::open(sealed, passwords, now)).unwrap_or_default();
        Self { record, ..Self::default() }
    }

    /// What has to be stored; none where the ring has no password for it.
    pub fn seal(&self, passwords: &PasswordRing, entropy: &SealEntropy) -> Option<String> {
        self.record.seal(passwords, entropy)
    }

    /// When the record may be forgotten, if nobody comes until then and a cookie lives for `cookie_seconds`.
    pub fn kept_until(&self, cookie_seconds: i64) -> Timestamp {
        let longest =
            if self.record.has_ended() { limits::SIGN_OUT_KEPT_SECONDS } else { limits::GENERATION_KEPT_SECONDS };
        self.record.used_at().plus_seconds(cookie_seconds.min(longest))
    }

    /// The generation that has taken the place of this session, made `seconds` ago at the most; none where nothing has.
    pub(crate) fn successor(&self, session: &UnsealedSession, seconds: i64, now: Timestamp) -> Option<UnsealedSession> {
        let token = session.refresh_token().map(TokenHash::of)?;
        let (newest, made_at) =
            self.record.newest().filter(|_| self.record.standing(&token, now) == Standing::Superseded)?;
        let is_good = newest.expires_at().is_some_and(|expires_at| expires_at > now);
        (is_good && (0..seconds).contains(&now.seconds_since(made_at))).then_some(newest)
    }

    /// What to do for this question now.
    pub fn begin(&mut self, question: &mut Question, now: Timestamp) -> Step {
        let Some(presented) = question.session.refresh_token().map(TokenHash::of) else {
            return Step::Answer(Err(Rejection::RefreshTokenMissing.into()));
        };
        if self.record.has_ended() {
            return Step::Answer(Err(Rejection::InvalidGrant.into()));
        }
        if let Some(open) = self.open_attempt(question, &presented, now) {
            return self.exchange(question, open, now);
        }
        let standing = self.record.standing(&presented, now);
        let exchange = match (standing, self.record.newest()) {
            (Standing::Superseded, Some((newest, made_at))) => {
                if self.answers(question, &newest, made_at, now) {
                    return Step::Answer(Ok(newest));
                }
                Exchange { session: newest, organization_id: question.organization_id.clone() }
            }
            (Standing::Newest, Some((newest, made_at))) => {
                self.record.presented(now);
                let age = now.milliseconds() - made_at.milliseconds();
                let is_young = (0..limits::YOUNG_MILLISECONDS).contains(&age);
                let has_expired = newest.expires_at().is_none_or(|expires_at| expires_at <= now);
                if is_young && !has_expired && self.answers(question, &newest, made_at, now) {
                    return Step::Answer(Ok(newest));
                }
                Exchange { session: newest, organization_id: question.organization_id.clone() }
            }
            _ => Exchange { session: question.session.clone(), organization_id: question.organization_id.clone() },
        };
        self.exchange(question, exchange, now)
    }

    /// Whether a generation that is there already is what the question asks for.
    fn answers(&self, question: &Question, newest: &UnsealedSession, made_at: Timestamp, now: Timestamp) -> bool {
        let wanted = question.organization_id.as_deref();
        let organization_fits = wanted.is_none() || newest.organization_id().as_deref() == wanted;
        let age = now.milliseconds() - made_at.milliseconds();
        let is_just_made = (0..limits::JUST_MADE_MILLISECONDS).contains(&age);
        let is_good = newest.expires_at().is_some_and(|expires_at| expires_at > now) || is_just_made;
        // Under its new id another keeper has it: whoever asked goes on there.
        let has_moved = newest.session_id() != question.session.session_id();
        let is_exhausted = question.exchanges >= limits::EXCHANGES_PER_CALLER;
        ((organization_fits || is_exhausted) && is_good) || has_moved
    }

    /// An exchange that was begun, by an object that died or with a reply that was lost. It comes before everything else: whatever
    /// else is known of the session, its refresh token may be used up, and the provider repeats itself for a moment only.
    fn open_attempt(&self, question: &Question, presented: &TokenHash, now: Timestamp) -> Option<Exchange> {
        // One that is under way is nobody's to repeat, and what is known is good meanwhile.
        let is_left = |attempt: &&Attempt| attempt.may_be_replayed(now) && self.under_way(now).is_none();
        let attempt = self.record.attempt().filter(is_left)?;
        let newest = self.record.newest().map(|(newest, _)| newest);
        let holds_token =
            |session: &UnsealedSession| session.refresh_token().map(TokenHash::of).as_ref() == Some(&attempt.token);
        let own = (*presented == attempt.token).then(|| question.session.clone());
        let session = newest.filter(holds_token).or(own)?;
        // While the provider fails, and once it was asked for this caller, what is known has to do.
        let is_tried = self.stands(&attempt.token, attempt.organization_id.as_deref(), now).is_some();
        let organization_id = attempt.organization_id.clone();
        (!is_tried && question.exchanges == 0).then_some(Exchange { session, organization_id })
    }

    /// The refusal of such an exchange that stands at this moment.
    fn stands(&self, token: &TokenHash, organization_id: Option<&str>, now: Timestamp) -> Option<ExchangeRejection> {
        let refusal = self.refusal.as_ref().filter(|refusal| refusal.until > now)?;
        let is_same = refusal.token == *token && refusal.organization_id.as_deref() == organization_id;
        is_same.then_some(refusal.rejection)
    }

    fn exchange(&mut self, question: &mut Question, mut exchange: Exchange, now: Timestamp) -> Step {
        if exchange.organization_id.is_none() {
            exchange.organization_id = exchange.session.organization_id();
        }
        let Some(token) = exchange.token() else {
            return Step::Answer(Err(Rejection::RefreshTokenMissing.into()));
        };
        if let Some(until) = self.under_way(now) {
            return Step::Wait(until);
        }
        if let Some(rejection) = self.stands(&token, exchange.organization_id.as_deref(), now) {
            return Step::Answer(Err(rejection));
        }
        if question.exchanges >= limits::EXCHANGES_PER_CALLER {
            return Step::Answer(Err(Rejection::ProviderAnswerInvalid.into()));
        }
        question.exchanges += 1;
        self.record.begin_attempt(token, exchange.organization_id.clone(), now);
        self.under_way = Some(now.plus_milliseconds(limits::REFRESH_WAIT_MILLISECONDS.into()));
        Step::Exchange(exchange)
    }

    /// Until when an exchange is under way.
    fn under_way(&self, now: Timestamp) -> Option<Timestamp> {
        let latest = now.plus_milliseconds(limits::REFRESH_WAIT_MILLISECONDS.into());
        // One that ends later than a lease can was given before the clock was set back.
        self.under_way.filter(|until| *until > now && *until <= latest)
    }

    /// Shortens the lease of the exchange under way to a moment from now; whoever holds it so has to do it again and again.
    pub(crate) fn hold(&mut self, now: Timestamp) {
        self.under_way = Some(now.plus_milliseconds(limits::EXCHANGE_LEASE_MILLISECONDS.into()));
    }

    /// Whether an exchange was left without an answer and should be made again, although nobody asks: it may have used the token
    /// up, and the provider repeats itself for a moment only.
    pub fn is_unanswered(&self, exchange: &Exchange, now: Timestamp) -> bool {
        let attempt = self.record.attempt().filter(|attempt| attempt.may_be_replayed(now));
        attempt.is_some_and(|attempt| Some(&attempt.token) == exchange.token().as_ref())
    }

    /// Whether to make it again now. If so, it is under way from now on.
    pub fn try_again(&mut self, exchange: &Exchange, now: Timestamp) -> bool {
        if !self.is_unanswered(exchange, now) || self.under_way(now).is_some() {
            return false;
        }
        self.under_way = Some(now.plus_milliseconds(limits::REFRESH_WAIT_MILLISECONDS.into()));
        true
    }

    /// Takes in what came of an exchange: the next generation, or why there is none.
    pub fn finish(&mut self, exchange: &Exchange, outcome: Result<UnsealedSession, ExchangeRejection>, now: Timestamp) {
        self.under_way = None;
        let Some(token) = exchange.token().filter(|_| !self.record.has_ended()) else {
            return;
        };
        let rejection = match outcome {
            Ok(next) => {
                self.refusal = None;
                self.record.succeed(token, &next, now);
                return;
            }
            Err(rejection) => rejection,
        };
        if !rejection.rejection.is_retryable() {
            self.record.forget_attempt();
        }
        if rejection.rejection == Rejection::InvalidGrant && self.record.standing(&token, now) == Standing::Newest {
            self.record = Record::default();
        }
        let seconds = if rejection.rejection.ends_session() {
            limits::ENDED_SESSION_SECONDS
        } else {
            let asked_for = rejection.retry_after.and_then(|seconds| i64::try_from(seconds).ok());
            asked_for.unwrap_or_default().max(limits::FAILED_REFRESH_SECONDS)
        };
        self.refusal = Some(Refusal {
            token,
            organization_id: exchange.organization_id.clone(),
            rejection,
            until: now.plus_seconds(seconds),
        });
    }

    /// Takes over a generation that other software has made of the session that holds `token`.
    pub fn adopt(&mut self, token: TokenHash, session: &UnsealedSession, now: Timestamp) {
        let newest_issued_at = self.record.newest().and_then(|(newest, _)| newest.issued_at());
        if session.issued_at() >= newest_issued_at && !self.record.has_ended() {
            self.refusal = None;
            self.record.succeed(token, session, now);
        }
    }

    /// The person has signed out: whatever an exchange brings that is still under way, nobody gets it.
    pub fn end(&mut self, now: Timestamp) {
        *self = Self { record: Record::ended(now), ..Self::default() };
    }
}
