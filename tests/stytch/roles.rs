//! Roles: the SDK's algorithm as a table, tenancy before it, organizations kept apart, and closed where anything is missing.

use edgeseal::http::FetchFault;
use edgeseal::provider::stytch::{IntrospectToken, TokenTimes, Vertical};
use edgeseal::rbac::{AuthorizationCheck, Policy, has_scopes};
use edgeseal::{AuthenticateJwt, KeySet, Rejection, StytchClient, algorithms, limits};
use pollster::block_on;
use serde_json::{Value, json};

use crate::world::{self, MADE_AT, ORGANIZATION, Provider, at};

fn check(resource_id: &str, action: &str) -> AuthorizationCheck {
    AuthorizationCheck { organization_id: None, resource_id: resource_id.into(), action: action.into() }
}

fn in_organization(organization_id: &str, resource_id: &str, action: &str) -> AuthorizationCheck {
    AuthorizationCheck { organization_id: Some(organization_id.into()), ..check(resource_id, action) }
}

#[test]
fn a_policy_allows_what_the_sdk_allows() {
    let policy = Policy::parse(json!({ "policy": world::vectors()["rbac_policy"] }).to_string().as_bytes()).unwrap();
    for (roles, resource, action, expected) in [
        (&["editor"][..], "documents", "read", true),
        (&["editor"], "documents", "delete", false),
        (&["stytch_user", "editor"], "images", "delete", true),
        (&["admin"], "documents", "delete", true),
        (&["admin"], "documents", "anything", true),
        (&["admin"], "images", "read", false),
        (&["admin"], "*", "read", false),
        (&["admin"], "documents", "*", true),
        (&["editor"], "documents", "*", false),
        (&["Editor"], "documents", "read", false),
        (&["editor "], "documents", "read", false),
        (&["stytch_member"], "stytch.self", "read", true),
        (&["nobody"], "documents", "read", false),
        (&[], "documents", "read", false),
        (&[""], "", "", false),
    ] {
        assert_eq!(policy.allows_roles(roles, &check(resource, action)), expected, "{roles:?} {action} {resource}");
    }
    assert!(policy.allows_scopes(&["read:data"], &check("documents", "read")));
    assert!(!policy.allows_scopes(&["read:data"], &check("documents", "write")));
    assert!(!policy.allows_scopes(&["editor"], &check("documents", "read")), "a role is no scope");
    assert!(!policy.allows_roles(&["read:data"], &check("documents", "read")), "a scope is no role");
}

#[test]
fn what_is_no_policy_is_none_and_what_it_lacks_allows_nothing() {
    for text in [
        "",
        "null",
        "[]",
        "{}",
        r#"{"policy":null}"#,
        r#"{"policy":[]}"#,
        r#"{"policy":{"roles":{}}}"#,
        r#"{"policy":{"roles":[{}]}}"#,
        r#"{"policy":{"roles":[["a",[["b",["*"]]]]]}}"#,
        r#"{"policy":{"roles":[{"role_id":7}]}}"#,
        r#"{"policy":{"roles":[{"role_id":"a","permissions":[{"actions":["*"]}]}]}}"#,
        r#"{"policy":{"roles":[{"role_id":"a","permissions":[{"resource_id":"b","actions":"*"}]}]}}"#,
        r#"{"policy":{"roles":[],"roles":[]}}"#,
        r#"{"policy":{"roles":[]},"org_policy":{"roles":[]}}"#,
        r#"{"roles":[]}"#,
    ] {
        assert!(Policy::parse(text.as_bytes()).is_none(), "{text}");
    }
    for text in [
        r#"{"policy":{}}"#,
        r#"{"policy":{"roles":null,"scopes":null}}"#,
        r#"{"policy":{"roles":[{"role_id":"a","description":"half an emoji \ud83d","permissions":null}]}}"#,
        r#"{"policy":{"roles":[{"role_id":"a"}],"unknown":[1]},"request_id":"x"}"#,
        r#"{"org_policy":{"roles":[{"role_id":"a","permissions":[{"resource_id":"b"}]}]}}"#,
    ] {
        let policy = Policy::parse(text.as_bytes()).unwrap();
        assert!(!policy.allows_roles(&["a"], &check("b", "c")), "{text}");
    }
    let padded = |length: usize| format!("{}{}", " ".repeat(length - r#"{"policy":{}}"#.len()), r#"{"policy":{}}"#);
    assert!(Policy::parse(padded(limits::POLICY_BYTES).as_bytes()).is_some());
    assert!(Policy::parse(padded(limits::POLICY_BYTES + 1).as_bytes()).is_none());
}

#[test]
fn scopes_of_machines_are_split_once() {
    for (held, required, expected) in [
        (&["read:users"][..], &["read:users"][..], true),
        (&["read:*"], &["read:users"], true),
        (&["read:*"], &["read:*"], true),
        (&["read:users"], &["read:*"], false),
        (&["read"], &["read"], true),
        (&["read"], &["read:users"], false),
        (&["read:users"], &["read"], false),
        (&["read:*"], &["read"], true),
        (&["a:b:c"], &["a:b:c"], true),
        (&["a:b"], &["a:b:c"], false),
        (&["a:b:c"], &["a:b"], false),
        (&["*:users"], &["read:users"], false),
        (&["read:users", "write:users"], &["read:users", "write:users"], true),
        (&["read:users"], &["read:users", "write:users"], false),
        (&[""], &[], true),
        (&[], &["read:users"], false),
    ] {
        assert_eq!(has_scopes(held, required), expected, "{held:?} for {required:?}");
    }
}

/// What a B2B client says to a member's token.
fn member(provider: &Provider, claims: &Value, check: &AuthorizationCheck) -> &'static str {
    let stytch = world::stytch(Vertical::B2b);
    let host = provider.host(at(MADE_AT));
    let token = world::token(claims);
    let call = AuthenticateJwt { session_jwt: &token, authorization_check: Some(check), ..AuthenticateJwt::default() };
    let outcome = block_on(StytchClient::new(&stytch, &host).authenticate_jwt(&call));
    outcome.map_or_else(|refused| refused.rejection.code(), |authentication| authentication.source())
}

#[test]
fn members_have_the_roles_of_the_project_and_of_their_organization() {
    let mut claims = world::member_claims();
    let provider = Provider::new();
    let verdict = |claims: &Value, check: &AuthorizationCheck| member(&provider, claims, check);
    assert_eq!(verdict(&claims, &in_organization(ORGANIZATION, "images", "paint")), "local", "the organization's role");
    assert_eq!(verdict(&claims, &in_organization(ORGANIZATION, "documents", "read")), "permission_denied");
    assert_eq!(verdict(&claims, &in_organization(ORGANIZATION, "stytch.self", "read")), "local", "the project's role");
    claims["https://stytch.com/session"]["roles"] = json!([]);
    assert_eq!(verdict(&claims, &in_organization(ORGANIZATION, "images", "paint")), "permission_denied");
    claims["https://stytch.com/session"].as_object_mut().unwrap().remove("roles");
    assert_eq!(
        verdict(&claims, &in_organization(ORGANIZATION, "images", "paint")),
        "permission_denied",
        "no roles at all"
    );
}

#[test]
fn another_organization_is_refused_before_anything_is_loaded() {
    let provider = Provider::new();
    let claims = world::member_claims();
    for check in [check("images", "paint"), in_organization("organization-test-other", "images", "paint")] {
        assert_eq!(member(&provider, &claims, &check), "tenancy_mismatch");
    }
    assert_eq!(provider.count("/rbac/policy"), 0);
    assert_eq!(provider.count("/authenticate"), 0);
}

#[test]
fn whoever_brings_policies_along_is_refused_another_organization_too() {
    let stytch = world::stytch(Vertical::B2b);
    let keys = KeySet::parse(world::vectors()["jwks"].to_string().as_bytes(), algorithms::SESSION_TOKENS).unwrap();
    let token = world::token(&world::member_claims());
    let session = stytch.verify_session(&token, &keys, TokenTimes::default(), at(MADE_AT)).unwrap();
    let vectors = world::vectors();
    let policy = |answer: Value| Policy::parse(answer.to_string().as_bytes()).unwrap();
    let project = policy(json!({ "policy": vectors["rbac_policy"] }));
    let organization = policy(json!({ "org_policy": vectors["org_policy"] }));
    let verdict = |id: &str| session.authorize(&in_organization(id, "images", "paint"), &project, Some(&organization));
    assert_eq!(verdict(ORGANIZATION), Ok(()));
    assert_eq!(verdict("organization-test-other"), Err(Rejection::TenancyMismatch));
}

#[test]
fn the_roles_of_one_organization_are_no_other_ones() {
    let provider = Provider::new();
    let other = "organization-test-other";
    provider.answer(&format!("/v1/b2b/rbac/organizations/{other}"), 200, &json!({ "org_policy": { "roles": [] } }));
    let stytch = world::stytch(Vertical::B2b);
    let host = provider.host(at(MADE_AT));
    let client = StytchClient::new(&stytch, &host);
    let mut claims = world::member_claims();
    let verdict = |claims: &Value, organization: &str| {
        let (token, check) = (world::token(claims), in_organization(organization, "images", "paint"));
        let call = AuthenticateJwt { session_jwt: &token, authorization_check: Some(&check), ..Default::default() };
        block_on(client.authenticate_jwt(&call)).map_or_else(|refused| refused.rejection.code(), |_| "local")
    };
    assert_eq!(verdict(&claims, ORGANIZATION), "local");
    claims["https://stytch.com/organization"]["organization_id"] = json!(other);
    assert_eq!(verdict(&claims, other), "permission_denied", "a role of the same name in another organization");
    assert_eq!(provider.count("/rbac/policy"), 1, "the project's policy is loaded once for all of them");
}

#[test]
fn without_the_beta_there_are_no_roles_of_organizations() {
    let path = format!("/v1/b2b/rbac/organizations/{ORGANIZATION}");
    for (status, expected) in [
        (403, "permission_denied"),
        (404, "permission_denied"),
        (401, "policy_unavailable"),
        (500, "policy_unavailable"),
    ] {
        let provider = Provider::new();
        provider.answer(&path, status, &json!({ "error_type": "x" }));
        let check = in_organization(ORGANIZATION, "images", "paint");
        assert_eq!(member(&provider, &world::member_claims(), &check), expected, "{status}");
        let check = in_organization(ORGANIZATION, "stytch.self", "read");
        assert_eq!(
            member(&provider, &world::member_claims(), &check),
            "local",
            "the project's roles hold all the same"
        );
    }
    let provider = Provider::new();
    provider.answer("/v1/b2b/rbac/policy", 403, &json!({ "error_type": "x" }));
    let check = in_organization(ORGANIZATION, "stytch.self", "read");
    assert_eq!(
        member(&provider, &world::member_claims(), &check),
        "policy_unavailable",
        "the project's has to be there"
    );
}

#[test]
fn an_organization_that_no_url_can_hold_has_no_roles_of_its_own() {
    for id in ["../policy", "a/b", "a?b", &"x".repeat(limits::ORGANIZATION_ID_BYTES + 1)] {
        let provider = Provider::new();
        let mut claims = world::member_claims();
        claims["https://stytch.com/organization"]["organization_id"] = json!(id);
        assert_eq!(member(&provider, &claims, &in_organization(id, "images", "paint")), "permission_denied", "{id}");
        assert_eq!(member(&provider, &claims, &in_organization(id, "stytch.self", "read")), "local", "{id}");
        assert!(provider.asked().iter().all(|path| !path.contains("/organizations/")));
    }
    let longest = "x".repeat(limits::ORGANIZATION_ID_BYTES);
    let provider = Provider::new();
    let path = format!("/v1/b2b/rbac/organizations/{longest}");
    provider.answer(&path, 200, &json!({ "org_policy": world::vectors()["org_policy"] }));
    let mut claims = world::member_claims();
    claims["https://stytch.com/organization"]["organization_id"] = json!(longest);
    assert_eq!(member(&provider, &claims, &in_organization(&longest, "images", "paint")), "local");
}

#[test]
fn scopes_of_access_tokens_are_held_against_the_policy() {
    let provider = Provider::new();
    let introspect = |scope: Value, check: &AuthorizationCheck| {
        let stytch = world::stytch(Vertical::Consumer);
        let host = provider.host(at(MADE_AT));
        let mut claims = world::machine_claims();
        claims["scope"] = scope;
        let token = world::token(&claims);
        let call = IntrospectToken { token: &token, authorization_check: Some(check), ..IntrospectToken::default() };
        let outcome = block_on(StytchClient::new(&stytch, &host).introspect_token_local(&call));
        outcome.map_or_else(|refused| refused.rejection.code(), |_| "good")
    };
    assert_eq!(introspect(json!("openid read:data"), &check("documents", "read")), "good");
    assert_eq!(introspect(json!("openid read:data"), &check("documents", "write")), "permission_denied");
    assert_eq!(introspect(json!(""), &check("documents", "read")), "permission_denied");
    assert_eq!(introspect(Value::Null, &check("documents", "read")), "permission_denied");
    provider.fail("/v1/rbac/policy", FetchFault::Timeout);
    assert_eq!(introspect(json!("read:data"), &check("documents", "read")), "policy_unavailable");
}
