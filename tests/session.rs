//! Sessions over a host: what costs the provider a call and what does not, what survives an outage, what ends a session.
//!
//! The host stands in memory; its clock stands where the test puts it, and a function plays the provider.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper of a test fails as the test does")]

#[path = "session/keys.rs"]
mod keys;
#[path = "support/mint.rs"]
mod mint;
#[path = "support/provider.rs"]
mod provider;
#[path = "session/refresh.rs"]
mod refresh;
#[path = "session/unsealed.rs"]
mod unsealed;
#[path = "support/vectors.rs"]
mod vectors;

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use edgeseal::http::FetchFault;
use edgeseal::{AuthenticatedSession, Client, PasswordRing, Rejection, Timestamp, TokenPolicy, limits};
use pollster::block_on;
use provider::{NOW, Provider, claims, ring, sealed, workos};
use serde_json::json;

#[test]
fn a_session_authenticates_with_what_token_and_seal_say() {
    let provider = Provider::new();
    let host = provider.host();
    let token = mint::token(
        mint::KEY_ID,
        &json!({
            "iss": "https://api.workos.com", "sub": "user_1", "sid": "session_1", "org_id": "org_1", "role": "admin",
            "roles": ["admin", "member"], "permissions": ["posts:read"], "entitlements": ["audit-logs"],
            "feature_flags": ["beta"], "iat": NOW.seconds() - 10, "exp": NOW.seconds() + 300
        }),
    );
    let cookie = sealed(&json!({
        "accessToken": token, "refreshToken": "rt_1", "authenticationMethod": "Password",
        "user": { "id": "user_1", "email": "ada@example.com", "firstName": "Ådä 🔑", "metadata": { "keepMe": 1 } },
        "impersonator": { "email": "admin@example.com", "reason": null }
    }));
    let authenticated = authenticate(&host, &cookie).unwrap();
    let session = serde_json::to_value(authenticated.session()).unwrap();
    let expected = json!({
        "user_id": "user_1", "session_id": "session_1", "organization_id": "org_1", "role": "admin",
        "roles": ["admin", "member"], "permissions": ["posts:read"], "entitlements": ["audit-logs"],
        "feature_flags": ["beta"], "authentication_method": "Password",
        "user": { "id": "user_1", "email": "ada@example.com", "first_name": "Ådä 🔑", "metadata": { "keepMe": 1 } },
        "impersonator": { "email": "admin@example.com", "reason": null },
        "issued_at": NOW.seconds() - 10, "expires_at": NOW.seconds() + 300
    });
    assert_eq!(session, expected);
    assert_eq!(provider.calls(), 1);
}

#[test]
fn an_access_token_alone_is_a_session_only_where_it_names_one() {
    let provider = Provider::new();
    let host = provider.host();
    let workos = workos();
    let client = Client::new(&workos, &host);
    let session = json!({ "sub": "user_1", "sid": "session_1", "act": { "sub": "admin@example.com" } });
    let check = |changes: serde_json::Value| {
        let mut claims = session.as_object().unwrap().clone();
        claims.insert("exp".into(), (NOW.seconds() + 300).into());
        claims.append(&mut changes.as_object().unwrap().clone());
        claims.retain(|_, value| !value.is_null());
        let token = mint::token(mint::KEY_ID, &serde_json::Value::Object(claims));
        block_on(client.authenticate_access_token(&token.into()))
    };
    let session = check(json!({})).unwrap();
    let session = session.session();
    assert_eq!((session.user_id.as_deref(), session.session_id.as_deref()), (Some("user_1"), Some("session_1")));
    assert!(session.user.is_none() && session.impersonator.as_ref().unwrap().email == "admin@example.com");
    for (changes, rejection) in [
        // The same keys sign tokens of machines: their subject is a client, and there is no session.
        (json!({ "sub": "client_1", "sid": null }), Rejection::TokenNotOfSession),
        (json!({ "sub": null }), Rejection::TokenNotOfSession),
        // Or of agents and widgets, which act for a person.
        (json!({ "sub_type": "agent" }), Rejection::TokenNotOfSession),
        (json!({ "sub_profile": "widget" }), Rejection::TokenNotOfSession),
        (json!({ "sub_profile": ["user"] }), Rejection::TokenNotOfSession),
        (json!({ "sid": 7 }), Rejection::ClaimsMalformed),
        (json!({ "exp": NOW.seconds() }), Rejection::TokenExpired),
    ] {
        assert_eq!(check(changes).err(), Some(rejection));
    }
    assert!(check(json!({ "sub_profile": "user" })).is_ok());
    assert_eq!(provider.calls(), 1);
}

#[test]
fn a_seal_makes_no_persons_token_of_an_agents() {
    let provider = Provider::new();
    let claims = json!({ "sub": "user_1", "sid": "session_1", "exp": NOW.seconds() + 300, "sub_type": "agent" });
    let cookie = sealed(&json!({ "accessToken": mint::token(mint::KEY_ID, &claims), "refreshToken": "rt_1" }));
    assert_eq!(authenticate(&provider.host(), &cookie).err(), Some(Rejection::TokenNotOfSession));
}

#[test]
fn no_cookie_garbage_and_what_holds_no_session_are_told_apart() {
    let provider = Provider::new();
    let host = provider.host();
    let workos = workos();
    let client = Client::new(&workos, &host);
    let none = block_on(client.load_sealed_session(None, &ring()).authenticate()).err();
    assert_eq!(none, Some(Rejection::CookieMissing));
    for (cookie, rejection) in [
        (String::new(), Rejection::CookieMissing),
        ("garbage".to_owned(), Rejection::SealUnknownFormat),
        (sealed(&json!({})), Rejection::SessionMalformed),
        (sealed(&json!([])), Rejection::SessionMalformed),
        (sealed(&json!({ "accessToken": "" })), Rejection::SessionMalformed),
        (sealed(&json!({ "accessToken": 7 })), Rejection::SessionMalformed),
        (sealed(&json!({ "accessToken": "a.b.c", "user": "ada" })), Rejection::SessionMalformed),
    ] {
        assert_eq!(authenticate(&host, &cookie).err(), Some(rejection));
    }
    assert_eq!(provider.calls(), 0, "nothing of this is worth a call");
}

#[test]
fn claims_of_the_wrong_type_are_refused() {
    let provider = Provider::new();
    let host = provider.host();
    for odd in
        [json!({ "sid": 1 }), json!({ "roles": "admin" }), json!({ "permissions": [1] }), json!({ "org_id": {} })]
    {
        let mut claims = claims("user_1");
        claims.as_object_mut().unwrap().extend(odd.as_object().unwrap().clone());
        let cookie = sealed(&json!({ "accessToken": mint::token(mint::KEY_ID, &claims) }));
        assert_eq!(authenticate(&host, &cookie).err(), Some(Rejection::ClaimsMalformed), "{odd}");
    }
}

#[test]
fn an_expired_token_is_refused_without_another_call() {
    let provider = Provider::new();
    let host = provider.host();
    let cookie = cookie();
    assert!(authenticate(&host, &cookie).is_ok());
    host.set_now(NOW.plus_seconds(299));
    assert!(authenticate(&host, &cookie).is_ok());
    host.set_now(NOW.plus_seconds(300));
    assert_eq!(authenticate(&host, &cookie).err(), Some(Rejection::TokenExpired));
    assert_eq!(provider.calls(), 1);
}

#[test]
fn the_policy_of_the_environment_holds() {
    let provider = Provider::new();
    let host = provider.host();
    let policy = TokenPolicy { issuers: vec!["https://other.example".into()], ..TokenPolicy::default() };
    let workos = provider::workos_with(policy);
    let client = Client::new(&workos, &host);
    let refused = block_on(client.load_sealed_session(Some(&cookie()), &ring()).authenticate()).err();
    assert_eq!(refused, Some(Rejection::IssuerMismatch));
}

#[test]
fn an_unknown_key_costs_one_reload_per_cooldown_whoever_asks() {
    let provider = Provider::new();
    let host = provider.host();
    assert!(authenticate(&host, &cookie()).is_ok());
    assert_eq!(provider.calls(), 1);
    let forged = cookie_of_key("another_key");
    for second in 0..limits::UNKNOWN_KEY_COOLDOWN_SECONDS {
        host.set_now(NOW.plus_seconds(second));
        assert_eq!(authenticate(&host, &forged).err(), Some(Rejection::UnknownKey), "{second}");
    }
    assert_eq!(provider.calls(), 2, "one reload in a whole cooldown");
    host.set_now(NOW.plus_seconds(limits::UNKNOWN_KEY_COOLDOWN_SECONDS));
    assert_eq!(authenticate(&host, &forged).err(), Some(Rejection::UnknownKey));
    assert_eq!(provider.calls(), 3);
    assert!(authenticate(&host, &cookie()).is_ok(), "the known key works all the while");
}

#[test]
fn a_key_that_was_just_rotated_in_works_at_once() {
    let provider = Provider::new();
    let host = provider.host();
    assert!(authenticate(&host, &cookie()).is_ok());
    provider.answer_keys(&[mint::KEY_ID, "next_key"]);
    assert!(authenticate(&host, &cookie_of_key("next_key")).is_ok());
    assert!(authenticate(&host, &cookie_of_key("next_key")).is_ok());
    assert!(authenticate(&host, &cookie()).is_ok());
    assert_eq!(provider.calls(), 2);
}

#[test]
fn a_provider_that_is_down_at_the_start_is_retryable_and_not_stormed() {
    let provider = Provider::new();
    let host = provider.host();
    for fault in [FetchFault::Unreachable, FetchFault::Timeout, FetchFault::TooLarge] {
        provider.fail(fault);
        host.forget_memory();
        let before = provider.calls();
        for _ in 0..10 {
            let rejection = authenticate(&host, &cookie()).err().unwrap();
            assert_eq!(rejection, Rejection::KeysUnavailable);
            assert!(rejection.is_retryable() && !rejection.ends_session());
        }
        assert_eq!(provider.calls(), before + 1);
    }
    provider.answer_keys(&[mint::KEY_ID]);
    host.set_now(NOW.plus_seconds(limits::FAILED_RELOAD_COOLDOWN_SECONDS));
    assert!(authenticate(&host, &cookie()).is_ok(), "it recovers by itself");
}

#[test]
fn answers_that_are_no_keys_are_not_believed_and_not_kept() {
    for (status, body) in [
        (200, "<html>"),
        (200, "{}"),
        (200, r#"{"keys":[]}"#),
        (200, r#"{"keys":[{"kty":"EC"}]}"#),
        (302, r#"{"keys":[]}"#),
        (404, "{}"),
        (500, "{}"),
    ] {
        let provider = Provider::new();
        let host = provider.host();
        provider.answer(status, body);
        assert_eq!(authenticate(&host, &cookie()).err(), Some(Rejection::KeysUnavailable), "{status} {body}");
        provider.answer_keys(&[mint::KEY_ID]);
        host.forget_memory();
        assert!(authenticate(&host, &cookie()).is_ok(), "nothing was left in the shared cache: {status} {body}");
    }
    let provider = Provider::new();
    let host = provider.host();
    let keys = json!({ "keys": [mint::public_key(mint::KEY_ID)] }).to_string();
    provider.answer(302, &keys);
    assert_eq!(authenticate(&host, &cookie()).err(), Some(Rejection::KeysUnavailable), "a redirect is no answer");
}

#[test]
fn known_keys_outlive_an_outage_of_a_day_and_no_longer() {
    let provider = Provider::new();
    let host = provider.host();
    let long_lived = sealed(&json!({ "accessToken": mint::token(mint::KEY_ID, &json!({ "exp": 1_900_000_000 })) }));
    assert!(authenticate(&host, &long_lived).is_ok());
    provider.fail(FetchFault::Unreachable);
    for hour in 1..24 {
        host.set_now(NOW.plus_seconds(hour * 3600));
        let before = provider.calls();
        for _ in 0..5 {
            assert!(authenticate(&host, &long_lived).is_ok(), "hour {hour}");
        }
        assert_eq!(provider.calls(), before + 1, "one attempt per pause");
    }
    host.set_now(NOW.plus_seconds(limits::KEYS_KEPT_SECONDS));
    assert_eq!(authenticate(&host, &long_lived).err(), Some(Rejection::KeysUnavailable));
}

#[test]
fn an_unknown_key_during_an_outage_is_retryable() {
    let provider = Provider::new();
    let host = provider.host();
    assert!(authenticate(&host, &cookie()).is_ok());
    provider.fail(FetchFault::Timeout);
    for _ in 0..3 {
        assert_eq!(authenticate(&host, &cookie_of_key("next_key")).err(), Some(Rejection::KeysUnavailable));
    }
    assert_eq!(provider.calls(), 2);
    assert!(authenticate(&host, &cookie()).is_ok(), "known keys go on");
}

#[test]
fn a_fresh_isolate_takes_the_keys_from_the_shared_cache() {
    let provider = Provider::new();
    let host = provider.host();
    assert!(authenticate(&host, &cookie()).is_ok());
    provider.fail(FetchFault::Unreachable);
    host.forget_memory();
    assert!(authenticate(&host, &cookie()).is_ok());
    assert_eq!(provider.calls(), 1, "no call of its own");
    let long_lived = sealed(&json!({ "accessToken": mint::token(mint::KEY_ID, &json!({ "exp": 1_900_000_000 })) }));
    host.forget_memory();
    host.set_now(NOW.plus_seconds(3600));
    assert!(authenticate(&host, &long_lived).is_ok(), "stale keys of another isolate serve in an outage");
    host.forget_memory();
    host.set_now(NOW.plus_seconds(limits::KEYS_KEPT_SECONDS));
    assert_eq!(authenticate(&host, &long_lived).err(), Some(Rejection::KeysUnavailable));
}

#[test]
fn a_poisoned_shared_cache_is_a_miss() {
    use edgeseal::host::Host;
    let provider = Provider::new();
    let host = provider.host();
    let key = "edgeseal:keys:1:https://api.workos.com/sso/jwks/client_1";
    assert!(authenticate(&host, &cookie()).is_ok());
    let written = block_on(host.cache_get(key)).unwrap();
    for poison in ["", "null", "{}", "<html>", &written.replace("client_1", "client_2")] {
        host.cache_put(key.to_owned(), poison.to_owned(), 60);
        host.forget_memory();
        let before = provider.calls();
        assert!(authenticate(&host, &cookie()).is_ok(), "{poison}");
        assert_eq!(provider.calls(), before + 1, "{poison}");
    }
}

#[test]
fn a_clock_that_is_set_back_neither_refuses_nor_storms() {
    let provider = Provider::new();
    let host = provider.host();
    assert!(authenticate(&host, &cookie()).is_ok());
    host.set_now(NOW.plus_seconds(-3600));
    for _ in 0..5 {
        assert!(authenticate(&host, &cookie()).is_ok());
    }
    assert_eq!(provider.calls(), 2);
}

#[test]
fn a_reload_that_vanished_blocks_nobody_beyond_its_lease() {
    let provider = Provider::new();
    let host = provider.host();
    let workos = workos();
    let client = Client::new(&workos, &host);
    let (cookie, passwords) = (cookie(), ring());
    let session = client.load_sealed_session(Some(&cookie), &passwords);
    provider.hang(true);
    {
        let mut vanishing = pin!(session.authenticate());
        assert!(poll_once(vanishing.as_mut()).is_pending());
        assert_eq!(provider.calls(), 1, "it is inside the fetch");
        // Dropped here: the request has vanished.
    }
    provider.hang(false);
    let started = NOW;
    assert!(block_on(session.authenticate()).is_ok());
    let waited = edgeseal::host::Host::now(&host).milliseconds() - started.milliseconds();
    let lease = limits::KEYS_LEASE_MILLISECONDS;
    assert!((lease..lease + i64::from(limits::KEYS_POLL_MILLISECONDS)).contains(&waited), "{waited} ms");
    assert_eq!(provider.calls(), 2);
}

#[test]
fn a_reload_for_an_unknown_key_that_vanished_does_not_shut_the_new_key_out() {
    let provider = Provider::new();
    let host = provider.host();
    assert!(authenticate(&host, &cookie()).is_ok());
    let workos = workos();
    let client = Client::new(&workos, &host);
    let (forged, passwords) = (cookie_of_key("forged"), ring());
    let hostile = client.load_sealed_session(Some(&forged), &passwords);
    provider.hang(true);
    let mut vanishing = Box::pin(hostile.authenticate());
    assert!(poll_once(vanishing.as_mut()).is_pending());
    // Never polled again, and not dropped either: the request hangs about.
    provider.hang(false);
    provider.answer_keys(&[mint::KEY_ID, "next_key"]);
    host.set_now(NOW.plus_seconds(6));
    assert!(authenticate(&host, &cookie_of_key("next_key")).is_ok());
}

#[test]
fn while_one_request_reloads_stale_keys_serve_the_others() {
    let provider = Provider::new();
    let host = provider.host();
    let long_lived = sealed(&json!({ "accessToken": mint::token(mint::KEY_ID, &json!({ "exp": 1_900_000_000 })) }));
    assert!(authenticate(&host, &long_lived).is_ok());
    let later = NOW.plus_seconds(limits::KEYS_FRESH_SECONDS);
    host.set_now(later);
    let workos = workos();
    let client = Client::new(&workos, &host);
    let passwords = ring();
    let session = client.load_sealed_session(Some(&long_lived), &passwords);
    provider.hang(true);
    let mut reloading = Box::pin(session.authenticate());
    assert!(poll_once(reloading.as_mut()).is_pending());
    assert!(authenticate(&host, &long_lived).is_ok());
    assert_eq!(edgeseal::host::Host::now(&host), later, "nobody waited");
    assert_eq!(provider.calls(), 2);
    provider.hang(false);
    assert!(matches!(poll_once(reloading.as_mut()), Poll::Ready(Ok(_))));
}

#[test]
fn signing_out_works_with_an_expired_token_and_no_keys() {
    let provider = Provider::new();
    provider.fail(FetchFault::Unreachable);
    let host = provider.host();
    host.set_now(Timestamp::from_seconds(2_000_000_000));
    let workos = workos();
    let client = Client::new(&workos, &host);
    let (cookie, passwords) = (cookie(), ring());
    let session = client.load_sealed_session(Some(&cookie), &passwords);
    assert_eq!(
        session.get_logout_url(Some("https://app.example/?a=1&b=ü")).unwrap(),
        "https://api.workos.com/user_management/sessions/logout?session_id=session_1\
         &return_to=https%3A%2F%2Fapp.example%2F%3Fa%3D1%26b%3D%C3%BC"
    );
    let without = sealed(&json!({ "accessToken": mint::token(mint::KEY_ID, &json!({ "exp": 1 })) }));
    let session = client.load_sealed_session(Some(&without), &passwords);
    assert_eq!(session.get_logout_url(None).err(), Some(Rejection::SessionMalformed));
    let other = PasswordRing::single("another password of 32 characters".into()).unwrap();
    let session = client.load_sealed_session(Some(&cookie), &other);
    assert_eq!(session.get_logout_url(None).err(), Some(Rejection::SealBadMac));
    assert_eq!(provider.calls(), 0);
}

fn cookie() -> String {
    cookie_of_key(mint::KEY_ID)
}

fn cookie_of_key(key_id: &str) -> String {
    sealed(&json!({ "accessToken": mint::token(key_id, &claims("user_1")), "refreshToken": "rt_1" }))
}

fn authenticate(host: &provider::SlowHost, cookie: &str) -> Result<AuthenticatedSession, Rejection> {
    let workos = workos();
    let client = Client::new(&workos, host);
    block_on(client.load_sealed_session(Some(cookie), &ring()).authenticate())
}

fn poll_once<F: Future + ?Sized>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}
