//! Roles, permissions and scopes: whether a policy allows an action on a resource. Pure, and closed: what is missing denies.
//!
//! A policy is never changed and never merged into another one: those of a project and of an organization are asked side by side.

mod scopes;

use serde::Deserialize;

use crate::error::Rejection;
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
#[derive(Deserialize)]
pub struct Policy {
    #[serde(default)]
    roles: Vec<Role>,
    #[serde(default)]
    scopes: Vec<Scope>,
}

#[derive(Deserialize)]
struct Role {
    role_id: String,
    #[serde(default)]
    permissions: Vec<Permission>,
}

#[derive(Deserialize)]
struct Scope {
    scope: String,
    #[serde(default)]
    permissions: Vec<Permission>,
}

#[derive(Deserialize)]
struct Permission {
    resource_id: String,
    #[serde(default)]
    actions: Vec<String>,
}

/// The provider's answer: of a project, or of an organization.
#[derive(Deserialize)]
struct Answer {
    #[serde(alias = "org_policy")]
    policy: Policy,
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
        serde_json::from_slice::<Answer>(text).ok().map(|answer| answer.policy)
    }

    /// Whether one of these roles allows it.
    pub fn allows_roles<S: AsRef<str>>(&self, roles: &[S], check: &AuthorizationCheck) -> bool {
        let is_held = |role: &&Role| roles.iter().any(|held| held.as_ref() == role.role_id);
        self.roles.iter().filter(is_held).any(|role| allow(&role.permissions, check))
    }

    /// Whether one of these scopes allows it.
    pub fn allows_scopes<S: AsRef<str>>(&self, scopes: &[S], check: &AuthorizationCheck) -> bool {
        let is_held = |scope: &&Scope| scopes.iter().any(|held| held.as_ref() == scope.scope);
        self.scopes.iter().filter(is_held).any(|scope| allow(&scope.permissions, check))
    }
}

fn allow(permissions: &[Permission], check: &AuthorizationCheck) -> bool {
    permissions.iter().any(|permission| {
        permission.resource_id == check.resource_id
            && permission.actions.iter().any(|action| action == "*" || *action == check.action)
    })
}

/// A policy that a provider publishes to its client.
impl Loadable for Policy {
    const KIND: &'static str = "policy";
    const MEMBER: &'static str = "policy";
    const LIFETIME: Lifetime =
        Lifetime { fresh_seconds: limits::POLICY_FRESH_SECONDS, kept_seconds: limits::KEYS_KEPT_SECONDS };
    const MOST: usize = limits::POLICIES_KEPT;
    const UNAVAILABLE: Rejection = Rejection::PolicyUnavailable;

    fn parse(text: &[u8]) -> Option<Self> {
        Self::parse(text)
    }

    fn memory(memory: &mut KeyMemory) -> &mut Memory<Self> {
        &mut memory.policies
    }
}
