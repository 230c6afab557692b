//! The other calls as Stytch's SDK makes them, and what its errors mean.

use edgeseal::http::FetchFault;
use edgeseal::provider::stytch::{
    Authenticate, Exchange, GetSessions, Revoke, Stytch, StytchError, StytchOptions, Vertical,
};
use edgeseal::rbac::AuthorizationCheck;
use edgeseal::{Rejection, StytchClient};
use pollster::block_on;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::world::{self, B2B, CONSUMER, MADE_AT, Provider, at};

fn options(project_id: &str, base_url: Option<&str>) -> StytchOptions {
    StytchOptions {
        project_id: project_id.into(),
        secret: "secret-test-1".into(),
        base_url: base_url.map(str::to_owned),
        vertical: Vertical::Consumer,
    }
}

#[test]
fn the_project_says_where_it_lives_unless_the_operator_does() {
    for (project_id, base_url, expected) in [
        ("project-test-1", None, "https://test.stytch.com/v1/sessions/jwks/project-test-1"),
        ("project-live-1", None, "https://api.stytch.com/v1/sessions/jwks/project-live-1"),
        (
            "project-live-1",
            Some("https://login.example.com/"),
            "https://login.example.com/v1/sessions/jwks/project-live-1",
        ),
        ("project-test-1", Some("http://127.0.0.1:8788"), "http://127.0.0.1:8788/v1/sessions/jwks/project-test-1"),
    ] {
        assert_eq!(Stytch::new(options(project_id, base_url)).unwrap().jwks_url(), expected);
    }
    let stytch = Stytch::new(options("project-live-1", Some("https://login.example.com/"))).unwrap();
    assert_eq!(stytch.token_policy().issuers, ["stytch.com/project-live-1", "https://login.example.com"]);
    assert_eq!(stytch.token_policy().audiences, ["project-live-1"]);
}

#[test]
fn settings_that_cannot_work_are_named_and_not_repeated() {
    let setting = |options: StytchOptions| {
        let error = Stytch::new(options).err().unwrap();
        assert!(!format!("{error} {error:?}").contains("hidden"));
        error.setting()
    };
    for project_id in ["", "project/../x", "project hidden", "project:hidden"] {
        assert_eq!(setting(options(project_id, None)), "STYTCH_PROJECT_ID", "{project_id}");
    }
    for base_url in ["", "http://api.stytch.com", "https://a.example/v1", "https://hidden@a.example", "a.example"] {
        assert_eq!(setting(options("project-test-1", Some(base_url))), "STYTCH_BASE_URL", "{base_url}");
    }
    let nothing = StytchOptions { secret: "".into(), ..options("project-test-1", None) };
    assert_eq!(setting(nothing), "STYTCH_SECRET");
}

#[test]
fn requests_are_the_sdks_and_print_no_secret() {
    let stytch = world::stytch(Vertical::B2b);
    let check = AuthorizationCheck { organization_id: Some("o".into()), resource_id: "r".into(), action: "a".into() };
    let authenticate = stytch.authenticate_request(&Authenticate {
        session_jwt: Some("jwt_SECRET"),
        authorization_check: Some(&check),
        ..Authenticate::default()
    });
    let revoke = stytch.revoke_request(&Revoke { session_id: Some("m"), ..Revoke::default() });
    let exchange = stytch.exchange_request(&Exchange {
        organization_id: "o",
        session_token: Some("SECRET"),
        locale: Some("en"),
        ..Exchange::default()
    });
    for (outbound, path, body) in [
        (
            &authenticate,
            "/v1/b2b/sessions/authenticate",
            json!({
                "session_jwt": "jwt_SECRET",
                "authorization_check": { "organization_id": "o", "resource_id": "r", "action": "a" },
            }),
        ),
        (&revoke, "/v1/b2b/sessions/revoke", json!({ "member_session_id": "m" })),
        (
            &exchange,
            "/v1/b2b/sessions/exchange",
            json!({ "organization_id": "o", "session_token": "SECRET", "locale": "en" }),
        ),
    ] {
        let request = &outbound.request;
        assert_eq!((request.method().as_str(), request.uri().path()), ("POST", path));
        assert_eq!(request.headers()["content-type"], "application/json");
        // base64 of `project-test-2222…:secret-test-1`.
        assert!(request.headers()["authorization"].to_str().unwrap().starts_with("Basic cHJvamVjdC10ZXN0LTIyMjI"));
        assert_eq!(serde_json::from_slice::<Value>(request.body().expose_secret()).unwrap(), body);
        let printed = format!("{request:?} {:#?}", request.headers());
        assert!(!printed.contains("SECRET") && !printed.contains("Basic"), "{printed}");
    }
    let uri = |call: &GetSessions<'_>| stytch.get_request(call).unwrap().request.uri().to_string();
    let member = GetSessions::OfMember { organization_id: "o&x=1", member_id: "m" };
    assert_eq!(uri(&member), "https://test.stytch.com/v1/b2b/sessions?organization_id=o%26x%3D1&member_id=m");
    assert_eq!(uri(&GetSessions::OfUser("u")), "https://test.stytch.com/v1/b2b/sessions?user_id=u");
    let keys = stytch.keys_request();
    assert!(!keys.request.headers().contains_key("authorization"), "the keys are public");
}

#[test]
fn a_session_ends_and_a_lost_answer_is_no_failure() {
    let stytch = world::stytch(Vertical::Consumer);
    let path = "/v1/sessions/revoke";
    let provider = Provider::new();
    let host = provider.host(at(MADE_AT));
    let revoke = || {
        let call = Revoke { session_token: Some("token"), ..Revoke::default() };
        block_on(StytchClient::new(&stytch, &host).revoke(&call)).map(|answer| answer.members().clone())
    };
    provider.answer(path, 200, &json!({ "status_code": 200, "request_id": "x" }));
    assert_eq!(revoke().unwrap()["request_id"], "x");
    let gone = json!({ "status_code": 404, "error_type": "session_not_found" });
    provider.answer(path, 404, &gone);
    assert_eq!(revoke().err().unwrap().rejection, Rejection::SessionNotFound);
    provider.fail_once(path, FetchFault::Unreachable);
    assert_eq!(revoke().unwrap()["status_code"], 200, "the first one has done it");
    assert_eq!(provider.count(path), 4);
}

#[test]
fn lists_keys_and_exchanges_come_as_stytch_wrote_them() {
    let (consumer, b2b) = (world::stytch(Vertical::Consumer), world::stytch(Vertical::B2b));
    let provider = Provider::new();
    let host = provider.host(at(MADE_AT));
    provider.answer("/v1/sessions", 200, &json!({ "sessions": [{ "session_id": "a" }] }));
    let list = block_on(StytchClient::new(&consumer, &host).get(&GetSessions::OfUser("user-test-1"))).unwrap();
    assert_eq!(list.members()["sessions"][0]["session_id"], "a");
    let keys = block_on(StytchClient::new(&consumer, &host).jwks(CONSUMER)).unwrap();
    assert_eq!(keys.members()["keys"].as_array().unwrap().len(), 2);
    assert!(block_on(StytchClient::new(&consumer, &host).jwks("../x")).is_err());

    let path = "/v1/b2b/sessions/exchange";
    let call = Exchange { organization_id: "o", session_jwt: Some("jwt"), ..Exchange::default() };
    let exchange = || block_on(StytchClient::new(&b2b, &host).exchange(&call));
    provider.answer(
        path,
        200,
        &json!({ "member_authenticated": false, "intermediate_session_token": "i", "session_jwt": "" }),
    );
    let answer = exchange().unwrap();
    assert!(answer.session_jwt().is_none() && answer.members()["intermediate_session_token"] == "i");
    provider.fail(path, FetchFault::Unreachable);
    assert_eq!(exchange().err().unwrap().rejection, Rejection::ProviderUnreachable);
    assert_eq!(provider.count(path), 2, "a second time would make a second session");
    assert_eq!(provider.count(B2B), 0);
}

#[test]
fn only_a_definite_answer_ends_a_session() {
    let stytch = world::stytch(Vertical::Consumer);
    let provider = Provider::new();
    let host = provider.host(at(MADE_AT));
    let refused = |status: u16, body: &Value| {
        provider.answer("/v1/sessions/authenticate", status, body);
        let call = Authenticate { session_token: Some("token"), ..Authenticate::default() };
        block_on(StytchClient::new(&stytch, &host).authenticate(&call)).err().unwrap()
    };
    for (status, error_type, expected) in [
        (404, "session_not_found", Rejection::SessionNotFound),
        (401, "user_unauthenticated", Rejection::SessionNotFound),
        (401, "unauthorized_credentials", Rejection::ProviderRefusedClient),
        (401, "unauthorized_project_id_live", Rejection::ProviderRefusedClient),
        (400, "invalid_secret_authentication", Rejection::ProviderRefusedClient),
        (400, "invalid_project_id_authentication", Rejection::ProviderRefusedClient),
        (403, "consumer_session_authorization_error", Rejection::PermissionDenied),
        (403, "session_authorization_error", Rejection::PermissionDenied),
        (403, "session_authorization_tenancy_error", Rejection::TenancyMismatch),
        (403, "something_else", Rejection::ProviderRefusedClient),
        (400, "unable_to_parse_session_jwt", Rejection::TokenRefused),
        (400, "invalid_session_token", Rejection::TokenRefused),
        (400, "invalid_session_duration_minutes", Rejection::ProviderRefusedCall),
        (400, "too_many_session_arguments", Rejection::ProviderRefusedCall),
        (404, "route_not_found", Rejection::ProviderRefusedCall),
        (429, "too_many_requests", Rejection::ProviderRateLimited),
        (500, "internal_server_error", Rejection::ProviderUnavailable),
        (500, "session_not_found", Rejection::ProviderUnavailable),
        (408, "session_not_found", Rejection::ProviderTimeout),
    ] {
        let body = json!({
            "status_code": status, "request_id": "request-id-test-1", "error_type": error_type,
            "error_message": "message", "error_url": "https://stytch.com/docs", "error_details": { "a": 1 },
        });
        let refused = refused(status, &body);
        assert_eq!(refused.rejection, expected, "{status} {error_type}");
        assert_eq!(refused.rejection.ends_session(), expected == Rejection::SessionNotFound);
        let StytchError::Api(error) = refused.error else { panic!("{error_type}") };
        assert_eq!(serde_json::to_value(*error).unwrap(), body);
    }
    let StytchError::Api(error) = refused(
        400,
        &json!({ "status_code": 400, "request_id": "r", "error": "invalid_request", "error_description": "d", "error_uri": "u" }),
    )
    .error
    else {
        panic!("OAuth")
    };
    assert_eq!(
        (error.error_type.as_deref(), error.error_message.as_deref(), error.error_url.as_deref()),
        (Some("invalid_request"), Some("d"), Some("u"))
    );
    for (status, body) in
        [(404, json!({})), (404, json!("<html>")), (400, json!([])), (302, json!({})), (204, json!({}))]
    {
        let refused = refused(status, &body);
        assert!(refused.rejection.is_retryable(), "{status} {body}: {}", refused.rejection);
    }
}
