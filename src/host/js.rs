//! The host in any JavaScript runtime: what the caller injected, or the runtime's own `fetch`, `Date` and `crypto`; memory is the
//! module's. It decides nothing.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Promise, Reflect, Uint8Array};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    AbortController, AbortSignal, Headers, ReadableStreamDefaultReader, Request, RequestCache, RequestInit,
    RequestRedirect,
};

use super::in_time::in_time;
use super::later::beside;
use super::messages::{self, OBJECT_URL};
use super::{Host, PendingReload};
use crate::http::{FetchFault, InboundResponse, OutboundRequest};
use crate::jwks::KeySet;
use crate::limits;
use crate::loaded::KeyMemory;
use crate::revocation::RevocationMemory;
use crate::rotation::RotationMemory;
use crate::time::Timestamp;

thread_local! {
    /// One per module: a client may live for one request only.
    static KEY_MEMORY: RefCell<KeyMemory> = const { RefCell::new(KeyMemory::new()) };
    static ROTATION_MEMORY: RefCell<RotationMemory> = const { RefCell::new(RotationMemory::new()) };
    /// Whether requests may say that no cache is to keep their answer. Workers of before 2024-11-11 throw where one does.
    static KNOWS_CACHES: bool = Request::new_with_str_and_init(OBJECT_URL, &uncached()).is_ok();
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = fetch, catch)]
    fn global_fetch(url: &str, init: &RequestInit) -> Result<Promise, JsValue>;
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, milliseconds: u32) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);

    /// What a `fetch` gives. Every access may fail: a caller's own `fetch` gives whatever it likes.
    type Answer;
    #[wasm_bindgen(method, getter, catch)]
    fn status(this: &Answer) -> Result<u16, JsValue>;
    #[wasm_bindgen(method, getter, catch)]
    fn body(this: &Answer) -> Result<Option<AnswerBody>, JsValue>;
    #[wasm_bindgen(method, getter, catch)]
    fn headers(this: &Answer) -> Result<AnswerHeaders, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn text(this: &Answer) -> Result<JsValue, JsValue>;
    type AnswerBody;
    #[wasm_bindgen(method, catch, js_name = getReader)]
    fn get_reader(this: &AnswerBody) -> Result<ReadableStreamDefaultReader, JsValue>;
    type AnswerHeaders;
    #[wasm_bindgen(method, catch)]
    fn get(this: &AnswerHeaders, name: &str) -> Result<Option<String>, JsValue>;

    /// What a KV namespace offers, and every adapter.
    pub(crate) type KeyCache;
    #[wasm_bindgen(method, catch)]
    fn get(this: &KeyCache, key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn put(this: &KeyCache, key: &str, value: &str, options: &JsValue) -> Result<JsValue, JsValue>;

    /// A namespace of Durable Objects.
    pub(crate) type Objects;
    #[wasm_bindgen(method, catch, js_name = idFromName)]
    fn id_from_name(this: &Objects, name: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn get(this: &Objects, id: &JsValue) -> Result<ObjectStub, JsValue>;
    type ObjectStub;
    #[wasm_bindgen(method, catch)]
    fn fetch(this: &ObjectStub, url: &str, init: &RequestInit) -> Result<JsValue, JsValue>;
}

/// What a caller may put in the place of the runtime's own.
#[derive(Clone, Default)]
pub(crate) struct JsHost {
    /// `() => milliseconds since 1970`.
    pub(crate) now: Option<Function>,
    /// In the shape of `fetch`.
    pub(crate) fetch: Option<Function>,
    pub(crate) key_cache: Option<Rc<KeyCache>>,
    /// Without them a refresh is coordinated within this module.
    pub(crate) sessions: Option<Rc<Objects>>,
    /// Without them nothing is revoked.
    pub(crate) revocations: Option<Rc<Objects>>,
    /// What is known here of the revocations of the environment.
    pub(crate) revocation_memory: Rc<RefCell<RevocationMemory>>,
}

impl Host for JsHost {
    fn now(&self) -> Timestamp {
        let injected = self.now.as_ref().and_then(|now| now.call0(&JsValue::UNDEFINED).ok()?.as_f64());
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 fit an i64 for 292 million years")]
        Timestamp::from_milliseconds(injected.unwrap_or_else(js_sys::Date::now) as i64)
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        if getrandom::fill(bytes).is_err() {
            // Sealing with predictable salts would be worse than any outage: this call ends here.
            wasm_bindgen::throw_str("no secure source of randomness here");
        }
    }

    async fn sleep(&self, milliseconds: u32) {
        Timer::start(milliseconds).ended().await;
    }

    async fn fetch(&self, request: OutboundRequest) -> Result<InboundResponse, FetchFault> {
        let abort = AbortController::new().map_err(|_| FetchFault::Unreachable)?;
        let signal = abort.signal();
        let deadline = Timer::start(request.timeout_milliseconds);
        in_time(self.exchange(&request, &signal), deadline.ended()).await.unwrap_or_else(|| {
            abort.abort();
            Err(FetchFault::Timeout)
        })
    }

    async fn cache_get(&self, key: &str) -> Option<String> {
        settled(self.key_cache.as_ref()?.get(key).ok()?).await.ok()?.as_string()
    }

    fn cache_put(&self, key: String, value: String, seconds_to_live: u64) {
        let Some(cache) = self.key_cache.clone() else {
            return;
        };
        let options = js_sys::Object::new();
        // A cache that cannot be written costs a request to the provider later, nothing else.
        #[expect(clippy::cast_precision_loss, reason = "a day has few seconds")]
        let _ = Reflect::set(&options, &"expirationTtl".into(), &(seconds_to_live as f64).into());
        beside(async move {
            if let Ok(put) = cache.put(&key, &value, &options) {
                let _ = settled(put).await;
            }
        });
    }

    fn reload_beside(&self, reload: PendingReload<KeySet>) -> Option<PendingReload<KeySet>> {
        let host = self.clone();
        beside(async move { reload.finish(&host).await });
        None
    }

    fn with_key_memory<R>(&self, use_memory: impl FnOnce(&mut KeyMemory) -> R) -> R {
        KEY_MEMORY.with_borrow_mut(use_memory)
    }

    fn with_rotation_memory<R>(&self, use_memory: impl FnOnce(&mut RotationMemory) -> R) -> R {
        ROTATION_MEMORY.with_borrow_mut(use_memory)
    }

    fn has_session_objects(&self) -> bool {
        self.sessions.is_some()
    }

    async fn ask_session_object(&self, name: &str, message: SecretString) -> Result<SecretString, FetchFault> {
        let sessions = self.sessions.as_ref().ok_or(FetchFault::Unreachable)?;
        let deadline = Timer::start(limits::REFRESH_WAIT_MILLISECONDS);
        messages::ask(send(sessions, name, &message), deadline.ended()).await
    }

    fn tell_session_object(&self, name: String, message: SecretString) {
        tell(self.sessions.as_ref(), name, message);
    }

    fn has_revocations(&self) -> bool {
        self.revocations.is_some()
    }

    fn with_revocation_memory<R>(&self, use_memory: impl FnOnce(&mut RevocationMemory) -> R) -> R {
        use_memory(&mut self.revocation_memory.borrow_mut())
    }

    async fn ask_revocations(&self, scope: &str, message: String) -> Result<String, FetchFault> {
        let revocations = self.revocations.as_ref().ok_or(FetchFault::Unreachable)?;
        let message = message.into();
        let deadline = Timer::start(limits::REVOCATIONS_TIMEOUT_MILLISECONDS);
        let answer = messages::ask(send(revocations, scope, &message), deadline.ended()).await?;
        Ok(answer.expose_secret().to_owned())
    }

    fn tell_revocations(&self, scope: String, message: String) {
        tell(self.revocations.as_ref(), scope, message.into());
    }
}

/// Made when this is compiled: made at run time it brings a table of all header names along, 12 KB.
const REQUEST_ID: http::HeaderName = http::HeaderName::from_static("x-request-id");

fn tell(objects: Option<&Rc<Objects>>, name: String, message: SecretString) {
    let Some(objects) = objects.cloned() else {
        return;
    };
    beside(async move { messages::tell(async || send(&objects, &name, &message).await).await });
}

async fn send(objects: &Objects, name: &str, message: &SecretString) -> Result<SecretString, FetchFault> {
    answer_of(objects, name, message).await.map_err(|_| FetchFault::Unreachable)
}

async fn answer_of(objects: &Objects, name: &str, message: &SecretString) -> Result<SecretString, JsValue> {
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(&message.expose_secret().into());
    let object = objects.get(&objects.id_from_name(name)?)?;
    let answer = settled(object.fetch(OBJECT_URL, &init)?).await?;
    let answer: &Answer = answer.unchecked_ref();
    if answer.status()? != 200 {
        return Err(JsValue::UNDEFINED);
    }
    Ok(settled(answer.text()?).await?.as_string().unwrap_or_default().into())
}

impl JsHost {
    async fn exchange(&self, outbound: &OutboundRequest, signal: &AbortSignal) -> Result<InboundResponse, FetchFault> {
        let answer = self.send(outbound, signal).await.map_err(|_| FetchFault::Unreachable)?;
        read(answer.unchecked_ref(), outbound.answer_bytes).await.map_err(|Broken(fault)| fault)
    }

    async fn send(&self, outbound: &OutboundRequest, signal: &AbortSignal) -> Result<JsValue, JsValue> {
        let request = &outbound.request;
        let headers = Headers::new()?;
        for (name, value) in request.headers() {
            headers.set(name.as_str(), value.to_str().unwrap_or_default())?;
        }
        // Next.js puts a cache around `fetch`, which takes answers to a POST as well: one person's session, or keys of long ago.
        let init = if KNOWS_CACHES.with(|knows| *knows) { uncached() } else { RequestInit::new() };
        init.set_method(request.method().as_str());
        init.set_headers(&headers);
        init.set_redirect(RequestRedirect::Manual);
        init.set_signal(Some(signal));
        if !request.body().expose_secret().is_empty() {
            init.set_body(&Uint8Array::from(request.body().expose_secret()));
        }
        let url = request.uri().to_string();
        let answer: JsValue = match &self.fetch {
            Some(fetch) => fetch.call2(&JsValue::UNDEFINED, &url.into(), &init)?,
            None => global_fetch(&url, &init)?.into(),
        };
        settled(answer).await
    }
}

fn uncached() -> RequestInit {
    let init = RequestInit::new();
    init.set_cache(RequestCache::NoStore);
    init
}

/// Reads piece by piece, so that an answer without end costs no more memory than is allowed.
async fn read(answer: &Answer, answer_bytes: usize) -> Result<InboundResponse, Broken> {
    let mut body = Vec::new();
    if let Some(stream) = answer.body()? {
        let reader = stream.get_reader()?;
        while let Some(piece) = next_piece(&reader).await? {
            body.extend(piece.to_vec());
            if body.len() > answer_bytes {
                // What is left of it is of no interest, nor whether the sender could be told so.
                let _ = reader.cancel();
                return Err(Broken(FetchFault::TooLarge));
            }
        }
    }
    let mut response = http::Response::new(SecretSlice::from(body));
    *response.status_mut() = http::StatusCode::from_u16(answer.status()?).map_err(|_| JsValue::UNDEFINED)?;
    for name in [http::header::DATE, http::header::RETRY_AFTER, REQUEST_ID] {
        let value = answer.headers()?.get(name.as_str())?;
        if let Some(value) = value.and_then(|value| http::HeaderValue::try_from(value).ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

/// Why an answer could not be read.
struct Broken(FetchFault);

impl From<JsValue> for Broken {
    /// Whatever was thrown, it broke off.
    fn from(_: JsValue) -> Self {
        Self(FetchFault::Unreachable)
    }
}

async fn next_piece(reader: &ReadableStreamDefaultReader) -> Result<Option<Uint8Array>, JsValue> {
    let result: JsValue = reader.read().await?;
    if Reflect::get(&result, &"done".into())?.is_truthy() {
        return Ok(None);
    }
    Reflect::get(&result, &"value".into())?.dyn_into().map(Some)
}

/// What came of a promise, or of a value that a caller's function gave instead of one.
async fn settled(value: JsValue) -> Result<JsValue, JsValue> {
    Promise::resolve(&value).await
}

/// A timer that is cleared when nobody waits for it any more: it would keep a process alive.
struct Timer {
    handle: JsValue,
    promise: Promise,
}

impl Timer {
    fn start(milliseconds: u32) -> Self {
        let mut handle = JsValue::UNDEFINED;
        let promise = Promise::new(&mut |resolve, _| handle = set_timeout(&resolve, milliseconds));
        Self { handle, promise }
    }

    async fn ended(&self) {
        // A timer never rejects.
        let _ = self.promise.clone().await;
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.handle);
    }
}
