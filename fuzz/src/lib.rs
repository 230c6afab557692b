//! What cargo-fuzz runs. The properties themselves stand in `targets`, which the crate's own tests run over the seeds too,
//! so that they stay true without nightly.

// Where `cookie/parts.rs`, which is compiled from its source, looks for them.
mod error {
    pub(crate) use edgeseal::Rejection;
}
use edgeseal::limits;

// By path, so that its modules stand beside it from here as from the crate's tests.
#[path = "targets.rs"]
mod targets;

/// Values out of a `Cookie` header, whole and split.
pub fn cookie_header(input: &[u8]) {
    targets::cookie_header::check(input);
}

/// Seals of every format: a stranger's, and our own.
pub fn unseal(input: &[u8]) {
    targets::unseal::check(input);
}

/// Compact tokens: a stranger's, and signed ones of any content.
pub fn jwt(input: &[u8]) {
    targets::jwt::check(input);
}

/// Key sets.
pub fn jwks(input: &[u8]) {
    targets::jwks::check(input);
}

/// Policies of roles.
pub fn policy(input: &[u8]) {
    targets::policy::check(input);
}

/// Stytch's tokens, signed ones of any content.
pub fn stytch(input: &[u8]) {
    targets::stytch::check(input);
}

/// From a cookie's value to a session.
pub fn authenticate(input: &[u8]) {
    targets::authenticate::check(input);
}
