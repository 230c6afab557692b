//! What callers learn beside a verdict: how many keys there are, how old, how far the provider's clock is off; and the members of
//! a token that need not expire.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper of a test fails as the test does")]

#[path = "support/mint.rs"]
mod mint;
#[path = "support/vectors.rs"]
mod vectors;

use std::cell::RefCell;

use edgeseal::host::{Host, MemoryHost};
use edgeseal::http::{FetchFault, InboundResponse, OutboundRequest};
use edgeseal::provider::workos::{DEFAULT_BASE_URL, WorkOs, WorkOsOptions};
use edgeseal::revocation::RevocationMemory;
use edgeseal::rotation::RotationMemory;
use edgeseal::{Client, KeyMemory, KeySet, Rejection, Timestamp, TokenPolicy, UnverifiedToken, algorithms, limits};
use pollster::block_on;
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

#[test]
fn a_set_counts_the_keys_that_can_be_used() {
    for ids in [&[][..], &["a"], &["a", "b", "c"]] {
        let keys: Vec<_> = ids.iter().map(|id| mint::public_key(id)).chain([json!({ "kty": "oct" })]).collect();
        let set = KeySet::parse(json!({ "keys": keys }).to_string().as_bytes(), algorithms::ALL).unwrap();
        assert_eq!((set.len(), set.is_empty()), (ids.len(), ids.is_empty()));
    }
}

#[test]
fn a_token_that_need_not_expire_is_checked_in_all_else() {
    let keys =
        KeySet::parse(json!({ "keys": [mint::public_key(mint::KEY_ID)] }).to_string().as_bytes(), algorithms::ALL)
            .unwrap();
    let check = |claims: &Value| {
        let token = mint::token(mint::KEY_ID, claims);
        let token = UnverifiedToken::parse(&token)?;
        let verified = token.verify(keys.select(token.header())?)?;
        verified
            .validate_without_demanding_expiration(&TokenPolicy::default(), NOW)
            .map(|claims| Value::Object(claims.members().clone()))
    };
    let claims = json!({ "sub": "user_1", "of_its_own": [1] });
    assert_eq!(check(&claims), Ok(claims));
    assert_eq!(check(&json!({ "exp": NOW.seconds() })), Err(Rejection::TokenExpired));
    assert_eq!(check(&json!({ "nbf": NOW.seconds() + 1 })), Err(Rejection::TokenNotYetValid));
}

#[test]
fn the_providers_clock_is_compared_when_it_answers_itself() {
    let workos = workos();
    let host = MemoryHost::new(NOW, |_request| Ok(answer(200, Some("Fri, 15 Jan 2027 08:00:42 GMT"))));
    let client = Client::new(&workos, &host);
    assert_eq!(client.clock_skew_seconds(), None, "nothing was asked yet");
    assert_eq!(block_on(client.keys_status()).map(|status| (status.count, status.age_seconds)), Ok((2, Some(0))));
    assert_eq!(client.clock_skew_seconds(), Some(42));
    host.set_now(NOW.plus_seconds(60));
    assert_eq!(block_on(client.keys_status()).map(|status| (status.count, status.age_seconds)), Ok((2, Some(60))));
}

#[test]
fn a_provider_without_a_clock_has_no_skew() {
    let workos = workos();
    let host = MemoryHost::new(NOW, |_request| Ok(answer(200, None)));
    let client = Client::new(&workos, &host);
    assert!(block_on(client.keys_status()).is_ok());
    assert_eq!(client.clock_skew_seconds(), None);
}

#[test]
fn the_shared_cache_is_told_to_keep_keys_as_long_as_they_are_used() {
    let workos = workos();
    let host =
        Recording { inner: MemoryHost::new(NOW, |_request| Ok(answer(200, None))), kept_for: RefCell::default() };
    assert!(block_on(Client::new(&workos, &host).keys_status()).is_ok());
    assert_eq!(*host.kept_for.borrow(), [limits::KEYS_KEPT_SECONDS.unsigned_abs()]);
}

/// [`MemoryHost`] that writes down for how long its cache is to keep things.
struct Recording {
    inner: MemoryHost,
    kept_for: RefCell<Vec<u64>>,
}

impl Host for Recording {
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
        self.inner.fetch(request).await
    }

    async fn cache_get(&self, key: &str) -> Option<String> {
        self.inner.cache_get(key).await
    }

    fn cache_put(&self, key: String, value: String, seconds_to_live: u64) {
        self.kept_for.borrow_mut().push(seconds_to_live);
        self.inner.cache_put(key, value, seconds_to_live);
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

/// Two keys, and what time it is.
fn answer(status: u16, date: Option<&str>) -> InboundResponse {
    let keys = json!({ "keys": [mint::public_key("a"), mint::public_key("b")] });
    let builder = http::Response::builder().status(status);
    let builder = date.into_iter().fold(builder, |builder, date| builder.header("date", date));
    builder.body(keys.to_string().into_bytes().into()).unwrap()
}

fn workos() -> WorkOs {
    let options = WorkOsOptions {
        client_id: "client_1".into(),
        api_key: None,
        base_url: DEFAULT_BASE_URL.into(),
        policy: TokenPolicy::default(),
    };
    WorkOs::new(options).unwrap()
}
