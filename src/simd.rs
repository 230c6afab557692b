//! Vectors of wasm from bytes and back, without `unsafe`: the compiler makes one load or store of each.

use core::arch::wasm32::{u64x2, u64x2_extract_lane, v128};

#[inline(always)]
pub(crate) fn vector(bytes: &[u8; 16]) -> v128 {
    let number = u128::from_le_bytes(*bytes);
    #[expect(clippy::cast_possible_truncation, reason = "the two halves")]
    u64x2(number as u64, (number >> 64) as u64)
}

#[inline(always)]
pub(crate) fn bytes(vector: v128) -> [u8; 16] {
    let (low, high) = (u64x2_extract_lane::<0>(vector), u64x2_extract_lane::<1>(vector));
    (u128::from(low) | u128::from(high) << 64).to_le_bytes()
}
