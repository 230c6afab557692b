//! Keys and policies: from memory, then the shared cache, then Stytch; kept through an outage; bounded.

use edgeseal::host::MemoryHost;
use edgeseal::http::FetchFault;
use edgeseal::provider::stytch::{Stytch, Vertical};
use edgeseal::rbac::AuthorizationCheck;
use edgeseal::{AuthenticateJwt, StytchClient, limits};
use pollster::block_on;
use serde_json::json;

use crate::world::{self, B2B, CONSUMER, MADE_AT, ORGANIZATION, Provider, at};

/// What a check of the organization's own role says, with a token that was just made.
fn check_at(stytch: &Stytch, host: &MemoryHost, now: i64) -> &'static str {
    host.set_now(at(now));
    of_organization(stytch, host, ORGANIZATION, now)
}

fn of_organization(stytch: &Stytch, host: &MemoryHost, organization: &str, now: i64) -> &'static str {
    let mut claims = world::member_claims();
    (claims["iat"], claims["nbf"], claims["exp"]) = (json!(now), json!(now), json!(now + 300));
    claims["https://stytch.com/organization"]["organization_id"] = json!(organization);
    let check = AuthorizationCheck {
        organization_id: Some(organization.into()),
        resource_id: "images".into(),
        action: "paint".into(),
    };
    let token = world::token(&claims);
    let call = AuthenticateJwt { session_jwt: &token, authorization_check: Some(&check), ..Default::default() };
    let outcome = block_on(StytchClient::new(stytch, host).authenticate_jwt(&call));
    outcome.map_or_else(|refused| refused.rejection.code(), |authentication| authentication.source())
}

const PROJECT_POLICY: &str = "/v1/b2b/rbac/policy";

#[test]
fn each_is_loaded_once_and_the_next_isolate_finds_it_in_the_shared_cache() {
    let (stytch, provider) = (world::stytch(Vertical::B2b), Provider::new());
    let host = provider.host(at(MADE_AT));
    for _ in 0..20 {
        assert_eq!(check_at(&stytch, &host, MADE_AT), "local");
    }
    let organization = format!("/v1/b2b/rbac/organizations/{ORGANIZATION}");
    assert_eq!(provider.asked(), [format!("/v1/b2b/sessions/jwks/{B2B}"), PROJECT_POLICY.to_owned(), organization]);
    host.forget_memory();
    assert_eq!(check_at(&stytch, &host, MADE_AT), "local");
    assert_eq!(provider.asked().len(), 3, "a cold start with a warm cache asks nothing");
}

#[test]
fn a_policy_is_reloaded_after_five_minutes_and_kept_for_a_day_of_outage() {
    let (stytch, provider) = (world::stytch(Vertical::B2b), Provider::new());
    let host = provider.host(at(MADE_AT));
    assert_eq!(check_at(&stytch, &host, MADE_AT), "local");
    assert_eq!(check_at(&stytch, &host, MADE_AT + limits::POLICY_FRESH_SECONDS - 1), "local");
    assert_eq!(provider.count(PROJECT_POLICY), 1);
    assert_eq!(check_at(&stytch, &host, MADE_AT + limits::POLICY_FRESH_SECONDS), "local");
    assert_eq!(provider.count(PROJECT_POLICY), 2);

    let loaded_at = MADE_AT + limits::POLICY_FRESH_SECONDS;
    for path in [PROJECT_POLICY.to_owned(), format!("/v1/b2b/rbac/organizations/{ORGANIZATION}")] {
        provider.fail(&path, FetchFault::Timeout);
    }
    for hours in [1, 12, 23] {
        assert_eq!(check_at(&stytch, &host, loaded_at + hours * 3600), "local", "{hours} hours of outage");
    }
    assert_eq!(check_at(&stytch, &host, loaded_at + limits::KEYS_KEPT_SECONDS), "policy_unavailable");
}

#[test]
fn what_was_taken_away_is_gone_once_the_policy_is_reloaded() {
    let (stytch, provider) = (world::stytch(Vertical::B2b), Provider::new());
    let host = provider.host(at(MADE_AT));
    assert_eq!(check_at(&stytch, &host, MADE_AT), "local");
    let organization = format!("/v1/b2b/rbac/organizations/{ORGANIZATION}");
    provider.answer(&organization, 200, &json!({ "org_policy": { "roles": [] } }));
    assert_eq!(check_at(&stytch, &host, MADE_AT + limits::POLICY_FRESH_SECONDS), "permission_denied");
    provider.answer(&organization, 200, &json!({ "org_policy": "not understood" }));
    assert_eq!(
        check_at(&stytch, &host, MADE_AT + 2 * limits::POLICY_FRESH_SECONDS),
        "permission_denied",
        "the old one"
    );
}

#[test]
fn keys_survive_an_outage_of_a_day() {
    let (stytch, provider) = (world::stytch(Vertical::Consumer), Provider::new());
    let host = provider.host(at(MADE_AT));
    let good_at = |now: i64| {
        host.set_now(at(now));
        let mut claims = world::user_claims();
        (claims["iat"], claims["nbf"], claims["exp"]) = (json!(now), json!(now), json!(now + 300));
        let call = AuthenticateJwt { session_jwt: &world::token(&claims), ..Default::default() };
        let outcome = block_on(StytchClient::new(&stytch, &host).authenticate_jwt_local(&call));
        outcome.map_or_else(|refused| refused.rejection.code(), |_| "local")
    };
    assert_eq!(good_at(MADE_AT), "local");
    provider.fail(&format!("/v1/sessions/jwks/{CONSUMER}"), FetchFault::Unreachable);
    for hours in [1, 12, 23] {
        assert_eq!(good_at(MADE_AT + hours * 3600), "local");
        host.forget_memory();
        assert_eq!(good_at(MADE_AT + hours * 3600), "local", "in a new isolate too");
    }
    assert_eq!(good_at(MADE_AT + limits::KEYS_KEPT_SECONDS), "keys_unavailable");
}

#[test]
fn projects_share_neither_keys_nor_policies() {
    let provider = Provider::new();
    let host = provider.host(at(MADE_AT));
    let check = AuthorizationCheck { resource_id: "documents".into(), action: "read".into(), ..Default::default() };
    for (project_id, expected) in [(CONSUMER, "local"), ("project-test-other", "permission_denied")] {
        let stytch = Stytch::new(edgeseal::provider::stytch::StytchOptions {
            project_id: project_id.into(),
            secret: "secret-test-1".into(),
            base_url: None,
            vertical: Vertical::Consumer,
        });
        let stytch = stytch.unwrap();
        provider.answer(stytch.jwks_url().path(), 200, &world::vectors()["jwks"]);
        let mut claims = world::user_claims();
        (claims["aud"], claims["iss"]) = (json!([project_id]), json!(format!("stytch.com/{project_id}")));
        let token = world::token(&claims);
        let call = AuthenticateJwt { session_jwt: &token, authorization_check: Some(&check), ..Default::default() };
        let outcome = block_on(StytchClient::new(&stytch, &host).authenticate_jwt(&call));
        assert_eq!(outcome.map_or_else(|refused| refused.rejection.code(), |it| it.source()), expected);
        provider.answer("/v1/rbac/policy", 200, &json!({ "policy": { "roles": [] } }));
    }
    assert_eq!((provider.count("/rbac/policy"), provider.count("project-test-other")), (2, 1));
}
