//! The host on Cloudflare Workers: `fetch`, KV, `Date`, `crypto`, and the isolate's memory.
//!
//! The only file besides the gateway that knows `worker`. It decides nothing.

use std::cell::RefCell;
use std::time::Duration;

use futures_util::future::{Either, select};
use secrecy::{ExposeSecret, SecretSlice};
use worker::kv::KvStore;
use worker::{AbortController, Context, Delay, Fetch, Method, Request, RequestInit, RequestRedirect, Response};

use super::Host;
use crate::http::{FetchFault, InboundResponse, OutboundRequest};
use crate::jwks::KeyMemory;
use crate::time::Timestamp;

thread_local! {
    /// One per isolate: Workers run a single thread, and requests take turns on it.
    static KEY_MEMORY: RefCell<KeyMemory> = const { RefCell::new(KeyMemory::new()) };
}

/// One request's view of Cloudflare.
pub struct CloudflareHost<'a> {
    context: &'a Context,
    cache: Option<KvStore>,
}

impl<'a> CloudflareHost<'a> {
    /// A host for one request. Without a KV namespace every isolate asks the provider for keys itself.
    pub const fn new(context: &'a Context, cache: Option<KvStore>) -> Self {
        Self { context, cache }
    }
}

impl Host for CloudflareHost<'_> {
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
        let exchange = Box::pin(async { exchange(request, &signal).await });
        match select(exchange, Box::pin(deadline)).await {
            Either::Left((answer, _)) => answer,
            Either::Right(((), _)) => {
                abort.abort();
                Err(FetchFault::Timeout)
            }
        }
    }

    async fn cache_get(&self, key: &str) -> Option<String> {
        self.cache.as_ref()?.get(key).text().await.ok()?
    }

    fn cache_put(&self, key: String, value: String, seconds_to_live: u64) {
        let Some(cache) = self.cache.clone() else {
            return;
        };
        self.context.wait_until(async move {
            if let Ok(put) = cache.put(&key, value) {
                // A cache that cannot be written costs a request to the provider later, nothing else.
                let _ = put.expiration_ttl(seconds_to_live).execute().await;
            }
        });
    }

    fn with_key_memory<R>(&self, use_memory: impl FnOnce(&mut KeyMemory) -> R) -> R {
        KEY_MEMORY.with_borrow_mut(use_memory)
    }
}

async fn exchange(outbound: OutboundRequest, signal: &worker::AbortSignal) -> Result<InboundResponse, FetchFault> {
    let request = to_worker(&outbound).map_err(|_| FetchFault::Unreachable)?;
    let answer = Fetch::Request(request).send_with_signal(signal).await.map_err(|_| FetchFault::Unreachable)?;
    from_worker(answer, outbound.answer_bytes).await
}

fn to_worker(outbound: &OutboundRequest) -> worker::Result<Request> {
    let request = &outbound.request;
    let mut init = RequestInit::new();
    init.with_method(Method::from(request.method().as_str().to_owned())).with_redirect(RequestRedirect::Manual);
    let headers = worker::Headers::new();
    for (name, value) in request.headers() {
        headers.set(name.as_str(), value.to_str().map_err(|_| worker::Error::BadEncoding)?)?;
    }
    init.with_headers(headers);
    if !request.body().expose_secret().is_empty() {
        init.with_body(Some(js_sys::Uint8Array::from(request.body().expose_secret()).into()));
    }
    Request::new_with_init(&request.uri().to_string(), &init)
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
