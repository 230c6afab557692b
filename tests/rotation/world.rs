//! The world of one session: a browser with its jar, the object that keeps the session, and what is on its way between them.

use std::collections::BTreeMap;

use edgeseal::host::MemoryHost;
use edgeseal::provider::workos::{DEFAULT_BASE_URL, ExchangeRejection, WorkOs, WorkOsOptions};
use edgeseal::rotation::{Exchange, Question, SessionKeeper, Step};
use edgeseal::{
    Client, PasswordRing, Rejection, SealEntropy, SealFormat, SealFormats, Timestamp, TokenPolicy, UnsealedSession,
    seal,
};
use pollster::block_on;
use secrecy::ExposeSecret;
use serde_json::Value;

use crate::provider::{Fate, Provider};

const START: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// How often things happen, in hundredths of the turns in which they can; and what the provider bears.
pub(crate) struct Odds {
    pub(crate) grace_seconds: i64,
    pub(crate) lost_answer: u64,
    pub(crate) lost_reply: u64,
    pub(crate) outage: u64,
    pub(crate) eviction: u64,
    pub(crate) vanish: u64,
    pub(crate) switch: u64,
    pub(crate) long_pause: u64,
    /// Without one every caller exchanges by itself.
    pub(crate) keeper: bool,
}

impl Odds {
    pub(crate) const DEFAULT: Self = Self {
        grace_seconds: 0,
        lost_answer: 20,
        lost_reply: 10,
        outage: 10,
        eviction: 4,
        vanish: 5,
        switch: 10,
        long_pause: 2,
        keeper: true,
    };
}

/// A request at the object. Its cookie is that of the jar when it set out.
struct Caller {
    question: Question,
    deadline: Timestamp,
    generation: u64,
}

struct Exchanging {
    exchange: Exchange,
    since: Timestamp,
    outcome: Option<Result<UnsealedSession, ExchangeRejection>>,
}

pub(crate) struct World<'a> {
    odds: &'a Odds,
    random: u64,
    now: Timestamp,
    provider: Provider,
    host: MemoryHost,
    workos: WorkOs,
    passwords: PasswordRing,
    /// What the browser sends: the session of the last answer that arrived.
    jar: UnsealedSession,
    /// The latest generation that the browser has had.
    latest: UnsealedSession,
    keeper: SessionKeeper,
    stored: Option<String>,
    callers: Vec<Caller>,
    exchanging: Option<Exchanging>,
    /// Answers on their way to the browser; they may overtake each other.
    answers_on_their_way: Vec<UnsealedSession>,
    /// An exchange was made and its result is not stored: the provider's grace is running.
    in_grace_since: Option<Timestamp>,
    /// When each generation first came with a request.
    presented: BTreeMap<u64, Timestamp>,
    answers: usize,
    evictions: usize,
    losses: usize,
    forgotten: usize,
}

impl<'a> World<'a> {
    pub(crate) fn new(seed: u64, odds: &'a Odds) -> Self {
        let provider = Provider::new(START, odds.grace_seconds);
        let answering = provider.clone();
        let options = WorkOsOptions {
            client_id: "client_1".into(),
            api_key: None,
            base_url: DEFAULT_BASE_URL.into(),
            policy: TokenPolicy::default(),
        };
        let passwords = PasswordRing::single("a password of at least 32 characters".into()).unwrap();
        let jar = session(&provider.sign_in(), &passwords);
        Self {
            odds,
            random: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            now: START,
            host: MemoryHost::new(START, move |request| answering.respond(&request)),
            provider,
            workos: WorkOs::new(options).unwrap(),
            passwords,
            latest: jar.clone(),
            jar,
            keeper: SessionKeeper::default(),
            stored: None,
            callers: Vec::new(),
            exchanging: None,
            answers_on_their_way: Vec::new(),
            in_grace_since: None,
            presented: BTreeMap::new(),
            answers: 0,
            evictions: 0,
            losses: 0,
            forgotten: 0,
        }
    }

    pub(crate) const fn provider(&self) -> &Provider {
        &self.provider
    }

    pub(crate) const fn answers(&self) -> usize {
        self.answers
    }

    pub(crate) const fn evictions(&self) -> usize {
        self.evictions
    }

    pub(crate) const fn losses(&self) -> usize {
        self.losses
    }

    /// Cookies that came back after more than ten minutes, and were refused for it.
    pub(crate) const fn forgotten(&self) -> usize {
        self.forgotten
    }

    pub(crate) fn play(&mut self, turns: usize) {
        for _ in 0..turns {
            self.turn();
        }
    }

    /// Everything arrives, nothing fails; then the browser asks once more, and has to be served.
    pub(crate) fn calm(&mut self) {
        self.provider.decide(Fate::Served, Fate::Served);
        for _ in 0..10 {
            self.pass(3_000);
            self.provider_answers(Fate::Served, Fate::Served);
            self.reply_arrives();
        }
        self.callers.clear();
        self.answers_on_their_way.clear();
        let organization = self.provider.organization();
        for _ in 0..10 {
            self.ask(None);
            self.provider_answers(Fate::Served, Fate::Served);
            self.reply_arrives();
            self.pass(3_000);
        }
        let answer = self.answers_on_their_way.pop().unwrap_or_else(|| panic!("nobody was answered"));
        assert_eq!(
            answer.organization_id(),
            Some(organization),
            "the newest generation is for the newest organization"
        );
        let is_good = answer.expires_at().is_some_and(|at| at > self.now);
        assert!(is_good && self.losses == 0, "signed in");
    }

    fn turn(&mut self) {
        // While the grace runs, time passes in seconds: later nobody could save the token.
        let step = match self.draw(100) {
            _ if self.in_grace_since.is_some() => self.draw(2_000),
            odds if odds < self.odds.long_pause => 1000 * 3600 * self.draw(24 * 29),
            odds if odds < 10 => 1000 * self.draw(400),
            _ => self.draw(500),
        };
        if step > 60_000 {
            // No answer is on its way for longer than that.
            self.answers_on_their_way.sort_by_key(generation);
            while !self.answers_on_their_way.is_empty() {
                self.answer_arrives(0);
            }
        }
        self.pass(step);
        for _ in 0..self.draw(4) {
            let switch = self.happens(self.odds.switch).then(|| format!("org_{}", self.draw(3)));
            self.ask(switch);
        }
        if self.happens(self.odds.vanish) && !self.callers.is_empty() {
            let gone = self.draw_index(self.callers.len());
            self.callers.remove(gone);
        }
        if self.happens(50) {
            let fate = |world: &mut Self| {
                if world.happens(world.odds.outage) {
                    if world.happens(50) { Fate::Down } else { Fate::RateLimited }
                } else if world.happens(world.odds.lost_reply) {
                    Fate::ReplyLost
                } else {
                    Fate::Served
                }
            };
            let (first, second) = (fate(self), fate(self));
            self.provider_answers(first, second);
        }
        if self.happens(self.odds.eviction) {
            self.evict();
        }
        if self.happens(50) {
            self.reply_arrives();
        }
        if !self.answers_on_their_way.is_empty() && self.happens(60) {
            let any = self.draw_index(self.answers_on_their_way.len());
            self.answer_arrives(any);
        }
    }

    fn answer_arrives(&mut self, index: usize) {
        let answer = self.answers_on_their_way.remove(index);
        if self.happens(self.odds.lost_answer) {
            return;
        }
        if generation(&answer) > generation(&self.latest) {
            self.latest = answer.clone();
        }
        self.jar = answer;
    }

    fn ask(&mut self, organization_id: Option<String>) {
        let deadline = self.now.plus_seconds(11);
        let generation = generation(&self.jar);
        self.presented.entry(generation).or_insert(self.now);
        self.callers.push(Caller { question: Question::new(self.jar.clone(), organization_id), deadline, generation });
        self.serve();
    }

    /// Every caller that waits asks again.
    fn serve(&mut self) {
        let mut waiting = Vec::new();
        for mut caller in std::mem::take(&mut self.callers) {
            if self.now >= caller.deadline {
                continue;
            }
            let step = if self.odds.keeper {
                self.keeper.begin(&mut caller.question, self.now)
            } else {
                SessionKeeper::default().begin(&mut caller.question, self.now)
            };
            match step {
                Step::Answer(Ok(session)) => self.answer(session),
                Step::Answer(Err(rejection)) => self.refuse(rejection, caller.generation),
                Step::Wait(_) => waiting.push(caller),
                Step::Exchange(exchange) if !self.odds.keeper => match self.exchange(&exchange) {
                    Ok(session) => self.answer(session),
                    Err(rejection) => self.refuse(rejection, caller.generation),
                },
                Step::Exchange(exchange) => {
                    assert!(self.exchanging.is_none(), "one exchange at a time");
                    self.store();
                    self.exchanging = Some(Exchanging { exchange, since: self.now, outcome: None });
                    waiting.push(caller);
                }
            }
        }
        self.callers = waiting;
    }

    fn answer(&mut self, session: UnsealedSession) {
        self.answers += 1;
        self.answers_on_their_way.push(session);
    }

    fn refuse(&mut self, rejection: ExchangeRejection, generation: u64) {
        self.answers += 1;
        if rejection.rejection.is_retryable() {
            return;
        }
        assert_eq!(rejection.rejection, Rejection::InvalidGrant);
        // A cookie that an answer from long ago brought back, after a browser had shown a later one: that is remembered for ten
        // minutes and eight generations.
        let has_later = |(later, at): (&u64, &Timestamp)| {
            *later > generation + 8 || (*later > generation && self.now.seconds_since(*at) >= 600)
        };
        if self.odds.keeper && self.presented.iter().any(has_later) {
            self.forgotten += 1;
            // The other tabs have the later one.
            self.jar = self.latest.clone();
            return;
        }
        assert!(!self.odds.keeper, "logged out with generation {generation} at {:?}: {:?}", self.now, self.presented);
        self.losses += 1;
    }

    fn provider_answers(&mut self, first: Fate, second: Fate) {
        let Some(mut exchanging) = self.exchanging.take() else {
            return;
        };
        if exchanging.outcome.is_none() {
            self.provider.decide(first, second);
            exchanging.outcome = Some(self.exchange(&exchanging.exchange));
            if first == Fate::ReplyLost || second == Fate::ReplyLost {
                self.in_grace_since.get_or_insert(self.now);
            }
        }
        self.exchanging = Some(exchanging);
    }

    fn exchange(&self, exchange: &Exchange) -> Result<UnsealedSession, ExchangeRejection> {
        let client = Client::new(&self.workos, &self.host);
        block_on(client.exchange(&exchange.session, exchange.organization_id.as_deref()))
    }

    fn reply_arrives(&mut self) {
        let Some(Exchanging { exchange, outcome: Some(outcome), .. }) =
            self.exchanging.take_if(|it| it.outcome.is_some())
        else {
            return;
        };
        if outcome.is_ok() {
            self.in_grace_since = None;
        }
        self.keeper.finish(&exchange, outcome, self.now);
        self.store();
        self.serve();
    }

    /// The object loses its memory, and whoever waits there.
    fn evict(&mut self) {
        self.evictions += 1;
        if self.exchanging.take().is_some_and(|exchanging| matches!(exchanging.outcome, Some(Ok(_)))) {
            self.in_grace_since.get_or_insert(self.now);
        }
        self.callers.clear();
        self.keeper = SessionKeeper::open(self.stored.as_deref(), &self.passwords, self.now);
    }

    fn store(&mut self) {
        let entropy = SealEntropy::from_source(|bytes| bytes.fill(7));
        self.stored = self.keeper.seal(&self.passwords, &entropy);
    }

    fn pass(&mut self, milliseconds: u64) {
        let mut now = self.now.plus_milliseconds(i64::try_from(milliseconds).unwrap());
        // Twice five seconds, then an exchange is over.
        while let Some(end) = self.exchanging.as_ref().map(|it| it.since.plus_seconds(10)).filter(|end| *end <= now) {
            self.set_now(end);
            self.provider_answers(Fate::Served, Fate::Served);
            self.reply_arrives();
        }
        // A browser asks again in time to save what only the provider's patience can.
        if let Some(since) = self.in_grace_since {
            let end = since.plus_seconds(self.odds.grace_seconds - 20);
            if now >= end {
                now = end.max(self.now);
                self.set_now(now);
                self.rescue();
                return;
            }
        }
        self.set_now(now);
        self.serve();
    }

    /// Within the grace somebody asks, and the provider is there.
    fn rescue(&mut self) {
        for _ in 0..18 {
            self.ask(None);
            self.provider_answers(Fate::Served, Fate::Served);
            self.reply_arrives();
            if self.in_grace_since.is_none() {
                return;
            }
            self.set_now(self.now.plus_seconds(1));
        }
        panic!("not saved within the grace");
    }

    fn set_now(&mut self, now: Timestamp) {
        self.now = now;
        self.host.set_now(now);
        self.provider.set_now(now);
    }

    fn happens(&mut self, hundredths: u64) -> bool {
        self.draw(100) < hundredths
    }

    fn draw_index(&mut self, length: usize) -> usize {
        usize::try_from(self.draw(length as u64)).unwrap()
    }

    /// xorshift64*: from a seed always the same.
    fn draw(&mut self, below: u64) -> u64 {
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        (self.random.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % below.max(1)
    }
}

/// The provider numbers its refresh tokens.
fn generation(session: &UnsealedSession) -> u64 {
    session.refresh_token().unwrap().expose_secret().trim_start_matches("rt_").parse().unwrap()
}

fn session(pair: &Value, passwords: &PasswordRing) -> UnsealedSession {
    let entropy = SealEntropy::from_source(|bytes| bytes.fill(5));
    let sealed = seal(pair.to_string().as_bytes(), SealFormat::Iron, passwords, entropy, START, None).unwrap();
    let session = UnsealedSession::open(Some(&sealed), passwords, SealFormats::DEFAULT, START).ok().unwrap();
    assert!(session.refresh_token().is_some_and(|token| !token.expose_secret().is_empty()));
    session
}
