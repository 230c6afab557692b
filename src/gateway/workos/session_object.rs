//! `EDGESEAL_SESSIONS`: the object that keeps a session, as a Durable Object of the gateway's. Bindings alone; what it does is
//! `host::SessionObject`.

#![expect(missing_docs, reason = "the macro writes exports of its own, and no docs for them")]

use std::rc::Rc;

use secrecy::ExposeSecret;
use worker::{DurableObject, Env, Error, Method, Request, Response, Result, ScheduledTime, State, durable_object};

use crate::gateway::settings::{Provider, WorkOsSettings};
use crate::gateway::{object_settings, upstream};
use crate::host::{self, CloudflareHost, ObjectMemory, ObjectPlace, RECORD, StorageFault};
use crate::limits;
use crate::provider::workos::WorkOs;
use crate::seal::PasswordRing;
use crate::time::Timestamp;

/// Keeps the newest generation of one session, and lets one exchange happen at a time.
#[durable_object(alarm)]
pub struct SessionObject {
    state: Rc<State>,
    env: Env,
    memory: Rc<ObjectMemory>,
}

impl DurableObject for SessionObject {
    fn new(state: State, env: Env) -> Self {
        Self { state: Rc::new(state), env, memory: Rc::default() }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let object = match self.object() {
            Ok(object) => object,
            Err(refusal) => return refusal,
        };
        if request.method() == Method::Get {
            // Whether there is an object at all.
            return Response::ok("");
        }
        let message = upstream::read_body(&mut request, limits::OBJECT_MESSAGE_BYTES).await.unwrap_or_default();
        match object.receive(&message).await? {
            Some(answer) => Response::ok(answer.expose_secret()),
            None => Response::error("not a message", 400),
        }
    }

    async fn alarm(&self) -> Result<Response> {
        match self.object() {
            Ok(object) => object.alarm().await?,
            Err(refusal) => return refusal,
        }
        Response::ok("")
    }
}

impl SessionObject {
    fn object(&self) -> std::result::Result<host::SessionObject<Place>, Result<Response>> {
        let settings = object_settings(&self.env)?;
        let Provider::WorkOs(settings) = &settings.provider else {
            // Nobody asks: no other provider's sessions are refreshed by an exchange.
            return Err(Response::error("no such sessions", 404));
        };
        let settings = Rc::clone(settings);
        let place = Place { state: Rc::clone(&self.state), settings, host: CloudflareHost::in_object() };
        Ok(host::SessionObject::new(Rc::clone(&self.memory), place))
    }
}

#[derive(Clone)]
struct Place {
    state: Rc<State>,
    settings: Rc<WorkOsSettings>,
    host: CloudflareHost,
}

impl ObjectPlace for Place {
    type Host = CloudflareHost;

    fn host(&self) -> &CloudflareHost {
        &self.host
    }

    fn workos(&self) -> &WorkOs {
        &self.settings.workos
    }

    fn passwords(&self) -> &PasswordRing {
        &self.settings.passwords
    }

    fn cookie_seconds(&self) -> i64 {
        self.settings.cookie_max_age
    }

    async fn read(&self) -> std::result::Result<Option<String>, StorageFault> {
        Ok(self.state.storage().get(RECORD).await?)
    }

    async fn write(&self, record: String) -> std::result::Result<(), StorageFault> {
        Ok(self.state.storage().put(RECORD, record).await?)
    }

    async fn set_alarm(&self, at: Timestamp) -> std::result::Result<(), StorageFault> {
        #[expect(clippy::cast_precision_loss, reason = "a Date of JavaScript's counts no further")]
        let date = js_sys::Date::new(&(at.milliseconds() as f64).into());
        Ok(self.state.storage().set_alarm(ScheduledTime::new(date)).await?)
    }

    async fn delete_all(&self) -> std::result::Result<(), StorageFault> {
        Ok(self.state.storage().delete_all().await?)
    }

    fn wait_until(&self, work: impl Future<Output = ()> + 'static) {
        self.state.wait_until(work);
    }

    fn report(&self, problem: &str) {
        worker::console_error!("{problem}");
    }
}

impl From<Error> for StorageFault {
    fn from(error: Error) -> Self {
        Self(error.to_string())
    }
}

impl From<StorageFault> for Error {
    fn from(StorageFault(problem): StorageFault) -> Self {
        Self::RustError(problem)
    }
}
