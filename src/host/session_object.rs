//! The object that keeps a session, on whichever runtime: does what [`SessionKeeper`] decides. What an object is made of there — its
//! disk, its alarm, its life — is an [`ObjectPlace`].
//!
//! Other requests are delivered while one waits here, so what they share stands in fields, and every wait has a deadline. What is
//! done for all of them is no request's own: whoever asked can vanish.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use secrecy::SecretString;

use super::Host;
use super::in_time::in_time;
use crate::client::Client;
use crate::error::Rejection;
use crate::limits;
use crate::provider::workos::{ExchangeRejection, WorkOs};
use crate::rotation::{Exchange, Message, Question, SessionKeeper, Step, answer_message};
use crate::seal::{PasswordRing, SealEntropy};
use crate::session::UnsealedSession;
use crate::time::Timestamp;

/// Under which name a record is stored.
pub(crate) const RECORD: &str = "record";

/// Where an object lives. A handle: copies are of the same place.
pub(crate) trait ObjectPlace: Clone + 'static {
    /// For the provider, the clock and randomness.
    type Host: Host;

    fn host(&self) -> &Self::Host;
    fn workos(&self) -> &WorkOs;
    /// Records are sealed with the newest.
    fn passwords(&self) -> &PasswordRing;
    /// How long a session cookie lives, in seconds.
    fn cookie_seconds(&self) -> i64;

    /// Reads what is stored as [`RECORD`].
    async fn read(&self) -> Result<Option<String>, StorageFault>;
    /// Stores it. Nothing leaves the object before it is on disk.
    async fn write(&self, record: String) -> Result<(), StorageFault>;
    /// Has [`SessionObject::alarm`] called at this time.
    async fn set_alarm(&self, at: Timestamp) -> Result<(), StorageFault>;
    /// Forgets everything.
    async fn delete_all(&self) -> Result<(), StorageFault>;

    /// Goes on when the request is over.
    fn wait_until(&self, work: impl Future<Output = ()> + 'static);
    /// Tells the operator.
    fn report(&self, problem: &str);
}

/// Why something could not be read or stored, in the runtime's words.
#[derive(Debug)]
pub(crate) struct StorageFault(pub(crate) String);

impl fmt::Display for StorageFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What the requests to one object share; gone when it is evicted.
#[derive(Default)]
pub(crate) struct ObjectMemory {
    /// None until the record was read.
    keeper: RefCell<Option<SessionKeeper>>,
    has_alarm: Cell<bool>,
    /// Who waits for an exchange to end, and how many have ended.
    waiting: RefCell<Vec<Waker>>,
    ended: Cell<u32>,
}

/// An object at work, for one request or beyond it.
#[derive(Clone)]
pub(crate) struct SessionObject<P> {
    memory: Rc<ObjectMemory>,
    place: P,
}

impl<P: ObjectPlace> SessionObject<P> {
    pub(crate) const fn new(memory: Rc<ObjectMemory>, place: P) -> Self {
        Self { memory, place }
    }

    /// Answers a [`Message`]; none where it is none.
    ///
    /// # Errors
    /// The disk's. Whoever sent it may send it again.
    pub(crate) async fn receive(&self, message: &str) -> Result<Option<SecretString>, StorageFault> {
        let is_short = message.len() <= limits::OBJECT_MESSAGE_BYTES;
        let Some(message) = is_short.then(|| Message::read(message)).flatten() else {
            return Ok(None);
        };
        self.load().await?;
        match message {
            Message::Refresh(question) => return Ok(Some(answer_message(&self.refresh(question).await))),
            Message::Adopt { token, session } => {
                self.with_keeper(|keeper| keeper.adopt(token, &session, self.now()));
                self.store().await?;
            }
            Message::End => {
                self.with_keeper(|keeper| keeper.end(self.now()));
                // Nothing of the session stays but that it is over, and that not for long.
                self.memory.has_alarm.set(false);
                self.store().await?;
                self.wake();
            }
        }
        Ok(Some(SecretString::default()))
    }

    /// Forgets a record that nobody uses any more, or looks again when it may go.
    ///
    /// # Errors
    /// The disk's; the runtime then calls again.
    pub(crate) async fn alarm(&self) -> Result<(), StorageFault> {
        self.load().await?;
        self.memory.has_alarm.set(false);
        if self.kept_until() <= self.now() {
            self.place.delete_all().await?;
            self.with_keeper(|keeper| *keeper = SessionKeeper::default());
            return Ok(());
        }
        self.set_alarm().await
    }

    async fn refresh(&self, mut question: Question) -> Result<UnsealedSession, ExchangeRejection> {
        let deadline = self.now().plus_milliseconds(limits::REFRESH_WAIT_MILLISECONDS.into());
        loop {
            let now = self.now();
            let until = match self.with_keeper(|keeper| keeper.begin(&mut question, now)) {
                Step::Answer(answer) => return answer,
                Step::Wait(until) => until,
                Step::Exchange(exchange) => {
                    let work = self.clone();
                    self.place.wait_until(async move { work.exchange(exchange).await });
                    deadline
                }
            };
            if now >= deadline {
                return Err(Rejection::ProviderTimeout.into());
            }
            let patience = until.min(deadline).milliseconds() - now.milliseconds();
            self.exchange_ended(u32::try_from(patience).unwrap_or_default().max(1)).await;
        }
    }

    /// Waits for an exchange to end, or for so long.
    async fn exchange_ended(&self, milliseconds: u32) {
        let ended = self.memory.ended.get();
        let another = poll_fn(|context| {
            if self.memory.ended.get() != ended {
                return Poll::Ready(());
            }
            self.memory.waiting.borrow_mut().push(context.waker().clone());
            Poll::Pending
        });
        // Either way it is looked at again.
        let _ = in_time(another, self.place.host().sleep(milliseconds)).await;
    }

    fn wake(&self) {
        self.memory.ended.set(self.memory.ended.get().wrapping_add(1));
        self.memory.waiting.take().into_iter().for_each(Waker::wake);
    }

    /// Reads the record, once in the life of the object.
    async fn load(&self) -> Result<(), StorageFault> {
        if self.memory.keeper.borrow().is_some() {
            return Ok(());
        }
        let sealed = self.place.read().await?;
        let keeper = SessionKeeper::open(sealed.as_deref(), self.place.passwords(), self.now());
        // Another request may have been quicker while this one read.
        self.memory.keeper.borrow_mut().get_or_insert(keeper);
        self.memory.has_alarm.set(self.memory.has_alarm.get() || sealed.is_some());
        Ok(())
    }

    /// Asks the provider; before and after that the record is stored, so that an object that is evicted meanwhile can go on. Where
    /// the answer may have been lost it is asked for again, as long as the provider repeats itself.
    async fn exchange(&self, exchange: Exchange) {
        // The network waits until this is on disk; if it cannot be, the exchange is worth more than the record.
        let _ = self.store().await;
        loop {
            let client = Client::new(self.place.workos(), self.place.host());
            let outcome = client.exchange(&exchange.session, exchange.organization_id.as_deref()).await;
            self.with_keeper(|keeper| keeper.finish(&exchange, outcome, self.now()));
            if let Err(fault) = self.store().await {
                self.place.report(&format!("a session's record cannot be stored: {fault}"));
            }
            self.wake();
            if !self.with_keeper(|keeper| keeper.is_unanswered(&exchange, self.now())) {
                return;
            }
            self.place.host().sleep(limits::TRY_AGAIN_MILLISECONDS).await;
            if !self.with_keeper(|keeper| keeper.try_again(&exchange, self.now())) {
                return;
            }
        }
    }

    async fn store(&self) -> Result<(), StorageFault> {
        let entropy = SealEntropy::from_source(|bytes| self.place.host().fill_random(bytes));
        let Some(record) = self.with_keeper(|keeper| keeper.seal(self.place.passwords(), &entropy)) else {
            return Ok(());
        };
        self.place.write(record).await?;
        if self.memory.has_alarm.get() { Ok(()) } else { self.set_alarm().await }
    }

    async fn set_alarm(&self) -> Result<(), StorageFault> {
        self.memory.has_alarm.set(true);
        self.place.set_alarm(self.kept_until()).await
    }

    fn kept_until(&self) -> Timestamp {
        self.with_keeper(|keeper| keeper.kept_until(self.place.cookie_seconds()))
    }

    fn with_keeper<R>(&self, use_keeper: impl FnOnce(&mut SessionKeeper) -> R) -> R {
        use_keeper(self.memory.keeper.borrow_mut().get_or_insert_default())
    }

    fn now(&self) -> Timestamp {
        self.place.host().now()
    }
}
