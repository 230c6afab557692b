//! Every case that the SDK was run on: our verdict is its own, or stands in the list of those in which we are stricter.

use edgeseal::provider::stytch::{AuthenticateToken, IntrospectToken, Stytch, StytchOptions, Vertical};
use edgeseal::rbac::AuthorizationCheck;
use edgeseal::{AuthenticateJwt, StytchClient};
use pollster::block_on;
use serde_json::Value;

use crate::world::{self, Provider, at};

/// What the SDK accepts and we refuse, and the code of the refusal.
const STRICTER: [(&str, &str); 5] = [
    ("consumer no exp claim", "expiration_missing"),
    ("consumer no iat, no nbf", "claim_missing"),
    ("consumer no sub", "claim_missing"),
    ("consumer RS512 token, JWK without alg (accepted by jose)", "algorithm_not_allowed"),
    ("idp given session JWT", "token_of_session"),
];

#[test]
fn sessions_are_judged_as_the_sdk_judges_them() {
    let vectors = world::vectors();
    let cases = vectors["session_vectors"].as_array().unwrap();
    assert_eq!(cases.len(), 36);
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let vertical = if case["vertical"] == "b2b" { Vertical::B2b } else { Vertical::Consumer };
        let stytch = Stytch::new(StytchOptions {
            project_id: case["project_id"].as_str().unwrap().into(),
            secret: "secret-test-1".into(),
            base_url: Some(case["base_url"].as_str().unwrap().into()),
            vertical,
        });
        let stytch = stytch.unwrap();
        let provider = Provider::new();
        if case["jwks"].is_object() {
            provider.answer(stytch.jwks_url().path(), 200, &case["jwks"]);
        }
        let host = provider.host(at(case["verify_at_epoch"].as_i64().unwrap()));
        let check = check_of(&case["options"]);
        let call = AuthenticateJwt {
            session_jwt: case["jwt"].as_str().unwrap(),
            max_token_age_seconds: case["options"]["max_token_age_seconds"].as_i64(),
            clock_tolerance_seconds: case["options"]["clock_tolerance_seconds"].as_i64().unwrap_or_default(),
            authorization_check: check.as_ref(),
            ..AuthenticateJwt::default()
        };
        let verdict = block_on(StytchClient::new(&stytch, &host).authenticate_jwt_local(&call));
        let verdict = verdict.map(|session| serde_json::to_string(session.session()).unwrap());
        compare(name, verdict.map_err(|refused| refused.rejection.code()), &case["expected"], "session");
    }
}

#[test]
fn other_tokens_are_judged_as_the_sdk_judges_them() {
    let vectors = world::vectors();
    let cases = vectors["token_vectors"].as_array().unwrap();
    assert_eq!(cases.len(), 8);
    let stytch = world::stytch(Vertical::Consumer);
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let host = Provider::new().host(at(world::MADE_AT + 60));
        let client = StytchClient::new(&stytch, &host);
        let token = case["jwt"].as_str().unwrap();
        let verdict = if case["kind"] == "m2m" {
            let scopes = case["required_scopes"].as_array().into_iter().flatten();
            let required_scopes: Vec<_> = scopes.map(|scope| scope.as_str().unwrap()).collect();
            let call = AuthenticateToken {
                access_token: token,
                required_scopes: &required_scopes,
                ..AuthenticateToken::default()
            };
            block_on(client.authenticate_token(&call)).map(|token| serde_json::to_string(&token).unwrap())
        } else {
            let check = check_of(&case["options"]);
            let call = IntrospectToken { token, authorization_check: check.as_ref(), ..IntrospectToken::default() };
            block_on(client.introspect_token_local(&call)).map(|token| serde_json::to_string(&token).unwrap())
        };
        compare(name, verdict.map_err(|refused| refused.rejection.code()), &case["expected"], "result");
    }
}

fn compare(name: &str, verdict: Result<String, &str>, expected: &Value, member: &str) {
    let stricter = STRICTER.iter().find(|(other, _)| *other == name);
    match (verdict, stricter) {
        (Ok(ours), None) => {
            assert_eq!(expected["ok"], true, "{name}: the SDK refuses it");
            assert_eq!(serde_json::from_str::<Value>(&ours).unwrap(), expected[member], "{name}");
        }
        (Err(code), Some((_, expected))) => assert_eq!(code, *expected, "{name}"),
        (Err(code), None) => assert_eq!(expected["ok"], false, "{name}: {code}"),
        (Ok(_), Some(_)) => panic!("{name} is not refused"),
    }
}

fn check_of(options: &Value) -> Option<AuthorizationCheck> {
    let check = options["authorization_check"].as_object()?;
    let text = |name: &str| check.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(AuthorizationCheck {
        organization_id: text("organization_id"),
        resource_id: text("resource_id").unwrap(),
        action: text("action").unwrap(),
    })
}
