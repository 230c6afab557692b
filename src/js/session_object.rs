//! The object that keeps a session, for the class `SessionObject` of `edgeseal/cloudflare`. Bindings alone; what it does is
//! `host::SessionObject`.

use std::rc::Rc;

use js_sys::Promise;
use secrecy::ExposeSecret;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::arguments::Options;
use super::environment::{Environment, Scope};
use crate::host::{JsHost, ObjectMemory, ObjectPlace, RECORD, SessionObject, StorageFault, promise};
use crate::limits;
use crate::provider::workos::WorkOs;
use crate::seal::PasswordRing;
use crate::time::Timestamp;

#[wasm_bindgen]
extern "C" {
    /// What a Durable Object is made with.
    pub type ObjectState;
    #[wasm_bindgen(method, getter)]
    fn storage(this: &ObjectState) -> ObjectStorage;
    #[wasm_bindgen(method, js_name = waitUntil)]
    fn wait_until(this: &ObjectState, promise: &Promise);

    type ObjectStorage;
    #[wasm_bindgen(method, catch)]
    fn get(this: &ObjectStorage, name: &str) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn put(this: &ObjectStorage, name: &str, value: &str) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = setAlarm)]
    fn set_alarm(this: &ObjectStorage, milliseconds: f64) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = deleteAll)]
    fn delete_all(this: &ObjectStorage) -> Result<Promise, JsValue>;

    #[wasm_bindgen(js_namespace = console, js_name = error)]
    fn console_error(text: &str);
}

/// One object.
#[wasm_bindgen(skip_typescript)]
pub struct SessionKeeping {
    object: SessionObject<Place>,
}

#[wasm_bindgen]
impl SessionKeeping {
    /// With what the runtime gives an object, and `new WorkOS`'s arguments, `cookiePassword` among them.
    ///
    /// # Errors
    /// A TypeError that names the argument that cannot work.
    #[wasm_bindgen(constructor, skip_typescript)]
    pub fn new(state: ObjectState, key: &JsValue, options: &JsValue) -> Result<Self, JsValue> {
        let options = Options::new(options)?;
        let environment = Environment::of(key.as_string(), &options)?;
        let scope = environment.scope(&options.value("cookiePassword")?.unwrap_or_default())?;
        let place = Place { state: Rc::new(state), environment, scope, host: JsHost::default() };
        Ok(Self { object: SessionObject::new(Rc::<ObjectMemory>::default(), place) })
    }

    /// Answers a message, with `undefined` where it is none.
    #[wasm_bindgen(skip_typescript)]
    pub fn receive(&self, message: String) -> Promise {
        let object = self.object.clone();
        promise(async move {
            let answer = object.receive(&message).await?;
            Ok(answer.map_or(JsValue::UNDEFINED, |answer| answer.expose_secret().into()))
        })
    }

    /// The runtime's alarm.
    #[wasm_bindgen(skip_typescript)]
    pub fn alarm(&self) -> Promise {
        let object = self.object.clone();
        promise(async move { Ok(object.alarm().await.map(|()| JsValue::UNDEFINED)?) })
    }
}

#[derive(Clone)]
struct Place {
    state: Rc<ObjectState>,
    environment: Rc<Environment>,
    scope: Rc<Scope>,
    host: JsHost,
}

impl ObjectPlace for Place {
    type Host = JsHost;

    fn host(&self) -> &JsHost {
        &self.host
    }

    fn workos(&self) -> &WorkOs {
        &self.environment.workos
    }

    fn passwords(&self) -> &PasswordRing {
        &self.scope.passwords
    }

    /// The API sets no cookies: how long they live is the caller's affair.
    fn cookie_seconds(&self) -> i64 {
        limits::COOKIE_MAX_AGE_SECONDS
    }

    async fn read(&self) -> Result<Option<String>, StorageFault> {
        Ok(self.state.storage().get(RECORD)?.await?.as_string())
    }

    async fn write(&self, record: String) -> Result<(), StorageFault> {
        self.state.storage().put(RECORD, &record)?.await?;
        Ok(())
    }

    async fn set_alarm(&self, at: Timestamp) -> Result<(), StorageFault> {
        #[expect(clippy::cast_precision_loss, reason = "a Date of JavaScript's counts no further")]
        self.state.storage().set_alarm(at.milliseconds() as f64)?.await?;
        Ok(())
    }

    async fn delete_all(&self) -> Result<(), StorageFault> {
        self.state.storage().delete_all()?.await?;
        Ok(())
    }

    fn wait_until(&self, work: impl Future<Output = ()> + 'static) {
        let work = promise(async move {
            work.await;
            Ok(JsValue::UNDEFINED)
        });
        self.state.wait_until(&work);
    }

    fn report(&self, problem: &str) {
        console_error(&format!("edgeseal: {problem}"));
    }
}

impl From<JsValue> for StorageFault {
    fn from(error: JsValue) -> Self {
        Self(format!("{error:?}"))
    }
}

impl From<StorageFault> for JsValue {
    fn from(StorageFault(problem): StorageFault) -> Self {
        js_sys::Error::new(&problem).into()
    }
}
