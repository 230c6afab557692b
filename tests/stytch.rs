//! Stytch: tokens that are checked here, and when Stytch is asked; over a host in memory, with the vectors of the real SDK.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper of a test fails as the test does"
)]

#[path = "stytch/asking.rs"]
mod asking;
#[path = "stytch/calls.rs"]
mod calls;
#[path = "stytch/loading.rs"]
mod loading;
#[path = "stytch/roles.rs"]
mod roles;
#[path = "stytch/sdk.rs"]
mod sdk;
#[path = "stytch/tokens.rs"]
mod tokens;
#[path = "support/stytch.rs"]
mod world;
