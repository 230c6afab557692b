//! Own code for `s^65537 mod n`, the exponent that everybody uses, in floating-point numbers: of wasm's multiplications theirs are
//! the only ones that come two at a time without more ado.
//!
//! Variable time throughout: signature, key and message are public.

mod columns;
mod fused;
mod lanes;
mod limbs;
mod montgomery;
mod whole;
mod words;

pub(super) use fused::Fused;
pub(super) use montgomery::Montgomery;
pub(super) use whole::Whole;

/// A modulus, prepared for one of the two ways to multiply.
pub(super) trait Kernel {
    /// s^65537 mod n, both big-endian and of the modulus's length. `s` is smaller than n.
    fn power(&self, s: &[u8]) -> Vec<u8>;
}
