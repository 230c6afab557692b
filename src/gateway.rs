//! The gateway: a Worker in front of a site.

#[cfg(feature = "gateway-entry")]
mod entry;
