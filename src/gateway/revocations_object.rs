//! The Durable Object that keeps what is revoked, `EDGESEAL_REVOCATIONS`: the shell around [`RevocationList`], which decides
//! everything. It is the only one that writes the list, and the snapshot in KV.

#![expect(missing_docs, reason = "the macro writes exports of its own, and no docs for them")]

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use js_sys::{Object, Reflect};
use worker::kv::KvStore;
use worker::{DurableObject, Env, Method, Request, Response, Result, State, Storage, durable_object};

use super::settings::Settings;
use super::{object_settings, upstream};
use crate::host::{CloudflareHost, Host};
use crate::limits;
use crate::revocation::{Message, Publication, RevocationList, Turn, answer_added, answer_check, cache_key};
use crate::time::Timestamp;

/// What Cloudflare's storage takes at once.
const PUT_AT_ONCE: usize = 128;

/// Keeps the revocations of one environment of a provider.
#[durable_object(alarm)]
pub struct Revocations {
    state: State,
    env: Env,
    shared: Rc<Shared>,
}

/// What the requests to one object share.
#[derive(Default)]
struct Shared {
    /// None until it was read.
    list: RefCell<Option<RevocationList>>,
    publication: RefCell<Publication>,
}

/// What one request works with. It can go on without the request.
#[derive(Clone)]
struct Work {
    shared: Rc<Shared>,
    settings: Rc<Settings>,
    storage: Rc<Storage>,
    kv: Option<KvStore>,
    host: CloudflareHost,
}

impl DurableObject for Revocations {
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
        let body = upstream::read_body(&mut request, limits::REVOCATION_MESSAGE_BYTES).await.unwrap_or_default();
        let Some(message) = Message::read(&body) else {
            return Response::error("not a message", 400);
        };
        work.load().await?;
        match message {
            Message::Check(identity) => Response::ok(answer_check(work.with_list(|list| list.check(&identity)))),
            Message::Add { revocation, delivery } => {
                let now = work.host.now();
                let outcome = work.with_list(|list| list.add(revocation, delivery, now));
                if outcome.is_ok() {
                    work.shared.publication.borrow_mut().changed();
                    work.store().await?;
                    // Should this object end before it has published.
                    work.wake_at(Some(now.plus_milliseconds(limits::PUBLISH_PAUSE_MILLISECONDS))).await?;
                    self.publish_beside(&work);
                }
                Response::ok(answer_added(outcome))
            }
            Message::Read => {
                work.shared.publication.borrow_mut().missed(work.host.now());
                self.publish_beside(&work);
                Response::ok(work.snapshot())
            }
        }
    }

    async fn alarm(&self) -> Result<Response> {
        let work = match self.work() {
            Ok(work) => work,
            Err(refusal) => return refusal,
        };
        work.load().await?;
        work.shared.publication.borrow_mut().changed();
        work.publish().await?;
        Response::ok("")
    }
}

impl Revocations {
    fn work(&self) -> std::result::Result<Work, Result<Response>> {
        let settings = object_settings(&self.env)?;
        let storage = Rc::new(self.state.storage());
        let kv = self.env.kv("EDGESEAL_KV").ok();
        Ok(Work { shared: Rc::clone(&self.shared), settings, storage, kv, host: CloudflareHost::in_object() })
    }

    /// Nobody waits for KV.
    fn publish_beside(&self, work: &Work) {
        let work = work.clone();
        self.state.wait_until(async move {
            if let Err(error) = work.publish().await {
                worker::console_error!("what is revoked cannot be stored: {error}");
            }
        });
    }
}

impl Work {
    /// Reads the list, once in the life of the object.
    async fn load(&self) -> Result<()> {
        if self.shared.list.borrow().is_some() {
            return Ok(());
        }
        let mut stored = Vec::new();
        self.storage.list().await?.for_each(&mut |text, name| stored.extend(name.as_string().zip(text.as_string())));
        let list = RevocationList::open(stored.iter().map(|(name, text)| (name.as_str(), text.as_str())));
        // Another request may have been quicker while this one read.
        self.shared.list.borrow_mut().get_or_insert(list);
        Ok(())
    }

    async fn store(&self) -> Result<()> {
        for part in self.with_list(RevocationList::take_changes).chunks(PUT_AT_ONCE) {
            let values = Object::new();
            for (name, text) in part {
                Reflect::set(&values, &name.into(), &text.into())?;
            }
            if let Err(error) = self.storage.put_multiple_raw(values).await {
                // Nobody is told that something is revoked which the next object would not know.
                *self.shared.list.borrow_mut() = None;
                return Err(error);
            }
        }
        Ok(())
    }

    /// Writes the snapshot, if it is its turn, and sees to it that the next one is written.
    async fn publish(&self) -> Result<()> {
        self.load().await?;
        let now = self.host.now();
        let turn = self.shared.publication.borrow_mut().turn(now);
        let next = match turn {
            Turn::Idle => return Ok(()),
            Turn::At(at) => Some(at),
            Turn::Now => {
                if self.with_list(|list| list.expire(now)) {
                    self.store().await?;
                }
                let was_written = self.write().await;
                let now = self.host.now();
                let mut publication = self.shared.publication.borrow_mut();
                publication.finished(was_written);
                match publication.when(now) {
                    Some(at) => Some(at),
                    None => self.with_list(|list| list.expires_at(now)),
                }
            }
        };
        self.wake_at(next).await
    }

    /// Without KV the isolates ask the object itself.
    async fn write(&self) -> bool {
        let Some(kv) = &self.kv else {
            return true;
        };
        let written = match kv.put(&cache_key(self.settings.provider.revocation_scope()), self.snapshot()) {
            Ok(put) => put.expiration_ttl(limits::SNAPSHOT_KEPT_SECONDS).execute().await,
            Err(error) => Err(error),
        };
        if let Err(error) = &written {
            worker::console_error!("what is revoked cannot be published: {error}");
        }
        written.is_ok()
    }

    async fn wake_at(&self, moment: Option<Timestamp>) -> Result<()> {
        let Some(moment) = moment else {
            return self.storage.delete_alarm().await;
        };
        let milliseconds = moment.milliseconds() - self.host.now().milliseconds();
        self.storage.set_alarm(Duration::from_millis(milliseconds.max(0).unsigned_abs())).await
    }

    fn snapshot(&self) -> String {
        self.with_list(|list| list.snapshot().write(self.settings.provider.revocation_scope()))
    }

    fn with_list<R>(&self, use_list: impl FnOnce(&mut RevocationList) -> R) -> R {
        use_list(self.shared.list.borrow_mut().get_or_insert_default())
    }
}
