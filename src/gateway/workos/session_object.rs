//! The Durable Object that keeps a session, `EDGESEAL_SESSIONS`: the shell around [`SessionKeeper`], which decides everything.
//!
//! Other requests are delivered while one waits here, so what they share stands in fields, and every wait has a deadline. What is
//! done for all of them is no request's own: whoever asked can vanish.

#![expect(missing_docs, reason = "the macro writes exports of its own, and no docs for them")]

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use futures_channel::oneshot;
use futures_util::future::select;
use secrecy::ExposeSecret;
use worker::{Delay, DurableObject, Env, Method, Request, Response, Result, State, Storage, durable_object};

use crate::client::Client;
use crate::error::Rejection;
use crate::gateway::settings::{Provider, WorkOsSettings};
use crate::gateway::{read_settings, upstream};
use crate::host::{CloudflareHost, Host};
use crate::limits;
use crate::provider::workos::ExchangeRejection;
use crate::rotation::{Exchange, Message, Question, SessionKeeper, Step, answer_message};
use crate::seal::SealEntropy;
use crate::session::UnsealedSession;

const RECORD: &str = "record";

/// Keeps the newest generation of one session, and lets one exchange happen at a time.
#[durable_object(alarm)]
pub struct SessionObject {
    state: State,
    env: Env,
    shared: Rc<Shared>,
}

/// What the requests to one object share.
#[derive(Default)]
struct Shared {
    /// None until the record was read.
    keeper: RefCell<Option<SessionKeeper>>,
    waiting: RefCell<Vec<oneshot::Sender<()>>>,
    has_alarm: RefCell<bool>,
}

/// What one request works with. It can go on without the request.
#[derive(Clone)]
struct Work {
    shared: Rc<Shared>,
    settings: Rc<WorkOsSettings>,
    storage: Rc<Storage>,
    host: CloudflareHost,
}

impl DurableObject for SessionObject {
    fn new(state: State, env: Env) -> Self {
        Self { state, env, shared: Rc::default() }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let work = match self.work() {
            Ok(work) => work,
            Err(refusal) => return refusal,
        };
        if request.method() == Method::Get {
            // Whether there is an object at all.
            return Response::ok("");
        }
        let body = upstream::read_body(&mut request, limits::OBJECT_MESSAGE_BYTES).await.unwrap_or_default();
        let Some(message) = Message::read(&body) else {
            return Response::error("not a message", 400);
        };
        work.load().await?;
        match message {
            Message::Refresh(question) => {
                let outcome = self.refresh(&work, question).await;
                Response::ok(answer_message(&outcome).expose_secret())
            }
            Message::Adopt { token, session } => {
                work.with_keeper(|keeper| keeper.adopt(token, &session, work.host.now()));
                work.store().await?;
                Response::ok("")
            }
            Message::End => {
                work.with_keeper(|keeper| keeper.end(work.host.now()));
                // Nothing of the session stays but that it is over, and that not for long.
                *work.shared.has_alarm.borrow_mut() = false;
                work.store().await?;
                work.wake();
                Response::ok("")
            }
        }
    }

    async fn alarm(&self) -> Result<Response> {
        let work = match self.work() {
            Ok(work) => work,
            Err(refusal) => return refusal,
        };
        work.load().await?;
        *work.shared.has_alarm.borrow_mut() = false;
        if work.kept_until() <= work.host.now().milliseconds() {
            work.storage.delete_all().await?;
            work.with_keeper(|keeper| *keeper = SessionKeeper::default());
        } else {
            work.set_alarm().await?;
        }
        Response::ok("")
    }
}

impl SessionObject {
    fn work(&self) -> std::result::Result<Work, Result<Response>> {
        let settings = read_settings(&self.env).map_err(|error| {
            worker::console_error!("edgeseal cannot start: {error}");
            Response::error("misconfigured", 500)
        })?;
        let Provider::WorkOs(settings) = &settings.provider else {
            // Nobody asks: no other provider's sessions are refreshed by an exchange.
            return Err(Response::error("no such sessions", 404));
        };
        let settings = Rc::clone(settings);
        let storage = Rc::new(self.state.storage());
        Ok(Work { shared: Rc::clone(&self.shared), settings, storage, host: CloudflareHost::in_object() })
    }

    async fn refresh(
        &self,
        work: &Work,
        mut question: Question,
    ) -> std::result::Result<UnsealedSession, ExchangeRejection> {
        let deadline = work.host.now().plus_milliseconds(limits::REFRESH_WAIT_MILLISECONDS.into());
        loop {
            let now = work.host.now();
            let until = match work.with_keeper(|keeper| keeper.begin(&mut question, now)) {
                Step::Answer(answer) => return answer,
                Step::Wait(until) => until,
                Step::Exchange(exchange) => {
                    let work = work.clone();
                    self.state.wait_until(async move { work.exchange(exchange).await });
                    deadline
                }
            };
            let patience = until.min(deadline).milliseconds() - now.milliseconds();
            if now >= deadline {
                return Err(Rejection::ProviderTimeout.into());
            }
            let (sender, woken) = oneshot::channel();
            work.shared.waiting.borrow_mut().push(sender);
            let timer = Delay::from(Duration::from_millis(patience.unsigned_abs().max(1)));
            select(woken, Box::pin(timer)).await;
        }
    }
}

impl Work {
    /// Reads the record, once in the life of the object.
    async fn load(&self) -> Result<()> {
        if self.shared.keeper.borrow().is_some() {
            return Ok(());
        }
        let sealed: Option<String> = self.storage.get(RECORD).await?;
        let keeper = SessionKeeper::open(sealed.as_deref(), &self.settings.passwords, self.host.now());
        // Another request may have been quicker while this one read.
        self.shared.keeper.borrow_mut().get_or_insert(keeper);
        *self.shared.has_alarm.borrow_mut() |= sealed.is_some();
        Ok(())
    }

    /// Asks the provider; before and after that the record is stored, so that an object that is evicted meanwhile can go on. Where
    /// the answer may have been lost it is asked for again, as long as the provider repeats itself.
    async fn exchange(&self, exchange: Exchange) {
        // The network waits until this is on disk; if it cannot be, the exchange is worth more than the record.
        let _ = self.store().await;
        loop {
            let client = Client::new(&self.settings.workos, &self.host);
            let outcome = client.exchange(&exchange.session, exchange.organization_id.as_deref()).await;
            self.with_keeper(|keeper| keeper.finish(&exchange, outcome, self.host.now()));
            if let Err(error) = self.store().await {
                worker::console_error!("a session's record cannot be stored: {error}");
            }
            self.wake();
            if !self.with_keeper(|keeper| keeper.is_unanswered(&exchange, self.host.now())) {
                return;
            }
            self.host.sleep(limits::TRY_AGAIN_MILLISECONDS).await;
            if !self.with_keeper(|keeper| keeper.try_again(&exchange, self.host.now())) {
                return;
            }
        }
    }

    async fn store(&self) -> Result<()> {
        let entropy = SealEntropy::from_source(|bytes| self.host.fill_random(bytes));
        let Some(record) = self.with_keeper(|keeper| keeper.seal(&self.settings.passwords, &entropy)) else {
            return Ok(());
        };
        self.storage.put(RECORD, record).await?;
        if *self.shared.has_alarm.borrow() { Ok(()) } else { self.set_alarm().await }
    }

    async fn set_alarm(&self) -> Result<()> {
        *self.shared.has_alarm.borrow_mut() = true;
        let milliseconds = self.kept_until() - self.host.now().milliseconds();
        self.storage.set_alarm(Duration::from_millis(milliseconds.max(0).unsigned_abs())).await
    }

    /// In milliseconds since 1970.
    fn kept_until(&self) -> i64 {
        self.with_keeper(|keeper| keeper.kept_until(self.settings.cookie_max_age)).milliseconds()
    }

    fn with_keeper<R>(&self, use_keeper: impl FnOnce(&mut SessionKeeper) -> R) -> R {
        use_keeper(self.shared.keeper.borrow_mut().get_or_insert_default())
    }

    fn wake(&self) {
        for sender in self.shared.waiting.take() {
            // One that has gone does not matter.
            let _ = sender.send(());
        }
    }
}
