//! The targets: one function per kind of hostile input. Each asserts what has to hold for every input, not only that nothing
//! panics. Nothing here knows an engine: cargo-fuzz brings inputs of its own, a test brings the seeds.
//!
//! An input begins with a few bytes of choices (which format, which clock), then come lines or text, as `input` reads them.

mod allocations;
pub(crate) mod authenticate;
pub(crate) mod cookie_header;
mod input;
pub(crate) mod jwks;
pub(crate) mod jwt;
mod known;
pub(crate) mod policy;
#[cfg(test)]
pub(crate) mod seeds;
mod signer;
mod split_cookies;
pub(crate) mod stytch;
pub(crate) mod unseal;
