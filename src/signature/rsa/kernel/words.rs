//! The way back from Montgomery's form, in words of 32 bits.

use super::limbs::low_word;

/// A modulus in words, lowest first.
pub(super) struct Words {
    words: Vec<u32>,
    /// -1/n mod 2^32.
    negative_inverse: u32,
}

impl Words {
    /// Of an odd number, its lowest byte first.
    pub(super) fn new(little_endian: &[u8]) -> Self {
        let words: Vec<u32> = little_endian.chunks(4).map(word_of).collect();
        let lowest = words.first().copied().unwrap_or_default();
        Self { negative_inverse: low_word(inverse(lowest.into()).wrapping_neg()), words }
    }

    pub(super) fn count(&self) -> usize {
        self.words.len()
    }

    /// x / 2^(32 k) mod n, of a number `x` of k + 1 words more than n, the highest of which is zero.
    ///
    /// These are k steps of Montgomery's reduction: they give (x + q · n) / 2^(32 k), with q < 2^(32 k). For x < 2^(32 k) · n that is
    /// below 2n, so n is subtracted at most once.
    pub(super) fn reduce(&self, mut x: Vec<u32>) -> Vec<u32> {
        let count = x.len().saturating_sub(self.words.len() + 1);
        for lowest in 0..count {
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
        let x = x.split_off(count);
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

/// 1/n mod 2^64, of an odd number, by Newton's iteration: n is its own inverse modulo 8, and each step doubles the bits that are right.
pub(super) fn inverse(odd: u64) -> u64 {
    (0..5).fold(odd, |inverse, _| inverse.wrapping_mul(2_u64.wrapping_sub(odd.wrapping_mul(inverse))))
}

fn word_of(little_endian: &[u8]) -> u32 {
    let mut bytes = [0; 4];
    for (to, from) in bytes.iter_mut().zip(little_endian) {
        *to = *from;
    }
    u32::from_le_bytes(bytes)
}
