//! A provider that does what a test tells it, counts its calls and keeps its requests; and a host that it can hang.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use edgeseal::host::{Host, MemoryHost, PendingReload};
use edgeseal::http::{FetchFault, InboundResponse, OutboundRequest};
use edgeseal::provider::workos::{DEFAULT_BASE_URL, WorkOs, WorkOsOptions};
use edgeseal::revocation::RevocationMemory;
use edgeseal::rotation::RotationMemory;
use edgeseal::{KeyMemory, KeySet, PasswordRing, SealEntropy, SealFormat, Timestamp, TokenPolicy, seal};
use pollster::block_on;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::mint;

pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// The claims of a token that is valid for five minutes.
pub(crate) fn claims(user: &str) -> Value {
    json!({ "sub": user, "sid": "session_1", "org_id": "org_1", "iat": NOW.seconds(), "exp": NOW.seconds() + 300 })
}

pub(crate) fn ring() -> PasswordRing {
    PasswordRing::single("a password of at least 32 characters".into()).unwrap()
}

/// Sealed as the Node SDK does.
pub(crate) fn sealed(session: &Value) -> String {
    let entropy = SealEntropy::from_source(|bytes| bytes.fill(5));
    seal(session.to_string().as_bytes(), SealFormat::Iron, &ring(), entropy, NOW, None).unwrap()
}

pub(crate) fn workos() -> WorkOs {
    workos_with(TokenPolicy::default())
}

pub(crate) fn workos_with(policy: TokenPolicy) -> WorkOs {
    let options = WorkOsOptions {
        client_id: "client_1".into(),
        api_key: Some("sk_test".into()),
        base_url: DEFAULT_BASE_URL.into(),
        policy,
    };
    WorkOs::new(options).unwrap()
}

/// What the provider says to the next requests.
#[derive(Clone)]
pub(crate) struct Provider(Rc<State>);

struct State {
    keys: RefCell<Result<(u16, String), FetchFault>>,
    exchange: RefCell<Result<(u16, String), FetchFault>>,
    requests: RefCell<Vec<Value>>,
    calls: Cell<usize>,
    hangs: Cell<bool>,
}

impl Provider {
    /// It answers with the test key.
    pub(crate) fn new() -> Self {
        let provider = Self(Rc::new(State {
            keys: RefCell::new(Err(FetchFault::Unreachable)),
            exchange: RefCell::new(Err(FetchFault::Unreachable)),
            requests: RefCell::default(),
            calls: Cell::new(0),
            hangs: Cell::new(false),
        }));
        provider.answer_keys(&[mint::KEY_ID]);
        provider
    }

    pub(crate) fn host(&self) -> SlowHost {
        let provider = self.clone();
        let inner = MemoryHost::new(NOW, move |request| provider.respond(&request));
        SlowHost { inner, provider: self.clone(), beside: None }
    }

    /// A host on which reloads of keys go on beside requests.
    pub(crate) fn host_with_time_after_answers(&self) -> SlowHost {
        SlowHost { beside: Some(RefCell::default()), ..self.host() }
    }

    /// The key set: the test key under each of these ids.
    pub(crate) fn answer_keys(&self, key_ids: &[&str]) {
        let keys: Vec<Value> = key_ids.iter().map(|key_id| mint::public_key(key_id)).collect();
        self.answer(200, &json!({ "keys": keys }).to_string());
    }

    pub(crate) fn answer(&self, status: u16, body: &str) {
        *self.0.keys.borrow_mut() = Ok((status, body.to_owned()));
    }

    pub(crate) fn fail(&self, fault: FetchFault) {
        *self.0.keys.borrow_mut() = Err(fault);
    }

    /// What the token endpoint answers.
    pub(crate) fn exchange(&self, answer: Result<(u16, String), FetchFault>) {
        *self.0.exchange.borrow_mut() = answer;
    }

    /// From now on requests get no answer, until it hangs no more.
    pub(crate) fn hang(&self, hangs: bool) {
        self.0.hangs.set(hangs);
    }

    /// How often the key set was asked for.
    pub(crate) fn calls(&self) -> usize {
        self.0.calls.get()
    }

    /// What was sent to the token endpoint.
    pub(crate) fn exchanges(&self) -> Vec<Value> {
        self.0.requests.borrow().clone()
    }

    fn respond(&self, request: &OutboundRequest) -> Result<InboundResponse, FetchFault> {
        let answer = if request.request.uri().path() == "/user_management/authenticate" {
            let body = serde_json::from_slice(request.request.body().expose_secret()).unwrap();
            self.0.requests.borrow_mut().push(body);
            self.0.exchange.borrow().clone()
        } else {
            assert_eq!(request.request.uri(), "https://api.workos.com/sso/jwks/client_1");
            self.0.keys.borrow().clone()
        };
        let (status, body) = answer?;
        Ok(http::Response::builder().status(status).body(body.into_bytes().into()).unwrap())
    }
}

/// [`MemoryHost`] whose fetch counts when it starts, and hangs while the provider does.
pub(crate) struct SlowHost {
    inner: MemoryHost,
    provider: Provider,
    /// What goes on after answers, where anything does.
    beside: Option<RefCell<Vec<PendingReload<KeySet>>>>,
}

impl SlowHost {
    pub(crate) fn set_now(&self, now: Timestamp) {
        self.inner.set_now(now);
    }

    pub(crate) fn forget_memory(&self) {
        self.inner.forget_memory();
    }

    /// Lets the reloads that were begun finish; says how many there were.
    pub(crate) fn finish_beside(&self) -> usize {
        let reloads = self.beside.as_ref().map(RefCell::take).unwrap_or_default();
        let count = reloads.len();
        reloads.into_iter().for_each(|reload| block_on(reload.finish(self)));
        count
    }

    /// The reloads that were begun vanish, as at the end of a request whose runtime waits for nothing.
    pub(crate) fn forget_beside(&self) -> usize {
        self.beside.as_ref().map_or(0, |beside| beside.take().len())
    }
}

impl Host for SlowHost {
    fn now(&self) -> Timestamp {
        self.inner.now()
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        self.inner.fill_random(bytes);
    }

    async fn sleep(&self, milliseconds: u32) {
        self.inner.sleep(milliseconds).await;
    }

    async fn fetch(&self, request: OutboundRequest) -> Result<InboundResponse, FetchFault> {
        let state = &self.provider.0;
        if request.request.uri().path() != "/user_management/authenticate" {
            state.calls.set(state.calls.get() + 1);
        }
        poll_fn(|_| if state.hangs.get() { Poll::Pending } else { Poll::Ready(()) }).await;
        self.inner.fetch(request).await
    }

    async fn cache_get(&self, key: &str) -> Option<String> {
        self.inner.cache_get(key).await
    }

    fn cache_put(&self, key: String, value: String, seconds_to_live: u64) {
        self.inner.cache_put(key, value, seconds_to_live);
    }

    fn reload_beside(&self, reload: PendingReload<KeySet>) -> Option<PendingReload<KeySet>> {
        let Some(beside) = &self.beside else {
            return Some(reload);
        };
        beside.borrow_mut().push(reload);
        None
    }

    fn with_key_memory<R>(&self, use_memory: impl FnOnce(&mut KeyMemory) -> R) -> R {
        self.inner.with_key_memory(use_memory)
    }

    fn with_rotation_memory<R>(&self, use_memory: impl FnOnce(&mut RotationMemory) -> R) -> R {
        self.inner.with_rotation_memory(use_memory)
    }

    fn with_revocation_memory<R>(&self, use_memory: impl FnOnce(&mut RevocationMemory) -> R) -> R {
        self.inner.with_revocation_memory(use_memory)
    }
}
