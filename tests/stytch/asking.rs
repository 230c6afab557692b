//! When Stytch is asked, why, how often, and what its answer means.

use edgeseal::host::MemoryHost;
use edgeseal::http::FetchFault;
use edgeseal::provider::stytch::{Authenticate, FallbackReason, Stytch, StytchError, Vertical};
use edgeseal::provider::workos::{DEFAULT_BASE_URL, WorkOs, WorkOsOptions};
use edgeseal::rbac::AuthorizationCheck;
use edgeseal::{
    AuthenticateJwt, Client, PasswordRing, Rejection, SealEntropy, SealFormat, SealFormats, StytchAuthentication,
    StytchClient, TokenPolicy, UnsealedSession, limits, seal,
};
use pollster::block_on;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::world::{self, CONSUMER, MADE_AT, Provider, at};

const AUTHENTICATE: &str = "/v1/sessions/authenticate";

/// What Stytch answers to a session that lives.
fn living() -> Value {
    json!({
        "request_id": "request-id-test-1", "status_code": 200,
        "session": {
            "session_id": "session-test-1", "user_id": "user-test-1", "expires_at": "2026-01-01T01:00:00Z",
            "roles": ["stytch_user"], "authentication_factors": [],
        },
        "session_token": "token", "session_jwt": "new.session.jwt",
        "user": { "user_id": "user-test-1", "name": { "first_name": "Ada" } },
    })
}

fn world() -> (Stytch, Provider) {
    let provider = Provider::new();
    provider.answer(AUTHENTICATE, 200, &living());
    (world::stytch(Vertical::Consumer), provider)
}

fn ask(stytch: &Stytch, host: &MemoryHost, call: AuthenticateJwt<'_>) -> Result<StytchAuthentication, Rejection> {
    block_on(StytchClient::new(stytch, host).authenticate_jwt(&call)).map_err(|refused| refused.rejection)
}

fn reason(outcome: &Result<StytchAuthentication, Rejection>) -> &'static str {
    match outcome {
        Ok(authentication) => authentication.fallback_reason().map_or(authentication.source(), FallbackReason::code),
        Err(rejection) => rejection.code(),
    }
}

#[test]
fn a_good_token_needs_no_question() {
    let (stytch, provider) = world();
    let host = provider.host(at(MADE_AT));
    let token = world::token(&world::user_claims());
    for _ in 0..10 {
        let call = AuthenticateJwt { session_jwt: &token, session_duration_minutes: Some(60), ..Default::default() };
        assert_eq!(reason(&ask(&stytch, &host, call)), "local");
    }
    assert_eq!(provider.asked(), [format!("/v1/sessions/jwks/{CONSUMER}")]);
}

#[test]
fn expired_old_and_early_tokens_are_asked_about() {
    let (stytch, provider) = world();
    let token = world::token(&world::user_claims());
    let check = AuthorizationCheck { resource_id: "x".into(), action: "y".into(), ..Default::default() };
    let claims = json!({ "plan": "gold", "old": null }).as_object().unwrap().clone();
    for (now, max_token_age_seconds, expected) in [
        (MADE_AT + 300, None, "token_expired"),
        (MADE_AT + 300, Some(0), "max_age_zero"),
        (MADE_AT + 60, Some(60), "token_too_old"),
        (MADE_AT, Some(0), "max_age_zero"),
        (MADE_AT - 1, None, "token_not_yet_valid"),
    ] {
        let host = provider.host(at(now));
        let call = AuthenticateJwt {
            session_jwt: &token,
            max_token_age_seconds,
            session_duration_minutes: Some(60),
            session_custom_claims: Some(&claims),
            authorization_check: Some(&check),
            ..AuthenticateJwt::default()
        };
        let outcome = ask(&stytch, &host, call);
        assert_eq!(reason(&outcome), expected);
        let Ok(StytchAuthentication::Remote { session, .. }) = outcome else { panic!("{expected}") };
        assert_eq!(session.answer().session_jwt().unwrap().expose_secret(), "new.session.jwt");
        assert_eq!(session.answer().session_token().unwrap().expose_secret(), "token");
        assert_eq!(session.answer().members()["request_id"], "request-id-test-1");
        let shared = session.to_session();
        assert_eq!(shared.user.unwrap().snake_case()["name"]["first_name"], "Ada");
        assert_eq!((shared.roles.len(), shared.expires_at), (1, MADE_AT + 3600));
    }
    let expected = json!({
        "session_jwt": token, "session_duration_minutes": 60, "session_custom_claims": { "plan": "gold", "old": null },
        "authorization_check": { "resource_id": "x", "action": "y" },
    });
    assert_eq!(provider.bodies(AUTHENTICATE), vec![expected; 5]);
    assert_eq!(provider.count("/rbac/policy"), 0, "whoever is asked anyway decides about roles too");
}

#[test]
fn whoever_wants_no_age_at_all_is_asked_for_even_where_a_clock_is_behind() {
    let (stytch, provider) = world();
    let host = provider.host(at(MADE_AT - 1));
    let check = AuthorizationCheck { resource_id: "x".into(), action: "y".into(), ..Default::default() };
    let call = AuthenticateJwt {
        session_jwt: &world::token(&world::user_claims()),
        max_token_age_seconds: Some(0),
        clock_tolerance_seconds: 5,
        authorization_check: Some(&check),
        ..AuthenticateJwt::default()
    };
    assert_eq!(reason(&ask(&stytch, &host, call)), "max_age_zero");
    assert_eq!(provider.count("/rbac/policy"), 0);
}

#[test]
fn without_keys_stytch_is_asked_itself_and_shapeless_tokens_are_not_worth_it() {
    let (stytch, provider) = world();
    provider.fail(&format!("/v1/sessions/jwks/{CONSUMER}"), FetchFault::Timeout);
    let host = provider.host(at(MADE_AT));
    let token = world::token(&world::user_claims());
    let outcome = ask(&stytch, &host, AuthenticateJwt { session_jwt: &token, ..Default::default() });
    assert_eq!(reason(&outcome), "keys_unavailable");
    let outcome = ask(&stytch, &host, AuthenticateJwt { session_jwt: "garbage", ..Default::default() });
    assert_eq!(reason(&outcome), "token_malformed");
    assert_eq!(provider.count("/authenticate"), 1);
}

#[test]
fn a_denial_is_asked_about_only_where_the_caller_says_so() {
    let (stytch, provider) = world();
    let host = provider.host(at(MADE_AT));
    let token = world::token(&world::user_claims());
    let check = AuthorizationCheck { resource_id: "documents".into(), action: "delete".into(), ..Default::default() };
    let call = AuthenticateJwt { session_jwt: &token, authorization_check: Some(&check), ..Default::default() };
    assert_eq!(reason(&ask(&stytch, &host, call)), "permission_denied");
    assert_eq!(provider.count("/authenticate"), 0);
    let asking = AuthenticateJwt { asks_when_denied: true, ..call };
    assert!(ask(&stytch, &host, asking).is_ok_and(|it| it.fallback_reason() == Some(FallbackReason::PermissionDenied)));
    assert_eq!(
        provider.bodies(AUTHENTICATE)[0]["authorization_check"],
        json!({ "resource_id": "documents", "action": "delete" })
    );
    let refusal = json!({ "error_type": "consumer_session_authorization_error", "status_code": 403 });
    provider.answer(AUTHENTICATE, 403, &refusal);
    assert_eq!(ask(&stytch, &host, asking).err(), Some(Rejection::PermissionDenied));
}

#[test]
fn a_policy_that_cannot_be_had_denies_and_is_asked_about_only_where_the_caller_says_so() {
    let (stytch, provider) = world();
    provider.fail("/v1/rbac/policy", FetchFault::Unreachable);
    let host = provider.host(at(MADE_AT));
    let token = world::token(&world::user_claims());
    let check = AuthorizationCheck { resource_id: "documents".into(), action: "read".into(), ..Default::default() };
    let call = AuthenticateJwt { session_jwt: &token, authorization_check: Some(&check), ..Default::default() };
    assert_eq!(ask(&stytch, &host, call).err(), Some(Rejection::PolicyUnavailable));
    assert!(Rejection::PolicyUnavailable.is_retryable());
    let asking = AuthenticateJwt { asks_when_denied: true, ..call };
    assert_eq!(reason(&ask(&stytch, &host, asking)), "policy_unavailable");
    assert_eq!(provider.count("/rbac/policy"), 1, "the pause after a failure holds for policies too");
}

#[test]
fn an_unknown_key_causes_one_reload_and_one_question_per_cooldown() {
    let (stytch, provider) = world();
    provider.answer(AUTHENTICATE, 400, &json!({ "error_type": "unable_to_parse_session_jwt", "status_code": 400 }));
    let host = provider.host(at(MADE_AT));
    let jwks = format!("/v1/sessions/jwks/{CONSUMER}");
    for index in 0..200 {
        let token = world::forged(&format!("jwk-test-{index}"));
        let outcome = ask(&stytch, &host, AuthenticateJwt { session_jwt: &token, ..Default::default() });
        let expected = if index == 0 { "token_refused" } else { "unknown_key" };
        assert_eq!(reason(&outcome), expected, "{index}");
    }
    assert_eq!((provider.count(&jwks), provider.count("/authenticate")), (2, 1), "one at the start, one for the storm");
    host.set_now(at(MADE_AT + limits::UNKNOWN_KEY_COOLDOWN_SECONDS));
    let token = world::token_of("jwk-test-later", &world::user_claims());
    assert!(ask(&stytch, &host, AuthenticateJwt { session_jwt: &token, ..Default::default() }).is_err());
    assert_eq!((provider.count(&jwks), provider.count("/authenticate")), (3, 2));
}

#[test]
fn a_storm_of_unknown_keys_while_the_key_set_cannot_be_had_asks_once_too() {
    let (stytch, provider) = world();
    provider.answer(AUTHENTICATE, 400, &json!({ "error_type": "unable_to_parse_session_jwt", "status_code": 400 }));
    let host = provider.host(at(MADE_AT));
    let good = world::token(&world::user_claims());
    assert_eq!(reason(&ask(&stytch, &host, AuthenticateJwt { session_jwt: &good, ..Default::default() })), "local");
    provider.fail(&format!("/v1/sessions/jwks/{CONSUMER}"), FetchFault::Timeout);
    for index in 0..200 {
        let token = world::forged(&format!("jwk-test-{index}"));
        let outcome = ask(&stytch, &host, AuthenticateJwt { session_jwt: &token, ..Default::default() });
        // Whether the key is one of Stytch's nobody knows now, so whoever holds such a token may try again.
        let expected = if index == 0 { "token_refused" } else { "keys_unavailable" };
        assert_eq!(reason(&outcome), expected, "{index}");
        assert!(outcome.is_err());
    }
    assert_eq!((provider.count(CONSUMER), provider.count("/authenticate")), (2, 1));
}

#[test]
fn a_key_that_was_rotated_in_is_found_without_a_question() {
    let (stytch, provider) = world();
    let host = provider.host(at(MADE_AT));
    let token = world::token_of("jwk-test-new", &world::user_claims());
    let old = world::token(&world::user_claims());
    assert_eq!(reason(&ask(&stytch, &host, AuthenticateJwt { session_jwt: &old, ..Default::default() })), "local");
    let mut jwks = world::vectors()["jwks"].clone();
    let mut key = jwks["keys"][0].clone();
    key["kid"] = json!("jwk-test-new");
    jwks["keys"].as_array_mut().unwrap().push(key);
    provider.answer(&format!("/v1/sessions/jwks/{CONSUMER}"), 200, &jwks);
    assert_eq!(reason(&ask(&stytch, &host, AuthenticateJwt { session_jwt: &token, ..Default::default() })), "local");
    assert_eq!(provider.count("/authenticate"), 0);
}

#[test]
fn while_the_key_set_is_behind_nobody_with_the_new_key_is_turned_away() {
    let (stytch, provider) = world();
    let host = provider.host(at(MADE_AT));
    let token = world::token_of("jwk-test-new", &world::user_claims());
    let call = AuthenticateJwt { session_jwt: &token, ..Default::default() };
    for _ in 0..5 {
        assert_eq!(reason(&ask(&stytch, &host, call)), "unknown_key");
        assert!(ask(&stytch, &host, call).is_ok(), "Stytch has accepted this key id");
    }
    let other = world::token_of("jwk-test-made-up", &world::user_claims());
    assert!(ask(&stytch, &host, AuthenticateJwt { session_jwt: &other, ..Default::default() }).is_err());
    assert_eq!((provider.count(CONSUMER), provider.count("/authenticate")), (2, 10));
}

#[test]
fn a_lost_connection_is_tried_once_more_and_a_timeout_is_not() {
    let (stytch, provider) = world();
    let token = world::token(&world::user_claims());
    for (fault, times, expected) in [
        (FetchFault::Unreachable, 2, Rejection::ProviderUnreachable),
        (FetchFault::Timeout, 1, Rejection::ProviderTimeout),
        (FetchFault::TooLarge, 1, Rejection::ProviderAnswerInvalid),
    ] {
        let before = provider.count("/authenticate");
        provider.fail(AUTHENTICATE, fault);
        let host = provider.host(at(MADE_AT + 300));
        let call = AuthenticateJwt { session_jwt: &token, ..Default::default() };
        let refused = block_on(StytchClient::new(&stytch, &host).authenticate_jwt(&call)).err().unwrap();
        assert_eq!(refused.rejection, expected);
        assert!(refused.rejection.is_retryable() && matches!(refused.error, StytchError::Request { .. }));
        assert_eq!(refused.fallback_reason, Some(FallbackReason::TokenExpired));
        assert_eq!(provider.count("/authenticate") - before, times, "{fault:?}");
    }
}

#[test]
fn stytch_is_spared_while_it_is_down_and_whoever_asks_by_name_still_asks() {
    let (stytch, provider) = world();
    provider.answer(AUTHENTICATE, 503, &json!({}));
    let host = provider.host(at(MADE_AT + 300));
    let token = world::token(&world::user_claims());
    let call = AuthenticateJwt { session_jwt: &token, ..Default::default() };
    for _ in 0..50 {
        assert_eq!(ask(&stytch, &host, call).err(), Some(Rejection::ProviderUnavailable));
    }
    let failures = usize::try_from(limits::BREAKER_FAILURES).unwrap();
    assert_eq!(provider.count("/authenticate"), failures);
    let question = Authenticate { session_jwt: Some(&token), ..Authenticate::default() };
    assert!(block_on(StytchClient::new(&stytch, &host).authenticate(&question)).is_err());
    assert_eq!(provider.count("/authenticate"), failures + 1);
    provider.answer(AUTHENTICATE, 200, &living());
    host.set_now(at(MADE_AT + 300 + limits::BREAKER_LONGEST_SECONDS));
    assert!(ask(&stytch, &host, call).is_ok(), "it is back");
}

#[test]
fn an_outage_of_another_provider_does_not_spare_stytch() {
    let (stytch, provider) = world();
    let host = provider.host(at(MADE_AT + 300));
    let options = WorkOsOptions {
        client_id: "client_1".into(),
        api_key: None,
        base_url: DEFAULT_BASE_URL.into(),
        policy: TokenPolicy::default(),
    };
    let (workos, passwords) = (WorkOs::new(options).unwrap(), PasswordRing::single("p".repeat(32).into()).unwrap());
    let token = world::token(&world::user_claims());
    let session = json!({ "accessToken": token, "refreshToken": "rt_1" }).to_string();
    let entropy = SealEntropy::from_source(|bytes| bytes.fill(5));
    let sealed = seal(session.as_bytes(), SealFormat::Iron, &passwords, entropy, at(MADE_AT), None).unwrap();
    let session = UnsealedSession::open(Some(&sealed), &passwords, SealFormats::DEFAULT, at(MADE_AT)).unwrap();
    let client = Client::new(&workos, &host);
    for _ in 0..limits::BREAKER_FAILURES {
        assert!(block_on(client.exchange(&session, None)).is_err());
    }
    let asked = provider.count("/user_management/authenticate");
    assert!(block_on(client.exchange(&session, None)).is_err());
    assert_eq!(provider.count("/user_management/authenticate"), asked, "WorkOS is spared");
    let call = AuthenticateJwt { session_jwt: &token, ..Default::default() };
    assert!(ask(&stytch, &host, call).is_ok());
}

#[test]
fn an_answer_without_a_session_is_none() {
    let (stytch, provider) = world();
    let host = provider.host(at(MADE_AT));
    let question = Authenticate { session_token: Some("token"), ..Authenticate::default() };
    let authenticate = || block_on(StytchClient::new(&stytch, &host).authenticate(&question));
    assert!(authenticate().is_ok());
    for answer in [
        json!({}),
        json!({ "session": null }),
        json!({ "session": { "session_id": "session-test-1" } }),
        json!({ "session": { "session_id": "", "user_id": "user-test-1" } }),
        json!({ "member_session": { "member_session_id": "x", "member_id": "y" } }),
        json!([]),
    ] {
        provider.answer(AUTHENTICATE, 200, &answer);
        assert_eq!(authenticate().err().unwrap().rejection, Rejection::ProviderAnswerInvalid, "{answer}");
    }
    assert_eq!(provider.bodies(AUTHENTICATE)[0], json!({ "session_token": "token" }));
}
