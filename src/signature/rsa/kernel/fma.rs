//! `s^65537 mod n` with floating-point multiplications, in the vectors of relaxed SIMD: 24 µs for 2048 bits, where the
//! integers of crate `rsa` take 620 (Node 22).
//!
//! Variable time throughout: signature, key and message are public.
//!
//! # Method
//! Montgomery multiplication in limbs of 51 bits. `columns` says how a product of two limbs is split exactly, and why no sum of them
//! overflows. With L limbs let R = 2^(51 L), and let n have B bits.
//!
//! Instead of n the reductions use N = n · u, with u < 2^153 chosen so that N = -1 mod 2^153. The digit q of a column, which makes its
//! lowest limb vanish by adding q · N, is then that limb itself; and as the lowest three limbs of N + 1 are zero, what a digit adds
//! three columns on and further up is all there is to add: q · N = q · (N + 1) - q. So the four columns of a block are summed
//! together, and of their digits only the lowest reaches one of them, the highest.
//!
//! # Bounds
//! L is such that B + 160 ≤ 51 L. A number on the way is below 2^(B + 154):
//! - The product of `left` and `right` is (left · right + q · N) / R with q < R, hence below left · right / R + N, and
//!   N < 2^B · 2^153.
//! - First s · (R² mod n): both are below n, and n² / R < 2^B.
//! - Squares: 2^(2B + 308) / R = 2^(B + 148) · 2^(B + 160) / R ≤ 2^(B + 148). With N that is below 2^(B + 154) again.
//! - Last, with s · 2^160 < 2^(B + 160) ≤ R: below 2^(B + 154) · 2^(B + 160) / R + N ≤ 2^(B + 154) + 2^(B + 153).
//!
//! All of these are below R, so L limbs hold them, and no carry is left above the last limb: limbs are cut off columns from below,
//! each between 0 and 2^51 - 1, so what remains is the number divided by R, rounded down.
//!
//! The last factor's 2^160 is taken off again by five steps of Montgomery's reduction with n itself, in words of 32 bits. They give
//! (x + q · n) / 2^160 with q < 2^160 and x < 2^(B + 155) ≤ n · 2^156: below 2 n, so n is subtracted at most once.

mod columns;
mod lanes;
mod limbs;

use columns::{Columns, Splitter};
use limbs::{LIMB_BITS, LIMB_MASK, Pairs, integer, limbs_of, low_word, words_of};
use rsa::BigUint;

/// Words that the last reduction takes off, and their bytes.
const LAST_WORDS: usize = 5;
const LAST_BYTES: usize = 4 * LAST_WORDS;

/// A modulus, prepared.
pub(in super::super) struct Kernel {
    splitter: Splitter,
    /// L; a multiple of four.
    limbs: usize,
    /// N + 1.
    multiple: Pairs,
    /// Its limb 3, the lowest one that is not zero.
    multiple_lowest: f64,
    /// R² mod n.
    square_of_radix: Pairs,
    /// n in words, lowest first.
    words: Vec<u32>,
    /// -1/n mod 2^32.
    negative_inverse: u32,
}

impl Kernel {
    /// What this is called in `/ready`.
    pub(in super::super) const NAME: &'static str = "relaxed-simd";

    /// Whether this machine multiplies as the kernel needs it.
    pub(in super::super) fn is_exact() -> bool {
        Splitter::new().is_exact()
    }

    /// Prepares an odd modulus of at most [`RSA_MODULUS_BITS`](crate::limits::RSA_MODULUS_BITS).
    pub(in super::super) fn new(modulus: &BigUint) -> Option<Self> {
        let limbs = (modulus.bits() + 8 * LAST_BYTES).div_ceil(LIMB_BITS).next_multiple_of(4);
        let multiple = multiple_before_power(modulus) + 1_u32;
        let multiple = limbs_of(&multiple.to_bytes_be(), 0, limbs);
        let square_of_radix = (BigUint::from(1_u32) << (2 * LIMB_BITS * limbs)) % modulus;
        let words = modulus.to_bytes_le().chunks(4).map(word_of).collect::<Vec<_>>();
        Some(Self {
            splitter: Splitter::new(),
            limbs,
            multiple_lowest: multiple.get(3).copied().unwrap_or_default(),
            multiple: Pairs::new(&multiple),
            square_of_radix: Pairs::new(&limbs_of(&square_of_radix.to_bytes_be(), 0, limbs)),
            negative_inverse: low_word(inverse(words.first().copied().unwrap_or_default().into()).wrapping_neg()),
            words,
        })
    }

    /// s^65537 mod n, both big-endian and of the modulus's length. `s` is smaller than n.
    pub(in super::super) fn power(&self, s: &[u8]) -> Vec<u8> {
        let mut digits = vec![0.0; 2 * self.limbs];
        let (mut limbs, mut doubled) = (vec![0.0; self.limbs], vec![0.0; self.limbs]);
        self.multiply(&limbs_of(s, 0, self.limbs), &self.square_of_radix, &mut digits);
        let mut x = Pairs::new(self.result(&digits));
        for _ in 0..16 {
            for ((limb, double), digit) in limbs.iter_mut().zip(&mut doubled).zip(self.result(&digits)) {
                (*limb, *double) = (*digit, 2.0 * digit);
            }
            self.square(&limbs, &doubled, &x, &mut digits);
            x.set(self.result(&digits));
        }
        self.multiply(&limbs_of(s, LAST_BYTES, self.limbs), &x, &mut digits);
        let words = self.reduce(words_of(self.result(&digits), self.words.len() + LAST_WORDS + 1));
        let bytes: Vec<u8> = words.iter().rev().flat_map(|word| word.to_be_bytes()).collect();
        bytes.get(bytes.len().saturating_sub(s.len())..).unwrap_or_default().to_vec()
    }

    /// Where [`fill`](Self::fill) leaves the result.
    #[inline(always)]
    fn result<'a>(&self, digits: &'a [f64]) -> &'a [f64] {
        digits.get(self.limbs..).unwrap_or_default()
    }

    #[inline(never)]
    fn multiply(&self, left: &[f64], right: &Pairs, digits: &mut [f64]) {
        self.fill(digits, |columns, start| {
            // The limbs on the left that meet one on the right in these columns.
            let lefts = left.get(start.saturating_sub(self.limbs)..self.limbs.min(start + 4));
            columns.add(lefts.unwrap_or_default(), right.from(self.first_entry(start)));
        });
    }

    /// As many products as half of that: each of two different limbs stands for two.
    #[inline(never)]
    fn square(&self, limbs: &[f64], doubled: &[f64], pairs: &Pairs, digits: &mut [f64]) {
        self.fill(digits, |columns, start| {
            let (lowest, middle) = (start.saturating_sub(self.limbs), start / 2);
            columns.add(doubled.get(lowest..middle).unwrap_or_default(), pairs.from(self.first_entry(start)));
            columns.add_middle(
                limbs.get(middle..).unwrap_or_default(),
                doubled.get(middle..).unwrap_or_default(),
                pairs.from((self.limbs - middle) / 2),
            );
        });
    }

    /// The first entry on the right for the lowest limb on the left that meets one in the columns from here on.
    #[inline(always)]
    const fn first_entry(&self, start: usize) -> usize {
        self.limbs.saturating_sub(start) / 2
    }

    /// Montgomery's reduction of a product, whose columns are added four at a time: first come the L digits q, then the L limbs of
    /// the result.
    #[inline(always)]
    fn fill(&self, digits: &mut [f64], add_product: impl Fn(&mut Columns, usize)) {
        let mut carry = 0;
        for start in (0..2 * self.limbs).step_by(4) {
            let mut columns = Columns::new(self.splitter);
            add_product(&mut columns, start);
            let quotients = digits.get(start.saturating_sub(self.limbs)..self.limbs.min(start)).unwrap_or_default();
            columns.add(quotients, self.multiple.from(self.first_entry(start)));

            let [mut first, mut second, mut third, mut fourth, above] = columns.sums();
            first += carry;
            second += first >> LIMB_BITS;
            third += second >> LIMB_BITS;
            fourth += third >> LIMB_BITS;
            carry = above;
            let lowest = (first & LIMB_MASK) as f64;
            if start < self.limbs {
                let (low, high) = self.splitter.halves(lowest, self.multiple_lowest);
                fourth += low;
                carry += high;
            }
            carry += fourth >> LIMB_BITS;
            if let Some([one, two, three, four]) = digits.get_mut(start..).and_then(<[f64]>::first_chunk_mut) {
                (*one, *two) = (lowest, (second & LIMB_MASK) as f64);
                (*three, *four) = ((third & LIMB_MASK) as f64, (fourth & LIMB_MASK) as f64);
            }
        }
        debug_assert_eq!(carry, 0, "the result has no more than L limbs");
    }

    /// x / 2^160 mod n, of a number of five words more than n, and a sixth that is zero.
    fn reduce(&self, mut x: Vec<u32>) -> Vec<u32> {
        for lowest in 0..LAST_WORDS {
            let x = x.get_mut(lowest..).unwrap_or_default();
            let digit = x.first().map_or(0, |word| word.wrapping_mul(self.negative_inverse));
            let mut carry = 0;
            for (word, own) in x.iter_mut().zip(self.words.iter().chain(core::iter::repeat(&0))) {
                // At most 2^32 - 1 + (2^32 - 1)² + 2^32 - 1 = 2^64 - 1.
                let sum = u64::from(*word) + u64::from(digit) * u64::from(*own) + carry;
                *word = low_word(sum);
                carry = sum >> 32;
            }
        }
        let x = x.split_off(LAST_WORDS);
        let mut less = Vec::with_capacity(x.len());
        let mut borrows = false;
        for (word, own) in x.iter().zip(self.words.iter().chain(core::iter::repeat(&0))) {
            let (difference, first) = word.overflowing_sub(*own);
            let (difference, second) = difference.overflowing_sub(borrows.into());
            borrows = first || second;
            less.push(difference);
        }
        let mut result = if borrows { x } else { less };
        result.truncate(self.words.len());
        result
    }
}

/// The multiple of n that is one less than a multiple of 2^153, with a factor below that.
fn multiple_before_power(modulus: &BigUint) -> BigUint {
    let limb_of =
        |number: &BigUint, index: usize| limbs_of(&number.to_bytes_be(), 0, index + 1).pop().map_or(0, integer);
    let inverse = inverse(limb_of(modulus, 0));
    let mask = LIMB_MASK.cast_unsigned();
    let mut multiple = BigUint::from(0_u32);
    for index in 0..3 {
        // What makes all bits of this limb ones.
        let missing = mask - limb_of(&multiple, index);
        multiple += (modulus * (missing.wrapping_mul(inverse) & mask)) << (index * LIMB_BITS);
    }
    multiple
}

/// 1/n mod 2^64, of an odd number, by Newton's iteration: n is its own inverse modulo 8, and each step doubles the bits that are right.
fn inverse(odd: u64) -> u64 {
    (0..5).fold(odd, |inverse, _| inverse.wrapping_mul(2_u64.wrapping_sub(odd.wrapping_mul(inverse))))
}

fn word_of(little_endian: &[u8]) -> u32 {
    let mut bytes = [0; 4];
    for (to, from) in bytes.iter_mut().zip(little_endian) {
        *to = *from;
    }
    u32::from_le_bytes(bytes)
}

#[cfg(test)]
mod tests;
