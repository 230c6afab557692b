//! Products split exactly into two halves, by multiplications that round once, after an addition.
//!
//! # Splitting a product
//! Let `a` and `b` be integers with `a` ≤ 2 · (2^51 - 1) and `b` ≤ 2^51 - 1 (one factor of a square is doubled), so
//! 0 ≤ `ab` < 2^103.
//!
//! - `high` = fma(a, b, 2^103) lies from 2^103 up to below 2^104, where neighbouring floating-point numbers are 2^51 apart. So it is
//!   2^103 + h · 2^51, where h is `ab` / 2^51 rounded to an integer, and its bits are those of 2^103 plus h: the fraction counts
//!   in that unit. 0 ≤ h ≤ 2^52; for factors that are not doubled h ≤ 2^51.
//! - (2^103 + 3 · 2^51) - `high` = (3 - h) · 2^51 is exact, being a multiple of 2^51 with fewer than 53 bits.
//! - `low` = fma(a, b, that) = 3 · 2^51 + l, where l = `ab` - h · 2^51 is what the rounding left over: |l| ≤ 2^50. So it lies
//!   between 2^52 and 2^53, where the floating-point numbers are the integers: it is exact, and its bits are those of 3 · 2^51 plus
//!   l, whatever the sign of l.
//!
//! `ab` = h · 2^51 + l exactly. This takes a multiplication that rounds once: [`Fused::is_exact`] asks for it.
//!
//! # Adding up
//! The bits are added as integers modulo 2^64. A product of zeros adds the bits of the two constants, and these are taken off as many
//! times as there were products. What is left is the true sum if that fits an `i64`. A column has at most 2 · L products, counting a
//! doubled one twice (one for each limb of the left-hand factor, one for each digit `q`): at most 168, with the 84 limbs of a
//! modulus of 4096 bits. So the sum of the h stays below 168 · 2^51 < 2^59, that of the l within 168 · 2^50 < 2^58 on either side of
//! zero, and both with the carry, which is a 2^51st of the same, within 2^60.

use core::hint::black_box;

use super::columns::Products;
use super::lanes::{Floats, Sums};

/// 2^103.
const HIGH: f64 = (1_u128 << 103) as f64;
/// 3 · 2^51.
const LOW: f64 = (3_u64 << 51) as f64;
/// What is added to each high half, and to each low one, by reading the bits.
const HIGH_BITS: i64 = HIGH.to_bits().cast_signed();
const LOW_BITS: i64 = LOW.to_bits().cast_signed();

/// Sums of both halves.
#[derive(Clone, Copy)]
pub(super) struct Fused {
    splitter: Splitter,
    lows: Sums,
    highs: Sums,
}

impl Fused {
    /// Whether this machine multiplies as it is needed. It does not where a product is rounded before the addition.
    pub(super) fn is_exact() -> bool {
        Splitter::new().is_exact_with(Floats::multiply_add)
    }
}

impl Products for Fused {
    const LIMB_BITS: usize = 51;
    /// More than there are: nothing has to settle.
    const RUN: usize = 1 << 10;

    fn none() -> Self {
        Self { splitter: Splitter::new(), lows: Sums::both(0), highs: Sums::both(0) }
    }

    #[inline(always)]
    fn add_two(&mut self, [even, odd]: [Floats; 2], [right_even, right_odd]: [Floats; 2]) {
        self.add(even, right_even);
        self.add(odd, right_odd);
    }

    #[inline(always)]
    fn add(&mut self, left: Floats, right: Floats) {
        let (low, high) = self.splitter.split_with(Floats::multiply_add, left, right);
        self.lows = self.lows.plus(low);
        self.highs = self.highs.plus(high);
    }

    #[inline(always)]
    fn settle(&mut self) {}

    #[inline(always)]
    fn lows(&self) -> Sums {
        self.lows
    }

    #[inline(always)]
    fn highs(&self) -> Sums {
        self.highs
    }
}

/// The constants of a split, each in a vector.
#[derive(Clone, Copy)]
struct Splitter {
    high: Floats,
    sum: Floats,
}

impl Splitter {
    /// Hidden from the compiler, which would write the constants out at every use: reading them each time costs 5 %.
    fn new() -> Self {
        Self { high: Floats::both(black_box(HIGH)), sum: Floats::both(black_box(HIGH + LOW)) }
    }

    /// The bits of the low and of the high half of two products.
    #[inline(always)]
    fn split_with(
        self,
        multiply_add: impl Fn(Floats, Floats, Floats) -> Floats,
        left: Floats,
        right: Floats,
    ) -> (Sums, Sums) {
        let high = multiply_add(left, right, self.high);
        let low = multiply_add(left, right, self.sum.minus(high));
        (low.bits(), high.bits())
    }

    /// Whether products come out exactly, in both lanes.
    fn is_exact_with(self, multiply_add: impl Fn(Floats, Floats, Floats) -> Floats) -> bool {
        const LARGEST: i64 = (1 << 51) - 1;
        let product = |low: i64, high: i64| {
            i128::from(low.wrapping_sub(LOW_BITS)) + (i128::from(high.wrapping_sub(HIGH_BITS)) << 51)
        };
        // Hidden from the compiler, which would multiply by itself.
        black_box([(LARGEST, LARGEST), (2 * LARGEST, LARGEST), (0x5_5555_5555_5555, 0x3_3333_3333_3333), (LARGEST, 1)])
            .into_iter()
            .all(|(left, right)| {
                let lefts = Floats::new(left as f64, right as f64);
                let (low, high) = self.split_with(&multiply_add, lefts, Floats::both(right as f64));
                product(low.first(), high.first()) == i128::from(left) * i128::from(right)
                    && product(low.second(), high.second()) == i128::from(right) * i128::from(right)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_that_rounds_twice_is_noticed() {
        let splitter = Splitter::new();
        assert!(Fused::is_exact());
        // A product plus zero is rounded; adding the summand rounds again.
        let zero = Floats::both(0.0);
        let twice = |left: Floats, right: Floats, summand: Floats| {
            left.multiply_add(right, zero).multiply_add(Floats::both(1.0), summand)
        };
        assert!(!splitter.is_exact_with(twice));
    }
}
