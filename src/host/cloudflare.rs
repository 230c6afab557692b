//! The host on Cloudflare Workers: `fetch`, KV, Durable Objects, `Date`, `crypto`, and the isolate's memory.
//!
//! The only file besides the gateway that knows `worker`. It decides nothing.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretSlice, SecretString};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{RequestInit, RequestRedirect};
use worker::kv::KvStore;
use worker::{AbortController, Context, Delay, Fetch, ObjectNamespace, Request, Response};

use super::in_time::in_time;
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
    /// One per isolate: Workers run a single thread, and requests take turns on it.
    static KEY_MEMORY: RefCell<KeyMemory> = const { RefCell::new(KeyMemory::new()) };
    static ROTATION_MEMORY: RefCell<RotationMemory> = const { RefCell::new(RotationMemory::new()) };
    static REVOCATION_MEMORY: RefCell<RevocationMemory> = const { RefCell::new(RevocationMemory::new()) };
}

/// One request's view of Cloudflare.
#[derive(Clone)]
pub struct CloudflareHost {
    /// What lasts longer than the answer; none inside an object, which lasts by itself.
    context: Option<Rc<Context>>,
    cache: Option<KvStore>,
    sessions: Option<Rc<ObjectNamespace>>,
    revocations: Option<Rc<ObjectNamespace>>,
}

impl CloudflareHost {
    /// A host for one request. Without a KV namespace every isolate asks the provider for keys itself.
    pub fn new(context: &Context, cache: Option<KvStore>) -> Self {
        let context: &JsValue = context.as_ref().as_ref();
        // The same context: a handle is all that is copied.
        let context = Context::new(context.clone().unchecked_into());
        Self { context: Some(Rc::new(context)), cache, sessions: None, revocations: None }
    }

    /// A host inside a Durable Object, which asks the provider for tokens and needs no keys.
    pub const fn in_object() -> Self {
        Self { context: None, cache: None, sessions: None, revocations: None }
    }

    /// The same host with the objects that keep sessions. Without them a refresh is coordinated within one isolate.
    #[must_use]
    pub fn with_session_objects(self, sessions: Option<ObjectNamespace>) -> Self {
        Self { sessions: sessions.map(Rc::new), ..self }
    }

    /// The same host with the object that keeps what is revoked. Without it nothing is.
    #[must_use]
    pub fn with_revocations(self, revocations: Option<ObjectNamespace>) -> Self {
        Self { revocations: revocations.map(Rc::new), ..self }
    }

    /// Goes on after the answer.
    pub(crate) fn wait_until(&self, work: impl Future<Output = ()> + 'static) {
        if let Some(context) = &self.context {
            context.wait_until(work);
        }
    }

    fn tell(&self, objects: Option<&Rc<ObjectNamespace>>, name: String, message: SecretString) {
        let Some(objects) = objects.cloned() else {
            return;
        };
        self.wait_until(async move { messages::tell(async || send(&objects, &name, &message).await).await });
    }
}

impl Host for CloudflareHost {
    fn now(&self) -> Timestamp {
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 fit an i64 for 292 million years")]
        Timestamp::from_milliseconds(js_sys::Date::now() as i64)
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        if getrandom::fill(bytes).is_err() {
            // Sealing with predictable salts would be worse than any outage: this request ends here.
            wasm_bindgen::throw_str("no secure randomness");
        }
    }

    async fn sleep(&self, milliseconds: u32) {
        Delay::from(Duration::from_millis(milliseconds.into())).await;
    }

    async fn fetch(&self, request: OutboundRequest) -> Result<InboundResponse, FetchFault> {
        let deadline = Delay::from(Duration::from_millis(request.timeout_milliseconds.into()));
        let abort = AbortController::default();
        let signal = abort.signal();
        in_time(exchange(request, &signal), deadline).await.unwrap_or_else(|| {
            abort.abort();
            Err(FetchFault::Timeout)
        })
    }

    async fn cache_get(&self, key: &str) -> Option<String> {
        self.cache.as_ref()?.get(key).text().await.ok()?
    }

    fn cache_put(&self, key: String, value: String, seconds_to_live: u64) {
        let Some(cache) = self.cache.clone() else {
            return;
        };
        self.wait_until(async move {
            if let Ok(put) = cache.put(&key, value) {
                // A cache that cannot be written costs a request to the provider later, nothing else.
                let _ = put.expiration_ttl(seconds_to_live).execute().await;
            }
        });
    }

    fn reload_beside(&self, reload: PendingReload<KeySet>) -> Option<PendingReload<KeySet>> {
        if self.context.is_none() {
            return Some(reload);
        }
        let host = self.clone();
        self.wait_until(async move { reload.finish(&host).await });
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
        messages::ask(send(sessions, name, &message), self.sleep(limits::REFRESH_WAIT_MILLISECONDS)).await
    }

    fn tell_session_object(&self, name: String, message: SecretString) {
        self.tell(self.sessions.as_ref(), name, message);
    }

    fn has_revocations(&self) -> bool {
        self.revocations.is_some()
    }

    fn with_revocation_memory<R>(&self, use_memory: impl FnOnce(&mut RevocationMemory) -> R) -> R {
        REVOCATION_MEMORY.with_borrow_mut(use_memory)
    }

    async fn ask_revocations(&self, scope: &str, message: String) -> Result<String, FetchFault> {
        let revocations = self.revocations.as_ref().ok_or(FetchFault::Unreachable)?;
        let message = message.into();
        let asking = send(revocations, scope, &message);
        let answer = messages::ask(asking, self.sleep(limits::REVOCATIONS_TIMEOUT_MILLISECONDS)).await?;
        Ok(answer.expose_secret().to_owned())
    }

    fn tell_revocations(&self, scope: String, message: String) {
        self.tell(self.revocations.as_ref(), scope, message.into());
    }
}

async fn send(sessions: &ObjectNamespace, name: &str, message: &SecretString) -> Result<SecretString, FetchFault> {
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(&message.expose_secret().into());
    let request = request(OBJECT_URL, &init).map_err(|_| FetchFault::Unreachable)?;
    let object = sessions.get_by_name(name).map_err(|_| FetchFault::Unreachable)?;
    let mut answer = object.fetch_with_request(request).await.map_err(|_| FetchFault::Unreachable)?;
    if answer.status_code() != 200 {
        return Err(FetchFault::Unreachable);
    }
    answer.text().await.map(Into::into).map_err(|_| FetchFault::Unreachable)
}

async fn exchange(outbound: OutboundRequest, signal: &worker::AbortSignal) -> Result<InboundResponse, FetchFault> {
    let request = to_worker(&outbound).map_err(|_| FetchFault::Unreachable)?;
    let answer = Fetch::Request(request).send_with_signal(signal).await.map_err(|_| FetchFault::Unreachable)?;
    from_worker(answer, outbound.answer_bytes).await
}

fn to_worker(outbound: &OutboundRequest) -> worker::Result<Request> {
    let asked = &outbound.request;
    let init = RequestInit::new();
    init.set_method(asked.method().as_str());
    init.set_redirect(RequestRedirect::Manual);
    let headers = worker::Headers::new();
    for (name, value) in asked.headers() {
        headers.set(name.as_str(), value.to_str().map_err(|_| worker::Error::BadEncoding)?)?;
    }
    init.set_headers(headers.0.as_ref());
    if !asked.body().expose_secret().is_empty() {
        init.set_body(&js_sys::Uint8Array::from(asked.body().expose_secret()));
    }
    request(&asked.uri().to_string(), &init)
}

/// Not [`Request::new_with_init`], which brings everything along that Cloudflare can do to an image: 10 KB.
fn request(url: &str, init: &RequestInit) -> worker::Result<Request> {
    Ok(Request::from(web_sys::Request::new_with_str_and_init(url, init).map_err(worker::Error::from)?))
}

/// Reads piece by piece, so that an answer without end costs no more memory than is allowed.
async fn from_worker(mut answer: Response, answer_bytes: usize) -> Result<InboundResponse, FetchFault> {
    use futures_util::StreamExt;

    let mut body = Vec::new();
    if let Ok(mut stream) = answer.stream() {
        while let Some(piece) = stream.next().await {
            body.extend(piece.map_err(|_| FetchFault::Unreachable)?);
            if body.len() > answer_bytes {
                return Err(FetchFault::TooLarge);
            }
        }
    }
    let mut response = http::Response::new(SecretSlice::from(body));
    *response.status_mut() = http::StatusCode::from_u16(answer.status_code()).map_err(|_| FetchFault::Unreachable)?;
    for (name, value) in answer.headers().entries() {
        if let (Ok(name), Ok(value)) = (http::HeaderName::try_from(name), http::HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    Ok(response)
}
