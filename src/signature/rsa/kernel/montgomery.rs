//! `s^65537 mod n` by Montgomery's multiplication, with products of limbs by either of two ways ([`Products`]).
//!
//! # Method
//! With L limbs of w bits let R = 2^(w L), and let n have B bits.
//!
//! Instead of n the reductions use N = n · u, with u < 2^(3 w) chosen so that N = -1 mod 2^(3 w). The digit q of a column, which
//! makes its lowest limb vanish by adding q · N, is then that limb itself; and as the lowest three limbs of N + 1 are zero, what a
//! digit adds three columns on and further up is all there is to add: q · N = q · (N + 1) - q. So the four columns of a block are
//! summed together, and of their digits only the lowest reaches one of them, the highest.
//!
//! # Bounds
//! K bits are taken off by the last step, a multiple of 32 with K ≥ 3 w + 7, and L is such that B + K ≤ w L. A number on the way is
//! below 2^(B + 3 w + 1):
//! - The product of `left` and `right` is (left · right + q · N) / R with q < R, hence below left · right / R + N, and
//!   N < 2^B · 2^(3 w).
//! - First s · (R² mod n): both are below n, and n² / R < 2^B.
//! - Squares: 2^(2 B + 6 w + 2) / R ≤ 2^(B + 6 w + 2 - K) ≤ 2^(B + 3 w - 5). With N that is below 2^(B + 3 w + 1) again.
//! - Last, with s · 2^K < 2^(B + K) ≤ R: below 2^(B + 3 w + 1) + N < 2^(B + 3 w + 2).
//!
//! All of these are below R, so L limbs hold them, and no carry is left above the last limb: limbs are cut off columns from below,
//! each between 0 and 2^w - 1, so what remains is the number divided by R, rounded down.
//!
//! The last factor's 2^K is taken off again with n itself, in words ([`Words::reduce`]): 2^(B + 3 w + 2) ≤ n · 2^(3 w + 3) < n · 2^K.

use rsa::BigUint;

use super::Kernel;
use super::columns::{Columns, Products};
use super::lanes::Floats;
use super::limbs::{Number, float, integer, limbs_of, words_of};
use super::words::{Words, inverse};

/// A modulus, prepared.
pub(super) struct Montgomery<P> {
    none: P,
    /// L; a multiple of four.
    limbs: usize,
    /// N + 1.
    multiple: Number,
    /// Its limbs 2 and 3, the first of which is the last that is zero.
    multiple_lowest: Floats,
    /// R² mod n.
    square_of_radix: Number,
    /// n.
    words: Words,
    /// What the sums of a product, and those of a square, are off by.
    product_offsets: Vec<Offsets>,
    square_offsets: Vec<Offsets>,
}

/// For each of four columns, and for what they leave for the next.
type Offsets = [i64; 5];

impl<P: Products> Montgomery<P> {
    /// K / 32.
    const LAST_WORDS: usize = (3 * P::LIMB_BITS + 7).div_ceil(32);

    /// Prepares an odd modulus of at most [`RSA_MODULUS_BITS`](crate::limits::RSA_MODULUS_BITS).
    pub(super) fn new(modulus: &BigUint) -> Self {
        let limbs = (modulus.bits() + 32 * Self::LAST_WORDS).div_ceil(P::LIMB_BITS).next_multiple_of(4);
        let number = |value: BigUint| Number::new(&limbs_of::<P>(&value.to_bytes_be(), 0, limbs));
        let multiple = number(multiple_before_power::<P>(modulus) + 1_u32);
        let zeros = vec![0.0; limbs];
        let mut prepared = Self {
            none: P::none(),
            limbs,
            multiple_lowest: multiple.entries(limbs).first().copied().unwrap_or(Floats::both(0.0)),
            multiple,
            square_of_radix: number((BigUint::from(1_u32) << (2 * P::LIMB_BITS * limbs)) % modulus),
            words: Words::new(&modulus.to_bytes_le()),
            product_offsets: Vec::new(),
            square_offsets: Vec::new(),
        };
        prepared.product_offsets =
            prepared.offsets(|columns, start, right| prepared.add_product(columns, start, &zeros, right));
        prepared.square_offsets = prepared.offsets(|columns, start, x| prepared.add_square(columns, start, x));
        prepared
    }

    #[inline(never)]
    fn multiply(&self, left: &[f64], right: &mut Number, quotients: &mut [f64]) {
        self.replace(right, quotients, &self.product_offsets, |columns, start, right| {
            self.add_product(columns, start, left, right);
        });
    }

    #[inline(never)]
    fn square(&self, x: &mut Number, quotients: &mut [f64]) {
        self.replace(x, quotients, &self.square_offsets, |columns, start, x| self.add_square(columns, start, x));
    }

    #[inline(always)]
    fn add_product(&self, columns: &mut Columns<P>, start: usize, left: &[f64], right: &Number) {
        // The limbs on the left that meet one on the right in these columns.
        let lefts = left.get(start.saturating_sub(self.limbs)..self.limbs.min(start + 4));
        columns.add(lefts.unwrap_or_default(), right.entries(self.limbs.saturating_sub(start)));
    }

    /// Half as many products: each of two different limbs stands for two.
    #[inline(always)]
    fn add_square(&self, columns: &mut Columns<P>, start: usize, x: &Number) {
        let (lowest, middle) = (start.saturating_sub(self.limbs), start / 2);
        let lefts = x.doubled().get(lowest..middle).unwrap_or_default();
        columns.add(lefts, x.entries(self.limbs.saturating_sub(start)));
        let doubled = x.doubled().get(middle..).and_then(<[f64]>::first_chunk);
        if let (Some(doubled), Some(entries)) = (doubled, x.entries(self.limbs - middle).first_chunk()) {
            columns.add_middle(*doubled, *entries);
        }
    }

    /// Replaces `x` by Montgomery's reduction of a product, whose columns are added four at a time: first come the L digits q, then
    /// the L limbs of the result. A limb is not read any more once its place is taken.
    #[inline(always)]
    fn replace(
        &self,
        x: &mut Number,
        quotients: &mut [f64],
        offsets: &[Offsets],
        add_product: impl Fn(&mut Columns<P>, usize, &Number),
    ) {
        let (mut carry, mut below) = (0, 0.0);
        for (start, offsets) in (0..2 * self.limbs).step_by(4).zip(offsets) {
            let mut columns = self.columns(start, x, quotients, &add_product);
            let [first, second, third] = columns.lower_sums();
            let [first_offset, second_offset, third_offset, fourth_offset, offset_above] = *offsets;
            let first = first.wrapping_sub(first_offset) + carry;
            let second = second.wrapping_sub(second_offset) + (first >> P::LIMB_BITS);
            let third = third.wrapping_sub(third_offset) + (second >> P::LIMB_BITS);
            let lowest = float(first & P::LIMB_MASK);
            if start < self.limbs {
                columns.add_to_upper(lowest, self.multiple_lowest);
            }
            let [fourth, above] = columns.upper_sums();
            let fourth = fourth.wrapping_sub(fourth_offset) + (third >> P::LIMB_BITS);
            carry = above.wrapping_sub(offset_above) + (fourth >> P::LIMB_BITS);
            let highest = float(fourth & P::LIMB_MASK);
            let digits = [lowest, float(second & P::LIMB_MASK), float(third & P::LIMB_MASK), highest];
            if let Some(quotients) = quotients.get_mut(start..).and_then(<[f64]>::first_chunk_mut) {
                *quotients = digits;
            } else {
                x.set(start - self.limbs, below, digits);
                below = highest;
            }
        }
        debug_assert_eq!(carry, 0, "the result has no more than L limbs");
    }

    /// The sums of four columns of the product, and of those digits q that are known by then.
    #[inline(always)]
    fn columns(
        &self,
        start: usize,
        x: &Number,
        quotients: &[f64],
        add_product: impl Fn(&mut Columns<P>, usize, &Number),
    ) -> Columns<P> {
        let mut columns = Columns::new(self.none);
        add_product(&mut columns, start, x);
        let known = quotients.get(start.saturating_sub(self.limbs)..self.limbs.min(start));
        columns.add(known.unwrap_or_default(), self.multiple.entries(self.limbs.saturating_sub(start)));
        columns
    }

    /// What is left of the sums when all limbs are zero.
    fn offsets(&self, add_product: impl Fn(&mut Columns<P>, usize, &Number)) -> Vec<Offsets> {
        let zeros = vec![0.0; self.limbs];
        let zero = Number::new(&zeros);
        let offsets = |start| {
            let mut columns = self.columns(start, &zero, &zeros, &add_product);
            let [first, second, third] = columns.lower_sums();
            if start < self.limbs {
                columns.add_to_upper(0.0, self.multiple_lowest);
            }
            let [fourth, above] = columns.upper_sums();
            [first, second, third, fourth, above]
        };
        (0..2 * self.limbs).step_by(4).map(offsets).collect()
    }
}

impl<P: Products> Kernel for Montgomery<P> {
    fn power(&self, s: &[u8]) -> Vec<u8> {
        let mut quotients = vec![0.0; self.limbs];
        let mut x = self.square_of_radix.clone();
        self.multiply(&limbs_of::<P>(s, 0, self.limbs), &mut x, &mut quotients);
        for _ in 0..16 {
            self.square(&mut x, &mut quotients);
        }
        self.multiply(&limbs_of::<P>(s, 4 * Self::LAST_WORDS, self.limbs), &mut x, &mut quotients);
        let words = self.words.reduce(words_of::<P>(x.limbs(), self.words.count() + Self::LAST_WORDS + 1));
        let bytes: Vec<u8> = words.iter().rev().flat_map(|word| word.to_be_bytes()).collect();
        bytes.get(bytes.len().saturating_sub(s.len())..).unwrap_or_default().to_vec()
    }
}

/// The multiple of n that is one less than a multiple of 2^(3 w), with a factor below that.
fn multiple_before_power<P: Products>(modulus: &BigUint) -> BigUint {
    let limb_of =
        |number: &BigUint, index: usize| limbs_of::<P>(&number.to_bytes_be(), 0, index + 1).pop().map_or(0, integer);
    let inverse = inverse(limb_of(modulus, 0));
    let mask = P::LIMB_MASK.cast_unsigned();
    let mut multiple = BigUint::from(0_u32);
    for index in 0..3 {
        // What makes all bits of this limb ones.
        let missing = mask - limb_of(&multiple, index);
        multiple += (modulus * (missing.wrapping_mul(inverse) & mask)) << (index * P::LIMB_BITS);
    }
    multiple
}

#[cfg(test)]
mod tests;
