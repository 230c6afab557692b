//! The scopes of machines: `action:resource`, and which of them satisfy which.

/// The scopes in a claim, as the Stytch SDK splits them: at each single space.
pub fn scopes(claim: &str) -> impl Iterator<Item = &str> {
    claim.split(' ')
}

/// Whether these scopes satisfy all that are required: the action has to be the same, and the resource the same or, in the held
/// scope, `*`. One without a colon is about the resource `-`.
///
/// ```
/// use edgeseal::rbac::has_scopes;
/// assert!(has_scopes(&["read:users", "write:*"], &["read:users", "write:anything"]));
/// assert!(!has_scopes(&["read:users"], &["read"]));
/// assert!(!has_scopes(&["read:users"], &["read:*"]));
/// ```
pub fn has_scopes<H: AsRef<str>, R: AsRef<str>>(held: &[H], required: &[R]) -> bool {
    required.iter().all(|required| {
        let (action, resource) = parts(required.as_ref());
        held.iter().map(|held| parts(held.as_ref())).any(|held| held == (action, resource) || held == (action, "*"))
    })
}

/// Split once, at the first colon, as the Go SDK does: `a:b:c` is about `b:c`. What has no colon is about `-`.
fn parts(scope: &str) -> (&str, &str) {
    scope.split_once(':').unwrap_or((scope, "-"))
}
