//! The kernel that this build has: own code for the exponent that everybody uses. Tests always have it.

#[cfg(any(test, all(target_arch = "wasm32", target_feature = "relaxed-simd")))]
mod fma;
#[cfg(not(any(test, all(target_arch = "wasm32", target_feature = "relaxed-simd"))))]
mod none;

#[cfg(any(test, all(target_arch = "wasm32", target_feature = "relaxed-simd")))]
pub(super) use fma::Kernel;
#[cfg(not(any(test, all(target_arch = "wasm32", target_feature = "relaxed-simd"))))]
pub(super) use none::Kernel;
