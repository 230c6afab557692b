//! `cookie/parts.rs`, compiled from its source: it is private to the gateway, and the gateway needs a Worker around it.

pub(crate) use edgeseal::cookie::{Attributes, SameSite, names, values};

#[path = "../../src/cookie/parts.rs"]
pub(crate) mod parts;
