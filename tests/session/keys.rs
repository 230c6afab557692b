//! Keys that nobody waits for: stale ones while newer ones are loaded after the answer, and those that the operator has pinned.

use edgeseal::http::FetchFault;
use edgeseal::provider::workos::WorkOs;
use edgeseal::{Client, Rejection, limits};
use pollster::block_on;
use serde_json::{Value, json};

use crate::mint;
use crate::provider::{NOW, Provider, SlowHost, ring, sealed, workos};

#[test]
fn stale_keys_serve_everybody_while_newer_ones_are_loaded_after_the_answer() {
    let (provider, cookie) = (Provider::new(), cookie_of(mint::KEY_ID));
    let host = provider.host_with_time_after_answers();
    assert_eq!(authenticate(&workos(), &host, &cookie), Ok(()));
    assert_eq!(host.finish_beside(), 0, "without any keys there is no answer yet");
    host.set_now(NOW.plus_seconds(limits::KEYS_FRESH_SECONDS));
    provider.hang(true);
    for _ in 0..3 {
        assert_eq!(authenticate(&workos(), &host, &cookie), Ok(()), "nobody waits for a provider that hangs");
    }
    provider.hang(false);
    provider.answer_keys(&["next_key"]);
    assert_eq!(host.finish_beside(), 1, "one reload, whoever asks");
    assert_eq!(provider.calls(), 2);
    assert_eq!(authenticate(&workos(), &host, &cookie), Err(Rejection::UnknownKey), "what was withdrawn is gone");
}

#[test]
fn keys_that_are_stale_for_long_are_not_served_before_the_provider_was_asked() {
    let (provider, cookie) = (Provider::new(), cookie_of(mint::KEY_ID));
    let host = provider.host_with_time_after_answers();
    assert_eq!(authenticate(&workos(), &host, &cookie), Ok(()));
    host.set_now(NOW.plus_seconds(limits::KEYS_SERVED_STALE_SECONDS));
    provider.answer_keys(&["next_key"]);
    assert_eq!(authenticate(&workos(), &host, &cookie), Err(Rejection::UnknownKey));
    assert_eq!(host.finish_beside(), 0);
    provider.fail(FetchFault::Timeout);
    host.set_now(NOW.plus_seconds(3 * limits::KEYS_SERVED_STALE_SECONDS));
    assert_eq!(authenticate(&workos(), &host, &cookie_of("next_key")), Ok(()), "but while it is down they are");
}

#[test]
fn where_nothing_goes_on_after_an_answer_the_next_request_waits_for_the_reload() {
    let (provider, cookie) = (Provider::new(), cookie_of(mint::KEY_ID));
    let host = provider.host_with_time_after_answers();
    assert_eq!(authenticate(&workos(), &host, &cookie), Ok(()));
    let stale = NOW.plus_seconds(limits::KEYS_FRESH_SECONDS);
    host.set_now(stale);
    assert_eq!(authenticate(&workos(), &host, &cookie), Ok(()));
    assert_eq!((host.forget_beside(), provider.calls()), (1, 1), "it has vanished");
    host.set_now(stale.plus_seconds(6));
    assert_eq!(authenticate(&workos(), &host, &cookie), Ok(()));
    assert_eq!((host.finish_beside(), provider.calls()), (0, 2));
}

#[test]
fn pinned_keys_serve_until_the_provider_has_answered_once() {
    let (provider, cookie) = (Provider::new(), cookie_of("pinned_key"));
    let host = provider.host_with_time_after_answers();
    let workos = workos().with_pinned_keys(&pinned(&["pinned_key"])).unwrap();
    provider.fail(FetchFault::Unreachable);
    for minute in [0, 1, 24 * 60, 365 * 24 * 60] {
        host.set_now(NOW.plus_seconds(60 * minute));
        provider.hang(true);
        assert_eq!(authenticate(&workos, &host, &cookie), Ok(()), "minute {minute}: the first request asks nobody");
        provider.hang(false);
        host.finish_beside();
        assert_eq!(authenticate(&workos, &host, &cookie), Ok(()), "minute {minute}: nor an outage");
    }
    provider.answer_keys(&[mint::KEY_ID]);
    host.set_now(NOW.plus_seconds(400 * 24 * 3600));
    assert_eq!(authenticate(&workos, &host, &cookie), Ok(()));
    host.finish_beside();
    assert_eq!(authenticate(&workos, &host, &cookie), Err(Rejection::UnknownKey), "its keys have taken their place");
    assert_eq!(authenticate(&workos, &host, &cookie_of(mint::KEY_ID)), Ok(()));
}

#[test]
fn a_key_that_is_not_pinned_is_asked_for() {
    let provider = Provider::new();
    let host = provider.host();
    let workos = workos().with_pinned_keys(&pinned(&["pinned_key"])).unwrap();
    assert_eq!(authenticate(&workos, &host, &cookie_of(mint::KEY_ID)), Ok(()));
    let fresh = provider.host_with_time_after_answers();
    let cookie = cookie_of(mint::KEY_ID);
    assert_eq!(authenticate(&workos, &fresh, &cookie), Ok(()), "also where the reload beside has vanished");
}

#[test]
fn what_cannot_be_pinned_is_named() {
    for wrong in
        ["", "[]", "{}", r#"{"keys":[]}"#, r#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#, "https://example.com/jwks"]
    {
        let error = workos().with_pinned_keys(wrong.as_bytes()).err().unwrap();
        assert_eq!(error.setting(), "PINNED_KEYS", "{wrong}");
    }
}

fn pinned(key_ids: &[&str]) -> Vec<u8> {
    let keys: Vec<Value> = key_ids.iter().map(|key_id| mint::public_key(key_id)).collect();
    json!({ "keys": keys }).to_string().into_bytes()
}

/// Of a session that outlives every test.
fn cookie_of(key_id: &str) -> String {
    sealed(&json!({ "accessToken": mint::token(key_id, &json!({ "exp": 2_000_000_000 })) }))
}

fn authenticate(workos: &WorkOs, host: &SlowHost, cookie: &str) -> Result<(), Rejection> {
    block_on(Client::new(workos, host).load_sealed_session(Some(cookie), &ring()).authenticate()).map(drop)
}
