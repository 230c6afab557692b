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

use fused::Fused;
use montgomery::Montgomery;
use rsa::BigUint;
use whole::Whole;

/// A modulus, prepared for one of the two ways to multiply.
pub(super) trait Kernel {
    /// s^65537 mod n, both big-endian and of the modulus's length. `s` is smaller than n.
    fn power(&self, s: &[u8]) -> Vec<u8>;
}

/// Prepares an odd modulus of at most [`RSA_MODULUS_BITS`](crate::limits::RSA_MODULUS_BITS) for products in halves, which need
/// multiplications that round once, after an addition: relaxed SIMD, and [`fused_is_exact`].
pub(super) fn fused(modulus: &BigUint) -> Box<dyn Kernel> {
    Box::new(Montgomery::<Fused>::new(modulus))
}

/// Whether this machine multiplies as [`fused`] needs it.
pub(super) fn fused_is_exact() -> bool {
    Fused::is_exact()
}

/// The same for products in one piece, which any machine computes exactly.
pub(super) fn whole(modulus: &BigUint) -> Box<dyn Kernel> {
    Box::new(Montgomery::<Whole>::new(modulus))
}
