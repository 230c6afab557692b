//! Policies of roles. Whatever the text, nothing is allowed that another reader of the same JSON does not find allowed in it, and the
//! other way round.

use edgeseal::limits;
use edgeseal::rbac::{AuthorizationCheck, Policy};
use serde_json::Value;

use super::allocations::allocated_by;
use super::input::{Input, filled};

pub(crate) fn check(input: &[u8]) {
    let mut input = Input::new(input);
    let filling = input.byte();
    let [held, resource, action] = [input.line(), input.line(), input.line()];
    let [held, resource, action] = [held, resource, action].map(|line| String::from_utf8_lossy(line).into_owned());
    let text = filled(input.text(), filling, limits::POLICY_BYTES, ' ');
    let (policy, allocated) = allocated_by(|| Policy::parse(text.as_bytes()));
    if text.len() > limits::POLICY_BYTES {
        assert!(policy.is_none() && allocated == 0);
        return;
    }
    // A tree of JSON weighs more than its text.
    assert!(allocated <= 300 * text.len() + 64 * 1024, "{allocated} of {}", text.len());
    let Some(policy) = policy else { return };
    let held: Vec<&str> = held.split(' ').collect();
    let check = AuthorizationCheck { organization_id: None, resource_id: resource, action };
    let nothing: [&str; 0] = [];
    assert!(!policy.allows_roles(&nothing, &check) && !policy.allows_scopes(&nothing, &check));
    // Half an emoji is read by nobody else.
    let Ok(answer) = serde_json::from_str::<Value>(&text) else { return };
    let body = answer.get("policy").or_else(|| answer.get("org_policy")).expect("one of them");
    assert_eq!(policy.allows_roles(&held, &check), allows(&body["roles"], "role_id", &held, &check), "{text}");
    assert_eq!(policy.allows_scopes(&held, &check), allows(&body["scopes"], "scope", &held, &check), "{text}");
}

fn allows(grants: &Value, id: &str, held: &[&str], check: &AuthorizationCheck) -> bool {
    let elements = |value: &Value| value.as_array().cloned().unwrap_or_default();
    elements(grants).iter().any(|grant| {
        held.iter().any(|held| grant[id] == **held)
            && elements(&grant["permissions"]).iter().any(|permission| {
                let actions = elements(&permission["actions"]);
                permission["resource_id"] == *check.resource_id
                    && actions.iter().any(|action| *action == "*" || *action == *check.action)
            })
    })
}
