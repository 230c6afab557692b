//! Providers: their endpoints, what they answer, and what that means. One file each.

pub mod workos;
