//! Roles, permissions and scopes: whether a policy allows an action on a resource. Pure, and closed: what is missing denies.
//!
//! A policy is never changed and never merged into another one: those of a project and of an organization are asked side by side.

mod scopes;

use serde_json::{Map, Value};

use crate::error::Rejection;
use crate::json;
use crate::limits;
use crate::loaded::{KeyMemory, Lifetime, Loadable, Memory};

pub use scopes::{has_scopes, scopes};

/// What is to be allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthorizationCheck {
    /// The organization that the resource is in; has to be the session's own. Only where sessions have one.
    pub organization_id: Option<String>,
    /// What is acted on, as the policy names it. There is no wildcard.
    pub resource_id: String,
    /// What is done. `*` is allowed where the policy itself says `*`.
    pub action: String,
}

/// What the roles and scopes of a project, or of an organization, allow.
pub struct Policy {
    roles: Vec<Grant>,
    scopes: Vec<Grant>,
}

/// A role or a scope, and what it allows.
struct Grant {
    id: String,
    permissions: Vec<Permission>,
}

struct Permission {
    resource_id: String,
    actions: Vec<String>,
}

impl Policy {
    /// Reads a provider's answer, `{ "policy": { "roles": …, "scopes": … } }` or `{ "org_policy": { "roles": … } }`. `None` for what
    /// is none, or over the limit.
    ///
    /// ```
    /// use edgeseal::rbac::{AuthorizationCheck, Policy};
    /// let policy = Policy::parse(
    ///     br#"{"policy":{"roles":[{"role_id":"editor","permissions":[{"resource_id":"documents","actions":["read"]}]}]}}"#,
    /// ).unwrap();
    /// let check = AuthorizationCheck { resource_id: "documents".into(), action: "read".into(), ..Default::default() };
    /// assert!(policy.allows_roles(&["editor"], &check));
    /// assert!(!policy.allows_roles(&["stytch_user"], &check));
    /// ```
    pub fn parse(text: &[u8]) -> Option<Self> {
        if text.len() > limits::POLICY_BYTES {
            return None;
        }
        // Descriptions are people's, and may hold half an emoji.
        let mended = || json::parse_object(&json::mend_lone_surrogates(text)?);
        let answer = json::parse_object(text).or_else(mended)?;
        let policy = match (answer.get("policy"), answer.get("org_policy")) {
            (Some(policy), None) | (None, Some(policy)) => policy.as_object()?,
            _ => return None,
        };
        Some(Self {
            roles: list(policy, "roles", |role| grant(role.as_object()?, "role_id"))?,
            scopes: list(policy, "scopes", |scope| grant(scope.as_object()?, "scope"))?,
        })
    }

    /// Whether one of these roles allows it.
    pub fn allows_roles<S: AsRef<str>>(&self, roles: &[S], check: &AuthorizationCheck) -> bool {
        allow(&self.roles, roles, check)
    }

    /// Whether one of these scopes allows it.
    pub fn allows_scopes<S: AsRef<str>>(&self, scopes: &[S], check: &AuthorizationCheck) -> bool {
        allow(&self.scopes, scopes, check)
    }
}

fn allow<S: AsRef<str>>(grants: &[Grant], held: &[S], check: &AuthorizationCheck) -> bool {
    let is_held = |grant: &&Grant| held.iter().any(|id| id.as_ref() == grant.id);
    let does_allow = |permission: &Permission| {
        permission.resource_id == check.resource_id
            && permission.actions.iter().any(|action| action == "*" || *action == check.action)
    };
    grants.iter().filter(is_held).any(|grant| grant.permissions.iter().any(does_allow))
}

fn grant(members: &Map<String, Value>, id: &str) -> Option<Grant> {
    let permissions = list(members, "permissions", |permission| {
        let permission = permission.as_object()?;
        Some(Permission {
            resource_id: text(permission.get("resource_id")?)?,
            actions: list(permission, "actions", text)?,
        })
    });
    Some(Grant { id: text(members.get(id)?)?, permissions: permissions? })
}

/// A list, each of whose elements has to be as expected. One that is not there is empty.
fn list<T>(members: &Map<String, Value>, name: &str, read: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    match members.get(name) {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(elements) => elements.as_array()?.iter().map(read).collect(),
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// A policy that a provider publishes to its client.
impl Loadable for Policy {
    const KIND: &'static str = "policy";
    const MEMBER: &'static str = "policy";
    // What was taken from a role counts at once when its time is over: a request waits for the reload.
    const LIFETIME: Lifetime = Lifetime {
        fresh_seconds: limits::POLICY_FRESH_SECONDS,
        served_stale_seconds: 0,
        kept_seconds: limits::KEYS_KEPT_SECONDS,
    };
    const MOST: usize = limits::POLICIES_KEPT;
    const UNAVAILABLE: Rejection = Rejection::PolicyUnavailable;

    fn parse(text: &[u8]) -> Option<Self> {
        Self::parse(text)
    }

    fn memory(memory: &mut KeyMemory) -> &mut Memory<Self> {
        &mut memory.policies
    }
}
