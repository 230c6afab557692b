//! Products that one floating-point number holds whole: limbs of 24 bits, and no more than multiplications and additions that any
//! machine does exactly. Twice as slow as halves of limbs twice as long ([`super::fused`]), and still twice as fast as integers, of
//! which a vector multiplies no more at once, after shuffling them into place.
//!
//! # Adding up
//! Let `a` ≤ 2 · (2^24 - 1), as one factor of a square is doubled, and `b` ≤ 2^24 - 1: `ab` < 2^49 is exact. Products are added to
//! 2^52, at most eight between one `settle` and the next (a run of 16 limbs on the left is divided among two sums). That stays from
//! 2^52 up to below 2^53, where the floating-point numbers are the integers: it is exact, and its bits are those of 2^52 plus the
//! sum. `settle` adds these bits as integers modulo 2^64, and those of 2^52 are taken off as many times as there were runs.
//!
//! A column has at most 2 · L products, counting a doubled one twice: at most 352, with the 176 limbs of a modulus of 4096 bits. So
//! what is left is below 352 · 2^48 < 2^57, with the carry too.

use super::columns::Products;
use super::lanes::{Floats, Sums};

/// What a run starts from.
const BASE: f64 = (1_u64 << 52) as f64;

/// Sums of whole products.
#[derive(Clone, Copy)]
pub(super) struct Whole {
    /// Two, of every other limb on the left: an addition takes as long as two multiplications.
    runs: [Floats; 2],
    sums: Sums,
}

impl Products for Whole {
    const LIMB_BITS: usize = 24;
    const RUN: usize = 16;

    fn none() -> Self {
        Self { runs: [Floats::both(BASE); 2], sums: Sums::both(0) }
    }

    #[inline(always)]
    fn add_two(&mut self, [even, odd]: [Floats; 2], [right_even, right_odd]: [Floats; 2]) {
        let [first, second] = self.runs;
        self.runs = [first.plus(even.times(right_even)), second.plus(odd.times(right_odd))];
    }

    #[inline(always)]
    fn add(&mut self, left: Floats, right: Floats) {
        let [first, second] = self.runs;
        self.runs = [first.plus(left.times(right)), second];
    }

    #[inline(always)]
    fn settle(&mut self) {
        let [first, second] = self.runs;
        self.sums = self.sums.plus(first.bits()).plus(second.bits());
        self.runs = [Floats::both(BASE); 2];
    }

    #[inline(always)]
    fn lows(&self) -> Sums {
        self.sums
    }

    #[inline(always)]
    fn highs(&self) -> Sums {
        Sums::both(0)
    }
}
