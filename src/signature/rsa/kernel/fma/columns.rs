//! The inner loop: products of limbs, each split exactly into two halves, added up in four columns.
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
//! `ab` = h · 2^51 + l exactly. This takes a multiplication that rounds once, after the addition: `self_test` asks for it.
//!
//! # Adding up
//! The bits are added as integers modulo 2^64, and the bits of the two constants are taken off as many times as there were
//! products. What is left is the true sum if that fits an `i64`. A column has at most 2 · `limbs` products, counting a doubled one
//! twice (one for each limb of the left-hand factor, one for each digit `q`): at most 168, with the 84 limbs of a modulus of 4096
//! bits. So the sum of the h stays below 168 · 2^51 < 2^59, that of the l within 168 · 2^50 < 2^58 on either side of zero, and both with
//! the carry, which is a 2^51st of the same, within 2^60.

use core::hint::black_box;

use super::lanes::{Floats, Sums};
use super::limbs::Pair;

/// 2^103.
const HIGH: f64 = (1_u128 << 103) as f64;
/// 3 · 2^51.
const LOW: f64 = (3_u64 << 51) as f64;
/// What is added to each high half, and to each low one, by reading the bits.
const HIGH_BITS: i64 = HIGH.to_bits().cast_signed();
const LOW_BITS: i64 = LOW.to_bits().cast_signed();

/// The constants of a split, each in a vector.
#[derive(Clone, Copy)]
pub(super) struct Splitter {
    high: Floats,
    sum: Floats,
}

impl Splitter {
    /// Hidden from the compiler, which would write the constants out at every use: reading them each time costs 5 %.
    pub(super) fn new() -> Self {
        Self { high: Floats::both(black_box(HIGH)), sum: Floats::both(black_box(HIGH + LOW)) }
    }

    /// The bits of the low and of the high half of two products.
    #[inline(always)]
    fn split(self, left: Floats, right: Floats) -> (Sums, Sums) {
        self.split_with(Floats::multiply_add, left, right)
    }

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

    /// The low and the high half of one product.
    #[inline(always)]
    pub(super) fn halves(self, left: f64, right: f64) -> (i64, i64) {
        let (low, high) = self.split(Floats::both(left), Floats::both(right));
        (low.first().wrapping_sub(LOW_BITS), high.first().wrapping_sub(HIGH_BITS))
    }

    /// Whether products come out exactly, in both lanes. They do not where the machine rounds a product before it adds.
    pub(super) fn is_exact(self) -> bool {
        self.is_exact_with(Floats::multiply_add)
    }

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

/// Four neighbouring columns of a product. A high half belongs to the column above that of its low half.
pub(super) struct Columns {
    splitter: Splitter,
    /// The lower two.
    low: TwoColumns,
    /// The upper two.
    high: TwoColumns,
}

struct TwoColumns {
    lows: Sums,
    highs: Sums,
}

impl TwoColumns {
    #[inline(always)]
    fn add(&mut self, splitter: Splitter, left: Floats, right: Floats) {
        let (low, high) = splitter.split(left, right);
        self.lows = self.lows.plus(low);
        self.highs = self.highs.plus(high);
    }

    /// Takes the constants of so many products off.
    #[inline(always)]
    fn take_off(&mut self, products: i64) {
        self.lows = self.lows.plus(Sums::both(LOW_BITS.wrapping_mul(products).wrapping_neg()));
        self.highs = self.highs.plus(Sums::both(HIGH_BITS.wrapping_mul(products).wrapping_neg()));
    }
}

impl Columns {
    #[inline(always)]
    pub(super) fn new(splitter: Splitter) -> Self {
        let zero = Sums::both(0);
        Self { splitter, low: TwoColumns { lows: zero, highs: zero }, high: TwoColumns { lows: zero, highs: zero } }
    }

    /// Adds, for each limb on the left, its products with those limbs on the right that belong to these columns. Each two on the left
    /// take two entries on the right, the upper of which the two before them had as their lower; the first is for the first two.
    #[inline(always)]
    pub(super) fn add(&mut self, left: &[f64], right: &[Pair]) {
        let Some((upper, right)) = right.split_first() else { return };
        let (mut upper, mut products) = (*upper, 0);
        for ([even, odd], lower) in left.as_chunks().0.iter().zip(right) {
            let even = Floats::both(*even);
            self.low.add(self.splitter, even, lower.even);
            self.high.add(self.splitter, even, upper.even);
            let odd = Floats::both(*odd);
            self.low.add(self.splitter, odd, lower.odd);
            self.high.add(self.splitter, odd, upper.odd);
            upper = *lower;
            products += 2;
        }
        self.low.take_off(products);
        self.high.take_off(products);
    }

    /// Adds what is left of a square where the left index meets the right one: of the limbs `m` and `m + 1` the squares, and twice
    /// the products with those above, where the columns start at `2m`. The first entries are those of `m`.
    #[inline(always)]
    pub(super) fn add_middle(&mut self, limbs: &[f64], doubled: &[f64], right: &[Pair]) {
        let ([first, second, ..], [first_twice, second_twice, ..]) = (limbs, doubled) else { return };
        let [upper, lower, ..] = right else { return };
        self.low.add(self.splitter, Floats::new(*first, *first_twice), lower.even);
        self.high.add(self.splitter, Floats::both(*first_twice), upper.even);
        self.high.add(self.splitter, Floats::new(*second, *second_twice), upper.odd);
        self.low.take_off(1);
        self.high.take_off(2);
    }

    /// What each column holds, and what the last one leaves for the next.
    #[inline(always)]
    pub(super) fn sums(&self) -> [i64; 5] {
        [
            self.low.lows.first(),
            self.low.lows.second().wrapping_add(self.low.highs.first()),
            self.high.lows.first().wrapping_add(self.low.highs.second()),
            self.high.lows.second().wrapping_add(self.high.highs.first()),
            self.high.highs.second(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_that_rounds_twice_is_noticed() {
        let splitter = Splitter::new();
        assert!(splitter.is_exact());
        // A product plus zero is rounded; adding the summand rounds again.
        let zero = Floats::both(0.0);
        let twice = |left: Floats, right: Floats, summand: Floats| {
            left.multiply_add(right, zero).multiply_add(Floats::both(1.0), summand)
        };
        assert!(!splitter.is_exact_with(twice));
    }
}
