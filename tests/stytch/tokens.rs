//! The token alone: its times to the second, its kind, and what is hostile. Nothing of it reaches Stytch's API.

use base64ct::{Base64UrlUnpadded, Encoding};
use edgeseal::provider::stytch::{AuthenticateToken, IntrospectToken, TokenTimes, Vertical};
use edgeseal::{AuthenticateJwt, StytchClient};
use pollster::block_on;
use serde_json::{Value, json};

use crate::world::{self, MADE_AT, Provider, at};

/// What `authenticateJwt` says to a token at a moment: `local`, or the code of the refusal.
fn verdict(vertical: Vertical, token: &str, now: i64, options: AuthenticateJwt<'_>) -> &'static str {
    let stytch = world::stytch(vertical);
    let host = Provider::new().host(at(now));
    let call = AuthenticateJwt { session_jwt: token, ..options };
    let outcome = block_on(StytchClient::new(&stytch, &host).authenticate_jwt_local(&call));
    outcome.map_or_else(|refused| refused.rejection.code(), |_| "local")
}

fn user(token: &str, now: i64) -> &'static str {
    verdict(Vertical::Consumer, token, now, AuthenticateJwt::default())
}

#[test]
fn times_are_checked_to_the_second_and_the_tolerance_is_counted() {
    let token = world::token(&world::user_claims());
    let tolerant = AuthenticateJwt { clock_tolerance_seconds: 10, ..AuthenticateJwt::default() };
    let tolerant = |now| verdict(Vertical::Consumer, &token, now, tolerant);
    assert_eq!(user(&token, MADE_AT), "local");
    assert_eq!(user(&token, MADE_AT - 1), "token_not_yet_valid");
    assert_eq!(user(&token, MADE_AT + 299), "local");
    assert_eq!(user(&token, MADE_AT + 300), "token_expired");
    assert_eq!(tolerant(MADE_AT - 10), "local");
    assert_eq!(tolerant(MADE_AT - 11), "token_not_yet_valid");
    assert_eq!(tolerant(MADE_AT + 309), "local");
    assert_eq!(tolerant(MADE_AT + 310), "token_expired");
}

#[test]
fn a_token_as_old_as_allowed_is_too_old_whatever_the_tolerance() {
    let token = world::token(&world::user_claims());
    let aged = |age, max_token_age_seconds| {
        let options = AuthenticateJwt {
            max_token_age_seconds: Some(max_token_age_seconds),
            clock_tolerance_seconds: 30,
            ..AuthenticateJwt::default()
        };
        verdict(Vertical::Consumer, &token, MADE_AT + age, options)
    };
    assert_eq!(aged(59, 60), "local");
    assert_eq!(aged(60, 60), "token_too_old");
    assert_eq!(aged(0, 0), "token_too_old");
    assert_eq!(aged(0, i64::MAX), "local");
    assert_eq!(aged(0, i64::MIN), "token_too_old");
}

#[test]
fn the_callers_date_takes_the_place_of_the_hosts() {
    let token = world::token(&world::user_claims());
    let options = AuthenticateJwt { current_date: Some(at(MADE_AT + 10)), ..AuthenticateJwt::default() };
    assert_eq!(verdict(Vertical::Consumer, &token, MADE_AT + 86_400, options), "local");
    assert_eq!(user(&token, MADE_AT + 86_400), "token_expired");
}

#[test]
fn members_and_their_order_are_the_sdks() {
    let stytch = world::stytch(Vertical::Consumer);
    let host = Provider::new().host(at(MADE_AT));
    let token = world::token(&world::user_claims());
    let call = AuthenticateJwt { session_jwt: &token, ..AuthenticateJwt::default() };
    let session = block_on(StytchClient::new(&stytch, &host).authenticate_jwt_local(&call)).unwrap();
    assert_eq!(
        serde_json::to_string(session.session()).unwrap(),
        r#"{"session_id":"session-test-1","attributes":{"ip_address":"","user_agent":""},"authentication_factors":[],"#
            .to_owned()
            + r#""user_id":"user-test-1","started_at":"2025-12-31T23:50:00.123456Z","#
            + r#""last_accessed_at":"2026-01-01T00:00:00.654321Z","expires_at":"2026-01-01T00:50:00.999Z","#
            + r#""custom_claims":{},"roles":["stytch_user","editor"]}"#
    );
    let shared = session.to_session();
    assert_eq!(
        (shared.user_id.as_deref(), shared.session_id.as_deref()),
        (Some("user-test-1"), Some("session-test-1"))
    );
    assert_eq!((shared.issued_at, shared.expires_at), (Some(MADE_AT), MADE_AT + 300));

    let stytch = world::stytch(Vertical::B2b);
    let token = world::token(&world::member_claims());
    let call = AuthenticateJwt { session_jwt: &token, ..AuthenticateJwt::default() };
    let session = block_on(StytchClient::new(&stytch, &host).authenticate_jwt_local(&call)).unwrap();
    assert_eq!(
        serde_json::to_string(session.session()).unwrap(),
        r#"{"member_session_id":"member-session-test-1","member_id":"member-test-1","organization_id":""#.to_owned()
            + world::ORGANIZATION
            + r#"","authentication_factors":[],"started_at":"2025-12-31T23:50:00.123456Z","#
            + r#""last_accessed_at":"2026-01-01T00:00:00.654321Z","expires_at":"2026-01-01T00:50:00.999Z","#
            + r#""custom_claims":{},"roles":["stytch_member","org-custom"],"organization_slug":"acme-co"}"#
    );
    assert_eq!(session.to_session().organization_id.as_deref(), Some(world::ORGANIZATION));
}

#[test]
fn a_session_that_does_not_say_its_end_ends_with_its_token() {
    let mut claims = world::user_claims();
    claims["https://stytch.com/session"]["expires_at"] = Value::Null;
    let stytch = world::stytch(Vertical::Consumer);
    let host = Provider::new().host(at(MADE_AT));
    let call = AuthenticateJwt { session_jwt: &world::token(&claims), ..AuthenticateJwt::default() };
    let session = block_on(StytchClient::new(&stytch, &host).authenticate_jwt_local(&call)).unwrap();
    assert_eq!(session.session().expires_at(), "2026-01-01T00:05:00.000Z");
    claims["https://stytch.com/session"]["expires_at"] = json!("soon");
    assert_eq!(user(&world::token(&claims), MADE_AT), "claims_malformed");
}

#[test]
fn a_token_of_one_kind_never_passes_as_another() {
    let now = MADE_AT + 1;
    let machine = world::token(&world::machine_claims());
    assert_eq!(user(&machine, now), "token_not_of_session");
    let stytch = world::stytch(Vertical::Consumer);
    let host = Provider::new().host(at(now));
    let client = StytchClient::new(&stytch, &host);
    let session = world::token(&world::user_claims());
    let with_scope = {
        let mut claims = world::user_claims();
        claims["scope"] = json!("read:users");
        world::token(&claims)
    };
    for token in [&session, &with_scope] {
        let call = AuthenticateToken { access_token: token, ..AuthenticateToken::default() };
        assert_eq!(block_on(client.authenticate_token(&call)).err().unwrap().rejection.code(), "token_of_session");
        let call = IntrospectToken { token, ..IntrospectToken::default() };
        assert_eq!(block_on(client.introspect_token_local(&call)).err().unwrap().rejection.code(), "token_of_session");
    }
    // An expired one of another kind is not worth a question either.
    assert_eq!(user(&machine, MADE_AT + 86_400), "token_not_of_session");
    // A user's session is no member's, whatever the project.
    let mut claims = world::member_claims();
    claims.as_object_mut().unwrap().remove("https://stytch.com/organization");
    let token = world::token(&claims);
    assert_eq!(verdict(Vertical::B2b, &token, now, AuthenticateJwt::default()), "token_not_of_session");
}

#[test]
fn a_machines_token_has_its_times_checked_too() {
    let stytch = world::stytch(Vertical::Consumer);
    let access_token = world::token(&world::machine_claims());
    let verdict = |now: i64, max_token_age_seconds, required_scopes: &[&str]| {
        let host = Provider::new().host(at(now));
        let times = TokenTimes { max_token_age_seconds, clock_tolerance_seconds: 0 };
        let call = AuthenticateToken { access_token: &access_token, required_scopes, times };
        let outcome = block_on(StytchClient::new(&stytch, &host).authenticate_token(&call));
        outcome.map_or_else(|refused| refused.rejection.code(), |_| "good")
    };
    assert_eq!(verdict(MADE_AT, None, &["read:users", "write:all"]), "good");
    assert_eq!(verdict(MADE_AT, None, &["read:users", "delete:all"]), "missing_scopes");
    assert_eq!(verdict(MADE_AT + 3600, None, &[]), "token_expired");
    assert_eq!(verdict(MADE_AT + 59, Some(60), &[]), "good");
    assert_eq!(verdict(MADE_AT + 60, Some(60), &[]), "token_too_old");
}

#[test]
fn a_members_access_token_needs_its_organization() {
    let stytch = world::stytch(Vertical::B2b);
    let host = Provider::new().host(at(MADE_AT));
    let mut claims = world::member_claims();
    claims.as_object_mut().unwrap().remove("https://stytch.com/session");
    let introspect = |claims: &Value| {
        let token = world::token(claims);
        let call = IntrospectToken { token: &token, ..IntrospectToken::default() };
        block_on(StytchClient::new(&stytch, &host).introspect_token_local(&call))
    };
    let token = introspect(&claims).unwrap();
    assert_eq!(token.organization.unwrap().organization_id, world::ORGANIZATION);
    claims.as_object_mut().unwrap().remove("https://stytch.com/organization");
    assert_eq!(introspect(&claims).err().unwrap().rejection.code(), "claim_missing");
}

#[test]
fn claims_of_another_type_are_not_guessed() {
    let changes: [(&str, &str, Value); 11] = [
        ("claims_malformed", "/https:~1~1stytch.com~1session", json!("x")),
        ("claims_malformed", "/https:~1~1stytch.com~1session", json!(null)),
        ("claims_malformed", "/https:~1~1stytch.com~1session/roles", json!("editor")),
        ("claims_malformed", "/https:~1~1stytch.com~1session/roles", json!([1])),
        ("claims_malformed", "/https:~1~1stytch.com~1session/id", json!(1)),
        ("claim_missing", "/https:~1~1stytch.com~1session/id", json!("")),
        ("claims_malformed", "/https:~1~1stytch.com~1session/started_at", json!(0)),
        ("claims_malformed", "/exp", json!("1767225900")),
        ("claims_malformed", "/iat", json!(1.5)),
        ("claims_malformed", "/sub", json!(1)),
        ("claims_malformed", "/aud", json!({})),
    ];
    for (expected, place, value) in changes {
        let mut claims = world::user_claims();
        *claims.pointer_mut(place).unwrap() = value.clone();
        assert_eq!(user(&world::token(&claims), MADE_AT), expected, "{place}: {value}");
    }
}

#[test]
fn headers_say_jwt_and_rs256_or_are_refused() {
    let claims = world::user_claims();
    let header = |typ: Value, alg: &str| json!({ "alg": alg, "kid": world::KEY_ID, "typ": typ });
    for typ in ["JWT", "jwt", "application/jwt", "APPLICATION/JWT"] {
        assert_eq!(user(&world::sign(&header(json!(typ), "RS256"), &claims), MADE_AT), "local", "{typ}");
    }
    for typ in [json!("at+jwt"), json!(""), json!("JWTx"), json!("application/"), json!(null), json!("text/jwt")] {
        assert_eq!(user(&world::sign(&header(typ.clone(), "RS256"), &claims), MADE_AT), "type_not_allowed", "{typ}");
    }
    for alg in ["none", "HS256", "RS512", "rs256", ""] {
        assert_eq!(user(&world::sign(&header(json!("JWT"), alg), &claims), MADE_AT), "algorithm_not_allowed", "{alg}");
    }
}

/// Everything that somebody without the key can make, or has been given for something else.
fn garbage() -> impl Iterator<Item = String> {
    let good = world::token(&world::user_claims());
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (signed, signature) = (signed.to_owned(), signature.to_owned());
    let expired = |name: &str, value: Value| {
        let mut claims = world::user_claims();
        claims[name] = value;
        claims["exp"] = json!(MADE_AT - 100);
        world::token(&claims)
    };
    let foreign = [
        expired("aud", json!(["project-test-other"])),
        expired("iss", json!("stytch.com/project-test-other")),
        expired("iss", json!("https://api.stytch.com")),
        world::token(&world::machine_claims()),
    ];
    (0..1000_usize).map(move |index| match index % 8 {
        0 => format!("garbage {index}"),
        1 => format!("{signed}.{}", Base64UrlUnpadded::encode_string(&[u8::try_from(index % 256).unwrap(); 256])),
        2 => format!("{signed}{index:03}0.{signature}"),
        3 => format!("{}.e30.{signature}", Base64UrlUnpadded::encode_string(br#"{"alg":"none","typ":"JWT"}"#)),
        4 => foreign[index / 8 % foreign.len()].clone(),
        5 => String::new(),
        6 => format!("{good}."),
        _ => format!("{good}{}", "A".repeat(20_000)),
    })
}

#[test]
fn a_thousand_garbage_tokens_ask_the_api_nothing() {
    let stytch = world::stytch(Vertical::Consumer);
    let provider = Provider::new();
    let host = provider.host(at(MADE_AT + 10));
    let client = StytchClient::new(&stytch, &host);
    for max_token_age_seconds in [None, Some(60), Some(0)] {
        for token in garbage() {
            let call = AuthenticateJwt { session_jwt: &token, max_token_age_seconds, ..AuthenticateJwt::default() };
            let refused = block_on(client.authenticate_jwt(&call)).err().unwrap();
            assert!(!refused.rejection.is_retryable() && !refused.rejection.ends_session(), "{}", refused.rejection);
        }
    }
    assert_eq!(provider.asked().len(), 1, "the keys, once: {:?}", provider.asked());
    assert_eq!(provider.count("/authenticate"), 0);
}
