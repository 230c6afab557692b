//! edgeseal: session authentication at the edge.

#[cfg(feature = "gateway")]
pub mod gateway;
