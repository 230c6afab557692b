//! Long numbers in limbs, each in a floating-point number, and the way there and back.

use super::columns::Products;
use super::lanes::Floats;

/// The limbs of a big-endian number followed by so many zero bytes, lowest limb first. It fits: that is for the caller to see to.
pub(super) fn limbs_of<P: Products>(big_endian: &[u8], zero_bytes: usize, count: usize) -> Vec<f64> {
    let mut bytes = vec![0; zero_bytes];
    bytes.extend(big_endian.iter().rev());
    // The last limb is read in a word of eight bytes, too.
    bytes.resize(bytes.len().max(count * P::LIMB_BITS / 8) + 8, 0);
    let limb = |index: usize| {
        let bit = index * P::LIMB_BITS;
        let word = bytes.get(bit / 8..).and_then(<[u8]>::first_chunk).map_or(0, |word| i64::from_le_bytes(*word));
        // From within the first byte on, 51 bits end before the 59th.
        float(word >> (bit % 8) & P::LIMB_MASK)
    };
    (0..count).map(limb).collect()
}

/// The number of these limbs in words of 32 bits, lowest first; as many as are asked for.
pub(super) fn words_of<P: Products>(limbs: impl Iterator<Item = f64>, count: usize) -> Vec<u32> {
    let mut words = Vec::with_capacity(count);
    let (mut waiting, mut bits) = (0_u128, 0);
    for limb in limbs {
        waiting |= u128::from(integer(limb)) << bits;
        bits += P::LIMB_BITS;
        while bits >= 32 {
            words.push(low_word(waiting));
            waiting >>= 32;
            bits -= 32;
        }
    }
    words.push(low_word(waiting));
    words.resize(count, 0);
    words
}

/// A limb as a floating-point number, by way of its bits: converting it takes a machine three times as long.
#[inline(always)]
pub(super) fn float(limb: i64) -> f64 {
    const BASE: f64 = (1_u64 << 52) as f64;
    f64::from_bits(limb.cast_unsigned() | BASE.to_bits()) - BASE
}

/// A limb as an integer, which it always is.
#[expect(clippy::cast_possible_truncation, reason = "there is no fraction")]
pub(super) const fn integer(limb: f64) -> u64 {
    limb as u64
}

/// The lower half.
#[expect(clippy::cast_possible_truncation, reason = "that is what it is for")]
pub(super) fn low_word(number: impl Into<u128>) -> u32 {
    number.into() as u32
}

/// A number laid out for being squared, and for being the right-hand factor of a product.
#[derive(Clone)]
pub(super) struct Number {
    /// What one vector instruction takes: each limb and the one above it, highest first, with zeros around. Products add up in
    /// columns, four at a time, and a limb `j` on the left meets the limbs `column - j` and the three above it on the right. Entry
    /// `i` holds the limbs from `limbs + 2 - i` on.
    pairs: Vec<Floats>,
    /// Twice each limb, lowest first.
    doubled: Vec<f64>,
}

/// Entries without a limb: those above the highest, and those below the lowest.
const ENTRIES_ABOVE: usize = 3;
const ENTRIES_BELOW: usize = 2;

impl Number {
    /// Of as many limbs; they are a multiple of four.
    pub(super) fn new(limbs: &[f64]) -> Self {
        let entries = ENTRIES_ABOVE + limbs.len() + 1 + ENTRIES_BELOW;
        let mut number = Self { pairs: vec![Floats::both(0.0); entries], doubled: vec![0.0; limbs.len()] };
        let mut below = 0.0;
        for (block, four) in limbs.as_chunks().0.iter().enumerate() {
            let [_, _, _, highest] = *four;
            number.set(4 * block, below, *four);
            below = highest;
        }
        number
    }

    /// Writes the four limbs from this one on, above the one that was written before.
    #[inline(always)]
    pub(super) fn set(&mut self, start: usize, below: f64, four: [f64; 4]) {
        if let Some(doubled) = self.doubled.get_mut(start..).and_then(<[f64]>::first_chunk_mut) {
            *doubled = four.map(|limb| 2.0 * limb);
        }
        let [first, second, third, fourth] = four;
        let above = (ENTRIES_ABOVE + self.doubled.len()).saturating_sub(start + 4);
        if let Some(entries) = self.pairs.get_mut(above..).and_then(<[Floats]>::first_chunk_mut) {
            *entries = [
                // Its upper limb comes with the next four, if there are any.
                Floats::new(fourth, 0.0),
                Floats::new(third, fourth),
                Floats::new(second, third),
                Floats::new(first, second),
                Floats::new(below, first),
            ];
        }
    }

    /// Its entries from this one on.
    #[inline(always)]
    pub(super) fn entries(&self, start: usize) -> &[Floats] {
        self.pairs.get(start..).unwrap_or_default()
    }

    /// Twice each limb.
    #[inline(always)]
    pub(super) fn doubled(&self) -> &[f64] {
        &self.doubled
    }

    /// Each limb.
    pub(super) fn limbs(&self) -> impl Iterator<Item = f64> {
        self.doubled.iter().map(|limb| 0.5 * limb)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Fused, Whole};
    use super::*;

    #[test]
    fn numbers_survive_the_way_there_and_back() {
        survive::<Fused>();
        survive::<Whole>();
    }

    fn survive<P: Products>() {
        for bytes in [1_usize, 7, 8, 51, 256, 257, 384, 512] {
            let number: Vec<u8> = (0..bytes).map(|index| u8::try_from(index * 37 % 251 + 1).unwrap()).collect();
            for zero_bytes in [0, 1, 20] {
                let count = ((bytes + zero_bytes) * 8).div_ceil(P::LIMB_BITS).next_multiple_of(4);
                let limbs = limbs_of::<P>(&number, zero_bytes, count);
                assert!(limbs.iter().all(|limb| *limb <= float(P::LIMB_MASK)));
                assert!(Number::new(&limbs).limbs().eq(limbs.iter().copied()));
                let words = words_of::<P>(limbs.into_iter(), (bytes + zero_bytes).div_ceil(4) + 2);
                let back: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
                let expected = [vec![0; zero_bytes], number.iter().rev().copied().collect()].concat();
                assert_eq!(back[..expected.len()], expected, "{bytes} bytes");
                assert!(back[expected.len()..].iter().all(|byte| *byte == 0));
            }
        }
    }
}
