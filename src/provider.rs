//! Providers: their endpoints, what they answer, and what that means. One file each.

mod endpoint;
mod outcome;
pub mod stytch;
pub mod workos;
