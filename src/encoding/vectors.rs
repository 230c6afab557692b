//! Base64 sixteen characters at a time, in the vectors of wasm.

use core::arch::wasm32::{
    i16x8, i32x4_dot_i16x8, u8x16_add, u8x16_all_true, u8x16_eq, u8x16_lt, u8x16_shuffle, u8x16_splat, u8x16_sub,
    u16x8_shl, u16x8_shr, u16x8_splat, v128, v128_and, v128_or,
};

use crate::simd;

const CHARACTERS: usize = 16;

/// What sixteen characters stand for.
pub(super) const BYTES: usize = 12;

/// Decodes whole vectors, and gives back the one to sixteen characters behind them, where padding and unused bits are. Their bytes
/// fit into the capacity.
pub(super) fn decode_all_but_last(text: &str, signs: [u8; 2]) -> Option<(Vec<u8>, &str)> {
    let whole = text.len().saturating_sub(1) / CHARACTERS;
    // Cut in the middle of a character, it is none of the alphabet.
    let (whole, rest) = text.split_at_checked(whole * CHARACTERS)?;
    let (vectors, _) = whole.as_bytes().as_chunks();
    let mut bytes = Vec::with_capacity((vectors.len() + 1) * BYTES);
    let mut is_valid = u8x16_splat(u8::MAX);
    for characters in vectors {
        let (values, is_known) = values(simd::vector(characters), signs);
        is_valid = v128_and(is_valid, is_known);
        let [decoded @ .., _, _, _, _] = simd::bytes(joined(values));
        bytes.extend_from_slice(&decoded);
    }
    u8x16_all_true(is_valid).then_some((bytes, rest))
}

/// The six bits of each character, and all ones where it is one of the alphabet.
#[inline(always)]
fn values(characters: v128, [sign_62, sign_63]: [u8; 2]) -> (v128, v128) {
    let among = |first: u8, count: u8| u8x16_lt(u8x16_sub(characters, u8x16_splat(first)), u8x16_splat(count));
    let mut offsets = u8x16_splat(0);
    let mut is_known = u8x16_splat(0);
    for (is_here, first, value_of_first) in [
        (among(b'A', 26), b'A', 0),
        (among(b'a', 26), b'a', 26_u8),
        (among(b'0', 10), b'0', 52),
        (u8x16_eq(characters, u8x16_splat(sign_62)), sign_62, 62),
        (u8x16_eq(characters, u8x16_splat(sign_63)), sign_63, 63),
    ] {
        offsets = v128_or(offsets, v128_and(is_here, u8x16_splat(value_of_first.wrapping_sub(first))));
        is_known = v128_or(is_known, is_here);
    }
    (u8x16_add(characters, offsets), is_known)
}

/// Twelve bytes of sixteen times six bits, then four of no meaning.
#[inline(always)]
fn joined(values: v128) -> v128 {
    // The first of each two stands in the lower byte, and its bits above those of the second.
    let twelve_bits = v128_or(u16x8_shl(v128_and(values, u16x8_splat(0xff)), 6), u16x8_shr(values, 8));
    let twenty_four_bits = i32x4_dot_i16x8(twelve_bits, i16x8(1 << 12, 1, 1 << 12, 1, 1 << 12, 1, 1 << 12, 1));
    // The highest byte of each number first.
    u8x16_shuffle::<2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 3, 7, 11, 15>(twenty_four_bits, twenty_four_bits)
}
