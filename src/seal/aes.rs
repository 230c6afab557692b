//! AES, for the modes of RustCrypto: own code on vectors where wasm has them, else the crate. Which one is decided here and nowhere
//! else.

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod bitsliced;

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub(super) use ::aes::{Aes128, Aes256};
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(super) use bitsliced::{Aes128, Aes256};
